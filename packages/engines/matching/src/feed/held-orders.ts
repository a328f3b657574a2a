import { invariant, isFinal, RecentKeys } from '@monsta/core';
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
  readonly #ended = new RecentKeys<ClientOrderId>(ENDED_ORDERS_MAX);
  /** Those of lists, by the list's id. */
  readonly #lists = new Map<ClientOrderId, OrderRequest[]>();
  #endings = 0;
  /** What was written or forgotten since the last `takeTouched`; null before the first. */
  #touched: Set<ClientOrderId> | null = null;

  /** Takes back orders that were kept. */
  restore(orders: Iterable<HeldOrder>): void {
    const all = [...orders].sort((left, right) => (left.ended ?? 0) - (right.ended ?? 0));
    for (const order of all) {
      const id = order.request.clientOrderId;
      this.#set(id, order);
      if (order.ended === null) this.#open.add(id);
      else this.#end(id);
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

  /** The orders of a list that are known, in the order in which they were first put. */
  ofList(listId: ClientOrderId): readonly OrderRequest[] {
    return this.#lists.get(listId) ?? [];
  }

  all(): Iterable<HeldOrder> {
    return this.#orders.values();
  }

  put({ request, venueOrderId, status, filled, fills }: Omit<HeldOrder, 'ended'>): void {
    const id = request.clientOrderId;
    this.#touched?.add(id);
    if (!isFinal(status)) {
      this.#set(id, { request, venueOrderId, status, filled, fills, ended: null });
      this.#open.add(id);
      return;
    }
    this.#endings += 1;
    this.#set(id, { request, venueOrderId, status, filled, fills, ended: this.#endings });
    this.#open.delete(id);
    this.#end(id);
  }

  /** Remembers one that has ended, in the place of the oldest. */
  #end(id: ClientOrderId): void {
    const oldest = this.#ended.add(id);
    if (oldest === null) return;
    this.#touched?.add(oldest);
    this.#forget(oldest);
  }

  #set(id: ClientOrderId, order: HeldOrder): void {
    const { listId } = order.request;
    if (listId !== null && !this.#orders.has(id)) {
      const list = this.#lists.get(listId);
      if (list === undefined) this.#lists.set(listId, [order.request]);
      else list.push(order.request);
    }
    this.#orders.set(id, order);
  }

  #forget(id: ClientOrderId): void {
    const listId = this.#orders.get(id)?.request.listId ?? null;
    this.#orders.delete(id);
    if (listId === null) return;
    const left = this.ofList(listId).filter(({ clientOrderId }) => clientOrderId !== id);
    if (left.length === 0) this.#lists.delete(listId);
    else this.#lists.set(listId, left);
  }

  /** The ids that were written or forgotten since the last call; the first call begins it. */
  takeTouched(): ReadonlySet<ClientOrderId> {
    const touched = this.#touched ?? new Set();
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
