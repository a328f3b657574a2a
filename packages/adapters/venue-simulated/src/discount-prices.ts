import { assetId, divide, pow10, type AssetId, type Decimal, type Instrument, type Price } from '@monsta/core';
import type { Exchange, FeeDiscount } from '@monsta/matching';

/** As on Binance: fees paid in BNB are a quarter less. */
const DISCOUNT: FeeDiscount = { asset: assetId('BNB'), payPpm: 750_000 };
/** Digits of a price that no market makes: of one BNB in another base asset. */
const CROSS_SCALE = 8;

/** Tells the exchange what a BNB costs: in money by its own market, in what is bought with the same money by both. */
export class DiscountPrices {
  readonly #exchange: Pick<Exchange, 'setDiscountPrice'>;
  readonly #market: Instrument;
  /** The last price of each base asset, in the quote asset of the BNB market. */
  readonly #last = new Map<AssetId, Decimal>();

  constructor(exchange: Pick<Exchange, 'setDiscountPrice'>, market: Instrument) {
    this.#exchange = exchange;
    this.#market = market;
  }

  /** What a market was last traded at. */
  traded({ base, quote, tick }: Instrument, at: Price): void {
    if (quote !== this.#market.quote) return;
    const price = { units: BigInt(at) * BigInt(tick.units), scale: tick.scale };
    this.#last.set(base, price);
    if (base !== this.#market.base) this.#cross(base, price);
    else {
      this.#exchange.setDiscountPrice(quote, price);
      for (const [asset, last] of this.#last) if (asset !== base) this.#cross(asset, last);
    }
  }

  #cross(asset: AssetId, price: Decimal): void {
    const own = this.#last.get(this.#market.base);
    if (own === undefined) return;
    const dividend = own.units * pow10(price.scale + CROSS_SCALE);
    // Rounded down, so that the fee is not less than it should be.
    const units = divide(dividend, price.units * pow10(own.scale), 'floor');
    this.#exchange.setDiscountPrice(asset, { units: units > 0n ? units : 1n, scale: CROSS_SCALE });
  }
}

/** The market in which fees at a discount are valued, and that discount; null where it is not simulated. */
export function discountAmong(
  instruments: readonly Instrument[],
): { readonly market: Instrument; readonly discount: FeeDiscount } | null {
  const market = instruments.find(({ base }) => base === DISCOUNT.asset);
  return market === undefined ? null : { market, discount: DISCOUNT };
}
