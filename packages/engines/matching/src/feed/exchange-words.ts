import { isContingent, type AccountId, type OrderListRequest, type OrderRequest, type OrderType } from '@monsta/core';
import type { ExchangeOrderType, NewOrder, NewOrderList, RejectReason } from '../exchange/vocabulary.ts';
import type { HeardReport } from './feed-messages.ts';

const TYPES: Readonly<Record<OrderType, ExchangeOrderType>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  limit_maker: 'LIMIT_MAKER',
  stop_loss: 'STOP_LOSS',
  stop_loss_limit: 'STOP_LOSS_LIMIT',
  take_profit: 'TAKE_PROFIT',
  take_profit_limit: 'TAKE_PROFIT_LIMIT',
};

/** True for the types that say how long they stay; the others have no choice. */
const lasts = (type: OrderType): boolean =>
  type === 'limit' || type === 'stop_loss_limit' || type === 'take_profit_limit';

/** An order of the port in the words of the exchange. */
export function newOrderOf(account: AccountId, request: OrderRequest): NewOrder {
  const { type } = request;
  // Every property by name: an object that is spread costs ten times as much.
  return {
    account,
    symbol: request.instrument,
    side: request.side,
    type: TYPES[type],
    timeInForce: lasts(type) ? request.timeInForce : null,
    quantity: request.quantity,
    quoteOrderQuantity: null,
    price: request.limitPrice,
    stopPrice: request.stopPrice,
    trailingDelta: request.trailingBps,
    icebergQuantity: request.icebergQuantity,
    clientOrderId: request.clientOrderId,
    selfTradeMode: null,
    strategyId: null,
    strategyType: null,
  };
}

/** A list of the port in the words of the exchange; null where it has not the orders of its kind, or they are of several instruments. */
export function newListOf(account: AccountId, { listId, kind, orders }: OrderListRequest): NewOrderList | null {
  const [first, second, third] = orders;
  if (first === undefined || second === undefined || orders.length !== (kind === 'otoco' ? 3 : 2)) return null;
  const symbol = first.instrument;
  for (const order of orders) if (order.instrument !== symbol || order.listId !== listId) return null;
  const one = newOrderOf(account, first);
  const other = newOrderOf(account, second);
  switch (kind) {
    case 'oco':
      return { kind: 'OCO', account, symbol, listClientOrderId: listId, above: one, below: other };
    case 'oto':
      return { kind: 'OTO', account, symbol, listClientOrderId: listId, working: one, pending: other };
    case 'otoco': {
      if (third === undefined) return null;
      const below = newOrderOf(account, third);
      return { kind: 'OTOCO', account, symbol, listClientOrderId: listId, working: one, above: other, below };
    }
  }
}

/** True for the report that tells that the trigger of an accepted order was reached: it says NEW again, with a working time. */
export const isTrigger = (report: HeardReport, { type }: OrderRequest): boolean =>
  report.executionType === 'NEW' && isContingent(type) && report.workingUs >= 0;

const REFUSED: Readonly<Record<RejectReason, string>> = {
  NONE: 'it could not be placed when its turn came',
  INSUFFICIENT_BALANCES: 'the balance did not cover it when its turn came',
  STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY: 'its trigger was reached already when its turn came',
  WOULD_MATCH_IMMEDIATELY: 'it would have taken when its turn came',
  OCO_BAD_PRICES: 'the market had left the prices of its pair when its turn came',
};

/** Why an order ended without being wholly filled, in a sentence. */
export function endingOf(report: HeardReport): string {
  const { status, executionType, type, timeInForce } = report;
  if (status === 'CANCELED') return 'canceled on request';
  if (executionType === 'TRADE_PREVENTION' || status === 'EXPIRED_IN_MATCH') {
    return 'it would have traded with another order of the same account';
  }
  if (status === 'REJECTED') return REFUSED[report.rejectReason];
  switch (report.expiryReason) {
    case 'REJECTED':
      return REFUSED[report.rejectReason];
    case 'OCO_TRIGGER':
      return 'the other order of its pair was executed or triggered';
    case 'OTO_PHASE_ONE_EXPIRED':
      return 'the order that it waited for ended without being wholly filled';
    default:
      return type === 'LIMIT' || type.endsWith('_LIMIT')
        ? `${timeInForce.toUpperCase()}: no more at this price`
        : 'nothing more is offered';
  }
}
