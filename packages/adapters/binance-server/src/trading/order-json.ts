import { timestampUs } from '@monsta/core';
import type { ExecutionReport, OrderListStatus, SymbolRules } from '@monsta/matching';
import { amount8, price8, quantity8, wireTime, type TimeUnit } from '../wire.ts';
import {
  recordOf,
  tradeOf,
  type AmendmentRecord,
  type OrderRecord,
  type PreventedMatchRecord,
  type TradeRecord,
} from './order-records.ts';

export const RESPONSE_TYPES = ['ACK', 'RESULT', 'FULL'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

type Json = Readonly<Record<string, unknown>>;

const ZERO = '0.00000000';
/** A point in time, or −1 where there is none. */
export const timeOf = (us: number, unit: TimeUnit): number => (us < 0 ? -1 : wireTime(timestampUs(us), unit));
/** What is there only on a condition, to be spread. */
const where = (condition: boolean, fields: Json): Json => (condition ? fields : {});

const isContingent = ({ type }: OrderRecord): boolean => type.startsWith('STOP_LOSS') || type.startsWith('TAKE_PROFIT');
const quoteQuantityOf = ({ quoteOrderQuantity }: OrderRecord): string =>
  quoteOrderQuantity === null ? ZERO : amount8(quoteOrderQuantity);

/** What all answers tell of an order in the same words. */
function commonFields(order: OrderRecord): Json {
  return {
    status: order.status,
    timeInForce: order.timeInForce.toUpperCase(),
    type: order.type,
    side: order.side.toUpperCase(),
  };
}

/** The fields that only some orders have. */
function labels(order: OrderRecord, rules: SymbolRules, unit: TimeUnit): Json {
  const { strategyId, strategyType, trailingDelta, trailingUs, preventedMatchId, prevented, expiryReason } = order;
  return {
    ...where(strategyId !== null, { strategyId }),
    ...where(strategyType !== null, { strategyType }),
    ...where(trailingDelta > 0, { trailingDelta, trailingTime: timeOf(trailingUs, unit) }),
    ...where(prevented > 0, { preventedMatchId, preventedQuantity: quantity8(prevented, rules) }),
    ...(typeof expiryReason === 'string' ? { expiryReason } : {}),
  };
}

function placedFields(order: OrderRecord, rules: SymbolRules): Json {
  return {
    price: price8(order.price, rules),
    origQty: quantity8(order.quantity, rules),
    executedQty: quantity8(order.executed, rules),
    origQuoteOrderQty: quoteQuantityOf(order),
    cummulativeQuoteQty: amount8(order.cumulativeQuote),
    ...commonFields(order),
    ...where(isContingent(order), { stopPrice: price8(order.stopPrice, rules) }),
    ...where(order.icebergQuantity > 0, { icebergQty: quantity8(order.icebergQuantity, rules) }),
  };
}

function fillJson(trade: TradeRecord, rules: SymbolRules): Json {
  return {
    price: price8(trade.price, rules),
    qty: quantity8(trade.quantity, rules),
    commission: amount8(trade.commission),
    commissionAsset: trade.commissionAsset,
    tradeId: trade.tradeId,
  };
}

/** The answer to a new order. `reports`: what was heard of it while it was placed, oldest first. */
export function placedJson(
  reports: readonly ExecutionReport[],
  response: ResponseType,
  rules: SymbolRules,
  unit: TimeUnit,
): Json {
  const last = reports.at(-1);
  if (last === undefined) throw new Error('an order was placed of which nothing was reported');
  const prevented = reports.findLast(({ prevention }) => prevention !== null)?.prevention?.preventedMatchId ?? -1;
  const order = recordOf(last, prevented);
  const ack = {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId,
    clientOrderId: order.clientOrderId,
    transactTime: timeOf(last.timeUs, unit),
  };
  if (response === 'ACK') return ack;
  const result = {
    ...ack,
    ...placedFields(order, rules),
    workingTime: timeOf(order.workingUs, unit),
    ...labels(order, rules, unit),
    selfTradePreventionMode: order.selfTradeMode,
  };
  if (response === 'RESULT') return result;
  const trades = reports.map(tradeOf).filter((trade) => trade !== null);
  return { ...result, fills: trades.map((trade) => fillJson(trade, rules)) };
}

/** The answer to a cancel, from the report that ended the order. */
export function canceledJson(report: ExecutionReport, rules: SymbolRules, unit: TimeUnit): Json {
  const order = recordOf(report, -1);
  return {
    symbol: order.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: order.orderListId,
    clientOrderId: report.clientOrderId,
    transactTime: timeOf(report.timeUs, unit),
    ...placedFields(order, rules),
    ...labels(order, rules, unit),
    selfTradePreventionMode: order.selfTradeMode,
  };
}

/** The answer of an order query. */
export function queriedJson(order: OrderRecord, rules: SymbolRules, unit: TimeUnit): Json {
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId,
    clientOrderId: order.clientOrderId,
    price: price8(order.price, rules),
    origQty: quantity8(order.quantity, rules),
    executedQty: quantity8(order.executed, rules),
    cummulativeQuoteQty: amount8(order.cumulativeQuote),
    ...commonFields(order),
    stopPrice: price8(order.stopPrice, rules),
    icebergQty: quantity8(order.icebergQuantity, rules),
    time: timeOf(order.createdUs, unit),
    updateTime: timeOf(order.updatedUs, unit),
    // It stays true when the order has left the book again.
    isWorking: order.workingUs >= 0,
    workingTime: timeOf(order.workingUs, unit),
    origQuoteOrderQty: quoteQuantityOf(order),
    ...labels(order, rules, unit),
    selfTradePreventionMode: order.selfTradeMode,
  };
}

/** The order within the answer to an amendment. */
export function amendedJson(report: ExecutionReport, rules: SymbolRules, unit: TimeUnit): Json {
  const order = recordOf(report, -1);
  return {
    symbol: order.symbol,
    orderId: order.orderId,
    orderListId: order.orderListId,
    origClientOrderId: report.originalClientOrderId,
    clientOrderId: order.clientOrderId,
    price: price8(order.price, rules),
    qty: quantity8(order.quantity, rules),
    executedQty: quantity8(order.executed, rules),
    preventedQty: quantity8(order.prevented, rules),
    quoteOrderQty: quoteQuantityOf(order),
    cumulativeQuoteQty: amount8(order.cumulativeQuote),
    ...commonFields(order),
    ...where(isContingent(order), { stopPrice: price8(order.stopPrice, rules) }),
    ...where(order.icebergQuantity > 0, { icebergQty: quantity8(order.icebergQuantity, rules) }),
    ...where(order.workingUs >= 0, { workingTime: timeOf(order.workingUs, unit) }),
    ...labels(order, rules, unit),
    selfTradePreventionMode: order.selfTradeMode,
  };
}

const listOrders = ({ symbol, orders }: OrderListStatus): readonly Json[] =>
  orders.map(({ orderId, clientOrderId }) => ({ symbol, orderId, clientOrderId }));

/** A list of orders as placing, canceling and queries tell of it. */
export function listJson(list: OrderListStatus, unit: TimeUnit): Json {
  return {
    orderListId: list.orderListId,
    contingencyType: list.contingencyType,
    // That it was updated is told once, in the event; from then on it goes on as before.
    listStatusType: list.listStatusType === 'UPDATED' ? 'EXEC_STARTED' : list.listStatusType,
    listOrderStatus: list.listOrderStatus,
    listClientOrderId: list.listClientOrderId,
    transactionTime: timeOf(list.timeUs, unit),
    symbol: list.symbol,
    orders: listOrders(list),
  };
}

/** The list within the answer to an amendment. */
export function amendedListJson(list: OrderListStatus): Json {
  return {
    orderListId: list.orderListId,
    contingencyType: list.contingencyType,
    listOrderStatus: list.listOrderStatus,
    listClientOrderId: list.listClientOrderId,
    symbol: list.symbol,
    orders: listOrders(list),
  };
}

export function tradeJson(trade: TradeRecord, rules: SymbolRules, unit: TimeUnit): Json {
  return {
    symbol: trade.symbol,
    id: trade.tradeId,
    orderId: trade.orderId,
    orderListId: trade.orderListId,
    price: price8(trade.price, rules),
    qty: quantity8(trade.quantity, rules),
    quoteQty: amount8(trade.quote),
    commission: amount8(trade.commission),
    commissionAsset: trade.commissionAsset,
    time: timeOf(trade.timeUs, unit),
    isBuyer: trade.isBuyer,
    isMaker: trade.isMaker,
    isBestMatch: true,
  };
}

export function preventedMatchJson(match: PreventedMatchRecord, rules: SymbolRules, unit: TimeUnit): Json {
  const { makerPrevented, takerPrevented } = match;
  return {
    symbol: match.symbol,
    preventedMatchId: match.preventedMatchId,
    takerOrderId: match.takerOrderId,
    makerSymbol: match.symbol,
    makerOrderId: match.makerOrderId,
    // An account that is in no group with others is told as −1.
    tradeGroupId: match.tradeGroupId ?? -1,
    selfTradePreventionMode: match.mode,
    price: price8(match.price, rules),
    ...(makerPrevented === null ? {} : { makerPreventedQuantity: quantity8(makerPrevented, rules) }),
    ...(takerPrevented === null ? {} : { takerPreventedQuantity: quantity8(takerPrevented, rules) }),
    transactTime: timeOf(match.timeUs, unit),
  };
}

export function amendmentJson(amendment: AmendmentRecord, rules: SymbolRules, unit: TimeUnit): Json {
  return {
    symbol: amendment.symbol,
    orderId: amendment.orderId,
    executionId: amendment.executionId,
    origClientOrderId: amendment.origClientOrderId,
    newClientOrderId: amendment.newClientOrderId,
    origQty: quantity8(amendment.origQuantity, rules),
    newQty: quantity8(amendment.newQuantity, rules),
    time: timeOf(amendment.timeUs, unit),
  };
}
