import { isContingent, type AccountId, type OrderListRequest, type OrderRequest, type OrderType } from '@monsta/core';
import type { ExecutionReport } from '../exchange/execution-report.ts';
import type { ExchangeOrderType, NewOrder, NewOrderList, OrderTerms, RejectReason } from '../exchange/vocabulary.ts';

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

function termsOf(request: OrderRequest): OrderTerms {
  const { clientOrderId, side, type, timeInForce, quantity, limitPrice, stopPrice, trailingBps } = request;
  return {
    side,
    type: TYPES[type],
    timeInForce: lasts(type) ? timeInForce : null,
    quantity,
    quoteOrderQuantity: null,
    price: limitPrice,
    stopPrice,
    trailingDelta: trailingBps,
    icebergQuantity: request.icebergQuantity,
    clientOrderId,
    selfTradeMode: null,
    strategyId: null,
    strategyType: null,
  };
}

/** An order of the port in the words of the exchange. */
export const newOrderOf = (account: AccountId, request: OrderRequest): NewOrder => ({
  account,
  symbol: request.instrument,
  ...termsOf(request),
});

/** A list of the port in the words of the exchange; null where it has not the orders of its kind, or they are of several instruments. */
export function newListOf(account: AccountId, { listId, kind, orders }: OrderListRequest): NewOrderList | null {
  const [first, second, third] = orders;
  if (first === undefined || second === undefined || orders.length !== (kind === 'otoco' ? 3 : 2)) return null;
  if (orders.some(({ instrument, listId: of }) => instrument !== first.instrument || of !== listId)) return null;
  const named = { account, symbol: first.instrument, listClientOrderId: listId };
  switch (kind) {
    case 'oco':
      return { kind: 'OCO', ...named, above: termsOf(first), below: termsOf(second) };
    case 'oto':
      return { kind: 'OTO', ...named, working: termsOf(first), pending: termsOf(second) };
    case 'otoco':
      if (third === undefined) return null;
      return { kind: 'OTOCO', ...named, working: termsOf(first), above: termsOf(second), below: termsOf(third) };
  }
}

/** True for the report that tells that the trigger of an accepted order was reached: it says NEW again, with a working time. */
export const isTrigger = (report: ExecutionReport, { type }: OrderRequest): boolean =>
  report.executionType === 'NEW' && isContingent(type) && report.workingUs >= 0;

const REFUSED: Readonly<Record<RejectReason, string>> = {
  NONE: 'it could not be placed when its turn came',
  INSUFFICIENT_BALANCES: 'the balance did not cover it when its turn came',
  STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY: 'its trigger was reached already when its turn came',
  WOULD_MATCH_IMMEDIATELY: 'it would have taken when its turn came',
  OCO_BAD_PRICES: 'the market had left the prices of its pair when its turn came',
};

/** Why an order ended without being wholly filled, in a sentence. */
export function endingOf(report: ExecutionReport): string {
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
