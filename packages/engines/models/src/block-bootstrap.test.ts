import { seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockBootstrapSums, percentileEstimate, quantile } from './block-bootstrap.ts';

const sums = (series: readonly Int8Array[], block: number, resamples: number, seed = 1) =>
  runSteps(blockBootstrapSums(series, { random: seededRandom(seed), block, resamples }));

const variance = (values: Float64Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
};

describe('the block bootstrap', () => {
  it('draws as many values as there are, within what they allow, all series alike', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1, max: 80 }),
        fc.integer(),
        (list, block, seed) => {
          const values = Int8Array.from(list);
          const ones = new Int8Array(values.length).fill(1);
          const [drawn, counted, opposite] = sums([values, ones, values.map((value) => -value)], block, 20, seed);
          expect([...(counted ?? [])]).toEqual(new Array<number>(20).fill(values.length));
          expect([...(opposite ?? [])].map((value) => -value + 0)).toEqual(
            [...(drawn ?? [])].map((value) => value + 0),
          );
          for (const total of drawn ?? []) {
            expect(total).toBeGreaterThanOrEqual(Math.min(...list) * values.length);
            expect(total).toBeLessThanOrEqual(Math.max(...list) * values.length);
          }
        },
      ),
    );
  });

  it('knows the spread of a mean of free values', () => {
    const random = seededRandom(9);
    const coin = Int8Array.from({ length: 1_000 }, () => random.integer(2));
    const [drawn = new Float64Array()] = sums([coin], 1, 4_000);
    expect(variance(drawn)).toBeGreaterThan(0.9 * 250);
    expect(variance(drawn)).toBeLessThan(1.1 * 250);
  });

  it('sees that neighbours are alike, which single draws miss', () => {
    // Every value stands ten times in a row: the sum's variance is ten times that of free values.
    const random = seededRandom(10);
    const tosses = Array.from({ length: 400 }, () => random.integer(2));
    const runs = Int8Array.from({ length: 4_000 }, (_, index) => tosses[Math.floor(index / 10)] ?? 0);
    const [blocks = new Float64Array()] = sums([runs], 40, 2_000);
    const [singles = new Float64Array()] = sums([runs], 1, 2_000);
    expect(variance(blocks) / variance(singles)).toBeGreaterThan(7);
  });

  it('is the same for the same seed and another for another', () => {
    const values = Int8Array.from({ length: 100 }, (_, index) => (index * index) % 3);
    expect(sums([values], 5, 50, 7)).toEqual(sums([values], 5, 50, 7));
    expect(sums([values], 5, 50, 7)).not.toEqual(sums([values], 5, 50, 8));
  });
});

describe('quantiles', () => {
  it('lie linearly between neighbours', () => {
    const sorted = Float64Array.of(1, 2, 4, 8);
    expect([0, 0.5, 1, 1 / 6].map((share) => quantile(sorted, share))).toEqual([1, 3, 8, 1.5]);
  });

  it('make the interval of an estimate at its level', () => {
    const values = Float64Array.from({ length: 1_001 }, (_, index) => 1_000 - index);
    const estimate = percentileEstimate(400, values, 0.95);
    expect([estimate.value, estimate.level]).toEqual([400, 0.95]);
    expect(estimate.low).toBeCloseTo(25, 9);
    expect(estimate.high).toBeCloseTo(975, 9);
  });
});
