import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ema, finiteEmaWeights } from './indicators.ts';

describe('an exponential moving average', () => {
  it('says nothing while it warms up, then the plain mean of its first period, then fades', () => {
    const ema = new Ema(3);
    expect([1, 2, 6, 7].map((value) => ema.update(value))).toEqual([null, null, 3, 5]);
  });

  it('keeps silent for as long as its stated warm-up and moves on meanwhile', () => {
    const ema = new Ema(3, 5);
    expect([1, 2, 6, 7, 9].map((value) => ema.update(value))).toEqual([null, null, null, null, 7]);
  });

  it('forgets everything on reset', () => {
    const ema = new Ema(2);
    for (const value of [10, 20, 30]) ema.update(value);
    ema.reset();
    expect([ema.value, ema.update(1), ema.update(3)]).toEqual([null, null, 2]);
  });

  it('refuses periods, warm-ups and values that make no sense', () => {
    expect(() => new Ema(0)).toThrow(RangeError);
    expect(() => new Ema(1.5)).toThrow(RangeError);
    expect(() => new Ema(5, 4)).toThrow(RangeError);
    expect(() => new Ema(5).update(Number.NaN)).toThrow(RangeError);
  });

  it('stays within the values it has seen', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 20, maxLength: 60 }),
        (period, values) => {
          const ema = new Ema(period);
          let last: number | null = null;
          for (const value of values) last = ema.update(value);
          expect(last).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
          expect(last).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
        },
      ),
    );
  });
});

describe('the weights of a finite moving average', () => {
  it('sum to one and fall by the period’s factor', () => {
    const weights = finiteEmaWeights(3, 4);
    expect([...weights]).toEqual([8 / 15, 4 / 15, 2 / 15, 1 / 15]);
  });
});
