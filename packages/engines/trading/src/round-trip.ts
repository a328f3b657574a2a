import {
  addAmounts,
  AMOUNT_SCALE,
  baseAmount,
  divide,
  formatAmount,
  lotsWithin,
  notional,
  pow10,
  quantity,
  subtractAmounts,
  ZERO_AMOUNT,
} from '@monsta/core';
import type {
  AccountId,
  Amount,
  ClientOrderId,
  ExitCause,
  Fill,
  Instrument,
  InstrumentId,
  Price,
  StrategyId,
  TimestampUs,
} from '@monsta/core';
import { NO_EXCURSIONS, withExcursion, type Excursions } from './excursions.ts';
import { netOf, NO_FEES } from './fees.ts';
import type { RoundTrip } from './book-records.ts';
import { applyFill, exitSideOf, sizeOf, valueAt, withFeeOf, withoutCoins, type Position } from './position.ts';
import { encodeTrip, type Trip } from './trip.ts';

/** A position that moved, and the trip that ended with it; null where none did. */
export interface Moved {
  readonly position: Position;
  readonly closed: Trip | null;
}

const ONE = pow10(AMOUNT_SCALE);

/** A position that was held before trips were kept begins with what it holds and what that cost. */
function begin(position: Position, openedUs: TimestampUs): Trip {
  const held = position.openedUs !== null;
  return {
    openedUs: position.openedUs ?? openedUs,
    short: position.quantity < 0n,
    entryQuantity: held ? sizeOf(position.quantity) : ZERO_AMOUNT,
    entryValue: held ? sizeOf(position.costBasis) : ZERO_AMOUNT,
    exitQuantity: ZERO_AMOUNT,
    exitValue: ZERO_AMOUNT,
    takenAway: ZERO_AMOUNT,
    realizedProfit: ZERO_AMOUNT,
    fees: NO_FEES,
    excursions: NO_EXCURSIONS,
    fills: 0,
  };
}

/** The position with a price at which its market traded while it was held; the same object where that was no new extreme. */
export const observePrice = (position: Position, at: Price, instrument: Instrument): Position =>
  observePrices(position, at, at, instrument);

/** The same of two prices, one after the other. */
export function observePrices(position: Position, low: Price, high: Price, instrument: Instrument): Position {
  const { trip, quantity: held, costBasis } = position;
  if (trip === null || held === 0n) return position;
  const first = withExcursion(trip.excursions, valueAt(held, low, instrument), costBasis);
  const excursions = low === high ? first : withExcursion(first, valueAt(held, high, instrument), costBasis);
  return excursions === trip.excursions ? position : withTrip(position, seenBy(trip, excursions));
}

/**
 * The position after a fill of its instrument. `otherFeeValue`: what a fee in a third asset is worth in quote, null where unknown. The fill's own price is one that
 * the position saw: before it closes, and after it opens. With `shorts` a fill that goes beyond the position is booked as two: its close, and the opening of one of the other direction; the
 * fee is shared out by their sizes.
 */
export function bookFill(
  before: Position,
  fill: Fill,
  instrument: Instrument,
  otherFeeValue: Amount | null,
  shorts = false,
): Moved {
  const closes = shorts ? lotsWithin(sizeOf(before.quantity), instrument) : 0;
  if (closes === 0 || fill.side !== exitSideOf(before) || fill.quantity <= closes)
    return bookPart(before, fill, instrument, otherFeeValue, shorts);
  const [first, second] = splitFill(fill, closes);
  const [fee, rest] = splitAmount(otherFeeValue, closes, fill.quantity);
  const { position, closed } = bookPart(before, first, instrument, fee, shorts);
  return { position: bookPart(position, second, instrument, rest, shorts).position, closed };
}

/** A part of an amount in proportion of `lots` to `of`, and the rest of it. */
function splitAmount<T extends Amount | null>(whole: T, lots: number, of: number): readonly [T, T] {
  if (whole === null) return [whole, whole];
  const part = divide(whole * BigInt(lots), BigInt(of), 'half-even');
  return [part as T, (whole - part) as T];
}

/** A fill as two at the same price: of so many lots, and of the rest. */
export function splitFill(fill: Fill, lots: number): readonly [Fill, Fill] {
  const [fee, rest] = splitAmount(fill.fee, lots, fill.quantity);
  return [
    { ...fill, quantity: quantity(lots), fee },
    { ...fill, quantity: quantity(fill.quantity - lots), fee: rest },
  ];
}

function tripBegunBy({ side, tsEventUs }: Fill, position: Position, shorts: boolean): Trip {
  const begun = begin(position, tsEventUs);
  return shorts && position.openedUs === null ? { ...begun, short: side === 'sell' } : begun;
}

function bookPart(
  before: Position,
  fill: Fill,
  instrument: Instrument,
  otherFeeValue: Amount | null,
  shorts: boolean,
): Moved {
  const seen = observePrice(before, fill.price, instrument);
  const after = applyFill(seen, fill, instrument, otherFeeValue, shorts);
  const trip = seen.trip ?? tripBegunBy(fill, seen, shorts);
  const enters = (fill.side === 'buy') !== trip.short;
  const size = baseAmount(fill.quantity, instrument);
  const money = notional(fill.price, fill.quantity, instrument);
  const next: Trip = {
    openedUs: trip.openedUs,
    short: trip.short,
    entryQuantity: enters ? addAmounts(trip.entryQuantity, size) : trip.entryQuantity,
    entryValue: enters ? addAmounts(trip.entryValue, money) : trip.entryValue,
    exitQuantity: enters ? trip.exitQuantity : addAmounts(trip.exitQuantity, size),
    exitValue: enters ? trip.exitValue : addAmounts(trip.exitValue, money),
    takenAway: trip.takenAway,
    realizedProfit: addAmounts(trip.realizedProfit, subtractAmounts(after.realizedProfit, seen.realizedProfit)),
    fees: withFeeOf(trip.fees, fill, instrument, otherFeeValue),
    excursions: trip.excursions,
    fills: trip.fills + 1,
  };
  const flat = !enters && lotsWithin(sizeOf(after.quantity), instrument) === 0;
  if (flat) return { position: withTrip(after, null), closed: next };
  const position = withTrip(after, next);
  // What was bought at once is worth its cost at the price of its own fill.
  const sameWorth = after.costBasis === money && after.quantity === size;
  return { position: sameWorth ? position : observePrice(position, fill.price, instrument), closed: null };
}

/** The trip with what it has seen by now. */
const seenBy = (trip: Trip, excursions: Excursions): Trip => ({
  openedUs: trip.openedUs,
  short: trip.short,
  entryQuantity: trip.entryQuantity,
  entryValue: trip.entryValue,
  exitQuantity: trip.exitQuantity,
  exitValue: trip.exitValue,
  takenAway: trip.takenAway,
  realizedProfit: trip.realizedProfit,
  fees: trip.fees,
  excursions,
  fills: trip.fills,
});

function withTrip(position: Position, trip: Trip | null): Position {
  return {
    strategyId: position.strategyId,
    instrument: position.instrument,
    quantity: position.quantity,
    costBasis: position.costBasis,
    realizedProfit: position.realizedProfit,
    feesPaid: position.feesPaid,
    fees: position.fees,
    openedUs: position.openedUs,
    trip,
    updatedUs: position.updatedUs,
  };
}

/** The position without `by` of its coins, which the account no longer has. */
export function takeCoins(before: Position, by: Amount, instrument: Instrument, nowUs: TimestampUs): Moved {
  const after = withoutCoins(before, by, instrument, nowUs);
  const trip = before.trip ?? begin(before, nowUs);
  const taken: Trip = {
    ...trip,
    takenAway: addAmounts(trip.takenAway, subtractAmounts(before.quantity, after.quantity)),
  };
  const flat = lotsWithin(after.quantity, instrument) === 0;
  // Dust alone, taken from a position that was flat, is no trip.
  if (flat && before.trip === null && before.openedUs === null) return { position: after, closed: null };
  return flat
    ? { position: { ...after, trip: null }, closed: taken }
    : { position: { ...after, trip: taken }, closed: null };
}

const averageOf = (value: Amount, coins: Amount): Amount | null =>
  coins <= 0n ? null : (divide(value * ONE, coins, 'half-even') as Amount);

const text = (value: Amount | null): string | null => (value === null ? null : formatAmount(value));

/** What closed a trip: a fill of an order, or somebody's hand. */
export interface Closing {
  /** Of the fill, or of the moment: unique for an instrument. */
  readonly key: string;
  readonly closedUs: TimestampUs;
  readonly orderId: ClientOrderId | null;
  readonly tag: string | null;
  readonly cause: ExitCause | null;
}

/** A position from flat to flat, in amounts: `roundTripOf` makes of it what the ledger keeps. */
export interface EndedTrip extends Closing {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly trip: Trip;
}

export function endedTrip(trip: Trip, { strategyId, instrument }: Position, closing: Closing): EndedTrip {
  const { key, closedUs, orderId, tag, cause } = closing;
  return {
    strategyId,
    instrument,
    trip,
    key,
    closedUs: closedUs > trip.openedUs ? closedUs : trip.openedUs,
    orderId,
    tag,
    cause,
  };
}

export function roundTripOf(ended: EndedTrip, accountId: AccountId): RoundTrip {
  const { trip, strategyId, instrument, key, closedUs, orderId, tag, cause } = ended;
  return {
    ...encodeTrip(trip),
    id: `${strategyId}:${instrument}:${key}`,
    accountId,
    strategyId,
    instrument,
    closedUs,
    entryPrice: text(averageOf(trip.entryValue, trip.entryQuantity)),
    exitPrice: text(averageOf(trip.exitValue, trip.exitQuantity)),
    profit: text(netOf(trip.realizedProfit, trip.fees)),
    exitOrderId: orderId,
    exitTag: tag,
    exitCause: cause,
  };
}
