import type { AccountContext } from '../api-method.ts';
import { BinanceError, type Parameters } from '../parameters.ts';
import { amendmentJson, listJson, preventedMatchJson, queriedJson, tradeJson } from './order-json.ts';
import { orderReference } from './order-methods.ts';
import {
  badCombination,
  oneOfTwoMissing,
  optionalClientId,
  rulesOf,
  timeRange,
  tradedSymbol,
} from './order-parameters.ts';
import type { OrderRecord } from './order-records.ts';

const LIMIT_DEFAULT = 500;
const LIMIT_MAX = 1_000;
const pageSize = (parameters: Parameters): number => parameters.limit(LIMIT_DEFAULT, LIMIT_MAX);

/** The first of a page that begins somewhere, or else the newest; always oldest first. */
function page<T>(items: readonly T[], limit: number, fromTheOldest: boolean): readonly T[] {
  return fromTheOldest ? items.slice(0, limit) : items.slice(-limit);
}

const within = (us: number, fromUs: number | null, toUs: number | null): boolean =>
  (fromUs === null || us >= fromUs) && (toUs === null || us <= toUs);

/** `GET order`: open or ended. */
export function queryOrder(context: AccountContext): unknown {
  const { desk, unit } = context;
  const rules = tradedSymbol(context);
  const reference = orderReference(context, rules);
  context.parameters.finish();
  const { account, symbol, orderId, clientOrderId } = reference;
  const found: OrderRecord | null =
    desk.exchange.order(orderId === null ? reference : { ...reference, clientOrderId: null }) ??
    (orderId === null
      ? desk.archive.orderNamed(account, symbol, clientOrderId ?? '')
      : desk.archive.order(account, symbol, orderId));
  if (orderId !== null && clientOrderId !== null && found?.clientOrderId !== clientOrderId) {
    throw new BinanceError(-2039, 'Client order ID is not correct for this order ID.');
  }
  if (found === null) throw new BinanceError(-2013, 'Order does not exist.');
  return queriedJson(found, rules, unit);
}

/** `GET openOrders`, of one symbol or of all. */
export function openOrders(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const symbol = parameters.optionalSymbol();
  if (symbol !== null) rulesOf(context, symbol);
  parameters.finish();
  return desk.exchange
    .openOrders(caller.account, symbol)
    .map((order) => queriedJson(order, rulesOf(context, order.symbol), unit));
}

/** `GET allOrders`. */
export function allOrders(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const rules = tradedSymbol(context);
  const fromId = parameters.optionalInteger('orderId');
  const { fromUs, toUs } = timeRange(parameters);
  const limit = pageSize(parameters);
  parameters.finish();
  const { account } = caller;
  const orders: readonly OrderRecord[] = [
    ...desk.archive.orders(account, rules.symbol),
    ...desk.exchange.openOrders(account, rules.symbol),
  ];
  const chosen = orders
    .filter(({ orderId, createdUs }) => (fromId === null || orderId >= fromId) && within(createdUs, fromUs, toUs))
    .sort((left, right) => left.orderId - right.orderId);
  return page(chosen, limit, fromId !== null || fromUs !== null).map((order) => queriedJson(order, rules, unit));
}

/** `GET myTrades`. */
export function myTrades(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const rules = tradedSymbol(context);
  const ofOrder = parameters.optionalInteger('orderId');
  const fromId = parameters.optionalInteger('fromId');
  const { fromUs, toUs } = timeRange(parameters);
  const limit = pageSize(parameters);
  parameters.finish();
  const timed = fromUs !== null || toUs !== null;
  if (timed && (ofOrder !== null || fromId !== null)) throw badCombination();
  const chosen = desk.archive
    .trades(caller.account, rules.symbol)
    .filter(
      ({ orderId, tradeId, timeUs }) =>
        (ofOrder === null || orderId === ofOrder) &&
        (fromId === null || tradeId >= fromId) &&
        within(timeUs, fromUs, toUs),
    );
  return page(chosen, limit, fromId !== null || fromUs !== null).map((trade) => tradeJson(trade, rules, unit));
}

/** `GET myPreventedMatches`. */
export function myPreventedMatches(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const rules = tradedSymbol(context);
  const id = parameters.optionalInteger('preventedMatchId');
  const ofOrder = parameters.optionalInteger('orderId');
  const fromId = parameters.optionalInteger('fromPreventedMatchId');
  const limited = parameters.has('limit');
  const limit = pageSize(parameters);
  if (id === null && ofOrder === null) throw oneOfTwoMissing('preventedMatchId', 'orderId');
  if (id !== null && (ofOrder !== null || fromId !== null || limited)) throw badCombination();
  if (limited && fromId === null) throw badCombination();
  parameters.finish();
  return desk.archive
    .preventedMatches(caller.account, rules.symbol)
    .filter(({ preventedMatchId, takerOrderId, makerOrderId }) =>
      id === null
        ? (takerOrderId === ofOrder || makerOrderId === ofOrder) && preventedMatchId >= (fromId ?? 0)
        : preventedMatchId === id,
    )
    .slice(0, limit)
    .map((match) => preventedMatchJson(match, rules, unit));
}

/** `GET myAllocations`: orders are not routed here, so that nothing was ever allocated. */
export function myAllocations(context: AccountContext): unknown {
  const { parameters } = context;
  tradedSymbol(context);
  const { fromUs, toUs } = timeRange(parameters);
  const fromId = parameters.optionalInteger('fromAllocationId');
  const ofOrder = parameters.optionalInteger('orderId');
  pageSize(parameters);
  parameters.finish();
  if ((fromUs !== null || toUs !== null) && (fromId !== null || ofOrder !== null)) throw badCombination();
  return [];
}

/** `GET order/amendments`. */
export function orderAmendments(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const rules = tradedSymbol(context);
  const ofOrder = parameters.integer('orderId');
  const fromId = parameters.optionalInteger('fromExecutionId');
  const limit = pageSize(parameters);
  parameters.finish();
  return desk.archive
    .amendments(caller.account, rules.symbol)
    .filter(({ orderId, executionId }) => orderId === ofOrder && executionId >= (fromId ?? 0))
    .slice(0, limit)
    .map((amendment) => amendmentJson(amendment, rules, unit));
}

/** `GET orderList`. */
export function queryOrderList(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const orderListId = parameters.optionalInteger('orderListId');
  const name = optionalClientId(parameters, 'origClientOrderId');
  if (orderListId === null && name === null) throw oneOfTwoMissing('orderListId', 'origClientOrderId');
  parameters.finish();
  const list =
    orderListId === null
      ? desk.archive.listNamed(caller.account, name ?? '')
      : desk.archive.list(caller.account, orderListId);
  if (list === null || (name !== null && list.listClientOrderId !== name)) {
    throw new BinanceError(-2013, 'Order does not exist.');
  }
  return listJson(list, unit);
}

/** `GET allOrderList`. */
export function allOrderLists(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const fromId = parameters.optionalInteger('fromId');
  const { fromUs, toUs } = timeRange(parameters);
  const limit = pageSize(parameters);
  parameters.finish();
  if (fromId !== null && (fromUs !== null || toUs !== null)) throw badCombination();
  const chosen = desk.archive
    .lists(caller.account)
    .filter(({ orderListId, timeUs }) => (fromId === null || orderListId >= fromId) && within(timeUs, fromUs, toUs));
  return page(chosen, limit, fromId !== null || fromUs !== null).map((list) => listJson(list, unit));
}

/** `GET openOrderList`. */
export function openOrderLists(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  parameters.finish();
  return desk.archive
    .lists(caller.account)
    .filter(({ listOrderStatus }) => listOrderStatus === 'EXECUTING')
    .map((list) => listJson(list, unit));
}
