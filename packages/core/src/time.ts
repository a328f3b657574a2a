import type { Brand } from './brand.ts';
import { err, ok, type Result } from './result.ts';

/** Microseconds since the Unix epoch, UTC; a safe integer until 2255. */
export type TimestampUs = Brand<number, 'TimestampUs'>;

export const US_PER_MS = 1_000;
export const MS_PER_SECOND = 1_000;
export const MS_PER_MINUTE = 60_000;
export const MS_PER_HOUR = 3_600_000;
export const MS_PER_DAY = 86_400_000;

export const timestampUs = (us: number): TimestampUs => us as TimestampUs;
export const usFromMs = (ms: number): TimestampUs => (ms * US_PER_MS) as TimestampUs;
/** Whole milliseconds, rounded down. */
export const msFromUs = (us: TimestampUs): number => Math.floor(us / US_PER_MS);

/** The bar intervals MONSTA knows, the shortest first: those of Binance's spot klines that have one length each. */
export const INTERVALS = [
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
] as const;
export type Interval = (typeof INTERVALS)[number];

/** A map, not an object: a key that came from another thread is a string that the machine does not know by its address, and each time that it looks one up by it compiled code is thrown away. */
const INTERVAL_MS: ReadonlyMap<Interval, number> = new Map([
  ['1m', MS_PER_MINUTE],
  ['3m', 3 * MS_PER_MINUTE],
  ['5m', 5 * MS_PER_MINUTE],
  ['15m', 15 * MS_PER_MINUTE],
  ['30m', 30 * MS_PER_MINUTE],
  ['1h', MS_PER_HOUR],
  ['2h', 2 * MS_PER_HOUR],
  ['4h', 4 * MS_PER_HOUR],
  ['6h', 6 * MS_PER_HOUR],
  ['8h', 8 * MS_PER_HOUR],
  ['12h', 12 * MS_PER_HOUR],
  ['1d', MS_PER_DAY],
  ['3d', 3 * MS_PER_DAY],
  ['1w', 7 * MS_PER_DAY],
]);

/**
 * When a bar opened from which all others of its length are counted, where that is not the epoch: 1970-01-01 was a Thursday, and weeks begin on Mondays; Binance's three days are counted from
 * 1970-01-02 (the first of its first market, BTCUSDT, opened on 2017-08-17).
 */
const ANCHOR_MS: ReadonlyMap<number, number> = new Map([
  [3 * MS_PER_DAY, MS_PER_DAY],
  [7 * MS_PER_DAY, 4 * MS_PER_DAY],
]);
const anchorMsOf = (stepMs: number): number => ANCHOR_MS.get(stepMs) ?? 0;

export const intervalMs = (interval: Interval): number => INTERVAL_MS.get(interval) as number;
export const intervalUs = (interval: Interval): number => intervalMs(interval) * US_PER_MS;

/** What is to be said of a text that is none of `INTERVALS`. */
export const intervalRefusal = (text: string): string =>
  text === '1M' || text === '1mo'
    ? `interval '${text}': months differ in length, and bars of them are not kept; use one of ${INTERVALS.join(', ')}`
    : `interval '${text.slice(0, 20)}' is unknown; use one of ${INTERVALS.join(', ')}`;

/** The same for a schema: of what is no text at all it has words of its own. */
export const intervalIssue = ({ input }: { readonly input?: unknown }): string | undefined =>
  typeof input === 'string' ? intervalRefusal(input) : undefined;

/** Fault `interval_unknown` with the list of known intervals. */
export function parseInterval(text: string): Result<Interval> {
  const found = INTERVALS.find((interval) => interval === text);
  return found === undefined ? err('interval_unknown', intervalRefusal(text)) : ok(found);
}

/** The number of the bar of a length that contains `ms`, counted without a gap: that of the bar after it is one more. */
export const barNumber = (ms: number, stepMs: number): number => Math.floor((ms - anchorMsOf(stepMs)) / stepMs);

/** When the bar of that number (`barNumber`) opens, ms. */
export const barOpenMs = (number: number, stepMs: number): number => number * stepMs + anchorMsOf(stepMs);

/** Start of the interval that contains `ms`: whole intervals of UTC, weeks from Monday 00:00, three days from 1970-01-02 on, as Binance's. */
export function floorMsToInterval(ms: number, interval: Interval): number {
  const stepMs = intervalMs(interval);
  return barOpenMs(barNumber(ms, stepMs), stepMs);
}

/** The first start of an interval that is not before `ms`. */
export function ceilMsToInterval(ms: number, interval: Interval): number {
  const floor = floorMsToInterval(ms, interval);
  return floor === ms ? ms : floor + intervalMs(interval);
}

/** `floorMsToInterval` of microseconds. */
export const floorToInterval = (us: TimestampUs, interval: Interval): TimestampUs =>
  usFromMs(floorMsToInterval(msFromUs(us), interval));

/** In words where bars of an interval open. */
export const gridWords = (interval: Interval): string =>
  interval === '1w'
    ? 'a Monday 00:00 UTC'
    : interval === '3d'
      ? 'a third day 00:00 UTC, counted as Binance does from 1970-01-02'
      : `a whole ${interval} of UTC`;

/** True where a bar of the interval opens at `ms`. */
export const opensInterval = (ms: number, interval: Interval): boolean => floorMsToInterval(ms, interval) === ms;

/** How many minutes behind the start of its interval a time lies. */
export const minutesOffGrid = (ms: number, interval: Interval): number =>
  (ms - floorMsToInterval(ms, interval)) / MS_PER_MINUTE;

/** True where whole bars of the shorter interval make each bar of the longer one: not so of 3m and 5m, 4h and 6h, 6h and 8h, 8h and 12h, 3d and 1w. */
export const isMadeOf = (longer: Interval, shorter: Interval): boolean =>
  intervalMs(longer) > intervalMs(shorter) &&
  intervalMs(longer) % intervalMs(shorter) === 0 &&
  opensInterval(anchorMsOf(intervalMs(longer)), shorter);

/** The longest interval of which whole bars make bars of each of these, itself among them perhaps; null of none. */
export const commonBase = (intervals: readonly Interval[]): Interval | null =>
  intervals.length === 0
    ? null
    : (INTERVALS.findLast((base) => intervals.every((each) => each === base || isMadeOf(each, base))) ?? null);

/** True for a zone that this machine's time-zone database knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
