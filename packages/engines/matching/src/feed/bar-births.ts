import type { Bar } from '@monsta/core';
import type { Order, OrderPlace } from '../exchange/order.ts';

/** Where the price was on its way when something happened inside a bar. */
export type Heading = 'falling' | 'rising';

/**
 * Which orders began to rest or to wait inside the bar, and on which way the price then was. Of such an order only that is sure to have come after it which lies on that way,
 * and the close; of all others the whole bar came after.
 */
export class BarBirths {
  /** By order number. */
  readonly #places = new Map<number, OrderPlace>();
  readonly #headings = new Map<number, Heading>();

  /** Begins a bar with the orders that its open has left. */
  begin(orders: readonly Order[]): void {
    this.#places.clear();
    this.#headings.clear();
    for (const order of orders) this.#places.set(order.orderId, order.place);
  }

  /** After something has happened: notes what came to life by it. */
  note(orders: readonly Order[], heading: Heading): void {
    for (const order of orders) {
      if (this.#places.get(order.orderId) === order.place) continue;
      this.#places.set(order.orderId, order.place);
      this.#headings.set(order.orderId, heading);
    }
  }

  /** Notes an order that came to life by itself. */
  mark(order: Order, heading: Heading): void {
    this.#headings.set(order.orderId, heading);
  }

  /** True for an order that came to life inside the bar. */
  has(order: Order): boolean {
    return this.#headings.has(order.orderId);
  }

  /** The lowest price that is sure to have come while the order was there. */
  low(order: Order, bar: Bar): number {
    return this.#headings.get(order.orderId) === 'rising' ? bar.close : bar.low;
  }

  high(order: Order, bar: Bar): number {
    return this.#headings.get(order.orderId) === 'falling' ? bar.close : bar.high;
  }
}
