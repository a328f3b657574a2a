import type { Quantity } from '@monsta/core';
import { cancel } from './ending.ts';
import { refusal, REFUSALS, type ExchangeFault, type ExchangeRefusal } from './exchange-faults.ts';
import { NO_CAUSE, type ExecutionReport } from './execution-report.ts';
import type { Order, OrderList, Trader } from './order.ts';
import type { OrderView } from './order-view.ts';
import { checkOrder, createRejected, placeChecked } from './placing.ts';
import { rejectReasonOf } from './starting.ts';
import type { SymbolMarket } from './symbol-market.ts';
import type { AmendOrder, CancelOrder, CancelReplace, ListReference, OrderReference } from './vocabulary.ts';

const referenceMissing = refusal(
  'parameter_missing',
  -1102,
  "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
);
const listReferenceMissing = refusal(
  'parameter_missing',
  -1102,
  "Param 'orderListId' or 'listClientOrderId' must be sent, but both were empty/null!",
);
const amendRejected = (code: string, message: string): ExchangeRefusal => refusal(code, -2038, message);
const AMEND = {
  disabled: amendRejected('trading_disabled', 'This account may not place or cancel orders.'),
  closed: amendRejected('market_closed', 'Market is closed.'),
  barred: amendRejected('amend_barred', 'Order amend is not supported for this symbol.'),
  unknown: amendRejected('order_unknown', 'Unknown order sent.'),
  increase: amendRejected('amend_increase', 'Order amend (quantity increase) is not supported.'),
  noChange: amendRejected('amend_no_change', 'The requested action would change no state; rejecting.'),
  nothingLeft: amendRejected('amend_nothing_left', 'Order amend would leave no quantity to execute.'),
  tooMany: amendRejected('amend_too_many', 'Filter failure: MAX_NUM_ORDER_AMENDS'),
  duplicate: amendRejected('duplicate_order', 'Duplicate order sent.'),
} as const;

/** The open order that a reference names; undefined where there is none. */
export function findOrder(market: SymbolMarket, trader: Trader, reference: OrderReference): Order | undefined {
  const { orderId, clientOrderId } = reference;
  if (orderId === null) return clientOrderId === null ? undefined : trader.orders.get(clientOrderId);
  const order = market.orders.get(orderId);
  if (order === undefined || order.trader !== trader) return undefined;
  return clientOrderId === null || clientOrderId === order.clientOrderId ? order : undefined;
}

/** Cancels an open order; an order of a list takes the list with it. */
export function cancelOrder(
  market: SymbolMarket,
  trader: Trader,
  request: CancelOrder,
): ExecutionReport | ExchangeRefusal {
  if (request.orderId === null && request.clientOrderId === null) return referenceMissing;
  if (!trader.account.canTrade) return REFUSALS.cancelDisabled;
  const order = findOrder(market, trader, request);
  if (order === undefined) return REFUSALS.unknownOrder;
  const { restriction } = request;
  if (restriction !== null) {
    const wanted = restriction === 'ONLY_NEW' ? 'NEW' : 'PARTIALLY_FILLED';
    if (order.status !== wanted) return REFUSALS.cancelRestricted;
  }
  return cancel(market, order, request.newClientOrderId ?? market.generateId(trader));
}

/** Cancels all open orders of an account on a symbol, oldest first, as one request with one name; -2011 where there are none. */
export function cancelAll(market: SymbolMarket, trader: Trader): readonly ExecutionReport[] | ExchangeRefusal {
  if (!trader.account.canTrade) return REFUSALS.cancelDisabled;
  if (trader.orders.size === 0) return REFUSALS.unknownOrder;
  const reports: ExecutionReport[] = [];
  const name = market.generateId(trader);
  for (const order of trader.orders.values().sort((left, right) => left.orderId - right.orderId)) {
    // One order of a list takes the others with it.
    if (order.place !== 'ended') reports.push(cancel(market, order, name));
  }
  return reports;
}

/** Cancels a list with all its open orders. */
export function cancelList(
  market: SymbolMarket,
  trader: Trader,
  reference: ListReference,
  newClientOrderId: string | null,
): OrderList | ExchangeRefusal {
  const { orderListId, listClientOrderId } = reference;
  if (orderListId === null && listClientOrderId === null) return listReferenceMissing;
  if (!trader.account.canTrade) return REFUSALS.cancelDisabled;
  const list = orderListId === null ? trader.lists.get(listClientOrderId ?? '') : market.lists.get(orderListId);
  if (list === undefined || list.trader !== trader) return REFUSALS.unknownOrder;
  if (listClientOrderId !== null && list.listClientOrderId !== listClientOrderId) return REFUSALS.unknownOrder;
  const open = list.orders.find((order) => order.place !== 'ended');
  if (open === undefined) return REFUSALS.unknownOrder;
  cancel(market, open, newClientOrderId ?? market.generateId(trader));
  return list;
}

/** What became of the two halves of a cancel-replace. `fault` is null where both succeeded. */
export type CancelReplaced = Replaced<OrderView>;

/** The same with the new order as `O`. */
export interface Replaced<O> {
  readonly fault: ExchangeFault | null;
  readonly cancelResult: 'SUCCESS' | 'FAILURE' | 'NOT_ATTEMPTED';
  readonly newOrderResult: 'SUCCESS' | 'FAILURE' | 'NOT_ATTEMPTED';
  readonly canceled: ExecutionReport | null;
  readonly cancelFault: ExchangeFault | null;
  readonly placed: O | null;
  readonly newOrderFault: ExchangeFault | null;
}

const NOTHING_REPLACED: Replaced<Order> = {
  fault: null,
  cancelResult: 'NOT_ATTEMPTED',
  newOrderResult: 'NOT_ATTEMPTED',
  canceled: null,
  cancelFault: null,
  placed: null,
  newOrderFault: null,
};

/**
 * Cancels one order and places another. The new order's parameters and filters are checked first, with the old one still open; where they fail nothing is done and `fault`
 * is theirs.
 */
export function cancelReplace(market: SymbolMarket, trader: Trader, request: CancelReplace): Replaced<Order> {
  if (!market.rules.cancelReplaceAllowed) return { ...NOTHING_REPLACED, fault: REFUSALS.replaceBarred.fault };
  const checked = checkOrder(market, trader, request.order);
  if ('ok' in checked) return { ...NOTHING_REPLACED, fault: checked.fault };
  const canceled = cancelOrder(market, trader, request.cancel);
  const cancelFailed = 'ok' in canceled;
  const cancelPart: Replaced<Order> = cancelFailed
    ? { ...NOTHING_REPLACED, cancelResult: 'FAILURE', cancelFault: canceled.fault }
    : { ...NOTHING_REPLACED, cancelResult: 'SUCCESS', canceled };
  if (cancelFailed && request.mode === 'STOP_ON_FAILURE') {
    return { ...cancelPart, fault: REFUSALS.replaceFailed.fault };
  }
  const placed = placeChecked(market, trader, checked);
  if (!('ok' in placed)) {
    const fault = cancelFailed ? REFUSALS.replacePartly.fault : null;
    return { ...cancelPart, fault, newOrderResult: 'SUCCESS', placed };
  }
  const failed: Replaced<Order> = { ...cancelPart, newOrderResult: 'FAILURE', newOrderFault: placed.fault };
  if (cancelFailed) return { ...failed, fault: REFUSALS.replaceFailed.fault };
  const rejected = createRejected(market, trader, checked);
  market.report(rejected, 'REJECTED', { ...NO_CAUSE, reason: rejectReasonOf(placed) });
  return { ...failed, fault: REFUSALS.replacePartly.fault };
}

/** Lowers an order's quantity; it keeps its place in the queue. Both legs of a pair change together. */
export function amendOrder(
  market: SymbolMarket,
  trader: Trader,
  request: AmendOrder,
): ExecutionReport | ExchangeRefusal {
  if (!trader.account.canTrade) return AMEND.disabled;
  if (market.status !== 'TRADING') return AMEND.closed;
  if (!market.rules.amendAllowed) return AMEND.barred;
  const { orderId, clientOrderId, newQuantity } = request;
  if (orderId === null && clientOrderId === null) return referenceMissing;
  const order = findOrder(market, trader, orderId === null ? request : { ...request, clientOrderId: null });
  if (order === undefined) return AMEND.unknown;
  if (clientOrderId !== null && clientOrderId !== order.clientOrderId) return REFUSALS.clientOrderIdWrong;
  const fault = amendFault(market, order, newQuantity);
  if (fault !== null) return fault;
  const original = order.clientOrderId;
  const renamed = request.newClientOrderId ?? market.generateId(trader);
  if (renamed !== original && trader.orders.has(renamed)) return AMEND.duplicate;
  const other = order.list?.twin(order) ?? null;
  trader.orders.delete(order);
  order.rename(renamed);
  trader.orders.add(order);
  const report = lower(market, order, newQuantity, original);
  if (other !== null) lower(market, other, newQuantity, other.clientOrderId);
  if (order.list !== null && renamed !== original) {
    market.context.tellList(order.list, 'UPDATED', market.nowUs);
  }
  return report;
}

function amendFault(market: SymbolMarket, order: Order, newQuantity: Quantity): ExchangeRefusal | null {
  if (newQuantity > order.quantity) return AMEND.increase;
  if (newQuantity === order.quantity) return AMEND.noChange;
  const most = market.rules.orderAmendsMax;
  if (most !== null && order.extras.amendments >= most) return AMEND.tooMany;
  const price = order.price > 0 ? order.price : null;
  const icebergQuantity = order.icebergQuantity > 0 ? order.icebergQuantity : null;
  const { type } = order;
  const fault = market.filters.checkQuantity({ type, price, icebergQuantity }, newQuantity, market.reference);
  if (fault !== null) return fault;
  return newQuantity <= order.executed + order.prevented ? AMEND.nothingLeft : null;
}

function lower(market: SymbolMarket, order: Order, quantity: Quantity, original: string): ExecutionReport {
  const less = order.quantity - quantity;
  if (order.locks) market.release(order, less);
  if (order.isBuy) order.trader.openBuyQuantity -= less;
  order.quantity = quantity;
  order.changeExtras({ amendments: order.extras.amendments + 1 });
  if (order.place === 'resting') market.book.shrink(order);
  return market.report(order, 'REPLACED', { ...NO_CAUSE, originalClientOrderId: original });
}
