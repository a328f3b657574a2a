import { RecentKeys } from '@monsta/core';
import type { Fill, InstrumentId } from '@monsta/core';
import { fillKey } from './reconcile.ts';

/** How many fills of an instrument are remembered to tell a late duplicate from a late new one. */
const SEEN_FILLS_MAX = 20_000;

type Identity = Pick<Fill, 'instrument' | 'fillId'>;

/** Those of one instrument. */
interface Seen {
  readonly ids: RecentKeys<string>;
  /** The highest of those that are whole numbers as numbers are written; −1: none is. */
  highest: number;
}

/** The number that an id is written as; −1 where it is none, or written in another way than numbers are. */
function numberOf(id: string): number {
  const number = Number(id);
  return number >= 0 && Number.isSafeInteger(number) && String(number) === id ? number : -1;
}

/** The fills that were seen last, by instrument: a venue numbers those of each by themselves. */
export class SeenFills {
  readonly #seen = new Map<InstrumentId, Seen>();

  /** `fillKey`s, by instrument, oldest first. */
  get keys(): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const [instrument, { ids }] of this.#seen)
      for (const id of ids.keys) keys.add(fillKey({ instrument, fillId: id as Fill['fillId'] }));
    return keys;
  }

  /** Takes `fillKey`s, oldest first. */
  restore(keys: readonly string[]): void {
    for (const key of keys) {
      const cut = key.indexOf(':');
      this.#add(key.slice(0, cut) as InstrumentId, key.slice(cut + 1));
    }
  }

  has({ instrument, fillId }: Identity): boolean {
    const seen = this.#seen.get(instrument);
    if (seen === undefined) return false;
    // Most venues count: a number above all others is new, and needs no search among twenty thousand.
    return numberOf(fillId) <= seen.highest && seen.ids.has(fillId);
  }

  add({ instrument, fillId }: Identity): void {
    this.#add(instrument, fillId);
  }

  #add(instrument: InstrumentId, id: string): void {
    let seen = this.#seen.get(instrument);
    if (seen === undefined) {
      seen = { ids: new RecentKeys(SEEN_FILLS_MAX), highest: -1 };
      this.#seen.set(instrument, seen);
    }
    seen.ids.add(id);
    seen.highest = Math.max(seen.highest, numberOf(id));
  }
}
