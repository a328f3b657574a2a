import { timestampUs, type Bar, type TimestampUs } from '@monsta/core';

/** Closed bars of one instrument and interval by open time, each once; the oldest go beyond the capacity. */
export class BarSeries {
  readonly capacity: number;
  #bars: Bar[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#bars.length;
  }

  has(openTimeUs: TimestampUs): boolean {
    return this.#bars[this.#indexFrom(openTimeUs)]?.openTimeUs === openTimeUs;
  }

  /** The bar right before that open time, or null. */
  before(openTimeUs: TimestampUs): Bar | null {
    return this.#bars[this.#indexFrom(openTimeUs) - 1] ?? null;
  }

  /**
   * The spans between two times, multiples of `stepUs`, of which no bar is there, the oldest first: at most `max`, the last of which may hold bars too.
   */
  missing(
    fromUs: TimestampUs,
    toUs: TimestampUs,
    stepUs: number,
    max: number,
  ): readonly { readonly fromUs: TimestampUs; readonly toUs: TimestampUs }[] {
    const spans: { fromUs: TimestampUs; toUs: TimestampUs }[] = [];
    const add = (from: number, to: TimestampUs): void => {
      const last = spans.at(-1);
      if (last !== undefined && spans.length === max) last.toUs = to;
      else spans.push({ fromUs: timestampUs(from), toUs: to });
    };
    let next: number = fromUs;
    for (let at = this.#indexFrom(fromUs); at < this.#bars.length; at += 1) {
      const open = this.#bars[at]?.openTimeUs;
      if (open === undefined || open >= toUs) break;
      if (open > next) add(next, open);
      next = open + stepUs;
    }
    if (next < toUs) add(next, toUs);
    return spans;
  }

  /** Puts a bar in its place, in stead of one with the same open time. */
  put(bar: Bar): void {
    const at = this.#indexFrom(bar.openTimeUs);
    if (this.#bars[at]?.openTimeUs === bar.openTimeUs) this.#bars[at] = bar;
    else if (at === this.#bars.length) this.#bars.push(bar);
    else this.#bars.splice(at, 0, bar);
    this.#trim();
  }

  /** Adds those of `bars` (oldest first) whose open times are not there yet; returns them. */
  addMissing(bars: readonly Bar[]): readonly Bar[] {
    const added = bars.filter((bar) => !this.has(bar.openTimeUs));
    if (added.length === 0) return added;
    const merged = [...this.#bars, ...added];
    merged.sort((left, right) => left.openTimeUs - right.openTimeUs);
    this.#bars = merged;
    this.#trim();
    return added;
  }

  /** Puts what `convert` makes of each bar in its place, and lets go of those that it makes nothing of; returns how many. */
  convert(convert: (bar: Bar) => Bar | null): number {
    const before = this.#bars.length;
    this.#bars = this.#bars.flatMap((bar) => convert(bar) ?? []);
    return before - this.#bars.length;
  }

  /** When the newest bar opened, of those before a time, that does not say its turnover; null where there is none. */
  newestWithoutTurnover(beforeUs: number): TimestampUs | null {
    for (let at = this.#indexFrom(beforeUs) - 1; at >= 0; at -= 1) {
      const bar = this.#bars[at];
      if (bar !== undefined && bar.quoteVolume === null) return bar.openTimeUs;
    }
    return null;
  }

  /** The newest `limit` bars that opened before `beforeUs` (null: no bound), oldest first. */
  newest(limit: number, beforeUs: TimestampUs | null): readonly Bar[] {
    const end = beforeUs === null ? this.#bars.length : this.#indexFrom(beforeUs);
    return this.#bars.slice(Math.max(0, end - limit), end);
  }

  /** Index of the first bar that opens at or after the time. */
  #indexFrom(openTimeUs: number): number {
    const last = this.#bars.at(-1);
    if (last === undefined || last.openTimeUs < openTimeUs) return this.#bars.length;
    let low = 0;
    let high = this.#bars.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#bars[middle]?.openTimeUs ?? 0) < openTimeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    // In blocks, so that a full series doesn't move with every bar.
    if (this.#bars.length > this.capacity + 64) this.#bars = this.#bars.slice(-this.capacity);
  }
}
