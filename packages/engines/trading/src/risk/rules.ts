import { notional } from '@monsta/core';
import type { Amount, OrderRequest, Price } from '@monsta/core';
import { no, type Assessment, type OrderDenied, type RiskApproved, type Rule } from './denial.ts';
import { iceberg } from './iceberg-rule.ts';
import * as money from './money-rules.ts';
import * as orders from './order-rules.ts';
import type { RiskView } from './view.ts';

/**
 * The first refusal, in the order in which the rules are asked. An order that only makes a position smaller is not asked those that are there for entries. Named one by one: what is called through a list costs a
 * good deal of what most rules do.
 */
function refusalOf(order: OrderRequest, view: RiskView, value: Amount, at: Price): OrderDenied | null {
  const { reduceOnly } = order;
  return (
    orders.tradingState(order, view, value, at) ??
    orders.instrumentTrades(order, view, value, at) ??
    orders.noShort(order, view, value, at) ??
    (reduceOnly ? null : refusalOfMoment(order, view, value, at)) ??
    orders.orderSize(order, view, value, at) ??
    iceberg(order, view, value, at) ??
    orders.priceCollar(order, view, value, at) ??
    (reduceOnly ? null : refusalOfEntry(order, view, value, at))
  );
}

/** Whether this is a moment to enter. */
const refusalOfMoment: Rule = (order, view, value, at) =>
  orders.freshData(order, view, value, at) ??
  orders.confidenceLimit(order, view, value, at) ??
  orders.locked(order, view, value, at);

/** Whether there is room for it. */
const refusalOfEntry: Rule = (order, view, value, at) =>
  orders.openOrders(order, view, value, at) ??
  money.openPositions(order, view, value, at) ??
  money.strategyOpenPositions(order, view, value, at) ??
  money.positionLimit(order, view, value, at) ??
  money.strategyPosition(order, view, value, at) ??
  money.exposureLimit(order, view, value, at) ??
  money.exposureShare(order, view, value, at) ??
  money.strategyExposure(order, view, value, at) ??
  money.tradeRisk(order, view, value, at) ??
  money.cash(order, view, value, at) ??
  money.margin(order, view, value, at) ??
  orders.orderRate(order, view, value, at);

/** Approves an order, or says which rule refuses it, with its limit and the actual number. Pure. */
export function assess(order: OrderRequest, view: RiskView): Assessment {
  const at = order.limitPrice ?? order.stopPrice ?? view.touch ?? view.lastTrade;
  if (at === null) {
    return { denied: no('price_unknown', 'a price', 'none', `no price of ${view.instrument.id} has been seen yet`) };
  }
  const denied = refusalOf(order, view, notional(at, order.quantity, view.instrument), at);
  return denied === null ? { approved: order as RiskApproved<OrderRequest> } : { denied };
}
