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

const BEFORE_ALL = timestampUs(-1);
const NONE: readonly BalanceDifference[] = [];

/**
 * What the account holds, free and locked together: what it began with, moved by every fill and transfer. The venue's own word is compared with it, and is right where
 * the two go on differing.
 */
export class AccountTotals {
  #totals = new Map<AssetId, Amount>();
  readonly #movedUs = new Map<AssetId, TimestampUs>();
  readonly #unexplained = new Map<AssetId, Unexplained>();
  /** Totals that were taken over hold all that had happened until then. */
  readonly #takenUs = new Map<AssetId, TimestampUs>();

  get all(): ReadonlyMap<AssetId, Amount> {
    return this.#totals;
  }

  of(asset: AssetId): Amount | null {
    return this.#totals.get(asset) ?? null;
  }

  set(balances: readonly Balance[], tsUs: TimestampUs = BEFORE_ALL): void {
    this.#totals = new Map(balances.map(({ asset, free, locked }) => [asset, addAmounts(free, locked)]));
    this.#unexplained.clear();
    for (const { asset } of balances) this.#takenUs.set(asset, tsUs);
  }

  /** Moves a total by what happened at a time; false where what was taken over from the venue held it already. */
  move(asset: AssetId, by: Amount, tsUs: TimestampUs): boolean {
    if (tsUs <= (this.#takenUs.get(asset) ?? BEFORE_ALL)) return false;
    this.#totals.set(asset, addAmounts(this.of(asset) ?? ZERO_AMOUNT, by));
    if (tsUs > (this.#movedUs.get(asset) ?? BEFORE_ALL)) this.#movedUs.set(asset, tsUs);
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
      if (tsUs < (this.#movedUs.get(asset) ?? BEFORE_ALL) || tsUs < (before?.tsUs ?? BEFORE_ALL)) {
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
    const gone = [...this.#totals.keys()].filter((asset) => !named.has(asset));
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
        this.#totals.set(asset, theirs);
        this.#takenUs.set(asset, tsUs);
        this.#unexplained.delete(asset);
        return { asset, ours, theirs, tsUs };
      });
  }

  /** True while nothing that the venue told differs from what we have. */
  get agrees(): boolean {
    return this.#unexplained.size === 0;
  }

  get state() {
    return {
      totals: [...this.#totals],
      movedUs: [...this.#movedUs],
      unexplained: [...this.#unexplained.values()],
      takenUs: [...this.#takenUs],
    };
  }

  restore({ totals, movedUs, unexplained, takenUs }: AccountTotals['state']): void {
    this.#totals = new Map(totals);
    for (const [asset, tsUs] of movedUs) this.#movedUs.set(asset, tsUs);
    for (const each of unexplained) this.#unexplained.set(each.asset, each);
    for (const [asset, tsUs] of takenUs) this.#takenUs.set(asset, tsUs);
  }

  #note(found: Unexplained): void {
    if (found.difference === 0n) this.#unexplained.delete(found.asset);
    else this.#unexplained.set(found.asset, found);
  }
}
