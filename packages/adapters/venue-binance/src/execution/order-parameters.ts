import {
  err,
  formatPrice,
  formatQuantity,
  hasLimitPrice,
  ok,
  type Instrument,
  type OrderListRequest,
  type OrderRequest,
  type Result,
} from '@monsta/core';
import type { SelfTradeMode } from '@monsta/matching';

/** Parameters of a request, in the order in which they are sent. */
export type Parameters = Readonly<Record<string, string | number>>;
export type Grid = Pick<Instrument, 'tick' | 'lot'>;

/** A request that enters orders: where it goes and what it carries. */
export interface EntryRequest {
  readonly path: string;
  readonly parameters: Parameters;
}

const CLIENT_ID = /^[a-zA-Z0-9\-_.:/]{1,36}$/;

/** What the venue takes as a client's id of an order. */
export const isVenueId = (id: string): boolean => CLIENT_ID.test(id);

/** How a request calls the fields of one of its orders: plain, or with a leg's prefix (`abovePrice`). */
function naming(prefix: string): (name: string) => string {
  return prefix === '' ? (name) => name : (name) => `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Fields that a leg of a list may share with the other one, told once for both. */
interface Spoken {
  readonly prefix: string;
  readonly sideAndQuantity: boolean;
}

const needsTimeInForce = ({ type }: OrderRequest): boolean => hasLimitPrice(type) && type !== 'limit_maker';

function fieldsOf(request: OrderRequest, grid: Grid, { prefix, sideAndQuantity }: Spoken): Parameters {
  const { side, type, timeInForce, quantity, limitPrice, stopPrice, trailingBps, icebergQuantity } = request;
  const name = naming(prefix);
  const fields: Record<string, string | number> = {};
  if (sideAndQuantity) fields[name('side')] = side.toUpperCase();
  fields[name('type')] = type.toUpperCase();
  if (needsTimeInForce(request)) fields[name('timeInForce')] = timeInForce.toUpperCase();
  if (sideAndQuantity) fields[name('quantity')] = formatQuantity(quantity, grid);
  if (limitPrice !== null && hasLimitPrice(type)) fields[name('price')] = formatPrice(limitPrice, grid);
  if (stopPrice !== null) fields[name('stopPrice')] = formatPrice(stopPrice, grid);
  if (trailingBps !== null) fields[name('trailingDelta')] = trailingBps;
  if (icebergQuantity !== null) fields[name('icebergQty')] = formatQuantity(icebergQuantity, grid);
  fields[prefix === '' ? 'newClientOrderId' : name('clientOrderId')] = request.clientOrderId;
  return fields;
}

const ALONE: Spoken = { prefix: '', sideAndQuantity: true };
const modeOf = (mode: SelfTradeMode | null): Parameters => (mode === null ? {} : { selfTradePreventionMode: mode });

/** `POST order`. Every answer is asked in full, so that an order's first fills are known with it. */
export function orderEntry(request: OrderRequest, grid: Grid, mode: SelfTradeMode | null): EntryRequest {
  const fields = fieldsOf(request, grid, ALONE);
  return {
    path: '/api/v3/order',
    parameters: { symbol: request.instrument, ...fields, ...modeOf(mode), newOrderRespType: 'FULL' },
  };
}

/** What names an order that is to be canceled: the venue's id where it is known, since that never changes. */
export interface OrderName {
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
}

/** `POST order/cancelReplace`, which places nothing where the cancel fails, as it does for an order that has been filled in part. */
export function replacementEntry(
  canceled: OrderName,
  request: OrderRequest,
  grid: Grid,
  mode: SelfTradeMode | null,
): EntryRequest {
  const { symbol, ...order } = orderEntry(request, grid, mode).parameters;
  const named: Parameters =
    canceled.venueOrderId === null
      ? { cancelOrigClientOrderId: canceled.clientOrderId }
      : { cancelOrderId: canceled.venueOrderId };
  return {
    path: '/api/v3/order/cancelReplace',
    parameters: {
      ...(symbol === undefined ? {} : { symbol }),
      cancelReplaceMode: 'STOP_ON_FAILURE',
      ...named,
      cancelRestrictions: 'ONLY_NEW',
      ...order,
    },
  };
}

/** `POST orderList/…`. Fault `list_refused` where the orders are not what the list's kind needs. */
export function listEntry(request: OrderListRequest, grid: Grid, mode: SelfTradeMode | null): Result<EntryRequest> {
  const { listId, kind, orders } = request;
  const [first, second, third] = orders;
  const needed = kind === 'otoco' ? 3 : 2;
  if (first === undefined || second === undefined || orders.length !== needed) {
    return err('list_refused', `a list of kind ${kind} has ${needed} orders, not ${orders.length}`);
  }
  if (orders.some(({ instrument }) => instrument !== first.instrument))
    return err('list_refused', 'the orders of a list are on one instrument');
  const head: Parameters = { symbol: first.instrument, listClientOrderId: listId };
  const tail: Parameters = { newOrderRespType: 'FULL', ...modeOf(mode) };
  const path = `/api/v3/orderList/${kind}`;
  if (kind === 'oto') {
    const working = fieldsOf(first, grid, { prefix: 'working', sideAndQuantity: true });
    const pending = fieldsOf(second, grid, { prefix: 'pending', sideAndQuantity: true });
    return ok({ path, parameters: { ...head, ...working, ...pending, ...tail } });
  }
  const pair = kind === 'oco' ? ([first, second] as const) : third === undefined ? null : ([second, third] as const);
  if (pair === null) return err('list_refused', 'an otoco has three orders');
  const [above, below] = pair;
  if (above.side !== below.side || above.quantity !== below.quantity)
    return err('list_refused', 'the two orders that cancel each other have one side and one quantity');
  const shared = naming(kind === 'oco' ? '' : 'pending');
  const legs: Parameters = {
    [shared('side')]: above.side.toUpperCase(),
    [shared('quantity')]: formatQuantity(above.quantity, grid),
    ...fieldsOf(above, grid, { prefix: kind === 'oco' ? 'above' : 'pendingAbove', sideAndQuantity: false }),
    ...fieldsOf(below, grid, { prefix: kind === 'oco' ? 'below' : 'pendingBelow', sideAndQuantity: false }),
  };
  const working = kind === 'oco' ? {} : fieldsOf(first, grid, { prefix: 'working', sideAndQuantity: true });
  return ok({ path, parameters: { ...head, ...working, ...legs, ...tail } });
}
