import type { Bar } from '@monsta/core';
import type { Order, OrderPlace } from '../exchange/order.ts';

/** Where the price was on its way when something happened inside a bar. */
export type Heading = 'falling' | 'rising';

/**
 * Which orders began to rest or to wait inside the bar, and on which way the price then was. Of such an order only that is sure to have come after it which lies on that way,
 * and the close; of all others the whole bar came after.
 */
export class BarBirths {
  /** By the slot of an order: whose the entry is, where it was last seen, and the way on which it came to life; null: before the bar. */
  readonly #ids: number[] = [];
  readonly #places: OrderPlace[] = [];
  readonly #headings: (Heading | null)[] = [];

  /** Begins a bar with the orders that its open has left. */
  begin(orders: readonly Order[]): void {
    for (const order of orders) this.#enter(order, null);
  }

  /** After something has happened: notes what came to life by it. */
  note(orders: readonly Order[], heading: Heading): void {
    for (const order of orders) {
      if (!this.#knows(order) || this.#places[order.slot] !== order.place) this.#enter(order, heading);
    }
  }

  /** Notes an order that came to life by itself. */
  mark(order: Order, heading: Heading): void {
    this.#enter(order, heading);
  }

  /** True for an order that came to life inside the bar. */
  has(order: Order): boolean {
    return this.#headingOf(order) !== null;
  }

  /** The lowest price that is sure to have come while the order was there. */
  low(order: Order, bar: Bar): number {
    return this.#headingOf(order) === 'rising' ? bar.close : bar.low;
  }

  high(order: Order, bar: Bar): number {
    return this.#headingOf(order) === 'falling' ? bar.close : bar.high;
  }

  #enter(order: Order, heading: Heading | null): void {
    const { slot } = order;
    this.#ids[slot] = order.orderId;
    this.#places[slot] = order.place;
    this.#headings[slot] = heading;
  }

  /** A slot goes from order to order. */
  #knows(order: Order): boolean {
    return this.#ids[order.slot] === order.orderId;
  }

  #headingOf(order: Order): Heading | null {
    return this.#knows(order) ? (this.#headings[order.slot] ?? null) : null;
  }
}
