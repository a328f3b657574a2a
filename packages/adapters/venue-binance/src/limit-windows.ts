import { MS_PER_DAY, MS_PER_MINUTE, MS_PER_SECOND } from '@monsta/core';
import { isObject } from './json-reader.ts';

/** What Binance limits, each in windows aligned to its clock; `listed`: how its exchangeInfo names them. */
export const LIMITS = {
  weight: {
    windowMs: MS_PER_MINUTE,
    listed: 'REQUEST_WEIGHT 1 MINUTE',
    exceeded: 'the request weight of this minute is used up',
  },
  raw: {
    windowMs: 5 * MS_PER_MINUTE,
    listed: 'RAW_REQUESTS 5 MINUTE',
    exceeded: 'the requests of these five minutes are used up',
  },
  orders10s: {
    windowMs: 10 * MS_PER_SECOND,
    listed: 'ORDERS 10 SECOND',
    exceeded: 'the orders of these ten seconds are used up',
  },
  orders1d: { windowMs: MS_PER_DAY, listed: 'ORDERS 1 DAY', exceeded: 'the orders of this day are used up' },
} as const;

export type LimitName = keyof typeof LIMITS;

/** One window of a limit. */
export interface LimitWindow {
  readonly index: number;
  /** From now until a request certainly belongs to a later window. */
  readonly leftMs: number;
}

/**
 * The windows that a request sent now may be counted in: two near the end of one, because its way to the venue takes time and
 * two clocks are never the same. It has to find room in both.
 */
export function windowsAt(limit: LimitName, nowMs: number, guardMs: number): readonly LimitWindow[] {
  const { windowMs } = LIMITS[limit];
  const first = Math.floor((nowMs - guardMs) / windowMs);
  const last = Math.floor((nowMs + guardMs) / windowMs);
  const windows: LimitWindow[] = [];
  for (let index = first; index <= last; index += 1)
    windows.push({ index, leftMs: (index + 1) * windowMs + guardMs - nowMs });
  return windows;
}

/** The window that a request was counted in for certain, sent and answered at these times; null where it may be two. */
export function windowOf(limit: LimitName, sentMs: number, receivedMs: number, guardMs: number): number | null {
  const { windowMs } = LIMITS[limit];
  const first = Math.floor((sentMs - guardMs) / windowMs);
  return first === Math.floor((receivedMs + guardMs) / windowMs) ? first : null;
}

const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[];

/** The limits that exchangeInfo lists; those of other windows, and what can't be read, are passed over. */
export function listedLimits(exchangeInfo: unknown): ReadonlyMap<LimitName, number> {
  const listed = new Map<LimitName, number>();
  const entries: unknown = isObject(exchangeInfo) ? exchangeInfo['rateLimits'] : null;
  for (const entry of Array.isArray(entries) ? entries : []) {
    if (!isObject(entry)) continue;
    const { rateLimitType, intervalNum, interval, limit } = entry;
    const words = [rateLimitType, intervalNum, interval].map(String).join(' ');
    const name = LIMIT_NAMES.find((each) => LIMITS[each].listed === words);
    if (name !== undefined && typeof limit === 'number' && Number.isSafeInteger(limit) && limit > 0)
      listed.set(name, limit);
  }
  return listed;
}
