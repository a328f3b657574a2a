import { RecentKeys } from '@monsta/core';
import type { Fill, InstrumentId } from '@monsta/core';
import { fillKey } from './reconcile.ts';

/** How many fills of an instrument are remembered to tell a late duplicate from a late new one. */
const SEEN_FILLS_MAX = 20_000;

type Identity = Pick<Fill, 'instrument' | 'fillId'>;

/** The fills that were seen last, by instrument: a venue numbers those of each by themselves. */
export class SeenFills {
  readonly #ids = new Map<InstrumentId, RecentKeys<string>>();

  /** `fillKey`s, by instrument, oldest first. */
  get keys(): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const [instrument, ids] of this.#ids)
      for (const id of ids.keys) keys.add(fillKey({ instrument, fillId: id as Fill['fillId'] }));
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
    return this.#ids.get(instrument)?.has(fillId) === true;
  }

  add({ instrument, fillId }: Identity): void {
    this.#of(instrument).add(fillId);
  }

  #of(instrument: InstrumentId): RecentKeys<string> {
    let ids = this.#ids.get(instrument);
    if (ids === undefined) {
      ids = new RecentKeys(SEEN_FILLS_MAX);
      this.#ids.set(instrument, ids);
    }
    return ids;
  }
}
