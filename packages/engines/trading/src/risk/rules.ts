import { notional } from '@monsta/core';
import type { OrderRequest } from '@monsta/core';
import { no, type Assessment, type RiskApproved, type Rule } from './denial.ts';
import { iceberg } from './iceberg-rule.ts';
import * as money from './money-rules.ts';
import * as orders from './order-rules.ts';
import type { RiskView } from './view.ts';

/** In the order in which they are asked; the first refusal counts. */
const RULES: readonly Rule[] = [
  orders.tradingState,
  orders.instrumentTrades,
  orders.noShort,
  orders.freshData,
  orders.confidenceLimit,
  orders.locked,
  orders.orderSize,
  iceberg,
  orders.priceCollar,
  orders.openOrders,
  money.openPositions,
  money.strategyOpenPositions,
  money.positionLimit,
  money.strategyPosition,
  money.exposureLimit,
  money.exposureShare,
  money.strategyExposure,
  money.tradeRisk,
  money.cash,
  money.margin,
  orders.orderRate,
];

/** Approves an order, or says which rule refuses it, with its limit and the actual number. Pure. */
export function assess(order: OrderRequest, view: RiskView): Assessment {
  const at = order.limitPrice ?? order.stopPrice ?? view.touch ?? view.lastTrade;
  if (at === null) {
    return { denied: no('price_unknown', 'a price', 'none', `no price of ${view.instrument.id} has been seen yet`) };
  }
  const value = notional(at, order.quantity, view.instrument);
  for (const rule of RULES) {
    const denied = rule(order, view, value, at);
    if (denied !== null) return { denied };
  }
  return { approved: order as RiskApproved<OrderRequest> };
}
