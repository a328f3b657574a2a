import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ema } from './averages.ts';
import type { BarFrame } from './bar-frame.ts';
import type { IndicatorBar } from './indicator-bar.ts';
import { seededAverage, seededAverages, timesIn, timesOf, type SeededTerms } from './seeded-averages.ts';
import { rsi } from './wilder.ts';

const MINUTE_MS = 60_000;

const barsAt = (closes: readonly number[], openTimesMs: readonly number[]): IndicatorBar[] =>
  closes.map((close, index) => {
    const openTimeMs = openTimesMs[index] ?? 0;
    return { openTimeMs, closeTimeMs: openTimeMs + MINUTE_MS, open: close, high: close, low: close, close, volume: 1 };
  });

const frameOf = (all: readonly IndicatorBar[]): BarFrame => {
  const close = Float64Array.from(all, (bar) => bar.close);
  const openTimeMs = Float64Array.from(all, (bar) => bar.openTimeMs);
  return {
    interval: '1m',
    length: all.length,
    openTimeMs,
    open: close,
    high: close,
    low: close,
    close,
    volume: close,
  };
};

/** By its definition, one value after the other. */
function plainly(values: readonly number[], { period, alpha }: SeededTerms): number {
  let average = values.slice(0, period).reduce((sum, value) => sum + value, 0) / period;
  for (const value of values.slice(period)) average += (value - average) * alpha;
  return average;
}

/** How far bars are apart: of the interval most often, in gaps, and closer than bars can be. */
const steps = (length: number) =>
  fc.array(fc.constantFrom(1, 1, 1, 1, 1, 2, 7, 0.25), { minLength: length, maxLength: length });

const timesFrom = (begin: number, apart: readonly number[]): number[] => {
  let at = begin;
  return apart.map((step) => (at += step) * MINUTE_MS);
};

const cases = fc
  .record({
    period: fc.integer({ min: 1, max: 9 }),
    more: fc.integer({ min: 0, max: 30 }),
    closes: fc.array(fc.double({ min: 1, max: 1_000, noNaN: true }), { minLength: 60, maxLength: 120 }),
    begin: fc.nat({ max: 100 }),
    from: fc.constantFrom<SeededTerms['from']>('value', 'nothing'),
    isSlow: fc.boolean(),
  })
  .chain((each) => steps(each.closes.length).map((apart) => ({ ...each, apart })));

describe('seeded averages', () => {
  it('are what their definition says, and over columns the same to the last bit, wherever bars begin and are missing', () => {
    fc.assert(
      fc.property(cases, ({ period, more, closes, begin, from, isSlow, apart }) => {
        const count = period + more;
        const terms: SeededTerms = { count, period, alpha: isSlow ? 1 / period : 2 / (period + 1), from };
        const all = barsAt(closes, timesFrom(begin, apart));
        const frame = frameOf(all);
        const column = seededAverages(frame.close, timesIn(frame), terms, new Float64Array(frame.length).fill(7));
        expect(column.slice(0, count - 1).every((value) => value === 0)).toBe(true);
        for (let end = count; end <= all.length; end += 1) {
          const window = all.slice(end - count, end);
          const values = window.map(({ close }) => close);
          const value = column[end - 1] as number;
          expect(value).toBe(seededAverage(Float64Array.from(values), timesOf(window), terms));
          expect(Math.abs(value - plainly(values, terms))).toBeLessThan(1e-11);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('of equal prices are that price to the last bit, once all of them are equal', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 60 }),
        (price, period, begin) => {
          const length = 5 * period;
          const closes = [3, 1, 2, ...Array.from({ length: 2 * length }, () => price)];
          const all = barsAt(
            closes,
            timesFrom(
              begin,
              Array.from(closes, () => 1),
            ),
          );
          const values = ema(period).over?.(frameOf(all));
          for (let index = length + 2; index < all.length; index += 1) expect(values?.(index)).toBe(price);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of gains and losses keep the index within 0 and 100, at the bounds where nothing fell or rose, and at 50 where nothing moved', () => {
    const [period, length] = [3, 31];
    const moves: readonly (readonly [move: (index: number) => number, value: number])[] = [
      [(index) => index + 1, 100],
      [(index) => 1_000 - index, 0],
      [() => 5, 50],
    ];
    for (const [move, value] of moves) {
      const closes = [9, 2, 7, ...Array.from({ length: 90 }, (_, index) => move(index))];
      const all = barsAt(
        closes,
        timesFrom(
          4,
          Array.from(closes, () => 1),
        ),
      );
      const values = rsi(period, length).over?.(frameOf(all));
      for (let index = length + 3; index < all.length; index += 1) expect(values?.(index)).toBe(value);
    }
    fc.assert(
      fc.property(fc.array(fc.constantFrom(1, 1e-9, 1e9), { minLength: 80, maxLength: 80 }), (closes) => {
        const values = rsi(period, length).over?.(
          frameOf(
            barsAt(
              closes,
              timesFrom(
                2,
                closes.map(() => 1),
              ),
            ),
          ),
        );
        for (let index = length - 1; index < closes.length; index += 1) {
          const value = values?.(index) ?? -1;
          expect(value >= 0 && value <= 100).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
