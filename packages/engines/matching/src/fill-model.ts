import { applyRate, baseAmount, divide, notional, RATE_UNIT } from '@monsta/core';
import type { Amount, AssetId, Instrument, OrderSide, Price, Quantity } from '@monsta/core';

/**
 * How orders fill on a feed that our orders are not in. Rates are parts per million.
 *
 * - A market order takes what the quote shows at the touch, moved against us by `slippagePpm`; what the quote doesn't show fills at the touch moved
 *   by `slippagePpm + beyondTouchSlippagePpm`, or expires where that is null. What one order took of a quote the next order doesn't find there.
 * - A limit order that crosses the touch when it arrives takes what is shown, never beyond its limit; the rest rests (GTC) or expires (IOC). A FOK
 *   order fills wholly from what is shown or expires.
 * - A resting order fills as maker at its own price when a trade happens strictly beyond it, or a quote crosses it, up to that trade's or quote's size.
 */
export interface FillModel {
  readonly takerFeePpm: number;
  readonly makerFeePpm: number;
  readonly slippagePpm: number;
  readonly beyondTouchSlippagePpm: number | null;
  /** A quote older than this fills nothing: `quote_stale`. */
  readonly quoteAgeMsMax: number;
  /** `received`: in the asset that the fill brings, as Binance does where fees are not paid in BNB; `quote`: always in the quote asset. */
  readonly feeAsset: 'received' | 'quote';
}

export const DEFAULT_FILL_MODEL: FillModel = {
  takerFeePpm: 1_000,
  makerFeePpm: 1_000,
  slippagePpm: 50,
  beyondTouchSlippagePpm: 500,
  quoteAgeMsMax: 10_000,
  feeAsset: 'received',
};

/** The price moved by `ppm` against the taker and rounded further against him to the tick: up for a buy, down for a sell (never below one tick). */
export function slippedPrice(touch: Price, side: OrderSide, ppm: number): Price {
  if (side === 'buy') return Number(divide(BigInt(touch) * (RATE_UNIT + BigInt(ppm)), RATE_UNIT, 'ceil')) as Price;
  const down = Number(divide(BigInt(touch) * (RATE_UNIT - BigInt(ppm)), RATE_UNIT, 'floor'));
  return Math.max(1, down) as Price;
}

/** A part of an order at one price. */
export interface Slice {
  readonly price: Price;
  readonly quantity: Quantity;
}

/** What a taker gets at one side of a quote: the slices, and how much of what was shown they use up. */
export function takerSlices(
  side: OrderSide,
  wanted: Quantity,
  limit: Price | null,
  touch: Price,
  shown: Quantity,
  model: FillModel,
): readonly Slice[] {
  const near = Math.min(wanted, shown) as Quantity;
  const slices: Slice[] = [];
  if (near > 0) {
    const slipped = slippedPrice(touch, side, model.slippagePpm);
    const at =
      limit === null ? slipped : ((side === 'buy' ? Math.min(slipped, limit) : Math.max(slipped, limit)) as Price);
    slices.push({ price: at, quantity: near });
  }
  if (limit === null && model.beyondTouchSlippagePpm !== null && wanted > near) {
    const far = slippedPrice(touch, side, model.slippagePpm + model.beyondTouchSlippagePpm);
    slices.push({ price: far, quantity: (wanted - near) as Quantity });
  }
  return slices;
}

/** What one slice moves: out of the balance, into it, and the fee inside one of the two. */
export interface Settlement {
  readonly debitAsset: AssetId;
  readonly debit: Amount;
  readonly creditAsset: AssetId;
  /** After the fee where the fee is taken from it. */
  readonly credit: Amount;
  readonly fee: Amount;
  readonly feeAsset: AssetId;
}

/** Fees are rounded up at 8 digits, so that the simulation never flatters. */
export function settle(
  side: OrderSide,
  slice: Slice,
  instrument: Instrument,
  feePpm: number,
  model: FillModel,
): Settlement {
  const money = notional(slice.price, slice.quantity, instrument);
  const base = baseAmount(slice.quantity, instrument);
  if (side === 'sell') {
    const fee = applyRate(money, feePpm, 'ceil');
    return {
      debitAsset: instrument.base,
      debit: base,
      creditAsset: instrument.quote,
      credit: (money - fee) as Amount,
      fee,
      feeAsset: instrument.quote,
    };
  }
  if (model.feeAsset === 'quote') {
    const fee = applyRate(money, feePpm, 'ceil');
    return {
      debitAsset: instrument.quote,
      debit: (money + fee) as Amount,
      creditAsset: instrument.base,
      credit: base,
      fee,
      feeAsset: instrument.quote,
    };
  }
  const fee = applyRate(base, feePpm, 'ceil');
  return {
    debitAsset: instrument.quote,
    debit: money,
    creditAsset: instrument.base,
    credit: (base - fee) as Amount,
    fee,
    feeAsset: instrument.base,
  };
}

/** What must be locked for `quantity` resting at `limit`: the base for a sell; for a buy the money, with the worst fee where fees are paid in money. */
export function lockFor(
  side: OrderSide,
  limit: Price,
  size: Quantity,
  instrument: Instrument,
  model: FillModel,
): Amount {
  if (side === 'sell') return baseAmount(size, instrument);
  const money = notional(limit, size, instrument);
  if (model.feeAsset !== 'quote') return money;
  // A fee is rounded up at every fill; each lot might be a fill of its own, so that one unit a lot is kept beside the fee itself.
  const worst = applyRate(money, Math.max(model.takerFeePpm, model.makerFeePpm), 'ceil');
  return (money + worst + BigInt(size) * FEE_UNIT) as Amount;
}

/** The least step of a fee: 10^-8 of the asset. */
const FEE_UNIT = 10n ** 10n;
