import { AMOUNT_SCALE, pow10, RATE_UNIT } from '@monsta/core';
import type { Amount, AssetId, Decimal } from '@monsta/core';
import type { Account, Holding } from './account.ts';
import { fromAmount, toAmount } from './account.ts';
import { FEE_SCALE } from './symbol-rules.ts';
import { Wide } from './wide.ts';

/** Rates are parts per million. */
export const PPM = Number(RATE_UNIT);

/** An asset in which fees may be paid at a discount, such as BNB. */
export interface FeeDiscount {
  readonly asset: AssetId;
  /** What of the fee is then asked, in parts per million: 750,000 for a quarter less. */
  readonly payPpm: number;
}

/** What a fee desk knows: the discount asset's prices as units of `10^-scale`, and the `Amount`s charged, all in decimal digits. */
export interface SavedFees {
  readonly prices: readonly { readonly asset: AssetId; readonly units: string; readonly scale: number }[];
  readonly collected: readonly { readonly asset: AssetId; readonly amount: string }[];
}

/**
 * Charges fees and keeps the sum of what was charged. A fee is a share of what a fill brings, rounded up at 8 digits, in the asset that it brings; or, where the account
 * wishes and has enough, its worth in the discount asset at the last price told, less the discount.
 */
export class FeeDesk {
  readonly discount: FeeDiscount | null;
  /** Units of an asset for one of the discount asset. */
  readonly #prices = new Map<AssetId, Decimal>();
  readonly #collected = new Map<Holding['asset'], { readonly total: Wide; readonly scale: number }>();
  /** The fee of the last `charge`. */
  readonly fee = new Wide();

  constructor(discount: FeeDiscount | null) {
    this.discount = discount;
  }

  /** Tells what one unit of the discount asset costs in `asset`; above zero. */
  setDiscountPrice(asset: AssetId, price: Decimal): void {
    if (price.units <= 0n) throw new RangeError(`the price of the discount asset in ${asset} must be above zero`);
    this.#prices.set(asset, price);
  }

  /**
   * Takes the fee of `received`, which is already credited to `holding`, and returns the holding that paid; the fee itself is left in `fee`.
   */
  charge(account: Account, holding: Holding, received: Wide, isMaker: boolean): Holding {
    const rate = isMaker ? account.fees.makerPpm : account.fees.takerPpm;
    if (rate === 0) return this.waive(holding);
    const discount = this.discount;
    if (discount !== null && account.paysInDiscountAsset) {
      const paidFrom = account.holding(discount.asset);
      if (this.#inDiscountAsset(holding, received, rate, paidFrom, discount) && paidFrom.free.covers(this.fee)) {
        return this.#take(paidFrom);
      }
    }
    this.fee.setShare(received, rate, PPM, holding.feeUnit);
    return this.#take(holding);
  }

  /** Takes a fee that is known, and returns the holding that paid; what it lacks is owed. */
  chargeAmount(holding: Holding, fee: Wide): Holding {
    this.fee.copy(fee);
    holding.borrow(fee);
    return this.#take(holding);
  }

  /** Takes nothing of what `holding` was credited with. */
  waive(holding: Holding): Holding {
    this.fee.clear();
    return holding;
  }

  /** All fees charged so far, by asset. */
  collected(): ReadonlyMap<AssetId, Amount> {
    return new Map([...this.#collected].map(([asset, { total, scale }]) => [asset, toAmount(total, scale)]));
  }

  /** Prices and sums, in plain texts. */
  saved(): SavedFees {
    return {
      prices: [...this.#prices].map(([asset, { units, scale }]) => ({ asset, units: units.toString(), scale })),
      collected: [...this.collected()].map(([asset, amount]) => ({ asset, amount: amount.toString() })),
    };
  }

  /** Takes over what `saved` answered; for a desk that has charged nothing. */
  restore({ prices, collected }: SavedFees, scales: ReadonlyMap<AssetId, number>): void {
    for (const { asset, units, scale } of prices) this.#prices.set(asset, { units: BigInt(units), scale });
    for (const { asset, amount } of collected) {
      const scale = scales.get(asset) ?? AMOUNT_SCALE;
      this.#collected.set(asset, { total: fromAmount(BigInt(amount) as Amount, scale, new Wide()), scale });
    }
  }

  #take(holding: Holding): Holding {
    holding.free.subtract(this.fee);
    let sum = this.#collected.get(holding.asset);
    if (sum === undefined) {
      sum = { total: new Wide(), scale: holding.scale };
      this.#collected.set(holding.asset, sum);
    }
    sum.total.add(this.fee);
    return holding;
  }

  /** Puts the fee in the discount asset into `fee`; false where its price is not known. */
  #inDiscountAsset(holding: Holding, received: Wide, rate: number, paidFrom: Holding, discount: FeeDiscount): boolean {
    const price = holding.asset === discount.asset ? { units: 1n, scale: 0 } : this.#prices.get(holding.asset);
    if (price === undefined) return false;
    const dividend = received.toBig() * BigInt(rate) * BigInt(discount.payPpm) * pow10(price.scale) * pow10(FEE_SCALE);
    const divisor = pow10(holding.scale) * RATE_UNIT * RATE_UNIT * price.units;
    const steps = (dividend + divisor - 1n) / divisor;
    // An asset that no symbol trades is kept with 18 digits.
    this.fee.setBig(steps * pow10(Math.min(paidFrom.scale, AMOUNT_SCALE) - FEE_SCALE));
    return true;
  }
}
