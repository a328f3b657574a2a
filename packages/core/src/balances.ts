import type { AssetId } from './ids.ts';
import { ZERO_AMOUNT, type Amount } from './money.ts';
import type { Balance } from './orders.ts';
import { err, ok, type Result } from './result.ts';

interface Entry {
  free: bigint;
  locked: bigint;
}

/** The free and locked amounts of an account, exact; no operation can make either negative. */
export class Balances {
  readonly #entries = new Map<AssetId, Entry>();

  static from(list: Iterable<Balance>): Balances {
    const balances = new Balances();
    for (const { asset, free, locked } of list) balances.#entries.set(asset, { free, locked });
    return balances;
  }

  #entry(asset: AssetId): Entry {
    let entry = this.#entries.get(asset);
    if (entry === undefined) {
      entry = { free: 0n, locked: 0n };
      this.#entries.set(asset, entry);
    }
    return entry;
  }

  free(asset: AssetId): Amount {
    return (this.#entries.get(asset)?.free ?? ZERO_AMOUNT) as Amount;
  }

  locked(asset: AssetId): Amount {
    return (this.#entries.get(asset)?.locked ?? ZERO_AMOUNT) as Amount;
  }

  total(asset: AssetId): Amount {
    return (this.free(asset) + this.locked(asset)) as Amount;
  }

  /** Adds to the free amount. `value` ≥ 0. */
  credit(asset: AssetId, value: Amount): void {
    if (value < 0n) throw new RangeError('credit: the amount must not be negative');
    this.#entry(asset).free += value;
  }

  /** Takes from the free amount. Fault `insufficient_balance`; nothing changes then. */
  debit(asset: AssetId, value: Amount): Result<null> {
    if (value < 0n) throw new RangeError('debit: the amount must not be negative');
    const entry = this.#entry(asset);
    if (entry.free < value) return err('insufficient_balance', `free ${asset} does not cover the amount asked for`);
    entry.free -= value;
    return ok(null);
  }

  /** Moves from free to locked. Fault `insufficient_balance`; nothing changes then. */
  lock(asset: AssetId, value: Amount): Result<null> {
    const taken = this.debit(asset, value);
    if (!taken.ok) return taken;
    this.#entry(asset).locked += value;
    return ok(null);
  }

  /** Moves from locked back to free; unlocking more than is locked is a broken invariant. */
  unlock(asset: AssetId, value: Amount): void {
    this.spendLocked(asset, value);
    this.#entry(asset).free += value;
  }

  /** Takes from the locked amount; taking more than is locked is a broken invariant. */
  spendLocked(asset: AssetId, value: Amount): void {
    const entry = this.#entry(asset);
    if (value < 0n || entry.locked < value) throw new RangeError(`locked ${asset} would become negative`);
    entry.locked -= value;
  }

  /** Assets in alphabetical order. */
  list(): Balance[] {
    return [...this.#entries]
      .map(([asset, entry]) => ({ asset, free: entry.free as Amount, locked: entry.locked as Amount }))
      .sort((left, right) => (left.asset < right.asset ? -1 : left.asset > right.asset ? 1 : 0));
  }
}
