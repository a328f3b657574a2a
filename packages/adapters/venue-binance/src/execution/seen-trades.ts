import type { InstrumentId } from '@monsta/core';

/** Trades that are remembered of one symbol beyond those that are settled; the oldest are forgotten, and would be told again. */
const REMEMBERED_MAX = 50_000;

/** The trades of the account that were heard of on one symbol. */
interface Seen {
  /** The newest of before the beginning. */
  readonly beginId: number;
  /** Every trade up to this one has been dealt with. */
  settledId: number;
  /** Those after it of orders that are not ours. */
  readonly ids: Set<number>;
}

/** Which trades of the account were heard of, so that questions begin where something may be missing. */
export class SeenTrades {
  readonly #symbols = new Map<InstrumentId, Seen>();

  /** Trades up to this one belong to the past. */
  begin(symbol: InstrumentId, newestId: number): void {
    const ids = new Set([...(this.#symbols.get(symbol)?.ids ?? [])].filter((id) => id > newestId));
    this.#symbols.set(symbol, { beginId: newestId, settledId: newestId, ids });
  }

  /** Trades up to this one have been dealt with. */
  settle(symbol: InstrumentId, id: number): void {
    const seen = this.#of(symbol);
    seen.settledId = Math.max(seen.settledId, id);
    for (const each of seen.ids) if (each <= seen.settledId) seen.ids.delete(each);
  }

  /** The first one that may be missing. */
  nextId(symbol: InstrumentId): number {
    return this.#of(symbol).settledId + 1;
  }

  /** True for a trade since the beginning. */
  isNew(symbol: InstrumentId, id: number): boolean {
    return id > this.#of(symbol).beginId;
  }

  has(symbol: InstrumentId, id: number): boolean {
    const { settledId, ids } = this.#of(symbol);
    return id <= settledId || ids.has(id);
  }

  /** False where it was heard of before. */
  add(symbol: InstrumentId, id: number): boolean {
    if (this.has(symbol, id)) return false;
    const { ids } = this.#of(symbol);
    ids.add(id);
    for (const oldest of ids) {
      if (ids.size <= REMEMBERED_MAX) break;
      ids.delete(oldest);
    }
    return true;
  }

  #of(symbol: InstrumentId): Seen {
    const known = this.#symbols.get(symbol);
    if (known !== undefined) return known;
    const seen = { beginId: -1, settledId: -1, ids: new Set<number>() };
    this.#symbols.set(symbol, seen);
    return seen;
  }
}
