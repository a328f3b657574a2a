import type { ClientOrderId, Instrument, Order } from '@monsta/core';
import type { OrderInSteps } from './records.ts';

/** As many are looked through one after the other; among more they are found by a map. */
const LOOKED_THROUGH_MAX = 16;

const NO_ORDERS: readonly Order[] = [];

/**
 * The orders that are not final, oldest first, each with the steps that it counts in. Mostly there is none, one or a pair, and each moves several times in its life: the few lie side by side. Lists that were given out stay
 * as they are.
 */
export class WorkingOrders {
  #all: readonly OrderInSteps[] = [];
  #orders: readonly Order[] | null = NO_ORDERS;
  /** Null while there are few. */
  #places: Map<ClientOrderId, OrderInSteps> | null = null;

  get size(): number {
    return this.#all.length;
  }

  get inSteps(): readonly OrderInSteps[] {
    return this.#all;
  }

  get orders(): readonly Order[] {
    this.#orders ??= this.#all.map(({ order }) => order);
    return this.#orders;
  }

  get(id: ClientOrderId): OrderInSteps | null {
    const all = this.#all;
    if (all.length > LOOKED_THROUGH_MAX) return this.#placesOf().get(id) ?? null;
    for (let at = all.length - 1; at >= 0; at -= 1) {
      const each = all[at] as OrderInSteps;
      if (each.order.clientOrderId === id) return each;
    }
    return null;
  }

  /** Enters an order, or what has become of one that is there. */
  put(order: Order, instrument: Instrument): void {
    const before = this.get(order.clientOrderId);
    const entry = { order, instrument };
    const all = this.#all;
    if (before === null) this.#all = all.length === 0 ? [entry] : [...all, entry];
    else this.#all = all.length === 1 ? [entry] : all.with(all.indexOf(before), entry);
    this.#orders = null;
    this.#places?.set(order.clientOrderId, entry);
  }

  delete(id: ClientOrderId): void {
    const before = this.get(id);
    if (before === null) return;
    this.#all = this.#all.length === 1 ? [] : this.#all.toSpliced(this.#all.indexOf(before), 1);
    this.#orders = this.#all.length === 0 ? NO_ORDERS : null;
    this.#places?.delete(id);
  }

  #placesOf(): ReadonlyMap<ClientOrderId, OrderInSteps> {
    this.#places ??= new Map(this.#all.map((each) => [each.order.clientOrderId, each]));
    return this.#places;
  }
}
