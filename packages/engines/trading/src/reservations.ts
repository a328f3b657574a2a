import {
  baseAmount,
  type Amount,
  type Instrument,
  type Order,
  type OrderSide,
  type Price,
  type Quantity,
} from '@monsta/core';
import type { OrderInSteps } from './records.ts';

const NOTHING = 0n as Amount;

export const leftOf = (order: Order): Quantity => (order.quantity - order.filledQuantity) as Quantity;

/** What one working order, or one pair of orders that cancel each other, may still trade. */
export interface Reservation {
  readonly side: OrderSide;
  readonly orders: readonly Order[];
  /** In whose steps `left` and `price` are. */
  readonly instrument: Instrument;
  readonly left: Quantity;
  /** The dearest that it may trade at by its own terms; null where the market says. */
  readonly price: Price | null;
}

/**
 * What working orders hold back, at the venue and here. The orders of a list cancel each other (`oco` is the only kind that a kernel places), so they hold back once: what the
 * one has traded, the other will not, and only the price of the dearer one is sure. What an order holds back whose pair has just traded it all is let go with its own end.
 */
export function reservationsOf(working: readonly OrderInSteps[]): readonly Reservation[] {
  const [alone, another] = working;
  if (alone === undefined) return [];
  if (another === undefined) {
    const { order, instrument } = alone;
    const price = order.limitPrice ?? order.stopPrice;
    return [{ side: order.side, orders: [order], instrument, left: leftOf(order), price }];
  }
  const pairs = new Map<string, Order[]>();
  const steps = new Map<string, Instrument>();
  for (const { order, instrument } of working) {
    const key = order.listId ?? order.clientOrderId;
    const pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, [order]);
    else pair.push(order);
    steps.set(key, instrument);
  }
  const reservations: Reservation[] = [];
  for (const [key, orders] of pairs) {
    const [first] = orders;
    const instrument = steps.get(key);
    if (first === undefined || instrument === undefined) continue;
    const left = orders.map(leftOf).reduce((least, each) => (each < least ? each : least));
    const prices = orders.map(({ limitPrice, stopPrice }) => limitPrice ?? stopPrice);
    const price = prices.reduce((most, each) => (most === null || each === null ? null : each > most ? each : most));
    reservations.push({ side: first.side, orders, instrument, left, price });
  }
  return reservations;
}

/** The coins of a reservation. */
export const coinsOf = ({ left, instrument }: Reservation): Amount => baseAmount(left, instrument);

/** The coins that orders which close a position hold back, those without an order that `counts` left out. */
export function coinsInSales(reservations: readonly Reservation[], counts: (order: Order) => boolean): Amount {
  let sum = NOTHING;
  for (const each of reservations) {
    if (each.orders.some(counts)) sum = (sum + coinsOf(each)) as Amount;
  }
  return sum;
}
