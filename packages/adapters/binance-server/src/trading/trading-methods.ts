import type { AccountContext, AccountMethod } from '../api-method.ts';
import type { Permission } from './caller.ts';
import { BinanceError, type Parameters } from '../parameters.ts';
import { accountInformation, commission, orderRateLimits, relevantFilters } from './account-methods.ts';
import { cancelReplaceOrder } from './cancel-replace.ts';
import { cancelOrderList, placeOco, placeOldOco, placeOto, placeOtoco, refuseOpo } from './list-methods.ts';
import { amendOrder, cancelAllOrders, cancelOrder, placeOrder, testOrder } from './order-methods.ts';
import { tradedSymbol } from './order-parameters.ts';
import {
  allOrderLists,
  allOrders,
  myAllocations,
  myPreventedMatches,
  myTrades,
  openOrderLists,
  openOrders,
  orderAmendments,
  queryOrder,
  queryOrderList,
} from './query-methods.ts';

type Weight = number | ((parameters: Parameters) => number);
type Answer = (context: AccountContext) => unknown;

function method(
  rest: string,
  socket: string | null,
  permission: Permission,
  freeWhereDone: boolean,
  weight: Weight,
  answer: Answer,
): AccountMethod {
  const [verb, path] = rest.split(' ');
  const found = (['GET', 'POST', 'PUT', 'DELETE'] as const).find((each) => each === verb);
  if (found === undefined || path === undefined) throw new Error(`'${rest}' is no method and path`);
  return {
    security: 'SIGNED',
    rest: { method: found, path: `/api/v3/${path}` },
    socket,
    permission,
    freeWhereDone,
    weight: typeof weight === 'number' ? () => weight : weight,
    answer,
  };
}

/** What places or cancels orders, and costs weight only where it fails. */
const command = (rest: string, socket: string | null, answer: Answer): AccountMethod =>
  method(rest, socket, 'TRADE', true, 1, answer);

const query = (rest: string, socket: string | null, weight: Weight, answer: Answer): AccountMethod =>
  method(rest, socket, 'USER_DATA', false, weight, answer);

const testWeight = (parameters: Parameters): number =>
  parameters.peek('computeCommissionRates')?.toLowerCase() === 'true' ? 20 : 1;

/** Smart order routing: there is one exchange here, and nothing to route to. */
function refuseRouting(context: AccountContext): never {
  tradedSymbol(context);
  throw new BinanceError(-1020, 'This operation is not supported.');
}

/** The methods of accounts: orders, lists of orders, and what an account has and did. Weights as documented. */
export const TRADING_METHODS: readonly AccountMethod[] = [
  command('POST order', 'order.place', placeOrder),
  method('POST order/test', 'order.test', 'TRADE', false, testWeight, testOrder),
  query('GET order', 'order.status', 4, queryOrder),
  command('DELETE order', 'order.cancel', cancelOrder),
  command('DELETE openOrders', 'openOrders.cancelAll', cancelAllOrders),
  command('POST order/cancelReplace', 'order.cancelReplace', cancelReplaceOrder),
  method('PUT order/amend/keepPriority', 'order.amend.keepPriority', 'TRADE', false, 4, amendOrder),
  command('POST order/oco', 'orderList.place', placeOldOco),
  command('POST orderList/oco', 'orderList.place.oco', placeOco),
  command('POST orderList/oto', 'orderList.place.oto', placeOto),
  command('POST orderList/otoco', 'orderList.place.otoco', placeOtoco),
  command('POST orderList/opo', 'orderList.place.opo', refuseOpo),
  command('POST orderList/opoco', 'orderList.place.opoco', refuseOpo),
  command('DELETE orderList', 'orderList.cancel', cancelOrderList),
  command('POST sor/order', 'sor.order.place', refuseRouting),
  method('POST sor/order/test', 'sor.order.test', 'TRADE', false, testWeight, refuseRouting),
  query('GET openOrders', 'openOrders.status', (parameters) => (parameters.has('symbol') ? 6 : 80), openOrders),
  query('GET allOrders', 'allOrders', 20, allOrders),
  query('GET orderList', 'orderList.status', 4, queryOrderList),
  query('GET allOrderList', 'allOrderLists', 20, allOrderLists),
  query('GET openOrderList', 'openOrderLists.status', 6, openOrderLists),
  query('GET myTrades', 'myTrades', (parameters) => (parameters.has('orderId') ? 5 : 20), myTrades),
  query(
    'GET myPreventedMatches',
    'myPreventedMatches',
    (parameters) => (parameters.has('orderId') ? 20 : 2),
    myPreventedMatches,
  ),
  query('GET myAllocations', 'myAllocations', 20, myAllocations),
  query('GET order/amendments', 'order.amendments', 4, orderAmendments),
  query('GET account', 'account.status', 20, accountInformation),
  query('GET account/commission', 'account.commission', 20, commission),
  query('GET rateLimit/order', 'account.rateLimits.orders', 40, orderRateLimits),
  query('GET myFilters', 'myFilters', 40, relevantFilters),
];
