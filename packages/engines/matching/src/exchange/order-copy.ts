import type { Order } from './order.ts';
import type { OrderView } from './order-view.ts';

/** The order as it stands now: a copy that no longer changes. */
export function copyOf(order: Order): OrderView {
  const { extras } = order;
  return {
    symbol: order.trader.rules.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId,
    clientOrderId: order.clientOrderId,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    status: order.status,
    price: order.price,
    stopPrice: extras.stopPrice,
    trailingDelta: extras.trailingDelta,
    icebergQuantity: extras.icebergQuantity,
    quantity: order.quantity,
    quoteOrderQuantity: extras.quoteOrderQuantity,
    executed: order.executed,
    prevented: extras.prevented,
    cumulativeQuote: order.cumulativeQuote,
    selfTradeMode: order.selfTradeMode,
    strategyId: extras.strategyId,
    strategyType: extras.strategyType,
    createdUs: order.createdUs,
    updatedUs: order.updatedUs,
    workingUs: order.workingUs,
    trailingUs: extras.trailingUs,
    isWorking: order.place === 'resting',
    preventedMatchId: extras.preventedMatchId,
  };
}
