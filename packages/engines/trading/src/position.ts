import {
  addAmounts,
  AMOUNT_SCALE,
  baseAmount,
  divide,
  lotsWithin,
  notional,
  pow10,
  subtractAmounts,
  wholeLots,
} from '@monsta/core';
import { NO_FEES, withFee, withOtherFee, type Fees } from './fees.ts';
import type { Trip } from './trip.ts';
import type {
  Amount,
  Fill,
  Instrument,
  InstrumentId,
  OrderSide,
  Price,
  Quantity,
  StrategyId,
  TimestampUs,
} from '@monsta/core';

/**
 * A position of one strategy in one instrument, exact; derived from its fills.
 *
 * - `quantity` is what is held of the base asset after fees paid in it, below 0 where it is owed (a short position); `costBasis` what that was bought for at the fills' prices, fees not
 *   included, below 0 what a short one was sold for. So the value of the one less the other is the open profit, whatever the direction.
 * - Fees count as realised loss when they are paid, those in the base asset at the fill's price; so realised + unrealised profit is what the
 *   equity has changed by, to the last digit. A fee in a third asset (BNB) is paid from a balance that is no part of the equity: it is in `fees`, with its worth
 *   where that was known, and is taken off the net profit only.
 * - Closing takes the share of the cost basis that the quantity closed is of the position's, rounded half-even at 18 digits.
 */
export interface Position {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly quantity: Amount;
  readonly costBasis: Amount;
  readonly realizedProfit: Amount;
  /** Those in base and quote, in the quote asset. */
  readonly feesPaid: Amount;
  readonly fees: Fees;
  /** When it last became more than nothing, or turned; null while flat. */
  readonly openedUs: TimestampUs | null;
  /** Since it was last flat; null while it is. */
  readonly trip: Trip | null;
  readonly updatedUs: TimestampUs;
}

const NOTHING = 0n as Amount;
const ONE = pow10(AMOUNT_SCALE);

const keys = new Map<StrategyId, Map<InstrumentId, string>>();
/** Mostly the same is asked for again. */
const lastKey = { strategyId: '', instrument: '', key: '' };

/** By what positions, and what belongs to one, are kept. Looked up many times for each order, it is made once. */
export function positionKey(strategyId: StrategyId, instrument: InstrumentId): string {
  const last = lastKey;
  if (last.strategyId === strategyId && last.instrument === instrument) return last.key;
  let own = keys.get(strategyId);
  if (own === undefined) keys.set(strategyId, (own = new Map<InstrumentId, string>()));
  let key = own.get(instrument);
  if (key === undefined) own.set(instrument, (key = `${strategyId}:${instrument}`));
  last.strategyId = strategyId;
  last.instrument = instrument;
  last.key = key;
  return key;
}

export const flatPosition = (strategyId: StrategyId, instrument: InstrumentId, updatedUs: TimestampUs): Position => ({
  strategyId,
  instrument,
  quantity: NOTHING,
  costBasis: NOTHING,
  realizedProfit: NOTHING,
  feesPaid: NOTHING,
  fees: NO_FEES,
  openedUs: null,
  trip: null,
  updatedUs,
});

/** `base` of the asset at `at`, in money; rounded half-even below 18 digits. */
export function valueAt(base: Amount, at: Price, instrument: Instrument): Amount {
  if (base === 0n) return NOTHING;
  const { tick, lot } = instrument;
  // Whole lots are worth a product of whole numbers, which is exact where tick and lot have no more digits than an amount.
  if (tick.scale + lot.scale <= AMOUNT_SCALE) {
    const lots = wholeLots(sizeOf(base), instrument);
    if (lots !== null) {
      const value = notional(at, lots, instrument);
      return base < 0n ? (-value as Amount) : value;
    }
  }
  const units = base * BigInt(at) * BigInt(tick.units);
  return divide(units, pow10(tick.scale), 'half-even') as Amount;
}

/** A part of `whole` in proportion `part / of`. */
const share = (whole: Amount, part: Amount, of: Amount): Amount =>
  part >= of ? whole : (divide(whole * part, of, 'half-even') as Amount);

/** Base asset, however it is held: as a position is large, long or short. */
export const sizeOf = (quantity: Amount): Amount => (quantity < 0n ? (-quantity as Amount) : quantity);

/** The side that an order has which makes the position smaller; of a flat one that of an exit from a long one. */
export const exitSideOf = ({ quantity }: Pick<Position, 'quantity'>): OrderSide => (quantity < 0n ? 'buy' : 'sell');

/** The fees with that of a fill; `otherValue`: what one in a third asset is worth in quote, null where unknown. */
export function withFeeOf(fees: Fees, fill: Fill, instrument: Instrument, otherValue: Amount | null): Fees {
  const { fee, feeAsset } = fill;
  const own = feeAsset === instrument.base || feeAsset === instrument.quote;
  return own ? withFee(fees, feeAsset, fee) : withOtherFee(fees, feeAsset, fee, otherValue);
}

/**
 * The position after a fill of its instrument. Where nothing can be owed, a sale of more than is held (a manual trade on the exchange) takes all there is and leaves nothing; with `shorts`
 * what goes beyond the position opens one of the other direction. `otherFeeValue`: as of `withFeeOf`.
 */
export function applyFill(
  position: Position,
  fill: Fill,
  instrument: Instrument,
  otherFeeValue: Amount | null = null,
  shorts = false,
): Position {
  const size = baseAmount(fill.quantity, instrument);
  const money = notional(fill.price, fill.quantity, instrument);
  const inBase = fill.feeAsset === instrument.base;
  /** In the quote asset. */
  const fee =
    fill.feeAsset === instrument.quote ? fill.fee : inBase ? valueAt(fill.fee, fill.price, instrument) : NOTHING;
  const buy = fill.side === 'buy';
  const moved = shorts
    ? traded(position, buy ? size : (-size as Amount), buy ? money : (-money as Amount))
    : buy
      ? {
          quantity: addAmounts(position.quantity, size),
          costBasis: addAmounts(position.costBasis, money),
          profit: NOTHING,
        }
      : afterSale(position, size, money);
  // A fee in the base asset is base given away: its cost leaves the basis at the fill's price together with the coins.
  const quantity = inBase ? subtractAmounts(moved.quantity, fill.fee) : moved.quantity;
  const costBasis = inBase && buy ? subtractAmounts(moved.costBasis, fee) : moved.costBasis;
  const held = lotsWithin(sizeOf(quantity), instrument) > 0;
  const turned = quantity < 0n !== position.quantity < 0n;
  const earned = moved.profit === NOTHING ? position.realizedProfit : addAmounts(position.realizedProfit, moved.profit);
  return {
    strategyId: position.strategyId,
    instrument: position.instrument,
    quantity,
    costBasis,
    realizedProfit: subtractAmounts(earned, fee),
    feesPaid: addAmounts(position.feesPaid, fee),
    fees: withFeeOf(position.fees, fill, instrument, otherFeeValue),
    openedUs: held ? ((turned ? null : position.openedUs) ?? fill.tsEventUs) : null,
    trip: position.trip,
    updatedUs: fill.tsEventUs > position.updatedUs ? fill.tsEventUs : position.updatedUs,
  };
}

/** What a trade leaves of a position that may be on either side of nothing: `by` and `money` are above 0 for what was bought, below for what was sold. */
function traded(position: Position, by: Amount, money: Amount) {
  const { quantity, costBasis } = position;
  if (quantity === 0n || quantity < 0n === by < 0n)
    return { quantity: addAmounts(quantity, by), costBasis: addAmounts(costBasis, money), profit: NOTHING };
  const [size, held] = [sizeOf(by), sizeOf(quantity)];
  const closes = size < held ? size : held;
  const taken = share(costBasis, closes, held);
  const paid = share(money, closes, size);
  return {
    quantity: addAmounts(quantity, by),
    // What closes and what opens are never both left.
    costBasis: size > held ? subtractAmounts(money, paid) : subtractAmounts(costBasis, taken),
    profit: (-paid - taken) as Amount,
  };
}

function afterSale(position: Position, size: Amount, money: Amount) {
  const taken = share(position.costBasis, size, position.quantity);
  const quantity = size >= position.quantity ? NOTHING : subtractAmounts(position.quantity, size);
  return { quantity, costBasis: subtractAmounts(position.costBasis, taken), profit: subtractAmounts(money, taken) };
}

/** The position without `by` of its coins, which the account no longer has: their cost leaves with them, and that is neither profit nor loss. */
export function withoutCoins(position: Position, by: Amount, instrument: Instrument, nowUs: TimestampUs): Position {
  const left = afterSale(position, by, NOTHING);
  const held = lotsWithin(left.quantity, instrument) > 0;
  return {
    ...position,
    quantity: left.quantity,
    costBasis: left.costBasis,
    openedUs: held ? position.openedUs : null,
    updatedUs: nowUs > position.updatedUs ? nowUs : position.updatedUs,
  };
}

/** Whole lots that can be closed: sold, or of a short position bought; what lies below one lot is dust. */
export const sellableLots = (position: Position, instrument: Instrument): Quantity =>
  lotsWithin(sizeOf(position.quantity), instrument);

/** The average price paid, or got for what was sold short, at 18 digits; null while flat. */
export const averagePrice = (position: Position): Amount | null =>
  position.quantity === 0n
    ? null
    : (divide(sizeOf(position.costBasis) * ONE, sizeOf(position.quantity), 'half-even') as Amount);

export const unrealizedProfit = (position: Position, mark: Price, instrument: Instrument): Amount =>
  subtractAmounts(valueAt(position.quantity, mark, instrument), position.costBasis);
