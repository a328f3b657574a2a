import { divide } from '@monsta/core';
import type { Order } from './order.ts';
import { triggersAbove } from './order-view.ts';

const BASIS_POINTS = 10_000;
const SAFE_PRICE_MAX = Math.floor(Number.MAX_SAFE_INTEGER / (2 * BASIS_POINTS));

/** Where triggered orders go. */
interface Due {
  push(order: Order): unknown;
}

/** Orders by the price that triggers them, then by age; the next to be triggered is last. */
class TriggerQueue {
  readonly #sign: 1 | -1;
  readonly #orders: Order[] = [];

  /** `rising`: triggered when the price rises to the trigger; else when it falls to it. */
  constructor(direction: 'rising' | 'falling') {
    this.#sign = direction === 'rising' ? 1 : -1;
  }

  add(order: Order): void {
    const orders = this.#orders;
    const at = this.#indexOf(order);
    if (at === orders.length) orders.push(order);
    else orders.splice(at, 0, order);
  }

  remove(order: Order): void {
    const orders = this.#orders;
    const at = this.#indexOf(order);
    if (orders[at] !== order) return;
    if (at === orders.length - 1) orders.pop();
    else orders.splice(at, 1);
  }

  /** The next order whose trigger the price has reached, taken out; null where there is none. */
  take(price: number): Order | null {
    const next = this.#orders.at(-1);
    if (next === undefined || (price - next.stopPrice) * this.#sign < 0) return null;
    this.#orders.pop();
    return next;
  }

  /** Sorted so that what triggers later, or is younger, comes first. */
  #indexOf(order: Order): number {
    let from = 0;
    let to = this.#orders.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const other = this.#orders[middle] as Order;
      const later = (other.stopPrice - order.stopPrice) * this.#sign || other.orderId - order.orderId;
      if (later > 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/**
 * Orders that wait for a price. Every trade is shown to it; what it triggers comes out in a stated order: triggers in the order in which the price reaches them, those of
 * one price by age, then trailing orders by age.
 */
export class TriggerBook {
  readonly #rising = new TriggerQueue('rising');
  readonly #falling = new TriggerQueue('falling');
  /** Trailing orders by age. */
  readonly #trailing = new Set<Order>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The trailing orders by age. */
  trailing(): Iterable<Order> {
    return this.#trailing;
  }

  add(order: Order): void {
    this.#size += 1;
    if (order.trailingDelta > 0) this.#trailing.add(order);
    else this.#queueOf(order).add(order);
  }

  remove(order: Order): void {
    this.#size -= 1;
    if (order.trailingDelta > 0) this.#trailing.delete(order);
    else this.#queueOf(order).remove(order);
  }

  /** Takes out what a trade at `price` triggers and appends it to `due`. Trailing orders follow the price. */
  onTrade(price: number, timeUs: number, due: Due): void {
    if (this.#size === 0) return;
    this.#drain(this.#rising, price, due);
    this.#drain(this.#falling, price, due);
    for (const order of this.#trailing) {
      if (!follow(order, price, timeUs)) continue;
      this.#trailing.delete(order);
      this.#trigger(order, due);
    }
  }

  /** Takes out an order as if its price had come. */
  take(order: Order, due: Due): void {
    if (order.trailingDelta > 0) this.#trailing.delete(order);
    else this.#queueOf(order).remove(order);
    this.#trigger(order, due);
  }

  /** Shows a price to one trailing order without triggering it. */
  followOnly(order: Order, price: number, timeUs: number): void {
    const best = order.extras.followed;
    if (best === 0) {
      if (order.stopPrice === 0 || stopReached(order, price)) startFollowing(order, price, timeUs);
    } else if (order.isBuy ? price < best : price > best) order.changeExtras({ followed: price });
  }

  #drain(queue: TriggerQueue, price: number, due: Due): void {
    for (let order = queue.take(price); order !== null; order = queue.take(price)) this.#trigger(order, due);
  }

  #trigger(order: Order, due: Due): void {
    this.#size -= 1;
    order.place = 'triggered';
    due.push(order);
  }

  #queueOf(order: Order): TriggerQueue {
    return triggersAbove(order.type, order.isBuy) ? this.#rising : this.#falling;
  }
}

/** True where `price` has reached the stop price of an order that waits for it. */
export function stopReached(order: Pick<Order, 'type' | 'isBuy' | 'stopPrice'>, price: number): boolean {
  return triggersAbove(order.type, order.isBuy) ? price >= order.stopPrice : price <= order.stopPrice;
}

/** Begins to follow at `price`. */
export function startFollowing(order: Order, price: number, timeUs: number): void {
  order.changeExtras({ followed: price, trailingUs: timeUs });
}

/** The price at which a trailing order is triggered as it stands: the nearest tick that its delta allows; 0 while it follows no price. */
export function followedTrigger(order: Order): number {
  const { followed, trailingDelta } = order.extras;
  if (followed === 0) return 0;
  const factor = order.isBuy ? BASIS_POINTS + trailingDelta : BASIS_POINTS - trailingDelta;
  return Number(divide(BigInt(followed) * BigInt(factor), BigInt(BASIS_POINTS), order.isBuy ? 'ceil' : 'floor'));
}

/**
 * Shows a trade to a trailing order: it begins to follow when its stop price is reached, remembers the best price since, and answers true when the price has come back from
 * it by its delta (a buy: risen from the lowest, a sell: fallen from the highest).
 */
function follow(order: Order, price: number, timeUs: number): boolean {
  const best = order.extras.followed;
  if (best === 0) {
    if (order.stopPrice === 0 || stopReached(order, price)) startFollowing(order, price, timeUs);
    return false;
  }
  if (order.isBuy ? price < best : price > best) {
    order.changeExtras({ followed: price });
    return false;
  }
  const factor = order.isBuy ? BASIS_POINTS + order.trailingDelta : BASIS_POINTS - order.trailingDelta;
  // Ticks × basis points stay safe below some 10^11 ticks; beyond, in bigint.
  if (price > SAFE_PRICE_MAX || best > SAFE_PRICE_MAX) {
    const moved = BigInt(price) * BigInt(BASIS_POINTS);
    const limit = BigInt(best) * BigInt(factor);
    return order.isBuy ? moved >= limit : moved <= limit;
  }
  return order.isBuy ? price * BASIS_POINTS >= best * factor : price * BASIS_POINTS <= best * factor;
}
