import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { sliceColumns, walkColumns } from './bars.test-support.ts';
import { featureMatrixSteps } from './feature-matrix.ts';
import { featureSet, type FeatureDeclaration } from './feature-set.ts';
import { runSteps } from './steps.ts';

/* The endless recursions, as their authors write them, over the whole history: what the features come near to. */

const BARS = 2_000;
const columns = walkColumns(12, BARS);
const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;

/** Begins with the mean of the first `period` from `from` on, then goes `alpha` of the way to each further value. */
function endless(values: readonly number[], from: number, period: number, alpha: number): number[] {
  const made: number[] = values.map(() => Number.NaN);
  let average = 0;
  for (let index = from; index < values.length; index += 1) {
    const count = index - from + 1;
    average =
      count <= period
        ? average + (at(values, index) - average) / count
        : average + alpha * (at(values, index) - average);
    if (count >= period) made[index] = average;
  }
  return made;
}

const bars = Array.from({ length: BARS }, (_, index) => index);
const wilder = (values: readonly number[], from = 1): number[] => endless(values, from, 14, 1 / 14);
const close = [...columns.close];
const change = bars.map((bar) => at(close, bar) - at(close, bar - 1));
const trueRange = bars.map((bar) =>
  Math.max(
    at(columns.high, bar) - at(columns.low, bar),
    Math.abs(at(columns.high, bar) - at(close, bar - 1)),
    Math.abs(at(columns.low, bar) - at(close, bar - 1)),
  ),
);
const rise = bars.map((bar) => at(columns.high, bar) - at(columns.high, bar - 1));
const fall = bars.map((bar) => at(columns.low, bar - 1) - at(columns.low, bar));
const plus = wilder(bars.map((bar) => (at(rise, bar) > Math.max(0, at(fall, bar)) ? at(rise, bar) : 0)));
const minus = wilder(bars.map((bar) => (at(fall, bar) > Math.max(0, at(rise, bar)) ? at(fall, bar) : 0)));
const balance = bars.map((bar) => (at(plus, bar) - at(minus, bar)) / (at(plus, bar) + at(minus, bar)));
const ema = (values: readonly number[], period: number, from = 0): number[] =>
  endless(values, from, period, 2 / (period + 1));
const [ema12, ema26] = [ema(close, 12), ema(close, 26)];
const line = bars.map((bar) => at(ema12, bar) - at(ema26, bar));

const references: readonly (readonly [FeatureDeclaration, () => readonly number[]])[] = [
  [
    { feature: 'rsi' },
    () => {
      const gain = wilder(change.map((value) => Math.max(0, value)));
      const loss = wilder(change.map((value) => Math.max(0, -value)));
      return bars.map((bar) => 100 - 100 / (1 + at(gain, bar) / at(loss, bar)));
    },
  ],
  [{ feature: 'atr_ratio' }, () => wilder(trueRange).map((range, bar) => range / at(close, bar))],
  [{ feature: 'directional_balance' }, () => balance],
  [
    { feature: 'adx' },
    () =>
      wilder(
        balance.map((value) => 100 * Math.abs(value)),
        14,
      ),
  ],
  [{ feature: 'macd_line' }, () => line.map((value, bar) => value / at(close, bar))],
  [
    { feature: 'macd_histogram' },
    () => {
      const signal = ema(line, 9, 25);
      return bars.map((bar) => (at(line, bar) - at(signal, bar)) / at(close, bar));
    },
  ],
];

describe('a recursive feature', () => {
  it.each(references)(
    '%j is within its tolerance of the endless recursion once it is warm, wherever that began',
    (declaration, reference) => {
      const set = expectOk(featureSet({ id: 'one', version: 1, features: [declaration] }));
      const [{ tolerance, warmUpBars } = { tolerance: 0, warmUpBars: 0 }] = set.features;
      const values = expectOk(runSteps(featureMatrixSteps(columns, set))).values;
      const expected = reference();
      let largest = 0;
      for (let bar = warmUpBars - 1; bar < BARS; bar += 1) {
        const off = Math.abs(at(values, bar) - at(expected, bar));
        expect(off).toBeLessThanOrEqual(tolerance ?? 0);
        largest = Math.max(largest, off);
      }
      // It is a recursion that is cut off, and not the endless one.
      expect(largest).toBeGreaterThan(1e-9 * Math.abs(at(expected, BARS - 1)));
      // And what it says at a bar is the same to the last bit from a later start.
      const later = expectOk(runSteps(featureMatrixSteps(sliceColumns(columns, 777, BARS), set))).values;
      expect(later.at(-1)).toBe(values.at(-1));
    },
  );
});
