import { MS_PER_DAY, MS_PER_HOUR, timestampUs, US_PER_MS } from '@monsta/core';
import type { TimestampUs } from '@monsta/core';

/** When a day of the account begins: at this full hour of this place's clocks. */
export interface DayBoundary {
  /** A name of the IANA time-zone database, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  /** 0–23. */
  readonly hour: number;
}

/** Half open: the next day begins at `endUs`. 23 or 25 hours long where clocks are changed within it. */
export interface Day {
  readonly startUs: TimestampUs;
  readonly endUs: TimestampUs;
}

const clockOf = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });

/** Finds the day of a time. The zone's rules are those of the machine's ICU data, which come with Node. */
export class Days {
  readonly #hour: number;
  /** Null in UTC: its clocks are never changed, and there is nothing to ask. */
  readonly #clock: Intl.DateTimeFormat | null;
  #day: Day | null = null;

  constructor({ timeZone, hour }: DayBoundary) {
    this.#hour = hour;
    this.#clock = timeZone === 'UTC' ? null : clockOf(timeZone);
  }

  of(nowUs: TimestampUs): Day {
    const known = this.#day;
    if (known !== null && nowUs >= known.startUs && nowUs < known.endUs) return known;
    const nowMs = Math.floor(nowUs / US_PER_MS);
    if (this.#clock === null) {
      const startMs =
        Math.floor((nowMs - this.#hour * MS_PER_HOUR) / MS_PER_DAY) * MS_PER_DAY + this.#hour * MS_PER_HOUR;
      this.#day = { startUs: timestampUs(startMs * US_PER_MS), endUs: timestampUs((startMs + MS_PER_DAY) * US_PER_MS) };
      return this.#day;
    }
    const local = new Date(this.#localMs(nowMs));
    const midnightMs = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate());
    // The boundary of this date, of the one before or (where clocks are set back over it) of the next is the newest that is not after now.
    const starts = [-1, 0, 1, 2].map((days) => this.#instantMs(midnightMs + days * MS_PER_DAY));
    const startMs = Math.max(...starts.filter((ms) => ms <= nowMs));
    const endMs = Math.min(...starts.filter((ms) => ms > nowMs));
    this.#day = { startUs: timestampUs(startMs * US_PER_MS), endUs: timestampUs(endMs * US_PER_MS) };
    return this.#day;
  }

  /** When the place's clocks show the hour on the date whose midnight is given as if it were UTC. An hour that clocks skip begins where they go on; one that they show twice begins the first time. */
  #instantMs(localMidnightMs: number): number {
    const wantedMs = localMidnightMs + this.#hour * MS_PER_HOUR;
    const offsetBefore = this.#offsetMs(wantedMs - MS_PER_DAY);
    const offsetAfter = this.#offsetMs(wantedMs + MS_PER_DAY);
    const candidates = [wantedMs - offsetBefore, wantedMs - offsetAfter].filter(
      (ms) => ms + this.#offsetMs(ms) === wantedMs,
    );
    if (candidates.length > 0) return Math.min(...candidates);
    return this.#changeMs(wantedMs - offsetAfter, wantedMs - offsetBefore);
  }

  /** The first instant after `fromMs` and up to `toMs` with another offset than `fromMs` has: where clocks were put forward. */
  #changeMs(fromMs: number, toMs: number): number {
    const before = this.#offsetMs(fromMs - MS_PER_HOUR);
    let [low, high] = [fromMs - MS_PER_HOUR, toMs];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetMs(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  /** How far the place's clocks are ahead of UTC then. */
  #offsetMs(ms: number): number {
    return this.#localMs(ms) - ms;
  }

  /** What the place's clocks show then, as if it were UTC. */
  #localMs(ms: number): number {
    if (this.#clock === null) return ms;
    const parts = new Map(this.#clock.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const wholeMs = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return wholeMs + (((ms % 1_000) + 1_000) % 1_000);
  }
}
