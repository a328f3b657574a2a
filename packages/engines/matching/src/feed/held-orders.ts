import { invariant, quantity } from '@monsta/core';
import type { ClientOrderId, Fill, OrderRequest, OrderStatus, Quantity, VenueOrder, VenueOrderId } from '@monsta/core';

/** An order as its account remembers it, also after it has ended. */
export interface HeldOrder {
  readonly request: OrderRequest;
  /** Null for one that the venue refused, or has not answered. */
  readonly venueOrderId: VenueOrderId | null;
  /** `pending_submit` while it is on its way. */
  readonly status: OrderStatus;
  readonly filled: Quantity;
  readonly fills: readonly Fill[];
  /** Counts up with every order that ends; null while it is open. */
  readonly ended: number | null;
}

/** The same while it changes. */
type Held = { -readonly [Key in keyof HeldOrder]: HeldOrder[Key] };

const NO_FILLS: readonly Fill[] = [];

/** As many are looked through one after the other; among more they are found by a map. */
const LOOKED_THROUGH_MAX = 16;

function drop(orders: Held[], order: Held): void {
  const at = orders.lastIndexOf(order);
  if (at === orders.length - 1) orders.pop();
  else if (at >= 0) orders.splice(at, 1);
}

const isSent = ({ status }: HeldOrder): boolean => status === 'pending_submit';

/** The orders of an account by the client's id: those on their way, the open ones, and so many of those that have ended. */
export class HeldOrders {
  readonly #keeps: number;
  /** Those that have not ended, in the order in which they were sent: mostly a few, which are looked through. */
  readonly #live: Held[] = [];
  /** Those of them that are many, by id; null while they are few. */
  #byId: Map<ClientOrderId, Held> | null = null;
  /** Those that have ended and are remembered. */
  readonly #past = new Map<ClientOrderId, Held>();
  /** Oldest first. */
  readonly #open: Held[] = [];
  /** In a ring, in the order in which they ended; the next to be forgotten is at `#oldest` once it is full. */
  readonly #ended: Held[] = [];
  #oldest = 0;
  /** Those of lists, by the list's id. */
  readonly #lists = new Map<ClientOrderId, OrderRequest[]>();
  #endings = 0;
  /** What was written or forgotten since the last `takeTouched`; null before the first. */
  #touched: Set<ClientOrderId> | null = null;

  /** `keeps`: how many of those that have ended; the oldest beyond are forgotten, so that an account doesn't grow for ever. */
  constructor(keeps: number) {
    if (!Number.isSafeInteger(keeps) || keeps < 0) throw new RangeError('endedOrdersKept is a whole number from 0');
    this.#keeps = keeps;
  }

  /** Takes back orders that were kept. */
  restore(orders: Iterable<HeldOrder>): void {
    const all = [...orders].sort((left, right) => (left.ended ?? 0) - (right.ended ?? 0));
    for (const kept of all) {
      const order = this.#enter({ ...kept });
      if (order.ended === null) this.#open.push(order);
      else this.#remember(order);
      this.#endings = Math.max(this.#endings, order.ended ?? 0);
    }
  }

  get(id: ClientOrderId): HeldOrder | undefined {
    const live = this.#liveOf(id);
    return live !== undefined || this.#past.size === 0 ? live : this.#past.get(id);
  }

  has(id: ClientOrderId): boolean {
    return this.get(id) !== undefined;
  }

  /** Oldest first. */
  open(): readonly HeldOrder[] {
    return this.#open;
  }

  /** The requests on their way, in the order in which they were sent. */
  sent(): readonly OrderRequest[] {
    return this.#live.filter(isSent).map(({ request }) => request);
  }

  /** The orders of a list that are known, in the order in which they were sent. */
  ofList(listId: ClientOrderId): readonly OrderRequest[] {
    return this.#lists.get(listId) ?? [];
  }

  all(): Iterable<HeldOrder> {
    return [...this.#past.values(), ...this.#live];
  }

  /** Those that the venue has answered, as they stand now: first those that have ended, in the order in which they did, then the open ones, oldest first. */
  answered(): readonly HeldOrder[] {
    const ended = [...this.#ended.slice(this.#oldest), ...this.#ended.slice(0, this.#oldest)];
    return [...ended, ...this.#open].map((order) => ({ ...order }));
  }

  /** Enters an order that is sent off, whose id no order has. */
  send(request: OrderRequest): HeldOrder {
    return this.#enter({
      request,
      venueOrderId: null,
      status: 'pending_submit',
      filled: quantity(0),
      fills: NO_FILLS,
      ended: null,
    });
  }

  accept(order: HeldOrder, id: VenueOrderId): void {
    const held: Held = order;
    held.venueOrderId = id;
    held.status = 'accepted';
    this.#open.push(held);
    this.#touched?.add(held.request.clientOrderId);
  }

  /** Books a fill, after which so much of the order is filled; it ends where that is all of it. */
  fill(order: HeldOrder, fill: Fill, filled: Quantity): void {
    const held: Held = order;
    held.filled = filled;
    held.fills = held.fills.length === 0 ? [fill] : [...held.fills, fill];
    if (filled === held.request.quantity) {
      this.end(held, 'filled');
      return;
    }
    held.status = 'partially_filled';
    this.#touched?.add(held.request.clientOrderId);
  }

  /** Ends an order; of too many that have ended the oldest is forgotten. */
  end(order: HeldOrder, status: OrderStatus): void {
    invariant(order.ended === null, 'an order ends once');
    const held: Held = order;
    if (!isSent(held)) drop(this.#open, held);
    drop(this.#live, held);
    this.#byId?.delete(held.request.clientOrderId);
    this.#endings += 1;
    held.status = status;
    held.ended = this.#endings;
    this.#touched?.add(held.request.clientOrderId);
    this.#remember(held);
  }

  /** The orders that were written or forgotten (null) since the last call; the first call begins it. */
  takeTouched(): ReadonlyMap<ClientOrderId, HeldOrder | null> {
    const touched = [...(this.#touched ?? [])];
    this.#touched = new Set();
    return new Map(
      touched.map((id) => {
        const order = this.get(id);
        return [id, order === undefined || isSent(order) ? null : { ...order }];
      }),
    );
  }

  #enter(order: Held): Held {
    const { clientOrderId, listId } = order.request;
    if (order.ended === null) {
      this.#live.push(order);
      this.#byId?.set(clientOrderId, order);
    } else this.#past.set(clientOrderId, order);
    if (listId !== null) {
      const list = this.#lists.get(listId);
      if (list === undefined) this.#lists.set(listId, [order.request]);
      else list.push(order.request);
    }
    return order;
  }

  #liveOf(id: ClientOrderId): Held | undefined {
    const live = this.#live;
    if (live.length > LOOKED_THROUGH_MAX) {
      this.#byId ??= new Map(live.map((order) => [order.request.clientOrderId, order]));
      return this.#byId.get(id);
    }
    for (let at = live.length - 1; at >= 0; at -= 1) {
      const order = live[at] as Held;
      if (order.request.clientOrderId === id) return order;
    }
    return undefined;
  }

  /** Remembers one that has ended, in the place of the oldest. */
  #remember(order: Held): void {
    const ended = this.#ended;
    if (this.#keeps === 0) {
      this.#forget(order.request);
      return;
    }
    this.#past.set(order.request.clientOrderId, order);
    if (ended.length < this.#keeps) {
      ended.push(order);
      return;
    }
    const oldest = ended[this.#oldest] as Held;
    ended[this.#oldest] = order;
    this.#oldest = this.#oldest + 1 === this.#keeps ? 0 : this.#oldest + 1;
    this.#forget(oldest.request);
  }

  #forget({ clientOrderId, listId }: OrderRequest): void {
    this.#touched?.add(clientOrderId);
    if (this.#past.size > 0) this.#past.delete(clientOrderId);
    const list = listId === null ? undefined : this.#lists.get(listId);
    if (listId === null || list === undefined) return;
    if (list.length === 1) this.#lists.delete(listId);
    else
      list.splice(
        list.findIndex((request) => request.clientOrderId === clientOrderId),
        1,
      );
  }
}

/** The order in the form that reconciliation reads; null for one that the venue refused or has not answered, since it is no order there. */
export function venueOrderOf(order: HeldOrder | undefined): VenueOrder | null {
  if (order === undefined || order.venueOrderId === null) return null;
  const { clientOrderId, instrument, side, type, quantity: wanted, limitPrice, stopPrice } = order.request;
  return {
    clientOrderId,
    venueOrderId: order.venueOrderId,
    instrument,
    side,
    type,
    status: order.status,
    quantity: wanted,
    filledQuantity: order.filled,
    limitPrice,
    stopPrice,
  };
}
