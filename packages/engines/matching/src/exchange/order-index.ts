import type { Order, OrderPool } from './order.ts';
import { ORDER_ID, ORDER_WORDS } from './order-records.ts';
import { NONE } from './records.ts';
import { SlotTable } from './slot-table.ts';

/**
 * Spreads numbers in runs of eight, which stay together: what comes one after the other is entered at one place in memory. Of a number only the lower 32 bits count; no two
 * open orders are that far apart.
 */
function hashOf(orderId: number): number {
  const word = orderId | 0;
  const hash = Math.imul(word >>> 3, 0x9e3779b1);
  return ((hash ^ (hash >>> 15)) << 3) | (word & 7);
}

/** The open orders of a symbol by their number. */
export class OrderIndex {
  readonly #pool: OrderPool;
  readonly #table = new SlotTable();

  constructor(pool: OrderPool) {
    this.#pool = pool;
  }

  get size(): number {
    return this.#table.size;
  }

  /** Oldest first. */
  values(): Order[] {
    if (this.#table.size === 0) return [];
    const orders = this.#table.slots().map((slot) => this.#pool.at(slot));
    // The table keeps those that came one after the other side by side: seldom anything has to be sorted.
    let lastId = 0;
    for (const { orderId } of orders) {
      if (orderId < lastId) return orders.sort((left, right) => left.orderId - right.orderId);
      lastId = orderId;
    }
    return orders;
  }

  get(orderId: number): Order | undefined {
    const hash = hashOf(orderId);
    const table = this.#table;
    const { values } = this.#pool.records;
    let place = table.first(hash);
    let slot = table.at(place);
    while (slot !== NONE && values[slot * ORDER_WORDS + ORDER_ID] !== orderId) {
      place = table.next(hash, place);
      slot = table.at(place);
    }
    return slot === NONE ? undefined : this.#pool.at(slot);
  }

  /** The order's number must not be there yet. */
  add(order: Order): void {
    this.#table.add(order.slot, hashOf(order.orderId));
  }

  /** Takes out an order that is there. */
  delete(order: Order): void {
    this.#table.delete(order.slot, hashOf(order.orderId));
  }
}
