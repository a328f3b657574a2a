import { MS_PER_DAY } from '@monsta/core';
import { at, indexAt, YEAR_MS, type Elapsed } from './columns.ts';

/** How many returns a curve has: they end with the first point at which nothing is left, since what comes of an equity of 0 or less is no return. */
function countReturns(equity: Float64Array): number {
  let index = 0;
  while (index < equity.length && (equity[index] ?? 0) > 0) index += 1;
  return index === equity.length ? Math.max(0, index - 1) : index;
}

/** The return of each point on the one before it, as shares, as many as `countReturns` says. */
export function returnsOf(equity: Float64Array): Float64Array {
  const returns = new Float64Array(countReturns(equity));
  for (let index = 0; index < returns.length; index += 1)
    returns[index] = at(equity, index + 1) / at(equity, index) - 1;
  return returns;
}

export type Period = 'day' | 'month' | 'year';

/** Where the period ends in which a moment lies, and where that began, both UTC. A point tells of the time before it: one at midnight belongs to the day that ends there. */
function periodOf(period: Period, timeMs: number): { readonly fromMs: number; readonly toMs: number } {
  if (period === 'day') {
    const toMs = Math.ceil(timeMs / MS_PER_DAY) * MS_PER_DAY;
    return { fromMs: toMs - MS_PER_DAY, toMs };
  }
  const date = new Date(timeMs - 1);
  const [year, month] = [date.getUTCFullYear(), period === 'year' ? 0 : date.getUTCMonth()];
  return {
    fromMs: Date.UTC(year, month, 1),
    toMs: period === 'year' ? Date.UTC(year + 1, 0, 1) : Date.UTC(year, month + 1, 1),
  };
}

/** The periods in which there is a point, in columns: when each began (UTC), and the index of its last point. */
export interface PeriodEnds {
  readonly fromMs: Float64Array;
  readonly last: Int32Array;
}

/** Cuts points, which go on in time, into periods; the first point is the beginning, and belongs to none. */
export function periodEnds(timeMs: Float64Array, period: Period): PeriodEnds {
  const fromMs: number[] = [];
  const last: number[] = [];
  let count = 0;
  for (let first = 1; first < timeMs.length; first += count) {
    const found = periodOf(period, at(timeMs, first));
    // Most days have as many points as the one before.
    const next = firstAfter(timeMs, found.toMs, first, first + count);
    fromMs.push(found.fromMs);
    last.push(next - 1);
    count = next - first;
  }
  return { fromMs: Float64Array.from(fromMs), last: Int32Array.from(last) };
}

/** The index of the first point later than `ms`, and than that at `from`; their number where none is. It looks at `guess` first. */
function firstAfter(timeMs: Float64Array, ms: number, from: number, guess: number): number {
  const isLater = (index: number): boolean => index >= timeMs.length || at(timeMs, index) > ms;
  if (guess > from && guess <= timeMs.length && isLater(guess) && !isLater(guess - 1)) return guess;
  let [before, after] = [from, timeMs.length];
  while (after - before > 1) {
    const middle = (before + after) >>> 1;
    if (isLater(middle)) after = middle;
    else before = middle;
  }
  return after;
}

/** The values at the beginning and at the end of each period. */
export function valuesAtEnds(values: Float64Array, { last }: PeriodEnds): Float64Array {
  const ends = new Float64Array(values.length === 0 ? 0 : last.length + 1);
  if (values.length > 0) ends[0] = at(values, 0);
  for (let index = 0; index < last.length; index += 1) ends[index + 1] = at(values, indexAt(last, index));
  return ends;
}

/**
 * From the first point to the one at an index. `yearDays` null: by time, a year being 365 days; else by the days in which there is a point, so many of which are a year. It took NaN where there is no such
 * point.
 */
export function elapsedTo(timeMs: Float64Array, index: number, yearDays: number | null): Elapsed {
  if (yearDays === null) return { took: at(timeMs, index) - at(timeMs, 0), year: YEAR_MS };
  const days = index < timeMs.length ? periodEnds(timeMs.subarray(0, index + 1), 'day').last.length : Number.NaN;
  return { took: days, year: yearDays };
}

/** Compound annual growth: (last ÷ first)^(year ÷ what it took) − 1; −1 where nothing is left. Null where no time went by, there was nothing at first, or the result is out of all bounds. */
export function annualGrowth(first: number, last: number, { took, year }: Elapsed): number | null {
  if (!(took > 0) || !(first > 0)) return null;
  if (last <= 0) return -1;
  const growth = (last / first) ** (year / took) - 1;
  return Number.isFinite(growth) ? growth : null;
}

/** The quantile `share` (0–1) of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996); null of none. */
export function quantileOf(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null;
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = at(sorted, below);
  return low + (at(sorted, Math.min(below + 1, sorted.length - 1)) - low) * (place - below);
}
