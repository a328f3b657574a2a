import { addAmounts, isContingent, isFinal, notional, ZERO_AMOUNT } from '@monsta/core';
import type { Amount, Instrument, Order, OrderRequest, OrderStatus, Quantity, VenueOrderEvent } from '@monsta/core';

/** Every transition there is; what is not listed can't happen. A fill leaves a pending cancel pending. */
export const TRANSITIONS: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending_submit: ['accepted', 'partially_filled', 'filled', 'pending_cancel', 'canceled', 'expired', 'rejected'],
  accepted: ['partially_filled', 'filled', 'pending_cancel', 'canceled', 'expired'],
  partially_filled: ['partially_filled', 'filled', 'pending_cancel', 'canceled', 'expired'],
  pending_cancel: [
    'pending_cancel',
    'pending_submit',
    'accepted',
    'partially_filled',
    'filled',
    'canceled',
    'expired',
    'rejected',
  ],
  filled: [],
  canceled: [],
  expired: [],
  rejected: [],
  denied: [],
};

export const mayBecome = (from: OrderStatus, to: OrderStatus): boolean => TRANSITIONS[from].includes(to);

/** What a venue's event makes of an order. `ignored`: late, duplicate or impossible; the order stays as it is. */
export type OrderStep = { readonly order: Order } | { readonly ignored: string };

/** What an order is whose cancel was refused; one of which the venue has never told is as unknown as before. */
function restingStatus({ filledQuantity, venueOrderId }: Order): OrderStatus {
  if (filledQuantity > 0) return 'partially_filled';
  return venueOrderId === null ? 'pending_submit' : 'accepted';
}

/** An order that has just been asked for. */
export const pendingOrder = (request: OrderRequest, nowUs: Order['updatedUs']): Order =>
  orderOf(request, 'pending_submit', null, 0 as Quantity, ZERO_AMOUNT, null, null, nowUs);

/** The order in another state. */
export const orderIn = (order: Order, status: OrderStatus, updatedUs: Order['updatedUs']): Order =>
  orderOf(
    order,
    status,
    order.venueOrderId,
    order.filledQuantity,
    order.filledNotional,
    order.reasonCode,
    order.reason,
    updatedUs,
  );

/** Every property by name: orders that are all of one form are made, and read, fast. */
function orderOf(
  terms: OrderRequest,
  status: OrderStatus,
  venueOrderId: Order['venueOrderId'],
  filledQuantity: Quantity,
  filledNotional: Amount,
  reasonCode: string | null,
  reason: string | null,
  updatedUs: Order['updatedUs'],
): Order {
  return {
    clientOrderId: terms.clientOrderId,
    strategyId: terms.strategyId,
    instrument: terms.instrument,
    side: terms.side,
    type: terms.type,
    timeInForce: terms.timeInForce,
    quantity: terms.quantity,
    limitPrice: terms.limitPrice,
    stopPrice: terms.stopPrice,
    trailingBps: terms.trailingBps,
    icebergQuantity: terms.icebergQuantity,
    listId: terms.listId,
    tag: terms.tag,
    decisionPrice: terms.decisionPrice,
    reduceOnly: terms.reduceOnly,
    createdUs: terms.createdUs,
    venueOrderId,
    status,
    filledQuantity,
    filledNotional,
    reasonCode,
    reason,
    updatedUs,
  };
}

const impossible = (from: OrderStatus, to: OrderStatus): OrderStep => ({
  ignored: `an order that is ${from} can't become ${to}`,
});

/** Pure: the order after the event, or why the event changes nothing. The caller has sorted out fills it has seen before. */
export function stepOrder(order: Order, event: VenueOrderEvent, instrument: Instrument): OrderStep {
  if (isFinal(order.status)) return { ignored: `order is already ${order.status}` };
  const updatedUs = event.tsEventUs > order.updatedUs ? event.tsEventUs : order.updatedUs;
  const { status } = order;
  const become = (next: OrderStatus, reasonCode = order.reasonCode, reason = order.reason): OrderStep => {
    if (!mayBecome(status, next)) return impossible(status, next);
    const { venueOrderId, filledQuantity, filledNotional } = order;
    return { order: orderOf(order, next, venueOrderId, filledQuantity, filledNotional, reasonCode, reason, updatedUs) };
  };
  switch (event.kind) {
    case 'order-accepted': {
      const { venueOrderId } = event;
      // A cancel was asked for meanwhile, or its trigger was told first.
      const next = status === 'pending_submit' ? 'accepted' : status;
      if (status === 'pending_submit' || order.venueOrderId === null) {
        const { filledQuantity, filledNotional, reasonCode, reason } = order;
        return {
          order: orderOf(order, next, venueOrderId, filledQuantity, filledNotional, reasonCode, reason, updatedUs),
        };
      }
      return { ignored: 'accepted twice' };
    }
    case 'order-triggered':
      if (!isContingent(order.type)) return { ignored: 'the order waits for no trigger' };
      // It was accepted, which was not heard of; every other status says as much as before.
      return status === 'pending_submit' ? become('accepted') : { order: orderIn(order, status, updatedUs) };
    case 'order-rejected':
      // The venue has the first one of this id, whose own events tell what becomes of it.
      if (event.code === 'duplicate_order') return { ignored: 'the venue has this order already' };
      if (order.filledQuantity > 0) return { ignored: 'rejected after a fill' };
      return become('rejected', event.code, event.reason);
    case 'order-filled': {
      const { fill } = event;
      const filledQuantity = (order.filledQuantity + fill.quantity) as Quantity;
      if (filledQuantity > order.quantity) return { ignored: 'it would fill beyond its quantity' };
      const done = filledQuantity === order.quantity;
      const next = done ? 'filled' : status === 'pending_cancel' ? 'pending_cancel' : 'partially_filled';
      if (!mayBecome(status, next)) return impossible(status, next);
      const traded = notional(fill.price, fill.quantity, instrument);
      const filledNotional = order.filledQuantity === 0 ? traded : addAmounts(order.filledNotional, traded);
      const { reasonCode, reason } = order;
      return {
        order: orderOf(order, next, fill.venueOrderId, filledQuantity, filledNotional, reasonCode, reason, updatedUs),
      };
    }
    case 'order-canceled':
      return become('canceled', 'canceled', event.reason);
    case 'order-expired':
      return become('expired', 'expired', event.reason);
    case 'cancel-rejected':
      if (order.status !== 'pending_cancel') return { ignored: 'no cancel is pending' };
      // Where the venue does not know the order its fate is unknown: it stays pending until a query tells.
      if (event.code === 'order_unknown')
        return { ignored: 'the venue did not know the order when asked to cancel it' };
      return become(restingStatus(order));
  }
}
