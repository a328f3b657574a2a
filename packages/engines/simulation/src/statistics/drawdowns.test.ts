import { amount, timestampUs } from '@monsta/core';
import { DrawdownMeter } from '@monsta/trading';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepestShareOf, drawdownsOf } from './drawdowns.ts';

const of = (equity: readonly number[], top?: number) =>
  drawdownsOf(
    Float64Array.from(equity, (_, index) => index),
    Float64Array.from(equity),
    top,
  );

const curve = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 60 });

describe('drawdowns', () => {
  it('begin at the last point of a peak and end where it is reached again', () => {
    const { summary, deepest } = of([100, 100, 80, 90, 100, 99, 100, 120, 60, 90], 5);
    expect(deepest).toEqual([
      { peakMs: 7, troughMs: 8, recoveredMs: null, durationMs: 2, share: 0.5, amount: 60 },
      { peakMs: 1, troughMs: 2, recoveredMs: 4, durationMs: 3, share: 0.2, amount: 20 },
      { peakMs: 4, troughMs: 5, recoveredMs: 6, durationMs: 2, share: 0.01, amount: 1 },
    ]);
    expect(summary).toMatchObject({ count: 3, largestAmount: 60, longestMs: 3, durationSumMs: 7, peak: 120 });
  });

  it('list the deepest first, no more than were asked for', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: 1, max: 5 }), (equity, top) => {
        const all = of(equity, 100).deepest.map(({ share }) => share);
        expect(all).toEqual(all.toSorted((left, right) => right - left));
        expect(of(equity, top).deepest.map(({ share }) => share)).toEqual(all.slice(0, top));
      }),
    );
  });

  it('have one depth of the deepest, asked for alone or with all', () => {
    fc.assert(
      fc.property(curve, (equity) => {
        expect(deepestShareOf(Float64Array.from(equity))).toBe(of(equity).summary.deepest?.share ?? 0);
      }),
    );
  });

  it('are those of live performance: there is one definition', () => {
    fc.assert(
      fc.property(curve, (equity) => {
        const meter = new DrawdownMeter();
        for (const [index, value] of equity.entries())
          meter.add({ tsUs: timestampUs(index), value: amount(BigInt(value) * 10n ** 18n) });
        const { summary } = of(equity);
        expect(summary.longestMs).toBe(meter.longestUs);
        expect(summary.deepest?.share ?? null).toEqual(
          meter.deepest === null ? null : expect.closeTo(meter.deepest.share ?? NaN, 9),
        );
        expect(summary.deepest?.peakMs).toBe(meter.deepest?.peakUs);
        expect(summary.deepest?.troughMs).toBe(meter.deepest?.troughUs);
      }),
    );
  });
});
