import type { NewOrderList, OrderFields, OrderTerms, SymbolRules } from '@monsta/matching';
import type { AccountContext } from '../api-method.ts';
import { BinanceError, type Parameters } from '../parameters.ts';
import { listJson, placedJson, RESPONSE_TYPES } from './order-json.ts';
import { canceledListJson, reportsOf } from './order-methods.ts';
import {
  checkLeg,
  legNames,
  oneOfTwoMissing,
  optionalClientId,
  readTerms,
  refusalError,
  responseType,
  tradedSymbol,
  type FieldNames,
} from './order-parameters.ts';

/** One leg of a list that is being read. */
function readLeg(
  parameters: Parameters,
  rules: SymbolRules,
  prefix: string,
  shared: FieldNames,
  fixed: OrderFields = {},
): OrderTerms {
  const names = legNames(prefix, shared);
  const terms = readTerms(parameters, rules, names, prefix, fixed);
  checkLeg(terms, rules, names);
  return terms;
}

/** Places a list that was read and tells of it. Nothing that the client sent may be left unread by then. */
function place(context: AccountContext, request: NewOrderList, rules: SymbolRules): unknown {
  const { parameters, desk, tally, unit } = context;
  const response = responseType(parameters, 'RESULT');
  parameters.finish();
  tally.admit(request.kind === 'OTOCO' ? 3 : 2);
  const { result, heard } = desk.command((timeUs) => desk.exchange.placeList(request, timeUs));
  if (!result.ok) {
    tally.withdraw();
    throw refusalError(result.fault);
  }
  const list = result.value;
  const started = heard.lists.find(({ orderListId }) => orderListId === list.orderListId) ?? list;
  return {
    ...listJson(started, unit),
    orderReports: started.orders.map(({ orderId }) => {
      const reports = reportsOf(heard, orderId);
      // A pending leg is told as it was accepted, even where the working order was filled at once and brought it to life.
      const pending = reports.findLastIndex(({ status }) => status === 'PENDING_NEW');
      return placedJson(pending === -1 ? reports : reports.slice(0, pending + 1), response, rules, unit);
    }),
  };
}

const listId = (parameters: Parameters): string | null => optionalClientId(parameters, 'listClientOrderId');

/** `POST orderList/oco`. */
export function placeOco(context: AccountContext): unknown {
  const { parameters, caller } = context;
  const rules = tradedSymbol(context);
  const shared = { side: 'side', quantity: 'quantity' };
  return place(
    context,
    {
      kind: 'OCO',
      account: caller.account,
      symbol: rules.symbol,
      listClientOrderId: listId(parameters),
      above: readLeg(parameters, rules, 'above', shared),
      below: readLeg(parameters, rules, 'below', shared),
    },
    rules,
  );
}

/** `POST orderList/oto`. */
export function placeOto(context: AccountContext): unknown {
  const { parameters, caller } = context;
  const rules = tradedSymbol(context);
  return place(
    context,
    {
      kind: 'OTO',
      account: caller.account,
      symbol: rules.symbol,
      listClientOrderId: listId(parameters),
      working: readLeg(parameters, rules, 'working', {}),
      pending: readLeg(parameters, rules, 'pending', {}),
    },
    rules,
  );
}

/** `POST orderList/otoco`. */
export function placeOtoco(context: AccountContext): unknown {
  const { parameters, caller } = context;
  const rules = tradedSymbol(context);
  const shared = { side: 'pendingSide', quantity: 'pendingQuantity' };
  return place(
    context,
    {
      kind: 'OTOCO',
      account: caller.account,
      symbol: rules.symbol,
      listClientOrderId: listId(parameters),
      working: readLeg(parameters, rules, 'working', {}),
      above: readLeg(parameters, rules, 'pendingAbove', shared),
      below: readLeg(parameters, rules, 'pendingBelow', shared),
    },
    rules,
  );
}

const LIMIT_LEG: FieldNames = {
  side: 'side',
  quantity: 'quantity',
  price: 'price',
  icebergQty: 'limitIcebergQty',
  newClientOrderId: 'limitClientOrderId',
  strategyId: 'limitStrategyId',
  strategyType: 'limitStrategyType',
  selfTradePreventionMode: 'selfTradePreventionMode',
};
const STOP_LEG: FieldNames = {
  side: 'side',
  quantity: 'quantity',
  price: 'stopLimitPrice',
  stopPrice: 'stopPrice',
  trailingDelta: 'trailingDelta',
  timeInForce: 'stopLimitTimeInForce',
  icebergQty: 'stopIcebergQty',
  newClientOrderId: 'stopClientOrderId',
  strategyId: 'stopStrategyId',
  strategyType: 'stopStrategyType',
  selfTradePreventionMode: 'selfTradePreventionMode',
};

/** `POST order/oco`, the older form: a post-only limit order and a stop loss, which sides of the market follow from. */
export function placeOldOco(context: AccountContext): unknown {
  const { parameters, caller } = context;
  const rules = tradedSymbol(context);
  const limited = parameters.has('stopLimitPrice');
  const limit = readTerms(parameters, rules, LIMIT_LEG, '', { type: 'LIMIT_MAKER' });
  checkLeg(limit, rules, LIMIT_LEG);
  const stop = readTerms(parameters, rules, STOP_LEG, '', { type: limited ? 'STOP_LOSS_LIMIT' : 'STOP_LOSS' });
  checkLeg(stop, rules, STOP_LEG);
  const sells = limit.side === 'sell';
  return place(
    context,
    {
      kind: 'OCO',
      account: caller.account,
      symbol: rules.symbol,
      listClientOrderId: listId(parameters),
      above: sells ? limit : stop,
      below: sells ? stop : limit,
    },
    rules,
  );
}

/** `POST orderList/opo` and `opoco`: no symbol allows them, as `exchangeInfo` says. */
export function refuseOpo(context: AccountContext): never {
  tradedSymbol(context);
  context.parameters.optionalChoice('newOrderRespType', RESPONSE_TYPES);
  throw new BinanceError(-2010, 'OPO orders are not supported for this symbol.');
}

/** `DELETE orderList`. */
export function cancelOrderList(context: AccountContext): unknown {
  const { parameters, desk, caller } = context;
  const { symbol } = tradedSymbol(context);
  const orderListId = parameters.optionalInteger('orderListId');
  const listClientOrderId = listId(parameters);
  const newClientOrderId = optionalClientId(parameters, 'newClientOrderId');
  if (orderListId === null && listClientOrderId === null) throw oneOfTwoMissing('orderListId', 'listClientOrderId');
  parameters.finish();
  const reference = { account: caller.account, symbol, orderListId, listClientOrderId };
  const { result, heard } = desk.command((timeUs) => desk.exchange.cancelList(reference, newClientOrderId, timeUs));
  if (!result.ok) throw refusalError(result.fault);
  return canceledListJson(context, heard, result.value.orderListId);
}
