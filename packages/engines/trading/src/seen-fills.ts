import { numberOfId, RecentKeys } from '@monsta/core';
import type { Fill, InstrumentId } from '@monsta/core';
import { fillKey } from './reconcile.ts';

/** How many fills of an instrument are remembered to tell a late duplicate from a late new one. */
const SEEN_FILLS_MAX = 20_000;

type Identity = Pick<Fill, 'instrument' | 'fillId'>;

/** Those of one instrument. Most venues count: ids that have come as rising numbers are kept as such, in a ring, and everything else as text. */
class SeenIds {
  /** The oldest at `#oldest` once it is full. */
  readonly #numbers: number[] = [];
  #oldest = 0;
  #highest = -1;
  /** Null while all are rising numbers. */
  #texts: RecentKeys<string> | null = null;

  has(id: string): boolean {
    if (this.#texts !== null) return this.#texts.has(id);
    const number = numberOfId(id);
    return number >= 0 && number <= this.#highest && this.#find(number);
  }

  add(id: string): void {
    const number = this.#texts === null ? numberOfId(id) : -1;
    if (number > this.#highest) this.#push(number);
    else if (!this.has(id)) this.#asTexts().add(id);
  }

  /** Oldest first. */
  *ids(): Iterable<string> {
    if (this.#texts !== null) yield* this.#texts.keys;
    else for (let place = 0; place < this.#numbers.length; place += 1) yield String(this.#at(place));
  }

  #at(place: number): number {
    const { length } = this.#numbers;
    return this.#numbers[(this.#oldest + place) % length] ?? -1;
  }

  #push(number: number): void {
    this.#highest = number;
    if (this.#numbers.length < SEEN_FILLS_MAX) {
      this.#numbers.push(number);
      return;
    }
    this.#numbers[this.#oldest] = number;
    this.#oldest = (this.#oldest + 1) % SEEN_FILLS_MAX;
  }

  #find(number: number): boolean {
    let [low, high] = [0, this.#numbers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle) < number) low = middle + 1;
      else high = middle;
    }
    return low < this.#numbers.length && this.#at(low) === number;
  }

  #asTexts(): RecentKeys<string> {
    if (this.#texts !== null) return this.#texts;
    const texts = new RecentKeys<string>(SEEN_FILLS_MAX);
    for (const id of this.ids()) texts.add(id);
    this.#texts = texts;
    return texts;
  }
}

/** The fills that were seen last, by instrument: a venue numbers those of each by themselves. */
export class SeenFills {
  readonly #seen = new Map<InstrumentId, SeenIds>();
  /** Those of the instrument that was asked of last: mostly it is asked of again. */
  #last: { readonly instrument: InstrumentId; readonly seen: SeenIds } | null = null;

  /** `fillKey`s, by instrument, oldest first. */
  get keys(): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const [instrument, seen] of this.#seen)
      for (const id of seen.ids()) keys.add(fillKey({ instrument, fillId: id as Fill['fillId'] }));
    return keys;
  }

  /** Takes `fillKey`s, oldest first. */
  restore(keys: readonly string[]): void {
    for (const key of keys) {
      const cut = key.indexOf(':');
      this.#of(key.slice(0, cut) as InstrumentId).add(key.slice(cut + 1));
    }
  }

  has({ instrument, fillId }: Identity): boolean {
    if (this.#last !== null && this.#last.instrument === instrument) return this.#last.seen.has(fillId);
    return this.#seen.get(instrument)?.has(fillId) ?? false;
  }

  add({ instrument, fillId }: Identity): void {
    this.#of(instrument).add(fillId);
  }

  #of(instrument: InstrumentId): SeenIds {
    if (this.#last !== null && this.#last.instrument === instrument) return this.#last.seen;
    let seen = this.#seen.get(instrument);
    if (seen === undefined) {
      seen = new SeenIds();
      this.#seen.set(instrument, seen);
    }
    this.#last = { instrument, seen };
    return seen;
  }
}
