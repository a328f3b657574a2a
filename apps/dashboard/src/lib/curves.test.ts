import { describe, expect, it } from 'vitest';
import { differencesOf, growthOf, pointsOf } from './curves.ts';

const curve = {
  total: 3,
  timeMs: [0, 1, 2],
  equity: [100, 150, 50],
  drawdown: [0, 0, 2 / 3],
  exposure: [0, 0, 0],
  buyAndHold: [0, 0, 0],
};

describe('curves', () => {
  it('of accounts of any size lie on one scale by their growth', () => {
    expect(growthOf(curve).map(({ value }) => value)).toEqual([0, 0.5, -0.5]);
    expect(growthOf(curve, 'buyAndHold')).toEqual([]);
    expect(pointsOf(curve, 'drawdown', (value) => -value).at(-1)).toEqual({ timeMs: 2, value: -2 / 3 });
  });
});

describe('specifications', () => {
  it('are compared place by place, and what is the same is left out', () => {
    const one = { strategy: 'a', params: { fast: 5 }, costs: { bps: 10 }, instruments: ['X'] };
    const other = { strategy: 'a', params: { fast: 7, slow: 20 }, costs: { bps: 10 }, instruments: ['Y'] };
    expect(differencesOf([one, other])).toEqual([
      { path: 'params.fast', values: ['5', '7'] },
      { path: 'instruments', values: ['["X"]', '["Y"]'] },
      { path: 'params.slow', values: [null, '20'] },
    ]);
    expect(differencesOf([one, one])).toEqual([]);
  });
});
