import { isFinal } from '@monsta/core';
import type { ClientOrderId, Fill, Order, TimestampUs, VenueOrder, VenueOrderEvent } from '@monsta/core';
import { kernelListOf } from './order-ids.ts';

/** A fill's identity: unique within an instrument. */
export const fillKey = (fill: Pick<Fill, 'instrument' | 'fillId'>): string => `${fill.instrument}:${fill.fillId}`;

/** What the venue knows of one of our orders. `order` null: it has never seen it. */
export interface VenueOrderView {
  readonly order: VenueOrder | null;
  readonly fills: readonly Fill[];
}

export interface ReconcileInput {
  readonly nowUs: TimestampUs;
  /** Our orders that are not final. */
  readonly orders: readonly Order[];
  /** `fillKey`s already in our ledger. */
  readonly seenFills: ReadonlySet<string>;
  readonly venueOrders: ReadonlyMap<ClientOrderId, VenueOrderView>;
  readonly venueOpenOrders: readonly VenueOrder[];
  /** True for a client order id that this installation made. */
  isOurs(id: ClientOrderId): boolean;
}

/** Found wrong; `id` is the same whenever the same thing is found again. */
export interface DivergenceFound {
  readonly id: string;
  readonly code: string;
  readonly message: string;
  /**
   * `seen`: it is so. `breach`: ledger and venue do not agree to the lot, unless what the venue answered was of two moments: it is so where the next comparison finds it too,
   * and only exits are allowed then.
   */
  readonly grade: 'seen' | 'breach';
}

/** What brings our view in step with the venue's: events to apply as if they had arrived, orders to cancel, and what to report. */
export interface ReconcilePlan {
  readonly events: readonly VenueOrderEvent[];
  readonly cancels: readonly ClientOrderId[];
  readonly divergences: readonly DivergenceFound[];
}

/**
 * The events that we missed of one order: acceptance, the fills not yet seen, and its end. An order the venue has never seen was never placed:
 * rejected as `never_arrived`. The caller asks only when a request can't be under way any more.
 */
export function missedEvents(
  order: Order,
  view: VenueOrderView,
  seenFills: ReadonlySet<string>,
  nowUs: TimestampUs,
): readonly VenueOrderEvent[] {
  const { clientOrderId } = order;
  if (view.order === null) {
    const reason = 'the venue has no such order: it never arrived, or was refused';
    return [{ kind: 'order-rejected', clientOrderId, code: 'never_arrived', reason, tsEventUs: nowUs }];
  }
  const { venueOrderId, status } = view.order;
  const events: VenueOrderEvent[] = [];
  if (order.venueOrderId === null)
    events.push({ kind: 'order-accepted', clientOrderId, venueOrderId, tsEventUs: nowUs });
  for (const fill of view.fills) {
    // The venue does not know strategies: the fill belongs to whom the order belongs.
    if (!seenFills.has(fillKey(fill))) {
      const ours: Fill = { ...fill, strategyId: order.strategyId };
      events.push({ kind: 'order-filled', fill: ours, tsEventUs: fill.tsEventUs });
    }
  }
  const reason = `found ${status} at the venue`;
  if (status === 'canceled') events.push({ kind: 'order-canceled', clientOrderId, reason, tsEventUs: nowUs });
  else if (status === 'expired') events.push({ kind: 'order-expired', clientOrderId, reason, tsEventUs: nowUs });
  else if (status === 'rejected')
    events.push({ kind: 'order-rejected', clientOrderId, code: 'rejected', reason, tsEventUs: nowUs });
  else if (!isFinal(status) && order.status === 'pending_cancel') {
    events.push({
      kind: 'cancel-rejected',
      clientOrderId,
      code: 'not_canceled',
      reason: 'still open at the venue',
      tsEventUs: nowUs,
    });
  }
  return events;
}

/** What an order has filled here, once these events are applied. */
const filledAfter = (order: Order, events: readonly VenueOrderEvent[]): number =>
  events.reduce<number>(
    (lots, event) => (event.kind === 'order-filled' ? lots + event.fill.quantity : lots),
    order.filledQuantity,
  );

/**
 * The invariant of each order, to the lot: with the fills that were missed, as much of it is filled here as at the venue. Null where it holds, and where the venue counts the
 * order otherwise (somebody made it smaller, or its steps are others now): the lots can't be compared then.
 */
function breachOf(order: Order, view: VenueOrderView, events: readonly VenueOrderEvent[]): DivergenceFound | null {
  const { clientOrderId, instrument, quantity } = order;
  if (view.order !== null && view.order.quantity !== quantity) return null;
  const here = filledAfter(order, events);
  const there = view.order?.filledQuantity ?? 0;
  if (here === there) return null;
  const told = view.order === null ? 'the venue has no such order' : `${there} at the venue`;
  return {
    id: `fills_differ:${clientOrderId}`,
    code: 'fills_differ',
    message: `of the ${quantity} lots of order ${clientOrderId} in ${instrument} ${here} are filled in the ledger, ${told}`,
    grade: 'breach',
  };
}

/**
 * Compares our orders with the venue's. An open order at the venue that we don't know: one with an id of ours (a ledger restored from an old backup) is
 * canceled; any other is somebody's own and left alone. Both are reported.
 */
export function reconcile(input: ReconcileInput): ReconcilePlan {
  const known = new Set(input.orders.map(({ clientOrderId }) => clientOrderId));
  const cancels: ClientOrderId[] = [];
  const divergences: DivergenceFound[] = [];
  const events = input.orders.flatMap((order) => {
    const view = input.venueOrders.get(order.clientOrderId) ?? { order: null, fills: [] };
    const missed = missedEvents(order, view, input.seenFills, input.nowUs);
    const breach = breachOf(order, view, missed);
    if (breach !== null) divergences.push(breach);
    return missed;
  });
  const lists = new Set<ClientOrderId>();
  for (const { clientOrderId, instrument } of input.venueOpenOrders) {
    if (known.has(clientOrderId)) continue;
    const ours = input.isOurs(clientOrderId);
    // One of a pair takes the other with it.
    const list = ours ? kernelListOf(clientOrderId) : null;
    if (ours && (list === null || !lists.has(list))) cancels.push(clientOrderId);
    if (list !== null) lists.add(list);
    const done = ours ? 'it has an id of ours and is canceled' : 'it is not ours and is left alone';
    divergences.push({
      id: `unknown_order:${clientOrderId}`,
      code: 'unknown_order',
      message: `order ${clientOrderId} in ${instrument} is open at the venue but not in the ledger; ${done}`,
      grade: 'seen',
    });
  }
  return { events, cancels, divergences };
}
