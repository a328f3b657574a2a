import type { Bar, TimestampUs } from '@monsta/core';

/** Closed bars of one instrument and interval, by open time, the oldest forgotten beyond the capacity. */
export class BarStore {
  readonly capacity: number;
  #bars: Bar[] = [];

  constructor(capacity: number) {
    this.capacity = Math.max(1, capacity);
  }

  get size(): number {
    return this.#bars.length;
  }

  get newest(): Bar | null {
    return this.#bars.at(-1) ?? null;
  }

  get oldest(): Bar | null {
    return this.#bars[0] ?? null;
  }

  /** Position of the first bar that opened at `us` or later. */
  #position(us: number): number {
    let low = 0;
    let high = this.#bars.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const bar = this.#bars[middle];
      if (bar !== undefined && bar.openTimeUs < us) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(openTimeUs: TimestampUs): boolean {
    return this.#bars[this.#position(openTimeUs)]?.openTimeUs === openTimeUs;
  }

  /** False when the bar is there already: what was given out first stays. */
  put(bar: Bar): boolean {
    const newest = this.newest;
    if (newest === null || bar.openTimeUs > newest.openTimeUs) {
      this.#bars.push(bar);
    } else {
      const at = this.#position(bar.openTimeUs);
      if (this.#bars[at]?.openTimeUs === bar.openTimeUs) return false;
      this.#bars.splice(at, 0, bar);
    }
    // Trimmed in strides, so that a long series does not move its whole array at each bar.
    if (this.#bars.length > this.capacity + Math.max(64, this.capacity >>> 3))
      this.#bars = this.#bars.slice(-this.capacity);
    return true;
  }

  /** Puts many at once, in any order; returns those that were new, oldest first. Older than what fits are not kept. */
  merge(bars: readonly Bar[]): readonly Bar[] {
    const known = new Set(this.#bars.map((bar) => bar.openTimeUs));
    const added: Bar[] = [];
    for (const bar of bars) {
      if (known.has(bar.openTimeUs)) continue;
      known.add(bar.openTimeUs);
      added.push(bar);
    }
    if (added.length === 0) return added;
    const byTime = (left: Bar, right: Bar): number => left.openTimeUs - right.openTimeUs;
    added.sort(byTime);
    this.#bars = [...this.#bars, ...added].sort(byTime).slice(-this.capacity);
    return added;
  }

  /** The newest `limit` bars that opened before `beforeUs` (null: all), oldest first. */
  query(limit: number, beforeUs: TimestampUs | null): readonly Bar[] {
    const end = beforeUs === null ? this.#bars.length : this.#position(beforeUs);
    return this.#bars.slice(Math.max(0, end - limit), end);
  }
}
