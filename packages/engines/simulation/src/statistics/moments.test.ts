import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentsOf } from './moments.ts';

const of = (...values: number[]) => momentsOf(Float64Array.from(values));
const column = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 3, maxLength: 50 });

describe('moments of returns', () => {
  it('are those of a small column worked by hand', () => {
    // Apart −2.4, −1.4, −0.4, −0.4 and 4.6 from the mean; squares add up to 29.2.
    const { count, mean, deviation, skew, kurtosis, sharpe } = of(1, 2, 3, 3, 8);
    expect([count, mean]).toEqual([5, 3.4]);
    expect(deviation).toBeCloseTo(Math.sqrt(29.2 / 4), 14);
    expect(sharpe).toBeCloseTo(3.4 / Math.sqrt(7.3), 14);
    // m₂ = 5.84, m₃ = (−13.824 − 2.744 − 0.064 − 0.064 + 97.336) ÷ 5 = 16.128, m₄ = (33.1776 + 3.8416 + 0.0256 · 2 + 447.7456) ÷ 5 = 96.9632
    expect(skew).toBeCloseTo(16.128 / 5.84 ** 1.5, 12);
    expect(kurtosis).toBeCloseTo(96.9632 / 5.84 ** 2, 12);
  });

  it('are null where there is too little, and where nothing varies but by rounding', () => {
    expect(of()).toEqual({ count: 0, mean: null, deviation: null, skew: null, kurtosis: null, sharpe: null });
    expect(of(0.1)).toEqual({ count: 1, mean: 0.1, deviation: null, skew: null, kurtosis: null, sharpe: null });
    expect(of(0, 0, 0).sharpe).toBeNull();
    expect(of(0.1 + 0.2, 0.3, 0.3).sharpe).toBeNull();
  });

  it('keep their shape when all returns are scaled, and turn their sign with them', () => {
    fc.assert(
      fc.property(column, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (values, scale) => {
        const before = of(...values);
        const after = of(...values.map((value) => value * scale));
        const mirrored = of(...values.map((value) => -value));
        if (before.sharpe === null) return;
        expect(after.sharpe).toBeCloseTo(before.sharpe, 9);
        expect(after.skew).toBeCloseTo(before.skew ?? Number.NaN, 9);
        expect(after.kurtosis).toBeCloseTo(before.kurtosis ?? Number.NaN, 9);
        expect(mirrored.sharpe).toBeCloseTo(-before.sharpe, 9);
      }),
    );
  });

  it('of whatever returns, kurtosis is at least the square of the skew and one (Pearson 1916)', () => {
    fc.assert(
      fc.property(column, (values) => {
        const { skew, kurtosis } = of(...values);
        if (skew === null || kurtosis === null) return;
        expect(kurtosis).toBeGreaterThanOrEqual(skew ** 2 + 1 - 1e-9);
      }),
    );
  });
});
