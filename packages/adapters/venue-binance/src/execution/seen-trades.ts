import type { InstrumentId } from '@monsta/core';

/** The trades of the account that were heard of on one symbol, as far as they are not settled. */
interface Seen {
  /** Every trade up to this one has been dealt with. */
  settledId: number;
  readonly ids: Set<number>;
}

/** Which trades of the account were heard of, so that a question can begin where nothing is missing. */
export class SeenTrades {
  readonly #symbols = new Map<InstrumentId, Seen>();

  /** Trades up to this one belong to the past. */
  settle(symbol: InstrumentId, id: number): void {
    const seen = this.#of(symbol);
    seen.settledId = Math.max(seen.settledId, id);
    for (const each of seen.ids) if (each <= seen.settledId) seen.ids.delete(each);
  }

  /** The first one that may be missing; null for a symbol of which nothing is known. */
  nextId(symbol: InstrumentId): number | null {
    const seen = this.#symbols.get(symbol);
    return seen === undefined ? null : seen.settledId + 1;
  }

  /** False where it was heard of before. */
  add(symbol: InstrumentId, id: number): boolean {
    const seen = this.#of(symbol);
    if (id <= seen.settledId || seen.ids.has(id)) return false;
    seen.ids.add(id);
    return true;
  }

  #of(symbol: InstrumentId): Seen {
    const known = this.#symbols.get(symbol);
    if (known !== undefined) return known;
    const seen = { settledId: -1, ids: new Set<number>() };
    this.#symbols.set(symbol, seen);
    return seen;
  }
}
