import { Balances, expectOk, invariant, isFinal } from '@monsta/core';
import type {
  Amount,
  AssetId,
  Balance,
  ClientOrderId,
  Fill,
  OrderRequest,
  OrderStatus,
  Quantity,
  TimestampUs,
  VenueOrder,
  VenueOrderId,
} from '@monsta/core';
import type { AccountChange } from './changes.ts';

/** An order as the venue holds it. */
export interface HeldOrder {
  readonly request: OrderRequest;
  readonly venueOrderId: VenueOrderId | null;
  readonly status: OrderStatus;
  readonly filled: Quantity;
  readonly lockAsset: AssetId | null;
  readonly locked: Amount;
  readonly acceptedUs: TimestampUs;
  readonly fills: readonly Fill[];
}

/** The whole of an account as plain data. */
export interface AccountSnapshot {
  readonly balances: readonly Balance[];
  readonly orders: readonly HeldOrder[];
  readonly accepted: number;
  readonly fills: number;
}

const NOTHING = 0n as Amount;

/** Orders that have ended and are still known by id; the oldest beyond are forgotten, so that an account doesn't grow for ever. */
export const ENDED_ORDERS_MAX = 1_000;

/** Balances, orders and fills of one account at a venue; moved by `apply` alone, so that the same changes give the same account. */
export class VenueAccount {
  #balances = new Balances();
  readonly #orders = new Map<ClientOrderId, HeldOrder>();
  readonly #open = new Set<ClientOrderId>();
  /** Ids of ended orders, in the order in which they ended. */
  readonly #ended = new Set<ClientOrderId>();
  #accepted = 0;
  #fills = 0;

  static restore(snapshot: AccountSnapshot): VenueAccount {
    const account = new VenueAccount();
    account.#balances = Balances.from(snapshot.balances);
    for (const order of snapshot.orders) account.#put(order);
    account.#accepted = snapshot.accepted;
    account.#fills = snapshot.fills;
    return account;
  }

  snapshot(): AccountSnapshot {
    return {
      balances: this.#balances.list(),
      orders: [...this.#ended, ...this.#open].map((id) => this.#existing(id)),
      accepted: this.#accepted,
      fills: this.#fills,
    };
  }

  /** Orders accepted and fills made so far: ids are counted from them. */
  get accepted(): number {
    return this.#accepted;
  }
  get fills(): number {
    return this.#fills;
  }

  free(asset: AssetId): Amount {
    return this.#balances.free(asset);
  }

  balances(): readonly Balance[] {
    return this.#balances.list();
  }

  order(id: ClientOrderId): HeldOrder | null {
    return this.#orders.get(id) ?? null;
  }

  /** Oldest first. */
  openOrders(): readonly HeldOrder[] {
    return [...this.#open].map((id) => this.#existing(id));
  }

  /** Throws `InvariantError` on a change that doesn't follow from the account's state. */
  apply(change: AccountChange): void {
    switch (change.kind) {
      case 'opened':
        invariant(this.#orders.size === 0, 'an account is opened once, before its first order');
        this.#balances = Balances.from(change.balances);
        return;
      case 'accepted':
        this.#accept(change);
        return;
      case 'rejected': {
        const { request, tsUs } = change;
        invariant(!this.#orders.has(request.clientOrderId), `order ${request.clientOrderId} is already known`);
        this.#put({
          request,
          venueOrderId: null,
          status: 'rejected',
          filled: 0 as Quantity,
          lockAsset: null,
          locked: NOTHING,
          acceptedUs: tsUs,
          fills: [],
        });
        return;
      }
      case 'filled':
        this.#fill(change);
        return;
      case 'canceled':
      case 'expired': {
        const order = this.#existing(change.clientOrderId);
        this.#release(order, NOTHING);
        this.#put({ ...order, status: change.kind, locked: NOTHING });
        return;
      }
      case 'refused':
        return;
    }
  }

  #accept(change: Extract<AccountChange, { kind: 'accepted' }>): void {
    const { request, lockAsset, locked } = change;
    invariant(!this.#orders.has(request.clientOrderId), `order ${request.clientOrderId} is already known`);
    expectOk(this.#balances.lock(lockAsset, locked));
    this.#accepted += 1;
    this.#put({
      request,
      venueOrderId: change.venueOrderId,
      status: 'accepted',
      filled: 0 as Quantity,
      lockAsset,
      locked,
      acceptedUs: change.tsUs,
      fills: [],
    });
  }

  #fill(change: Extract<AccountChange, { kind: 'filled' }>): void {
    const { fill } = change;
    const order = this.#existing(fill.clientOrderId);
    const filled = (order.filled + fill.quantity) as Quantity;
    invariant(filled <= order.request.quantity, `order ${fill.clientOrderId} would fill beyond its quantity`);
    invariant(order.lockAsset === change.debitAsset, `order ${fill.clientOrderId} pays in what it has not locked`);
    this.#balances.spendLocked(change.debitAsset, change.debit);
    this.#release({ ...order, locked: (order.locked - change.debit) as Amount }, change.lockedAfter);
    this.#balances.credit(change.creditAsset, change.credit);
    this.#fills += 1;
    const status = filled === order.request.quantity ? 'filled' : 'partially_filled';
    this.#put({ ...order, filled, status, locked: change.lockedAfter, fills: [...order.fills, fill] });
  }

  /** Unlocks what the order holds beyond `keep`. */
  #release(order: HeldOrder, keep: Amount): void {
    if (order.lockAsset !== null) this.#balances.unlock(order.lockAsset, (order.locked - keep) as Amount);
  }

  #put(order: HeldOrder): void {
    const id = order.request.clientOrderId;
    this.#orders.set(id, order);
    if (!isFinal(order.status)) {
      this.#open.add(id);
      return;
    }
    this.#open.delete(id);
    this.#ended.add(id);
    if (this.#ended.size <= ENDED_ORDERS_MAX) return;
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest);
      this.#orders.delete(oldest);
      break;
    }
  }

  #existing(id: ClientOrderId): HeldOrder {
    const order = this.#orders.get(id);
    invariant(order !== undefined, `order ${id} is unknown to the account`);
    return order;
  }
}

/** The order in the form that reconciliation reads; null for one that the venue refused, since it never became an order. */
export function venueOrderOf(order: HeldOrder): VenueOrder | null {
  if (order.venueOrderId === null) return null;
  return {
    clientOrderId: order.request.clientOrderId,
    venueOrderId: order.venueOrderId,
    instrument: order.request.instrument,
    side: order.request.side,
    status: order.status,
    quantity: order.request.quantity,
    filledQuantity: order.filled,
    limitPrice: order.request.limitPrice,
  };
}
