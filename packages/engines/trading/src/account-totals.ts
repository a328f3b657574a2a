import { addAmounts, subtractAmounts, timestampUs, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, AssetId, Balance, TimestampUs } from '@monsta/core';

/** How much more the venue has than all movements that we know of make. */
export interface BalanceDifference {
  readonly asset: AssetId;
  readonly ours: Amount;
  readonly theirs: Amount;
  /** The venue's is of this time: all that moved until then is in it. */
  readonly tsUs: TimestampUs;
}

/** A difference between what the venue told and what we make of it, that a movement still to be told may explain. */
interface Unexplained {
  readonly asset: AssetId;
  readonly difference: Amount;
  /** What the venue told was so at this time: a movement from before is part of the difference, a later one is not. */
  readonly tsUs: TimestampUs;
  /** Since when, by our clock, there has been a difference. */
  readonly sinceUs: TimestampUs;
}

/** One asset: it is moved at each fill. */
interface Total {
  /** Null where none is known. */
  amount: Amount | null;
  /** The newest movement. */
  movedUs: TimestampUs;
  /** What was taken over holds all that had happened until then. */
  takenUs: TimestampUs;
}

const BEFORE_ALL = timestampUs(-1);
const NONE: readonly BalanceDifference[] = [];

/**
 * What the account holds, free and locked together: what it began with, moved by every fill and transfer. The venue's own word is compared with it, and is right where
 * the two go on differing.
 */
export class AccountTotals {
  readonly #totals = new Map<AssetId, Total>();
  readonly #unexplained = new Map<AssetId, Unexplained>();

  /** Those of which anything was ever held. */
  get assets(): readonly AssetId[] {
    return this.#held.map(([asset]) => asset);
  }

  of(asset: AssetId): Amount | null {
    return this.#totals.get(asset)?.amount ?? null;
  }

  set(balances: readonly Balance[], tsUs: TimestampUs = BEFORE_ALL): void {
    for (const total of this.#totals.values()) total.amount = null;
    for (const { asset, free, locked } of balances) {
      const total = this.#of(asset);
      total.amount = addAmounts(free, locked);
      total.takenUs = tsUs;
    }
    this.#unexplained.clear();
  }

  /** Moves a total by what happened at a time; false where what was taken over from the venue held it already. */
  move(asset: AssetId, by: Amount, tsUs: TimestampUs): boolean {
    const total = this.#of(asset);
    if (tsUs <= total.takenUs) return false;
    total.amount = addAmounts(total.amount ?? ZERO_AMOUNT, by);
    if (tsUs > total.movedUs) total.movedUs = tsUs;
    if (this.#unexplained.size === 0) return true;
    const before = this.#unexplained.get(asset);
    if (before !== undefined && tsUs <= before.tsUs)
      this.#note({ ...before, difference: subtractAmounts(before.difference, by) });
    return true;
  }

  /** Compares with what the venue told of some assets as of a time. What is older than the newest movement can't be compared. True where all could be, and are the same. */
  compare(balances: readonly Balance[], tsUs: TimestampUs, nowUs: TimestampUs): boolean {
    let agrees = true;
    for (const { asset, free, locked } of balances) {
      const before = this.#unexplained.get(asset);
      if (tsUs < (this.#totals.get(asset)?.movedUs ?? BEFORE_ALL) || tsUs < (before?.tsUs ?? BEFORE_ALL)) {
        agrees = false;
        continue;
      }
      const difference = subtractAmounts(addAmounts(free, locked), this.of(asset) ?? ZERO_AMOUNT);
      this.#note({ asset, difference, tsUs, sinceUs: before?.sinceUs ?? nowUs });
      if (difference !== 0n) agrees = false;
    }
    return agrees;
  }

  /** The same with all assets: one that is not named is empty. */
  compareAll(balances: readonly Balance[], tsUs: TimestampUs, nowUs: TimestampUs): boolean {
    const named = new Set(balances.map(({ asset }) => asset));
    const gone = this.assets.filter((asset) => !named.has(asset));
    const empty = gone.map((asset) => ({ asset, free: ZERO_AMOUNT, locked: ZERO_AMOUNT }));
    return this.compare([...balances, ...empty], tsUs, nowUs);
  }

  /** Takes over what the venue told where nothing has explained the difference since `beganUs` or before; by asset. */
  takeOver(beganUs: number): readonly BalanceDifference[] {
    // Asked after every input: mostly there is nothing.
    if (this.#unexplained.size === 0) return NONE;
    const due = [...this.#unexplained.values()].filter(({ sinceUs }) => sinceUs <= beganUs);
    return due
      .sort((left, right) => (left.asset < right.asset ? -1 : 1))
      .map(({ asset, difference, tsUs }) => {
        const ours = this.of(asset) ?? ZERO_AMOUNT;
        const theirs = addAmounts(ours, difference);
        const total = this.#of(asset);
        total.amount = theirs;
        total.takenUs = tsUs;
        this.#unexplained.delete(asset);
        return { asset, ours, theirs, tsUs };
      });
  }

  /** True while nothing that the venue told differs from what we have. */
  get agrees(): boolean {
    return this.#unexplained.size === 0;
  }

  get state() {
    const all = [...this.#totals];
    const moments = (of: (total: Total) => TimestampUs): (readonly [AssetId, TimestampUs])[] =>
      all.map(([asset, total]) => [asset, of(total)] as const).filter(([, us]) => us > BEFORE_ALL);
    return {
      totals: this.#held,
      movedUs: moments(({ movedUs }) => movedUs),
      unexplained: [...this.#unexplained.values()],
      takenUs: moments(({ takenUs }) => takenUs),
    };
  }

  restore({ totals, movedUs, unexplained, takenUs }: AccountTotals['state']): void {
    this.#totals.clear();
    for (const [asset, amount] of totals) this.#of(asset).amount = amount;
    for (const [asset, tsUs] of movedUs) this.#of(asset).movedUs = tsUs;
    for (const each of unexplained) this.#unexplained.set(each.asset, each);
    for (const [asset, tsUs] of takenUs) this.#of(asset).takenUs = tsUs;
  }

  get #held(): readonly (readonly [AssetId, Amount])[] {
    return [...this.#totals].flatMap(([asset, { amount }]) => (amount === null ? [] : [[asset, amount] as const]));
  }

  #of(asset: AssetId): Total {
    let total = this.#totals.get(asset);
    if (total === undefined) {
      total = { amount: null, movedUs: BEFORE_ALL, takenUs: BEFORE_ALL };
      this.#totals.set(asset, total);
    }
    return total;
  }

  #note(found: Unexplained): void {
    if (found.difference === 0n) this.#unexplained.delete(found.asset);
    else this.#unexplained.set(found.asset, found);
  }
}
