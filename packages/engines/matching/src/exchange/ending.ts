import { invariant } from '@monsta/core';
import { NO_CAUSE, type ExecutionReport, type ReportCause } from './execution-report.ts';
import type { Order, OrderList } from './order.ts';
import type { SymbolMarket } from './symbol-market.ts';
import { isFinalAtExchange, type RejectReason } from './vocabulary.ts';

/** Ends an order that the rules of its type, another order of its list, or a shortage of funds let go no further. */
export function expire(market: SymbolMarket, order: Order, cause: ReportCause = NO_CAUSE): void {
  market.end(order, 'EXPIRED');
  market.report(order, 'EXPIRED', cause);
  if (order.list !== null) orderEnded(market, order);
}

/** Ends the legs of a list that were accepted but could not be started when their turn came. */
export function rejectLegs(market: SymbolMarket, list: OrderList, reason: RejectReason): void {
  list.paired = false;
  for (const leg of list.legs) {
    market.end(leg, 'REJECTED');
    market.report(leg, 'REJECTED', { ...NO_CAUSE, reason });
  }
  finishList(market, list);
}

/** Ends an order by request, and with it the list that it is in. `cancelId` is the id of the request. */
export function cancel(market: SymbolMarket, order: Order, cancelId: string): ExecutionReport {
  market.end(order, 'CANCELED');
  const report = market.report(order, 'CANCELED', {
    execution: null,
    prevention: null,
    reason: 'NONE',
    originalClientOrderId: order.clientOrderId,
    clientOrderId: cancelId,
  });
  if (order.list !== null) orderEnded(market, order, cancelId);
  return report;
}

/**
 * Before a leg of a live pair is executed or begins to: the other leg expires, and the funds that both shared are locked for this one. Does nothing for any other order.
 */
export function dissolvePair(market: SymbolMarket, survivor: Order): void {
  const { list } = survivor;
  const other = list?.sibling(survivor) ?? null;
  if (list === null || other === null) return;
  list.paired = false;
  market.unlock(other);
  // The pair locked the dearer leg's funds, so that this one's are there.
  if (!survivor.locks) invariant(market.lock(survivor), 'a pair locks enough for either leg');
  market.end(other, 'EXPIRED');
  market.report(other, 'EXPIRED');
}

/**
 * What the end of an order means for its list: a working order that was wholly filled makes the pending legs due; any other end takes the orders with it that are still
 * open. A list whose orders have all ended is done.
 */
export function orderEnded(market: SymbolMarket, order: Order, cancelId: string | null = null): void {
  const { list } = order;
  if (list === null || list.ended) return;
  if (order === list.working && order.status === 'FILLED') {
    market.due.push(list);
    return;
  }
  list.paired = false;
  for (const other of list.orders) {
    if (isFinalAtExchange(other.status)) continue;
    // This calls back here for the other order; the list is done when the last has ended.
    if (cancelId === null) expire(market, other);
    else cancel(market, other, cancelId);
    return;
  }
  finishList(market, list);
}

function finishList(market: SymbolMarket, list: OrderList): void {
  const { trader } = list;
  list.ended = true;
  market.lists.delete(list.orderListId);
  trader.lists.delete(list.listClientOrderId);
  trader.account.openLists -= 1;
  for (const order of list.orders) market.pool.release(order);
  market.context.tellList(list, 'ALL_DONE', market.nowUs);
}
