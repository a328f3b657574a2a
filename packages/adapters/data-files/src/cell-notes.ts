import type { TimeUnit } from './time-cell.ts';

/** How often something was seen, and in which line first. */
export interface Seen {
  readonly count: number;
  readonly line: number;
}

class Tally<K> {
  readonly #seen = new Map<K, { count: number; line: number }>();
  /** Most rows are as the one before them. */
  #latest: { readonly key: K; readonly seen: { count: number } } | null = null;

  add(key: K, line: number): void {
    if (this.#latest?.key === key) {
      this.#latest.seen.count += 1;
      return;
    }
    const seen = this.#seen.get(key) ?? { count: 0, line };
    seen.count += 1;
    this.#seen.set(key, seen);
    this.#latest = { key, seen };
  }

  entries(): readonly (readonly [K, Seen])[] {
    return [...this.#seen];
  }
}

/** What is remembered of how the cells of a file are written, for a person who wants to know how it was understood. */
export class CellNotes {
  readonly times = new Tally<TimeUnit>();
  /** Offsets from UTC behind times of day; '' where none stands there. */
  readonly zones = new Tally<string>();
  /** Digits behind the point of prices, without zeros at the end. */
  readonly scales = new Tally<number>();
  /** Numbers that were rounded: prices to the tick, volumes to 10^-8. */
  readonly rounded = new Tally<'price' | 'volume'>();
}
