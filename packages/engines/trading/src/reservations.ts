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
  const [alone, another, third] = working;
  if (alone === undefined) return [];
  // Mostly there is an order or a pair of them.
  if (another === undefined) return [reservationOf(alone.order, [alone.order], alone.instrument)];
  if (third === undefined && alone.order.listId !== null && alone.order.listId === another.order.listId)
    return [reservationOf(alone.order, [alone.order, another.order], another.instrument)];
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
    reservations.push(reservationOf(first, orders, instrument));
  }
  return reservations;
}

/** `orders`: the first one, alone or with those that it cancels and that cancel it. */
function reservationOf(first: Order, orders: readonly Order[], instrument: Instrument): Reservation {
  let left = leftOf(first);
  let price = first.limitPrice ?? first.stopPrice;
  for (const each of orders) {
    const [rest, at] = [leftOf(each), each.limitPrice ?? each.stopPrice];
    if (rest < left) left = rest;
    price = price === null || at === null ? null : at > price ? at : price;
  }
  return { side: first.side, orders, instrument, left, price };
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
