import {
  INTERVALS,
  intervalUs,
  MS_PER_DAY,
  MS_PER_MINUTE,
  timestampUs,
  US_PER_MS,
  type Interval,
  type TimestampUs,
} from '@monsta/core';

/** The sixteen intervals that Binance has klines of, as it writes them: `1m` is a minute, `1M` a calendar month. */
export const KLINE_INTERVALS = [
  '1s',
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
  '1M',
] as const;
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

const SECOND_US = 1_000 * US_PER_MS;
const MINUTE_US = MS_PER_MINUTE * US_PER_MS;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = MS_PER_DAY * US_PER_MS;
const WEEK_US = 7 * DAY_US;
/** 1970-01-01 was a Thursday: the Monday before it. */
const MONDAY_US = -3 * DAY_US;

const SPAN_US: Readonly<Record<Exclude<KlineInterval, '1M'>, number>> = {
  '1s': SECOND_US,
  '1m': MINUTE_US,
  '3m': 3 * MINUTE_US,
  '5m': 5 * MINUTE_US,
  '15m': 15 * MINUTE_US,
  '30m': 30 * MINUTE_US,
  '1h': HOUR_US,
  '2h': 2 * HOUR_US,
  '4h': 4 * HOUR_US,
  '6h': 6 * HOUR_US,
  '8h': 8 * HOUR_US,
  '12h': 12 * HOUR_US,
  '1d': DAY_US,
  '3d': 3 * DAY_US,
  '1w': WEEK_US,
};

/** Null for a text that is no interval; letters count, as with Binance. */
export function parseKlineInterval(text: string): KlineInterval | null {
  return KLINE_INTERVALS.find((interval) => interval === text) ?? null;
}

/** The first instant of the calendar month that holds `localUs`, `months` later. */
function monthStart(localUs: number, months: number): number {
  const date = new Date(Math.floor(localUs / US_PER_MS));
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1) * US_PER_MS;
}

/**
 * Where the klines of one interval open and close. `offsetUs` is the zone in which days, weeks and months are meant (8 h for UTC+8):
 * all intervals open on whole multiples of themselves in that zone's time, weeks on Monday, months on the first.
 */
export class KlineGrid {
  readonly interval: KlineInterval;
  readonly offsetUs: number;

  constructor(interval: KlineInterval, offsetUs = 0) {
    this.interval = interval;
    this.offsetUs = offsetUs;
  }

  /** The latest opening at or before `us`. */
  floor(us: number): TimestampUs {
    const localUs = us + this.offsetUs;
    if (this.interval === '1M') return timestampUs(monthStart(localUs, 0) - this.offsetUs);
    const span = SPAN_US[this.interval];
    const origin = this.interval === '1w' ? MONDAY_US : 0;
    return timestampUs(Math.floor((localUs - origin) / span) * span + origin - this.offsetUs);
  }

  /** The first opening at or after `us`. */
  ceil(us: number): TimestampUs {
    const floor = this.floor(us);
    return floor === us ? floor : this.next(floor);
  }

  /** The opening after the one at `openUs`. */
  next(openUs: TimestampUs): TimestampUs {
    if (this.interval === '1M') return timestampUs(monthStart(openUs + this.offsetUs, 1) - this.offsetUs);
    return timestampUs(openUs + SPAN_US[this.interval]);
  }

  /** The widest interval that MONSTA builds itself and of which whole bars make each of these klines; null for seconds. */
  base(): Interval | null {
    // Weeks and months begin with a day.
    const span = this.interval === '1M' || this.interval === '1w' ? DAY_US : SPAN_US[this.interval];
    const fitting = INTERVALS.filter((interval) => {
      const base = intervalUs(interval);
      return span % base === 0 && this.offsetUs % base === 0;
    });
    return fitting.at(-1) ?? null;
  }

  /** The longest that one kline can be. */
  spanMost(): number {
    return this.interval === '1M' ? 31 * DAY_US : SPAN_US[this.interval];
  }

  /** The most base bars that one kline can have. */
  basesMost(base: Interval): number {
    return this.spanMost() / intervalUs(base);
  }

  /** True where klines of more than an hour open on no whole hour: the zone is to blame. */
  opensWithinHours(): boolean {
    return this.spanMost() > HOUR_US && this.offsetUs % HOUR_US !== 0;
  }
}

const ZONE = /^([+-]?)(\d{1,2})(?::(\d{2}))?$/;
const ZONE_MINUTES = { least: -12 * 60, most: 14 * 60 } as const;

/** `8`, `-1:00`, `05:45` as an offset from UTC in µs; null where it is no zone between −12:00 and +14:00. */
export function parseTimeZone(text: string): number | null {
  const [matched, sign, hours, minutes = '0'] = ZONE.exec(text) ?? [];
  if (matched === undefined || Number(minutes) > 59) return null;
  const total = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  return total < ZONE_MINUTES.least || total > ZONE_MINUTES.most ? null : total * MINUTE_US;
}
