import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deflatedSharpe, expectedMaximumSharpe, minimumTrackRecord, probabilisticSharpe } from './deflated-sharpe.ts';
import { spreadOfTrials } from './trials.ts';

const NORMAL = { skew: 0, kurtosis: 3 };

/** The paper's example: a Sharpe ratio of 2.5 a year over five years of 250 days, found by trials whose Sharpe ratios a year have variance ½. */
const found = { count: 1250, sharpe: 2.5 / Math.sqrt(250) };
const strange = { ...found, skew: -3, kurtosis: 10 };
const spread = (count: number) => ({ count, sharpeVariance: 0.5 / 250 });

describe('the deflated Sharpe ratio', () => {
  it('is that of the example of Bailey and López de Prado 2014: 0.9004 after 100 trials', () => {
    expect(expectedMaximumSharpe(spread(100))).toBeCloseTo(0.1132, 4);
    expect(deflatedSharpe(strange, spread(100))).toBeCloseTo(0.9004, 4);
  });

  it('is 0.9505 after 46 trials, or after 88 of normal returns, as they say', () => {
    expect(deflatedSharpe(strange, spread(46))).toBeCloseTo(0.9505, 4);
    expect(deflatedSharpe({ ...found, ...NORMAL }, spread(88))).toBeCloseTo(0.9505, 4);
  });

  it('of a single trial is the probabilistic one', () => {
    expect(deflatedSharpe(strange, { count: 1, sharpeVariance: null })).toBe(probabilisticSharpe(strange));
    expect(deflatedSharpe(strange, { count: 0, sharpeVariance: null })).toBe(probabilisticSharpe(strange));
  });

  it('is not known where several trials are not known to spread, or where returns had no variance', () => {
    expect(deflatedSharpe(strange, { count: 2, sharpeVariance: null })).toBeNull();
    expect(deflatedSharpe({ count: 10, sharpe: null, skew: null, kurtosis: null }, spread(3))).toBeNull();
    expect(probabilisticSharpe({ count: 3, sharpe: 2, skew: 4, kurtosis: 1 })).toBeNull();
  });

  it('never rises with more trials', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), (few, more) => {
        const before = deflatedSharpe(strange, spread(few)) ?? Number.NaN;
        expect(deflatedSharpe(strange, spread(few + more))).toBeLessThanOrEqual(before);
      }),
    );
  });
});

describe('the probabilistic Sharpe ratio', () => {
  it('is that of the example of Bailey and López de Prado 2012: two years of months look better as normal ones', () => {
    const months = { count: 24, sharpe: 0.458 };
    expect(probabilisticSharpe({ ...months, ...NORMAL })).toBeCloseTo(0.982, 3);
    expect(probabilisticSharpe({ ...months, skew: -2.448, kurtosis: 10.164 })).toBeCloseTo(0.913, 3);
  });
});

describe('the minimum track record', () => {
  // Bailey and López de Prado 2012: years until a Sharpe ratio of 2 a year is above 1 with 95 %.
  it.each([
    ['days', 252, 2.73],
    ['weeks', 52, 2.83],
    ['months', 12, 3.24],
  ])('of %s is as long as their table says', (_, perYear, years) => {
    const figures = { count: 0, sharpe: 2 / Math.sqrt(perYear), ...NORMAL };
    const needed = minimumTrackRecord(figures, 1 / Math.sqrt(perYear)) ?? Number.NaN;
    expect(needed / perYear).toBeCloseTo(years, 2);
  });

  it('is the length at which the probabilistic Sharpe ratio reaches the confidence', () => {
    const count = minimumTrackRecord(strange, 0.02, 0.9) ?? Number.NaN;
    expect(probabilisticSharpe({ ...strange, count }, 0.02)).toBeCloseTo(0.9, 12);
  });

  it('does not exist for a Sharpe ratio that is not above what is asked for', () => {
    expect(minimumTrackRecord({ ...strange, sharpe: -0.1 })).toBeNull();
    expect(minimumTrackRecord(strange, strange.sharpe)).toBeNull();
  });
});

describe('the memory of trials', () => {
  it('counts all that was tried, and the spread of what is known', () => {
    expect(spreadOfTrials({ a: 0.1, b: 0.3, flat: null })).toEqual({
      count: 3,
      sharpeVariance: expect.closeTo(0.02, 12) as number,
    });
    expect(spreadOfTrials({ a: 0.1, flat: null })).toEqual({ count: 2, sharpeVariance: null });
    expect(spreadOfTrials({})).toEqual({ count: 0, sharpeVariance: null });
  });
});
