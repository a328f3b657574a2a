import { invariant, isFinal } from '@monsta/core';
import type { ClientOrderId, Fill, OrderRequest, OrderStatus, Quantity, VenueOrder, VenueOrderId } from '@monsta/core';

/** An order as its account remembers it, also after it has ended. */
export interface HeldOrder {
  readonly request: OrderRequest;
  /** Null for one that the venue refused. */
  readonly venueOrderId: VenueOrderId | null;
  readonly status: OrderStatus;
  readonly filled: Quantity;
  readonly fills: readonly Fill[];
  /** Counts up with every order that ends; null while it is open. */
  readonly ended: number | null;
}

/** Orders that have ended and are still known by id; the oldest beyond are forgotten, so that an account doesn't grow for ever. */
const ENDED_ORDERS_MAX = 1_000;

/** The orders of an account by the client's id. */
export class HeldOrders {
  readonly #orders = new Map<ClientOrderId, HeldOrder>();
  readonly #open = new Set<ClientOrderId>();
  /** In the order in which they ended. */
  readonly #ended = new Set<ClientOrderId>();
  #endings = 0;
  /** What was written or forgotten since the last `takeTouched`. */
  #touched = new Set<ClientOrderId>();

  /** Takes back orders that were kept. */
  restore(orders: Iterable<HeldOrder>): void {
    const all = [...orders].sort((left, right) => (left.ended ?? 0) - (right.ended ?? 0));
    for (const order of all) {
      const id = order.request.clientOrderId;
      this.#orders.set(id, order);
      (order.ended === null ? this.#open : this.#ended).add(id);
      this.#endings = Math.max(this.#endings, order.ended ?? 0);
    }
  }

  get(id: ClientOrderId): HeldOrder | null {
    return this.#orders.get(id) ?? null;
  }

  /** Oldest first. */
  open(): readonly HeldOrder[] {
    return [...this.#open].map((id) => this.#existing(id));
  }

  all(): Iterable<HeldOrder> {
    return this.#orders.values();
  }

  put(order: Omit<HeldOrder, 'ended'>): void {
    const id = order.request.clientOrderId;
    this.#touched.add(id);
    if (!isFinal(order.status)) {
      this.#orders.set(id, { ...order, ended: null });
      this.#open.add(id);
      return;
    }
    this.#endings += 1;
    this.#orders.set(id, { ...order, ended: this.#endings });
    this.#open.delete(id);
    this.#ended.add(id);
    if (this.#ended.size <= ENDED_ORDERS_MAX) return;
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest);
      this.#orders.delete(oldest);
      this.#touched.add(oldest);
      break;
    }
  }

  /** The ids that were written or forgotten since the last call. */
  takeTouched(): ReadonlySet<ClientOrderId> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  #existing(id: ClientOrderId): HeldOrder {
    const order = this.#orders.get(id);
    invariant(order !== undefined, `order ${id} is unknown to the account`);
    return order;
  }
}

/** The order in the form that reconciliation reads; null for one that the venue refused, since it never became an order. */
export function venueOrderOf(order: HeldOrder | null): VenueOrder | null {
  if (order === null || order.venueOrderId === null) return null;
  const { clientOrderId, instrument, side, type, quantity, limitPrice, stopPrice } = order.request;
  return {
    clientOrderId,
    venueOrderId: order.venueOrderId,
    instrument,
    side,
    type,
    status: order.status,
    quantity,
    filledQuantity: order.filled,
    limitPrice,
    stopPrice,
  };
}
