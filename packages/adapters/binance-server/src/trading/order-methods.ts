import type { ExecutionReport, OrderReference, SymbolRules } from '@monsta/matching';
import type { AccountContext } from '../api-method.ts';
import { BinanceError } from '../parameters.ts';
import { commissionForOrder } from './account-methods.ts';
import { amendedJson, amendedListJson, canceledJson, listJson, placedJson } from './order-json.ts';
import {
  cancelRestriction,
  optionalClientId,
  oneOfTwoMissing,
  readTerms,
  refusalError,
  responseOf,
  responseType,
  tradedSymbol,
} from './order-parameters.ts';
import type { Heard } from './trading-desk.ts';

/** What was heard of one order. */
export const reportsOf = ({ reports }: Heard, orderId: number): readonly ExecutionReport[] =>
  reports.filter((report) => report.orderId === orderId);

/** `POST order`. */
export function placeOrder(context: AccountContext): unknown {
  const { parameters, desk, caller, tally, unit } = context;
  const rules = tradedSymbol(context);
  const terms = readTerms(parameters, rules);
  const response = responseType(parameters, responseOf(terms));
  parameters.finish();
  tally.admit(1);
  const { result, heard } = desk.command((timeUs) =>
    desk.exchange.place({ ...terms, account: caller.account, symbol: rules.symbol }, timeUs),
  );
  if (!result.ok) {
    tally.withdraw();
    throw refusalError(result.fault);
  }
  return placedJson(reportsOf(heard, result.value.orderId), response, rules, unit);
}

/** `POST order/test`: all the checks of an order but its funds, and nothing is placed. */
export function testOrder(context: AccountContext): unknown {
  const { parameters, desk, caller } = context;
  const rules = tradedSymbol(context);
  const terms = readTerms(parameters, rules);
  responseType(parameters, 'ACK');
  const computesRates = parameters.optionalFlag('computeCommissionRates') ?? false;
  parameters.finish();
  const order = { ...terms, account: caller.account, symbol: rules.symbol };
  const tested = desk.exchange.test(order, desk.nowUs());
  if (!tested.ok) throw refusalError(tested.fault);
  return computesRates ? commissionForOrder(context) : {};
}

/** The order that `orderId` and `origClientOrderId` name; −1102 where neither was sent. */
export function orderReference(context: AccountContext, rules: SymbolRules): OrderReference {
  const { parameters, caller } = context;
  const orderId = parameters.optionalInteger('orderId');
  const clientOrderId = optionalClientId(parameters, 'origClientOrderId');
  if (orderId === null && clientOrderId === null) throw oneOfTwoMissing('origClientOrderId', 'orderId');
  return { account: caller.account, symbol: rules.symbol, orderId, clientOrderId };
}

/** The answer to canceling a list: the list and what became of its orders. */
export function canceledListJson(context: AccountContext, heard: Heard, orderListId: number): unknown {
  const { desk, caller, unit } = context;
  const list = heard.lists.findLast((each) => each.orderListId === orderListId);
  const kept = list ?? desk.archive.list(caller.account, orderListId);
  if (kept === null) throw new Error(`list ${orderListId} was canceled without a status`);
  const rules = desk.exchange.rules(kept.symbol);
  if (rules === null) throw new Error(`list ${orderListId} is of an unknown symbol`);
  const ended = heard.reports.filter((report) => report.orderListId === orderListId);
  return { ...listJson(kept, unit), orderReports: ended.map((report) => canceledJson(report, rules, unit)) };
}

/** `DELETE order`; an order of a list takes the list with it, and the answer is the list's. */
export function cancelOrder(context: AccountContext): unknown {
  const { parameters, desk, unit } = context;
  const rules = tradedSymbol(context);
  const reference = orderReference(context, rules);
  const newClientOrderId = optionalClientId(parameters, 'newClientOrderId');
  const restriction = cancelRestriction(parameters);
  parameters.finish();
  const { result, heard } = desk.command((timeUs) =>
    desk.exchange.cancel({ ...reference, newClientOrderId, restriction }, timeUs),
  );
  if (!result.ok) throw refusalError(result.fault);
  const { orderListId } = result.value;
  return orderListId === -1 ? canceledJson(result.value, rules, unit) : canceledListJson(context, heard, orderListId);
}

/** `DELETE openOrders`. */
export function cancelAllOrders(context: AccountContext): unknown {
  const { parameters, desk, caller, unit } = context;
  const rules = tradedSymbol(context);
  parameters.finish();
  const { result, heard } = desk.command((timeUs) => desk.exchange.cancelAll(caller.account, rules.symbol, timeUs));
  if (!result.ok) throw refusalError(result.fault);
  return result.value.map((report) =>
    report.orderListId === -1
      ? canceledJson(report, rules, unit)
      : canceledListJson(context, heard, report.orderListId),
  );
}

/** `PUT order/amend/keepPriority`. */
export function amendOrder(context: AccountContext): unknown {
  const { parameters, desk, unit } = context;
  const rules = tradedSymbol(context);
  const reference = orderReference(context, rules);
  const newClientOrderId = optionalClientId(parameters, 'newClientOrderId');
  // The only number that an amendment has is read as an order's quantity is.
  const { quantity } = readTerms(parameters, rules, { quantity: 'newQty' }, '', { side: 'BUY', type: 'LIMIT' });
  if (quantity === null) {
    throw new BinanceError(-1102, "Mandatory parameter 'newQty' was not sent, was empty/null, or malformed.");
  }
  parameters.finish();
  const { result } = desk.command((timeUs) =>
    desk.exchange.amend({ ...reference, newQuantity: quantity, newClientOrderId }, timeUs),
  );
  if (!result.ok) throw refusalError(result.fault);
  const report = result.value;
  const list = report.orderListId === -1 ? null : desk.archive.list(reference.account, report.orderListId);
  return {
    transactTime: canceledJson(report, rules, unit)['transactTime'],
    executionId: report.executionId,
    amendedOrder: amendedJson(report, rules, unit),
    ...(list === null ? {} : { listStatus: amendedListJson(list) }),
  };
}
