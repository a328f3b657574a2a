import { intervalMs, type BarSeries, type Interval } from '@monsta/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seriesOf, START_MS } from './backtest.test-support.ts';
import { longerSeriesOf } from './longer-series.ts';

const MINUTE_MS = 60_000;

/** By the definition: for each longer bar its parts, if the first and the last of them are there. */
function byHand(series: BarSeries, interval: Interval): readonly (readonly number[])[] {
  const longMs = intervalMs(interval);
  const indices = Array.from({ length: series.length }, (_, index) => index);
  const opens = [...new Set([...series.openTimeMs].map((ms) => ms - (ms % longMs)))];
  return opens.flatMap((openMs) => {
    const parts = indices.filter((at) => Math.floor((series.openTimeMs[at] ?? 0) / longMs) * longMs === openMs);
    const times = parts.map((at) => series.openTimeMs[at]);
    if (times[0] !== openMs || times.at(-1) !== openMs + longMs - MINUTE_MS) return [];
    const of = (column: Float64Array): number[] => parts.map((at) => column[at] ?? 0);
    const [open, close] = [of(series.open)[0] ?? 0, of(series.close).at(-1) ?? 0];
    const volume = of(series.volume).reduce((sum, each) => sum + each, 0);
    return [[openMs, open, Math.max(...of(series.high)), Math.min(...of(series.low)), close, volume]];
  });
}

const rows = ({ length, openTimeMs, open, high, low, close, volume }: BarSeries): readonly (readonly number[])[] =>
  Array.from({ length }, (_, at) => [openTimeMs, open, high, low, close, volume].map((column) => column[at] ?? 0));

it('puts bars together to longer ones, and leaves out those whose beginning or end is missing', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: 130 }), { minLength: 1, maxLength: 110 }),
      fc.array(fc.integer({ min: 5, max: 200 }), { minLength: 131, maxLength: 131 }),
      fc.constantFrom('5m', '15m', '1h'),
      (minutes, prices, interval) => {
        const sorted = minutes.toSorted((a, b) => a - b);
        const series = seriesOf(sorted.map((at) => [5, 5, 5, 5].map((by) => (prices[at] ?? 0) + by - 5) as never));
        for (const [index, at] of sorted.entries()) {
          series.openTimeMs[index] = START_MS + at * MINUTE_MS;
          series.high[index] = (series.high[index] ?? 0) + at;
          series.low[index] = (series.low[index] ?? 0) - at;
        }
        const longer = longerSeriesOf(series, interval);
        expect(rows(longer)).toEqual(byHand(series, interval));
        expect(longerSeriesOf(series, interval)).toBe(longer);
      },
    ),
  );
});
