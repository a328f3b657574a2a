import { AMOUNT_SCALE, invariant, pow10 } from '@monsta/core';
import type { AccountId, Amount, AssetId } from '@monsta/core';
import { checkCommission, type CommissionTerms } from './commission-terms.ts';
import { Margin, type MarginTerms } from './margin.ts';
import { FEE_SCALE } from './symbol-rules.ts';
import type { AssetPosition } from './vocabulary.ts';
import { Wide } from './wide.ts';

const missing = new Wide();

/** What an account holds of an asset, in whole units of `10^-scale`; no part can become negative. */
export class Holding {
  readonly asset: AssetId;
  readonly scale: number;
  /** The least step in which fees are booked, in its units. */
  readonly feeUnit: number;
  readonly free = new Wide();
  readonly locked = new Wide();
  /** What it owes of it, on margin: more than it had was locked or paid. Nothing is free while anything is owed. */
  readonly borrowed = new Wide();
  /** True once the change waits to be told. */
  touched = false;
  /** True once something of it was held, or could have been: before, nobody needs to know of it. */
  everHeld = false;

  constructor(asset: AssetId, scale: number) {
    this.asset = asset;
    this.scale = scale;
    this.feeUnit = 10 ** (scale - FEE_SCALE);
  }

  lock(amount: Wide): void {
    this.free.subtract(amount);
    this.locked.add(amount);
  }

  unlock(amount: Wide): void {
    this.locked.subtract(amount);
    this.free.add(amount);
    this.repay();
  }

  /** Borrows what is missing of an amount that is about to be locked or paid. */
  borrow(amount: Wide): void {
    if (this.free.covers(amount)) return;
    this.borrowed.add(missing.copy(amount).subtract(this.free));
    this.free.copy(amount);
  }

  /** Gives back what is free of what is owed. */
  repay(): void {
    const { free, borrowed } = this;
    if (borrowed.isZero || free.isZero) return;
    if (free.covers(borrowed)) {
      free.subtract(borrowed);
      borrowed.clear();
    } else {
      borrowed.subtract(free);
      free.clear();
    }
  }

  position(): AssetPosition {
    const free = toAmount(this.free, this.scale);
    return {
      asset: this.asset,
      free: this.borrowed.isZero ? free : ((free - toAmount(this.borrowed, this.scale)) as Amount),
      locked: toAmount(this.locked, this.scale),
    };
  }
}

/** Units of `10^-scale` as an amount. */
export function toAmount(units: Pick<Wide, 'toBig'>, scale: number): Amount {
  return (units.toBig() * pow10(AMOUNT_SCALE - scale)) as Amount;
}

/** An amount as units of `10^-scale`; throws `InvariantError` where it has more digits than that, or is negative. */
export function fromAmount(amount: Amount, scale: number, into: Wide): Wide {
  const unit = pow10(AMOUNT_SCALE - scale);
  invariant(amount >= 0n && amount % unit === 0n, `an amount with more than ${scale} digits, or below zero`);
  return into.setBig(amount / unit);
}

/** Maker and taker fees, parts per million of what a fill brings. */
export interface FeeRates {
  readonly makerPpm: number;
  readonly takerPpm: number;
}

export interface AccountOptions {
  readonly fees: FeeRates;
  /** Accounts of one group don't trade with each other where self-trade prevention is on; null: none. */
  readonly tradeGroupId: number | null;
  /** True to pay fees in the discount asset while it lasts. */
  readonly paysInDiscountAsset: boolean;
  /** False for an account that may neither place nor change nor cancel orders. */
  readonly canTrade: boolean;
  /** What fees are taken from: what a fill brings, as Binance does, or always the quote asset, also when buying; a buy then locks its fee too. */
  readonly feesFrom: 'received' | 'quote';
  /** Which fills cost a fee: those that enter a position and those that leave it, or the first alone. Of an order that turns a position what goes beyond it enters. */
  readonly feesOn: 'both' | 'entry';
  /** What it has to have of its own to sell what it has not got; null: it sells only what it has. Its fees are then taken from the quote asset. */
  readonly margin: MarginTerms | null;
  /** What an order costs beside the rates of its fills; null: nothing. Its fees are then taken from the quote asset. */
  readonly commission: CommissionTerms | null;
}

/** An account: its holdings, and how many orders it has open on all symbols. */
export class Account implements Omit<AccountOptions, 'margin'> {
  readonly id: AccountId;
  fees: FeeRates;
  readonly tradeGroupId: number | null;
  paysInDiscountAsset: boolean;
  canTrade: boolean;
  readonly feesFrom: 'received' | 'quote';
  readonly feesOn: 'both' | 'entry';
  readonly margin: Margin | null;
  readonly commission: CommissionTerms | null;
  /** True where it may owe something of an asset. */
  readonly mayOwe: boolean;
  openOrders = 0;
  openAlgoOrders = 0;
  openIcebergOrders = 0;
  openLists = 0;
  /** Holdings that wait to be told; the first `touchedCount` are meant. */
  readonly touched: Holding[] = [];
  touchedCount = 0;
  readonly #holdings = new Map<AssetId, Holding>();
  readonly #scales: ReadonlyMap<AssetId, number>;

  constructor(id: AccountId, options: AccountOptions, scales: ReadonlyMap<AssetId, number>) {
    this.id = id;
    this.fees = options.fees;
    this.tradeGroupId = options.tradeGroupId;
    this.paysInDiscountAsset = options.paysInDiscountAsset;
    this.canTrade = options.canTrade;
    this.feesFrom = options.feesFrom;
    this.feesOn = options.feesOn;
    this.margin = options.margin === null ? null : new Margin(options.margin);
    this.commission = options.commission;
    invariant(
      (this.margin === null && this.commission === null) ||
        (options.feesFrom === 'quote' && !options.paysInDiscountAsset),
      'an account with margin, or that pays a commission, pays its fees in the quote asset',
    );
    if (this.commission !== null) checkCommission(this.commission);
    this.mayOwe = this.margin !== null || this.commission !== null;
    this.#scales = scales;
  }

  holding(asset: AssetId): Holding {
    let holding = this.#holdings.get(asset);
    if (holding === undefined) {
      holding = new Holding(asset, this.#scales.get(asset) ?? AMOUNT_SCALE);
      this.#holdings.set(asset, holding);
    }
    return holding;
  }

  /** All assets ever held, in no order. */
  holdings(): readonly Holding[] {
    return [...this.#holdings.values()].filter((holding) => holding.everHeld);
  }

  /** All assets ever held, in alphabetical order. */
  positions(): readonly AssetPosition[] {
    return this.holdings()
      .map((holding) => holding.position())
      .sort((left, right) => (left.asset < right.asset ? -1 : 1));
  }
}
