import {
  err,
  intervalMs,
  INTERVALS,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  ok,
  type Interval,
  type Result,
} from '@monsta/core';

/** Distances of which the first line is remembered: a file that has more is irregular anyhow. */
const DISTANCES_MAX = 1_000;
/** Of all distances, so many must be one interval before a smaller one that occurs is taken for the file's: trades of an illiquid market leave most minutes out. */
const SPARSE_SHARE = 0.1;

/** Fewer distances say nothing against the interval that is asked for: they may all be gaps. */
const TELLING_MIN = 20;

const UNITS = [
  [MS_PER_DAY, 'd'],
  [MS_PER_HOUR, 'h'],
  [MS_PER_MINUTE, 'min'],
  [1_000, 's'],
] as const;

/** A distance in the largest unit that it is a whole number of. */
function spanText(ms: number): string {
  const [size, unit] = UNITS.find(([each]) => ms % each === 0) ?? [1, 'ms'];
  return `${ms / size} ${unit}`;
}

const gcd = (left: number, right: number): number => (right === 0 ? left : gcd(right, left % right));

/** How far apart the bars of a file lie, told row by row. */
export class Spacing {
  readonly #seen = new Map<number, { count: number; readonly line: number }>();
  #latest = { distance: -1, count: 0 };
  #gcd = 0;
  #count = 0;

  add(distanceMs: number, line: number): void {
    this.#count += 1;
    if (distanceMs === this.#latest.distance) {
      this.#latest.count += 1;
      return;
    }
    this.#flush();
    this.#latest = { distance: distanceMs, count: 1 };
    if (!this.#seen.has(distanceMs)) {
      this.#gcd = gcd(distanceMs, this.#gcd);
      if (this.#seen.size < DISTANCES_MAX) this.#seen.set(distanceMs, { count: 0, line });
    }
  }

  #flush(): void {
    const seen = this.#seen.get(this.#latest.distance);
    if (seen !== undefined) seen.count += this.#latest.count;
    this.#latest.count = 0;
  }

  /**
   * The interval of the bars: that which most lie apart, all others being multiples of it. Faults: `interval` (none that is known; mixed, with the line; not the one
   * that is `wanted`).
   */
  interval(wanted: Interval | null): Result<Interval> {
    if (this.#count === 0) return alone(wanted);
    const { found, common } = this.#guess();
    if (wanted !== null && this.#gcd % intervalMs(wanted) === 0) {
      return found === undefined || found === wanted || this.#count < TELLING_MIN || this.#gcd === intervalMs(wanted)
        ? ok(wanted)
        : err('interval', `the bars are of ${found}, not of ${wanted}`);
    }
    const expected = wanted ?? found;
    if (expected === undefined) return unknown(common);
    return this.#gcd % intervalMs(expected) === 0 ? ok(expected) : this.#mixed(expected);
  }

  /** The interval of most bars, whatever others there are. Faults: `interval` (none that is known; not the one that is `wanted`). */
  likely(wanted: Interval | null): Result<Interval> {
    if (this.#count === 0) return alone(wanted);
    const { found, common } = this.#guess();
    if (wanted !== null && found !== wanted) return this.interval(wanted);
    return found === undefined ? unknown(common) : ok(found);
  }

  #guess(): { readonly found: Interval | undefined; readonly common: number } {
    this.#flush();
    const common = [...this.#seen].toSorted((left, right) => right[1].count - left[1].count)[0]?.[0] ?? 0;
    const finest = intervalOf(this.#gcd);
    const share = (this.#seen.get(this.#gcd)?.count ?? 0) / this.#count;
    return { found: finest !== undefined && share >= SPARSE_SHARE ? finest : intervalOf(common), common };
  }

  #mixed(expected: Interval): Result<never> {
    for (const [distance, { line }] of this.#seen) {
      if (distance % intervalMs(expected) !== 0)
        return err(
          'interval',
          `the bar lies ${spanText(distance)} behind the one before it, which is no multiple of ${expected}: bars of several intervals are mixed, or the file is none of ${expected}`,
          { details: { line } },
        );
    }
    return err('interval', `the bars do not lie whole multiples of ${expected} apart`);
  }
}

const intervalOf = (distanceMs: number): Interval | undefined =>
  INTERVALS.find((interval) => intervalMs(interval) === distanceMs);

const alone = (wanted: Interval | null): Result<Interval> =>
  wanted === null ? err('interval', 'one bar alone has no interval; say which it is') : ok(wanted);

/** A month has 28 days at least, a year of them 366 at most. */
const MONTH_MS = { least: 28 * MS_PER_DAY, most: 366 * MS_PER_DAY } as const;

function unknown(commonMs: number): Result<never> {
  const months =
    commonMs >= MONTH_MS.least && commonMs <= MONTH_MS.most
      ? '; months, quarters and years differ in length, and bars of them are not read: give those of weeks or days'
      : '';
  return err('interval', `the bars lie ${spanText(commonMs)} apart, which is none of ${INTERVALS.join(', ')}${months}`);
}
