import {
  isFinal,
  type Fill,
  type ForeignFill,
  type ClientOrderId,
  type Instrument,
  type InstrumentId,
  type Order,
  type OrderRequest,
  type StrategyId,
  type TimestampUs,
  type VenueOrderEvent,
} from '@monsta/core';
import { exitCauseOf } from './exit-cause.ts';
import type { KeptRecords } from './kept-records.ts';
import type { Emit, KernelConfig } from './kernel-types.ts';
import type { Markets } from './markets.ts';
import { isKernelListId, isKernelOrderId, kernelListIds, kernelOrderId } from './order-ids.ts';
import { mayBecome, orderIn, pendingOrder, stepOrder } from './order-state.ts';
import type { Books } from './books.ts';
import type { Portfolio } from './portfolio.ts';
import { fillKey } from './reconcile.ts';
import { SeenFills } from './seen-fills.ts';
import type { Assessment, EntryTerms, OrderDenied, RiskDesk } from './risk.ts';

/** An order as it is asked for, before it has an id. */
export type OrderWish = Omit<OrderRequest, 'clientOrderId' | 'createdUs'> & EntryTerms;

export interface DeskState {
  /** Made from the time of the first start, so that no later installation on the same account makes the same ids. */
  readonly idPrefix: string | null;
  readonly nextOrder: number;
}

interface DeskParts {
  readonly config: KernelConfig;
  readonly markets: Markets;
  readonly portfolio: Portfolio;
  readonly risk: RiskDesk;
  readonly books: Books;
  readonly emit: Emit;
  readonly keeps: KeptRecords;
  /** Takes a fill of an order that is not ours. */
  foreignFill(fill: Fill, nowUs: TimestampUs): void;
  /** Hears what became of an order of ours. */
  stepped(before: Order, after: Order, nowUs: TimestampUs): void;
}

/** How an order is placed. */
interface Placing {
  /** It closes a position for a kill switch, and passes while trading is halted. */
  readonly flattening?: boolean;
  /** It protects a position, as its id then says. */
  readonly protective?: boolean;
  /** The order that makes room for it: canceled first, at the venue, and only then it is placed. */
  readonly insteadOf?: Order | null;
}

export type Placed = { readonly order: Order } | { readonly denied: OrderDenied };

/** Two orders of one size that cancel each other, as they are asked for: the one above the market, then the one below. */
export interface ListWish {
  readonly kind: 'oco';
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly legs: readonly [OrderWish, OrderWish];
}

export type PlacedList =
  | { readonly listId: ClientOrderId; readonly orders: readonly [Order, Order] }
  | { readonly denied: OrderDenied };

/** Sends orders that risk approved, and brings what the venue reports into orders, positions and balances. */
export class OrderDesk {
  readonly #parts: DeskParts;
  readonly #seenFills = new SeenFills();
  readonly #ignored = new Map<string, number>();
  #idPrefix: string | null = null;
  #nextOrder = 1;
  /** True when the counters moved and have to be recorded with the order. */
  #moved = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  get state(): DeskState {
    return { idPrefix: this.#idPrefix, nextOrder: this.#nextOrder };
  }

  restore(state: DeskState, seenFills: readonly string[]): void {
    this.#idPrefix = state.idPrefix;
    this.#nextOrder = state.nextOrder;
    this.#seenFills.restore(seenFills);
  }

  get seenFills(): ReadonlySet<string> {
    return this.#seenFills.keys;
  }

  /** False for a fill that was seen before; remembers it. */
  isNewFill(fill: ForeignFill): boolean {
    if (this.#seenFills.has(fill)) return false;
    this.#seenFills.add(fill);
    return true;
  }

  get ignored(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#ignored);
  }

  restoreIgnored(counts: Readonly<Record<string, number>>): void {
    for (const [why, count] of Object.entries(counts)) this.#ignored.set(why, count);
  }

  takeMoved(): boolean {
    const moved = this.#moved;
    this.#moved = false;
    return moved;
  }

  /** Asks risk; an approved order is recorded as pending and submitted. */
  place(wish: OrderWish, nowUs: TimestampUs, how: Placing = {}): Placed {
    const { emit } = this.#parts;
    const { insteadOf = null } = how;
    const id = kernelOrderId(this.#prefix(nowUs), this.#nextOrder, how.protective === true);
    const assessment = this.#assess(wish, id, null, how, nowUs);
    if ('denied' in assessment) return assessment;
    this.#nextOrder += 1;
    this.#moved = true;
    const request = assessment.approved;
    if (insteadOf !== null) this.#putPendingCancel(insteadOf, nowUs);
    const order = this.#putPending(request, nowUs);
    if (insteadOf === null) emit({ kind: 'submit', request });
    else emit({ kind: 'replace', clientOrderId: insteadOf.clientOrderId, request });
    return { order };
  }

  /** Asks risk for each of the two as if it were alone, since only one of them trades; an approved list is recorded as pending and submitted as a whole. */
  placeList(wish: ListWish, nowUs: TimestampUs, how: Pick<Placing, 'protective'> = {}): PlacedList {
    const [above, below] = wish.legs;
    const { listId, legs } = kernelListIds(this.#prefix(nowUs), this.#nextOrder, how.protective === true);
    const fault = listFault(wish);
    if (fault !== null) return { denied: fault };
    const first = this.#assess(above, legs[0], listId, how, nowUs);
    if ('denied' in first) return first;
    const second = this.#assess(below, legs[1], listId, how, nowUs);
    if ('denied' in second) return second;
    this.#nextOrder += 1;
    this.#moved = true;
    const orders = [first.approved, second.approved] as const;
    const [one, other] = orders.map((request) => this.#putPending(request, nowUs)) as [Order, Order];
    this.#parts.emit({ kind: 'submit-list', request: { listId, kind: wish.kind, orders } });
    return { listId, orders: [one, other] };
  }

  #prefix(nowUs: TimestampUs): string {
    this.#idPrefix ??= `m${Math.floor(nowUs / 1_000).toString(36)}`;
    return this.#idPrefix;
  }

  /** Slippage is measured from the market as it is now, unless who asks has decided earlier. */
  #requestOf(wish: OrderWish, id: ClientOrderId, listId: ClientOrderId | null, createdUs: TimestampUs): OrderRequest {
    return {
      clientOrderId: id,
      strategyId: wish.strategyId,
      instrument: wish.instrument,
      side: wish.side,
      type: wish.type,
      timeInForce: wish.timeInForce,
      quantity: wish.quantity,
      limitPrice: wish.limitPrice,
      stopPrice: wish.stopPrice,
      trailingBps: wish.trailingBps,
      icebergQuantity: wish.icebergQuantity,
      listId,
      tag: wish.tag,
      decisionPrice: wish.decisionPrice ?? this.#parts.markets.state(wish.instrument).lastTrade,
      reduceOnly: wish.reduceOnly,
      createdUs,
    };
  }

  #putPending(request: OrderRequest, nowUs: TimestampUs): Order {
    const { emit, portfolio } = this.#parts;
    const order = pendingOrder(request, nowUs);
    portfolio.putOrder(order);
    emit({ kind: 'order', order, instrument: portfolio.stepsOf(order) });
    return order;
  }

  #assess(
    wish: OrderWish,
    id: ClientOrderId,
    listId: ClientOrderId | null,
    how: Placing,
    nowUs: TimestampUs,
  ): Assessment {
    const { confidence = null, plannedStop = null } = wish;
    const { flattening = false, protective = false, insteadOf = null } = how;
    return this.#parts.risk.assess(
      this.#requestOf(wish, id, listId, nowUs),
      { flattening, protective, insteadOf, confidence, plannedStop },
      nowUs,
    );
  }

  /** Cancels what rests and would enter, in these instruments. */
  cancelEntries(instruments: readonly InstrumentId[], nowUs: TimestampUs): void {
    if (instruments.length === 0) return;
    for (const order of this.#parts.portfolio.workingOrders())
      if (!order.reduceOnly && instruments.includes(order.instrument)) this.cancel(order, nowUs);
  }

  /** Asks the venue to cancel, with the list of an order that has one; nothing for an order whose cancel is pending already. */
  cancel(order: Order, nowUs: TimestampUs): void {
    if (!isCancelable(order)) return;
    if (order.listId !== null && this.#parts.portfolio.ofList(order.listId).length > 1) {
      this.cancelList(order.listId, nowUs);
      return;
    }
    this.#putPendingCancel(order, nowUs);
    this.#parts.emit({ kind: 'cancel', clientOrderId: order.clientOrderId });
  }

  /** Asks the venue to cancel a list; nothing where none of its orders works or its cancel is pending already. */
  cancelList(listId: ClientOrderId, nowUs: TimestampUs): void {
    const working = this.#parts.portfolio.ofList(listId).filter(isCancelable);
    for (const order of working) this.#putPendingCancel(order, nowUs);
    if (working.length > 0) this.#parts.emit({ kind: 'cancel-list', listId });
  }

  #putPendingCancel(order: Order, nowUs: TimestampUs): void {
    const pending = orderIn(order, 'pending_cancel', nowUs);
    const { portfolio, emit } = this.#parts;
    portfolio.putOrder(pending);
    emit({ kind: 'order', order: pending, instrument: portfolio.stepsOf(pending) });
  }

  /** Takes what the venue reports. Late, duplicate and impossible events change nothing and are counted. */
  onVenueEvent(event: VenueOrderEvent, nowUs: TimestampUs): void {
    const { portfolio, emit } = this.#parts;
    const id = event.kind === 'order-filled' ? event.fill.clientOrderId : event.clientOrderId;
    const isFill = event.kind === 'order-filled';
    if (isFill && this.#seenFills.has(event.fill)) {
      this.#ignore('fill_duplicate');
      return;
    }
    if (event.kind === 'cancel-rejected' && isKernelListId(id)) {
      for (const { clientOrderId } of portfolio.ofList(id)) this.onVenueEvent({ ...event, clientOrderId }, nowUs);
      return;
    }
    const order = portfolio.order(id);
    if (order === null) {
      if (isFill) this.#strayFill(event.fill, nowUs);
      else this.#ignore('order_not_working');
      return;
    }
    const instrument = portfolio.stepsOf(order);
    const step = stepOrder(order, event, instrument);
    if ('ignored' in step) {
      this.#ignore(`${event.kind}_${order.status}`);
      emit({
        kind: 'note',
        level: 'warn',
        code: 'venue_event_ignored',
        message: `${event.kind} of order ${id}: ${step.ignored}`,
      });
      return;
    }
    portfolio.putOrder(step.order);
    emit({ kind: 'order', order: step.order, instrument });
    if (isFill) {
      // The venue does not know strategies: the fill belongs to whom the order belongs.
      const { fill } = event;
      const own = fill.strategyId === order.strategyId ? fill : { ...fill, strategyId: order.strategyId };
      this.#book(own, instrument, order, nowUs);
    }
    if (this.#parts.keeps.ledger && (isFill || isFinal(step.order.status) || order.type !== 'market'))
      emit({ kind: 'balances', balances: portfolio.balances() });
    this.#parts.stepped(order, step.order, nowUs);
  }

  /** `order`: null where it is not here any more, and with it what it was for. */
  #book(fill: Fill, instrument: Instrument, order: Order | null, nowUs: TimestampUs): void {
    const { portfolio, emit, books } = this.#parts;
    this.#seenFills.add(fill);
    const moved = portfolio.applyFill(fill, instrument, nowUs);
    emit({ kind: 'fill', fill, instrument });
    const cause = order === null ? null : exitCauseOf(order);
    const { fillId: key, tsEventUs: closedUs, clientOrderId: orderId } = fill;
    books.moved(moved, { key, closedUs, orderId, tag: order?.tag ?? null, cause });
  }

  /** A fill of an order that is not working here: money moved all the same. One of our own ids is booked to its strategy; any other moves only the balances. */
  #strayFill(fill: Fill, nowUs: TimestampUs): void {
    const { portfolio, markets, emit, config } = this.#parts;
    const key = fillKey(fill);
    if (!isKernelOrderId(fill.clientOrderId)) {
      this.#parts.foreignFill(fill, nowUs);
      return;
    }
    const instrument = markets.instrument(fill.instrument);
    if (instrument === null) {
      this.#seenFills.add(fill);
      this.#ignore('fill_of_unknown_instrument');
      return;
    }
    this.#book(fill, instrument, null, nowUs);
    emit({ kind: 'balances', balances: portfolio.balances() });
    emit({
      kind: 'divergence',
      divergence: {
        id: `stray_fill:${key}`,
        code: 'late_fill',
        message: `fill ${key} of order ${fill.clientOrderId}, which had ended here before; booked to its strategy`,
        accountId: config.accountId,
        tsUs: nowUs,
      },
    });
  }

  #ignore(why: string): void {
    this.#ignored.set(why, (this.#ignored.get(why) ?? 0) + 1);
  }
}

const isCancelable = ({ status }: Order): boolean => status !== 'pending_cancel' && mayBecome(status, 'pending_cancel');

/** What keeps two orders from being a pair that an exchange takes; null where nothing does. */
export function listFault({ legs }: ListWish): OrderDenied | null {
  const [above, below] = legs;
  const deny = (limit: string, actual: string, message: string): OrderDenied => ({
    rule: 'order_list',
    limit,
    actual,
    message,
  });
  if (above.side !== below.side || above.quantity !== below.quantity)
    return deny(
      'one side and quantity',
      `${above.side} ${above.quantity}, ${below.side} ${below.quantity}`,
      'the two orders of a pair have one side and one quantity',
    );
  const [high, low] = [above.stopPrice ?? above.limitPrice, below.stopPrice ?? below.limitPrice];
  if (high === null || low === null || high > low) return null;
  return deny(
    'the first above the second',
    `${high} and ${low} ticks`,
    'the two orders of a pair stand on two sides of the market',
  );
}
