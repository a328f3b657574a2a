import {
  floorToInterval,
  INTERVALS,
  intervalUs,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  msFromUs,
  opensInterval,
  timestampUs,
  US_PER_MS,
  type Interval,
  type TimestampUs,
} from '@monsta/core';

/** The sixteen intervals that Binance has klines of, as it writes them: `1m` is a minute, `1M` a calendar month. */
export const KLINE_INTERVALS = ['1s', ...INTERVALS, '1M'] as const;
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

const SECOND_US = 1_000 * US_PER_MS;
const MINUTE_US = MS_PER_MINUTE * US_PER_MS;
const HOUR_US = MS_PER_HOUR * US_PER_MS;
const DAY_US = MS_PER_DAY * US_PER_MS;

const spanUs = (interval: Exclude<KlineInterval, '1M'>): number =>
  interval === '1s' ? SECOND_US : intervalUs(interval);

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
 * intervals open in that zone's time where core has them open in UTC, months on the first.
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
    const { interval } = this;
    if (interval === '1M') return timestampUs(monthStart(localUs, 0) - this.offsetUs);
    const openUs =
      interval === '1s' ? Math.floor(localUs / SECOND_US) * SECOND_US : floorToInterval(timestampUs(localUs), interval);
    return timestampUs(openUs - this.offsetUs);
  }

  /** The first opening at or after `us`. */
  ceil(us: number): TimestampUs {
    const floor = this.floor(us);
    return floor === us ? floor : this.next(floor);
  }

  /** The opening after the one at `openUs`. */
  next(openUs: TimestampUs): TimestampUs {
    if (this.interval === '1M') return timestampUs(monthStart(openUs + this.offsetUs, 1) - this.offsetUs);
    return timestampUs(openUs + spanUs(this.interval));
  }

  /** The widest interval that MONSTA builds itself and of which whole bars make each of these klines; null for seconds. */
  base(): Interval | null {
    // Months begin with a day.
    const [span, openUs] =
      this.interval === '1M' ? [DAY_US, timestampUs(-this.offsetUs)] : [spanUs(this.interval), this.floor(0)];
    const fitting = INTERVALS.filter(
      (interval) => span % intervalUs(interval) === 0 && opensInterval(msFromUs(openUs), interval),
    );
    return fitting.at(-1) ?? null;
  }

  /** The longest that one kline can be. */
  spanMost(): number {
    return this.interval === '1M' ? 31 * DAY_US : spanUs(this.interval);
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
