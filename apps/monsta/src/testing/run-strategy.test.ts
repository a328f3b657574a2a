import { describe, expect, it } from 'vitest';
import { defineStrategy, sma } from '../index.ts';
import { runStrategy } from './run-strategy.ts';

const crossing = defineStrategy({
  name: 'crossing',
  parameters: { period: { kind: 'integer', default: 3, min: 2, max: 10 } },
  intervals: () => ['1m'],
  indicators: ({ period }) => ({ average: sma(period) }),
  onBar: ({ bar, indicators, setTarget }) => setTarget(bar.close > indicators.average ? 1 : 0),
});

describe('the harness for strategies', () => {
  it('fills what is ordered at a close at the next bar’s open, with fee and slippage, and no more than the allocation', () => {
    const run = runStrategy(crossing, {
      bars: [
        ...[100, 100, 100, 110].map((close) => ({ open: close, high: close, low: close, close })),
        { open: 112, high: 113, low: 90, close: 90 },
        { open: 91, high: 92, low: 90, close: 92 },
      ],
    });
    expect(run.decisions.map(({ action }) => action)).toEqual(['warm_up', 'warm_up', 'hold', 'enter', 'exit', 'hold']);
    // 9.5 % of 10,000 at 110 is 8.63636 coins; slippage is 0.005 % of the open, on the tick.
    expect(run.fills).toMatchObject([
      { side: 'buy', price: 112.01, quantity: 8.63636, feeAsset: 'BTC', fee: 0.00863636 },
      { side: 'sell', price: 90.99, feeAsset: 'USDT' },
    ]);
    expect(run.position.quantity).toBeLessThan(0.00001);
    expect(run.failure).toBeNull();
    // Flat again: the equity has changed by what the position has lost, to the dust that is left.
    expect(run.equity).toBeCloseTo(10_000 + run.position.realizedProfit, 3);
    expect(run.equities).toHaveLength(6);
  });

  it('puts bars of longer intervals together, and decides with the hour that closes with the minute', () => {
    const seen: string[] = [];
    const hourly = defineStrategy({
      name: 'hourly',
      parameters: {},
      intervals: () => ['1m', '1h'],
      onBar({ bar, barsOf }) {
        const hour = barsOf('1h').at(-1);
        seen.push(`${(bar.closeTimeMs / 60_000) % 1_440} ${hour?.open}-${hour?.close} ${hour?.volume}`);
      },
    });
    const { decisions } = runStrategy(hourly, { closes: Array.from({ length: 121 }, (_, index) => 100 + index) });
    expect(decisions.filter(({ action }) => action === 'warm_up')).toHaveLength(59);
    expect(seen).toHaveLength(62);
    expect([seen[0], seen[59], seen[60]]).toEqual(['60 100-159 60', '119 100-159 60', '120 160-219 60']);
  });

  it('takes bars of any length', () => {
    const daily = defineStrategy({
      name: 'daily',
      parameters: {},
      intervals: () => ['1d'],
      onBar: ({ setTarget }) => setTarget(1),
    });
    const { fills, failure } = runStrategy(daily, { closes: [100, 101, 102] });
    expect([failure, fills.length]).toEqual([null, 1]);
  });

  it('fills resting orders from trades, and tells of them', () => {
    const maker = defineStrategy({
      name: 'maker',
      parameters: {},
      intervals: () => [],
      state: () => ({ trades: 0, fills: [] as number[] }),
      onStart: ({ order }) => order({ side: 'buy', type: 'limit', quantity: 1, limitPrice: 99, tag: 'low' }),
      onTrade: ({ state }) => void (state.trades += 1),
      onFill: ({ state }, fill) => void state.fills.push(fill.price),
    });
    const trades = [100, 99, 98, 98, 99].map((price, index) => ({ afterMs: index * 1_000, price, quantity: 5 }));
    const run = runStrategy(maker, { trades });
    expect(run.failure).toBeNull();
    expect(run.orders).toMatchObject([{ tag: 'low', status: 'filled', limitPrice: 99 }]);
    expect(run.state).toEqual({ trades: 5, fills: [99] });
  });

  it('tells what models say when their latency has passed, never before the bar has closed', () => {
    const heard: string[] = [];
    const listener = defineStrategy({
      name: 'listener',
      parameters: {},
      intervals: () => ['1m'],
      onBar: ({ bar, predictions }) => void heard.push(`bar ${bar.close}, known ${predictions.length}`),
      onPrediction({ bar, nowMs, setTarget }, { timeMs, probabilityUp, calibrated, absence }) {
        heard.push(`${nowMs - timeMs} ms after ${bar.close}: ${probabilityUp} ${calibrated} ${absence?.code}`);
        setTarget(1);
      },
    });
    const run = runStrategy(listener, {
      closes: [100, 101, 102, 103],
      predictions: [
        { atBar: 0, probabilityUp: 0.6 },
        { atBar: 1, probabilityUp: null, latencyMs: 90_000 },
      ],
    });
    expect(heard).toEqual([
      'bar 100, known 0',
      '200 ms after 100: 0.6 true undefined',
      'bar 101, known 1',
      'bar 102, known 1',
      '90000 ms after 102: null false training',
      'bar 103, known 1',
    ]);
    // Ordered after the second bar has opened: the third is the first whose open it meets.
    expect(run.fills[0]).toMatchObject({ side: 'buy', price: 102.01 });
    expect(() => runStrategy(listener, { closes: [1], predictions: [{ atBar: 1, probabilityUp: 0.5 }] })).toThrow(
      'predictions: there is no bar 1',
    );
    expect(() => runStrategy(listener, { closes: [1], predictions: [{ atBar: 0, probabilityUp: 1.5 }] })).toThrow(
      'probabilityUp must be from 0 to 1',
    );
  });

  it('says in words what is no strategy, and which parameters, settings do not fit', () => {
    expect(() => runStrategy({}, {})).toThrow(/name must be/);
    expect(() => runStrategy(crossing, { parameters: { period: 1 } })).toThrow(/'period' must be/);
    expect(() => runStrategy(crossing, { settings: { allocation: 1 } })).toThrow(/settings/);
  });
});
