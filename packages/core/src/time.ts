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

/** The bar intervals MONSTA builds. */
export const INTERVALS = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;
export type Interval = (typeof INTERVALS)[number];

/** A map, not an object: a key that came from another thread is a string that the machine does not know by its address, and each time that it looks one up by it compiled code is thrown away. */
const INTERVAL_MS: ReadonlyMap<Interval, number> = new Map([
  ['1m', MS_PER_MINUTE],
  ['5m', 5 * MS_PER_MINUTE],
  ['15m', 15 * MS_PER_MINUTE],
  ['1h', MS_PER_HOUR],
  ['4h', 4 * MS_PER_HOUR],
  ['1d', MS_PER_DAY],
]);

export const intervalMs = (interval: Interval): number => INTERVAL_MS.get(interval) as number;
export const intervalUs = (interval: Interval): number => intervalMs(interval) * US_PER_MS;

/** Fault `interval_unknown` with the list of known intervals. */
export function parseInterval(text: string): Result<Interval> {
  const found = INTERVALS.find((interval) => interval === text);
  return found === undefined
    ? err('interval_unknown', `interval '${text.slice(0, 20)}' is unknown; use one of ${INTERVALS.join(', ')}`)
    : ok(found);
}

/** Start of the interval that contains `us`. All six intervals are aligned to the epoch, as Binance's are in UTC. */
export function floorToInterval(us: TimestampUs, interval: Interval): TimestampUs {
  const step = intervalUs(interval);
  return (Math.floor(us / step) * step) as TimestampUs;
}

/** True for a zone that this machine's time-zone database knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
