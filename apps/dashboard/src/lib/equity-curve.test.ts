import { describe, expect, it } from 'vitest';
import { equityCurve, valueText } from './equity-curve.ts';

const sample = (timeMs: number, changes: Readonly<Record<string, string | number | null>> = {}) => ({
  timeMs,
  equity: '10000.1',
  cash: '10000.1',
  exposure: '0',
  deposits: '0',
  growth: '1',
  drawdown: 0.25,
  ...changes,
});

describe('the equity over time', () => {
  it('keeps each sample’s exact text beside what is drawn', () => {
    const curve = equityCurve([sample(1), sample(2, { equity: '9999.123456789012345678' })]);
    expect(curve.value.map(({ timeMs }) => timeMs)).toEqual([1, 2]);
    expect(curve.samples.map(valueText)).toEqual(['10000.1', '9999.123456789012345678']);
    expect(curve.drawdown.map(({ value }) => value)).toEqual([-0.25, -0.25]);
  });

  it('draws no drawdown where it is not known, and never a zero in its stead', () => {
    expect(equityCurve([sample(1, { drawdown: null }), sample(2, { drawdown: 0 })]).drawdown).toEqual([
      { timeMs: 2, value: 0 },
    ]);
  });

  it('marks money that came and went, not what had been there before the span', () => {
    const curve = equityCurve([
      sample(1, { deposits: '500' }),
      sample(2, { deposits: '500' }),
      sample(3, { deposits: '700.5' }),
      sample(4, { deposits: '-10' }),
    ]);
    expect(curve.flows).toEqual([
      { timeMs: 3, amount: '200.5' },
      { timeMs: 4, amount: '-710.5' },
    ]);
  });

  it('is the profit of a strategy, which has no drawdown of equity', () => {
    const curve = equityCurve([{ timeMs: 1, realizedProfit: '1', unrealizedProfit: '2', profit: '3' }]);
    expect([curve.value, curve.drawdown, curve.flows]).toEqual([[{ timeMs: 1, value: 3 }], [], []]);
  });
});
