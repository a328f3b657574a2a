import { describe, expect, it } from 'vitest';
import { hashOf, routeOf, type Route } from './route.ts';

describe('an address', () => {
  it.each([
    { kind: 'market' },
    { kind: 'backtests' },
    { kind: 'new', like: null },
    { kind: 'new', like: '20261126t150000-a1b2c3' },
    { kind: 'backtest', id: '20261126t150000-a1b2c3' },
    { kind: 'compare', ids: ['one-1', 'two-2', 'three-3'] },
    { kind: 'optimizations' },
    { kind: 'newOptimization', like: null },
    { kind: 'newOptimization', like: '20261126t150000-a1b2c3' },
    { kind: 'optimization', id: '20261126t150000-a1b2c3' },
    { kind: 'models' },
    { kind: 'model', id: 'BTCUSDT-1h-logistic-regression-3' },
    { kind: 'data' },
    { kind: 'series', market: 'simulated_1_0.05', instrument: 'BTCUSDT', interval: '1h' },
  ] satisfies Route[])('stands for %j and back', (route) => {
    expect(routeOf(hashOf(route))).toEqual(route);
  });

  it('that is none of the page’s is the market, or the list', () => {
    expect(routeOf('')).toEqual({ kind: 'market' });
    expect(routeOf('#chart')).toEqual({ kind: 'market' });
    expect(routeOf('#token=abc')).toEqual({ kind: 'market' });
    expect(routeOf('#/data/binance/BTCUSDT/1M')).toEqual({ kind: 'data' });
    expect(routeOf('#/data/binance/<b>/1h')).toEqual({ kind: 'data' });
    expect(routeOf('#/backtests/<b>')).toEqual({ kind: 'backtests' });
    expect(routeOf('#/backtests/optimizations/<b>')).toEqual({ kind: 'optimizations' });
    expect(routeOf('#/backtests/compare/one-1+one-1')).toEqual({ kind: 'backtests' });
    expect(routeOf('#/backtests/compare/a+b+c+d+e')).toEqual({ kind: 'compare', ids: ['a', 'b', 'c', 'd'] });
  });
});
