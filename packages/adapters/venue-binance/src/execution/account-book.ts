import {
  addAmounts,
  amount,
  assetId,
  baseAmount,
  negateAmount,
  notional,
  parseAmount,
  subtractAmounts,
  usFromMs,
  ZERO_AMOUNT,
  type Amount,
  type AssetId,
  type Balance,
  type ForeignFill,
  type TimestampUs,
} from '@monsta/core';
import { readArray, readObject, readText, readTimeMs, take, type JsonObject } from '../json-reader.ts';
import type { AccountView } from './account-replies.ts';
import type { RulesOf } from './order-reports.ts';

/** An `outboundAccountPosition`. Throws `Malformed`. */
export function readPosition(event: JsonObject): AccountView {
  return {
    changedUs: usFromMs(readTimeMs(event['u'], 'u')),
    balances: readArray(event['B'], 'B').map((each) => {
      const row = readObject(each, 'balance');
      return {
        asset: assetId(readText(row['a'], 'a')),
        free: take(parseAmount(readText(row['f'], 'f')), 'f'),
        locked: take(parseAmount(readText(row['l'], 'l')), 'l'),
      };
    }),
  };
}

interface Held {
  readonly balance: Balance;
  readonly changedUs: TimestampUs;
}

type Move =
  | { readonly kind: 'fill'; readonly fill: ForeignFill }
  | { readonly kind: 'transfer'; readonly asset: AssetId; readonly change: Amount; readonly tsUs: TimestampUs };

const NOTHING_AT_US = -1 as TimestampUs;
const emptyOf = (asset: AssetId): Balance => ({ asset, free: ZERO_AMOUNT, locked: ZERO_AMOUNT });
const isSame = (one: Balance, other: Balance): boolean => one.free === other.free && one.locked === other.locked;

/**
 * What the account holds, as last told, and what it must hold after all the fills and transfers that were told since the beginning: where the two differ, something was
 * missed.
 */
export class AccountBook {
  readonly #rulesOf: RulesOf;
  readonly #held = new Map<AssetId, Held>();
  readonly #due = new Map<AssetId, Amount>();
  /** What moved while the account was read for the beginning: it may be in what it had then, or not. Null at all other times. */
  #early: Move[] | null = null;
  #moves = 0;

  constructor(rulesOf: RulesOf) {
    this.#rulesOf = rulesOf;
  }

  /** Counts fills and transfers: while it stands still, no money was moved that is known of. */
  get moves(): number {
    return this.#moves;
  }

  /** The account is going to be read for the beginning: all that was told until now is in what it has. */
  begin(): void {
    this.#early = [];
  }

  /** What the account has at the beginning; what moved since, while that was on its way to us, comes on top. `isNew`: true for a trade that was not in it yet. */
  open(view: AccountView, isNew: (fill: ForeignFill) => boolean): void {
    const early = this.#early ?? [];
    this.#early = null;
    this.take(view);
    this.#due.clear();
    for (const { asset, free, locked } of view.balances) this.#due.set(asset, addAmounts(free, locked));
    for (const move of early) {
      if (move.kind === 'fill') {
        if (isNew(move.fill)) this.filled(move.fill);
      } else if (move.tsUs > view.changedUs) this.transferred(move.asset, move.change, move.tsUs);
    }
  }

  /** Balances of some assets as they stand since a time. Answers those that have changed; what is older than what is known changes nothing. */
  take(view: AccountView): readonly Balance[] {
    return view.balances.filter((balance) => this.#put(balance, view.changedUs));
  }

  /** The same of all assets: one that is not named is empty. */
  takeAll(view: AccountView): readonly Balance[] {
    const named = new Set(view.balances.map(({ asset }) => asset));
    const gone = [...this.#held.keys()].filter((asset) => !named.has(asset)).map(emptyOf);
    return this.take({ ...view, balances: [...view.balances, ...gone] });
  }

  /** True where this view of all assets says something else than what was told, and is not older. */
  contradicts(view: AccountView): boolean {
    const named = new Map(view.balances.map((balance) => [balance.asset, balance]));
    const differs = ({ balance, changedUs }: Held): boolean =>
      changedUs <= view.changedUs && !isSame(balance, named.get(balance.asset) ?? emptyOf(balance.asset));
    return (
      [...this.#held.values()].some(differs) ||
      view.balances.some((balance) => !this.#held.has(balance.asset) && !isSame(balance, emptyOf(balance.asset)))
    );
  }

  filled(fill: ForeignFill): void {
    this.#early?.push({ kind: 'fill', fill });
    const { side, price, quantity, fee, feeAsset, instrument } = fill;
    const rules = this.#rulesOf(instrument, fill);
    if (rules === null) return;
    const coins = baseAmount(quantity, rules);
    const money = notional(price, quantity, rules);
    this.#move(rules.base, side === 'buy' ? coins : negateAmount(coins));
    this.#move(rules.quote, side === 'buy' ? negateAmount(money) : money);
    this.#move(feeAsset, negateAmount(fee));
    this.#moves += 1;
  }

  transferred(asset: AssetId, change: Amount, tsUs: TimestampUs): void {
    this.#early?.push({ kind: 'transfer', asset, change, tsUs });
    this.#move(asset, change);
    this.#moves += 1;
  }

  /** By how much each asset differs from what it must be. */
  unexplained(view: AccountView): ReadonlyMap<AssetId, Amount> {
    const totals = new Map(view.balances.map(({ asset, free, locked }) => [asset, addAmounts(free, locked)]));
    const found = new Map<AssetId, Amount>();
    for (const asset of new Set([...totals.keys(), ...this.#due.keys()])) {
      const change = subtractAmounts(totals.get(asset) ?? ZERO_AMOUNT, this.#due.get(asset) ?? ZERO_AMOUNT);
      if (change !== 0n) found.set(asset, change);
    }
    return found;
  }

  /** True while the balances that were told follow from the fills and transfers that were. */
  get addsUp(): boolean {
    return [...this.#held].every(
      ([asset, { balance }]) => addAmounts(balance.free, balance.locked) === (this.#due.get(asset) ?? ZERO_AMOUNT),
    );
  }

  #move(asset: AssetId, change: Amount): void {
    this.#due.set(asset, amount((this.#due.get(asset) ?? ZERO_AMOUNT) + change));
  }

  #put(balance: Balance, changedUs: TimestampUs): boolean {
    const known = this.#held.get(balance.asset) ?? { balance: emptyOf(balance.asset), changedUs: NOTHING_AT_US };
    if (changedUs < known.changedUs) return false;
    this.#held.set(balance.asset, { balance, changedUs });
    return !isSame(known.balance, balance);
  }
}
