import { emptyBarSeries, intervalMs, MS_PER_DAY, type BarSeries, type Interval } from '@monsta/core';
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

/** Bars of an interval one after the other, each of one price, from a time on; those of the open times named are left out. */
function run(interval: Interval, from: string, count: number, missing: readonly string[] = []): BarSeries {
  const { instrument } = seriesOf([[1, 1, 1, 1] as never]);
  const out = missing.map((time) => Date.parse(time));
  const times = Array.from({ length: count }, (_, at) => Date.parse(from) + at * intervalMs(interval)).filter(
    (ms) => !out.includes(ms),
  );
  const series = emptyBarSeries(instrument, interval, times.length);
  for (const [at, ms] of times.entries()) {
    series.openTimeMs[at] = ms;
    for (const column of [series.open, series.high, series.low, series.close]) column[at] = 1_000 + at;
    series.volume[at] = 1;
  }
  return series;
}
const opens = (series: BarSeries): readonly string[] =>
  [...series.openTimeMs].map((ms) => new Date(ms).toISOString().slice(0, 10));

it('puts days together to weeks that begin on Mondays, over the end of a year too', () => {
  // A Friday; the weeks of 16, 23 and 30 December are whole, the last is not over.
  const weeks = longerSeriesOf(run('1d', '2024-12-13T00:00Z', 29), '1w');
  expect(opens(weeks)).toEqual(['2024-12-16', '2024-12-23', '2024-12-30']);
  expect([...weeks.open, ...weeks.close, ...weeks.volume]).toEqual([1_003, 1_010, 1_017, 1_009, 1_016, 1_023, 7, 7, 7]);
  expect([...weeks.openTimeMs].every((ms) => new Date(ms).getUTCDay() === 1)).toBe(true);
});

it('leaves out a week whose Monday or Sunday is missing, and keeps one that lacks a day between', () => {
  const missing = ['2024-12-16T00:00Z', '2024-12-29T00:00Z', '2025-01-01T00:00Z'];
  expect(opens(longerSeriesOf(run('1d', '2024-12-09T00:00Z', 35, missing), '1w'))).toEqual([
    '2024-12-09',
    '2024-12-30',
    '2025-01-06',
  ]);
});

it('puts minutes together to weeks, and days to the three days of the exchange', () => {
  const minutes = 16 * (MS_PER_DAY / MINUTE_MS);
  const weeks = longerSeriesOf(run('1m', '2024-12-26T00:00Z', minutes), '1w');
  expect(opens(weeks)).toEqual(['2024-12-30']);
  expect(weeks.volume[0]).toBe(7 * 1_440);
  expect(opens(longerSeriesOf(run('1d', '2024-12-26T00:00Z', 10), '3d'))).toEqual([
    '2024-12-26',
    '2024-12-29',
    '2025-01-01',
  ]);
});

it('makes nothing of bars of which whole ones do not make the longer', () => {
  expect(() => longerSeriesOf(run('3m', '2024-12-26T00:00Z', 10), '5m')).toThrow(RangeError);
  expect(() => longerSeriesOf(run('3d', '2024-12-26T00:00Z', 10), '1w')).toThrow(RangeError);
  expect(() => longerSeriesOf(run('1h', '2024-12-26T14:30Z', 10), '4h')).toThrow('open on no whole 1h');
});
