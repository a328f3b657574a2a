import { addAmounts, isContingent, isFinal, notional } from '@monsta/core';
import type { Instrument, Order, OrderStatus, Quantity, VenueOrderEvent } from '@monsta/core';

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

type Standing = Partial<Pick<Order, 'venueOrderId' | 'filledQuantity' | 'filledNotional' | 'reasonCode' | 'reason'>>;
const UNMOVED: Standing = {};

/** One object spread, and its fields given by name: what is copied in one go, as every order is several times. */
function moved(order: Order, status: OrderStatus, part: Standing, updatedUs: Order['updatedUs']): Order {
  const {
    venueOrderId = order.venueOrderId,
    filledQuantity = order.filledQuantity,
    filledNotional = order.filledNotional,
    reasonCode = order.reasonCode,
    reason = order.reason,
  } = part;
  return { ...order, venueOrderId, status, filledQuantity, filledNotional, reasonCode, reason, updatedUs };
}

/** Pure: the order after the event, or why the event changes nothing. The caller has sorted out fills it has seen before. */
export function stepOrder(order: Order, event: VenueOrderEvent, instrument: Instrument): OrderStep {
  if (isFinal(order.status)) return { ignored: `order is already ${order.status}` };
  const updatedUs = event.tsEventUs > order.updatedUs ? event.tsEventUs : order.updatedUs;
  const become = (status: OrderStatus, part: Standing = UNMOVED): OrderStep =>
    mayBecome(order.status, status)
      ? { order: moved(order, status, part, updatedUs) }
      : { ignored: `an order that is ${order.status} can't become ${status}` };
  switch (event.kind) {
    case 'order-accepted': {
      const { venueOrderId } = event;
      if (order.status === 'pending_submit') return become('accepted', { venueOrderId });
      // A cancel was asked for meanwhile, or its trigger was told first.
      if (order.venueOrderId === null) return { order: { ...order, venueOrderId, updatedUs } };
      return { ignored: 'accepted twice' };
    }
    case 'order-triggered':
      if (!isContingent(order.type)) return { ignored: 'the order waits for no trigger' };
      // It was accepted, which was not heard of; every other status says as much as before.
      return order.status === 'pending_submit' ? become('accepted') : { order: { ...order, updatedUs } };
    case 'order-rejected':
      // The venue has the first one of this id, whose own events tell what becomes of it.
      if (event.code === 'duplicate_order') return { ignored: 'the venue has this order already' };
      if (order.filledQuantity > 0) return { ignored: 'rejected after a fill' };
      return become('rejected', { reasonCode: event.code, reason: event.reason });
    case 'order-filled': {
      const { fill } = event;
      const filledQuantity = (order.filledQuantity + fill.quantity) as Quantity;
      if (filledQuantity > order.quantity) return { ignored: 'it would fill beyond its quantity' };
      const done = filledQuantity === order.quantity;
      const status = done ? 'filled' : order.status === 'pending_cancel' ? 'pending_cancel' : 'partially_filled';
      const filledNotional = addAmounts(order.filledNotional, notional(fill.price, fill.quantity, instrument));
      return become(status, { venueOrderId: fill.venueOrderId, filledQuantity, filledNotional });
    }
    case 'order-canceled':
      return become('canceled', { reasonCode: 'canceled', reason: event.reason });
    case 'order-expired':
      return become('expired', { reasonCode: 'expired', reason: event.reason });
    case 'cancel-rejected':
      if (order.status !== 'pending_cancel') return { ignored: 'no cancel is pending' };
      // Where the venue does not know the order its fate is unknown: it stays pending until a query tells.
      if (event.code === 'order_unknown')
        return { ignored: 'the venue did not know the order when asked to cancel it' };
      return become(restingStatus(order));
  }
}
