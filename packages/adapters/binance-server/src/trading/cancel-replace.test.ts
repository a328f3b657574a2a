import { describe, expect, it } from 'vitest';
import type { BinanceServerOptions } from '../binance-server.ts';
import { makeTradingWorld, type JsonResponse, type TradingWorld } from './trading-world.test-support.ts';

const ORDER = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.01',
  price: '19000',
} as const;
const POST_ONLY = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.01', price: '20000' } as const;
const UNKNOWN = { code: -2011, msg: 'Unknown order sent.' };
const WOULD_TAKE = { code: -2010, msg: 'Order would immediately match and take.' };

/** Ann's order of id 2 lies in the book below an offer at 20,000. */
async function world(
  options: Partial<BinanceServerOptions> = {},
): Promise<
  TradingWorld & { readonly replace: (fields: Readonly<Record<string, string | number>>) => Promise<JsonResponse> }
> {
  const made = makeTradingWorld(options);
  made.provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', price: '20000', quantity: '1' });
  await made.signed(made.ann, 'POST', 'order', { ...ORDER, newClientOrderId: 'first' });
  return { ...made, replace: (fields) => made.signed(made.ann, 'POST', 'order/cancelReplace', fields) };
}

const openIds = async ({ signed, ann }: TradingWorld): Promise<readonly number[]> =>
  ((await signed(ann, 'GET', 'openOrders')).json as readonly { orderId: number }[]).map(({ orderId }) => orderId);

describe('canceling an order and sending another', () => {
  it('does both, and tells of both', async () => {
    const made = await world();
    const { status, json, headers } = await made.replace({
      ...ORDER,
      price: '19500',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrigClientOrderId: 'first',
      cancelNewClientOrderId: 'away',
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
      cancelResponse: { origClientOrderId: 'first', clientOrderId: 'away', status: 'CANCELED' },
      newOrderResponse: { orderId: 3, price: '19500.00000000', status: 'NEW', fills: [] },
    });
    expect(headers).toMatchObject({ 'x-mbx-order-count-10s': '2', 'x-mbx-used-weight-1m': '0' });
    expect(await openIds(made)).toEqual([3]);
  });

  it.each([
    ['STOP_ON_FAILURE', 99, ORDER, 400, -2022, 'FAILURE', 'NOT_ATTEMPTED', UNKNOWN, null, [2]],
    ['ALLOW_FAILURE', 99, ORDER, 409, -2021, 'FAILURE', 'SUCCESS', UNKNOWN, { orderId: 3 }, [2, 3]],
    ['STOP_ON_FAILURE', 2, POST_ONLY, 409, -2021, 'SUCCESS', 'FAILURE', { orderId: 2 }, WOULD_TAKE, []],
    ['ALLOW_FAILURE', 2, POST_ONLY, 409, -2021, 'SUCCESS', 'FAILURE', { orderId: 2 }, WOULD_TAKE, []],
    ['ALLOW_FAILURE', 99, POST_ONLY, 400, -2022, 'FAILURE', 'FAILURE', UNKNOWN, WOULD_TAKE, [2]],
  ] as const)(
    'with %s, order %i to cancel and %o to place is half done or not at all',
    async (
      cancelReplaceMode,
      cancelOrderId,
      order,
      status,
      code,
      cancelResult,
      newOrderResult,
      cancel,
      placed,
      open,
    ) => {
      const made = await world();
      const reply = await made.replace({ ...order, cancelReplaceMode, cancelOrderId });
      expect(reply.status).toBe(status);
      expect(reply.json).toMatchObject({ code, data: { cancelResult, newOrderResult, cancelResponse: cancel } });
      const { newOrderResponse } = (reply.json as { data: { newOrderResponse: unknown } }).data;
      if (placed === null) expect(newOrderResponse).toBeNull();
      else expect(newOrderResponse).toMatchObject(placed);
      expect(await openIds(made)).toEqual(open);
    },
  );

  it('counts a new order that was not attempted, and not one that was refused', async () => {
    const made = await world();
    const count = async (): Promise<number> =>
      ((await made.signed(made.ann, 'GET', 'rateLimit/order')).json as readonly { count: number }[])[0]?.count ?? -1;
    expect(await count()).toBe(1);
    await made.replace({ ...ORDER, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 99 });
    expect(await count()).toBe(2);
    await made.replace({ ...POST_ONLY, cancelReplaceMode: 'ALLOW_FAILURE', cancelOrderId: 99 });
    expect(await count()).toBe(2);
    const filtered = await made.replace({
      ...ORDER,
      price: '19000.001',
      cancelReplaceMode: 'ALLOW_FAILURE',
      cancelOrderId: 2,
    });
    expect(filtered.json).toEqual({ code: -1013, msg: 'Filter failure: PRICE_FILTER' });
    expect(await count()).toBe(2);
    expect(await openIds(made)).toEqual([2]);
  });

  it('at the order limit does nothing, or only cancels where that was asked for', async () => {
    const limits = { requestLimits: { ordersPerTenSeconds: 1 } };
    const tooMany = { code: -1015, msg: 'Too many new orders; current limit is 1 orders per 10 SECOND.' };
    const request = { ...ORDER, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 2 };
    const first = await world(limits);
    const nothing = await first.replace(request);
    expect({ status: nothing.status, json: nothing.json }).toEqual({ status: 429, json: tooMany });
    expect(nothing.headers).not.toHaveProperty('retry-after');
    expect(await openIds(first)).toEqual([2]);
    const canceled = await first.replace({ ...request, orderRateLimitExceededMode: 'CANCEL_ONLY' });
    expect(canceled.status).toBe(429);
    expect(canceled.json).toMatchObject({
      code: -2021,
      data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse: tooMany },
    });
    expect(await openIds(first)).toEqual([]);
    const again = await first.replace({ ...request, orderRateLimitExceededMode: 'CANCEL_ONLY' });
    expect(again.json).toMatchObject({
      code: -2022,
      data: { cancelResponse: UNKNOWN, newOrderResult: 'NOT_ATTEMPTED' },
    });
  });

  it('says what is missing', async () => {
    const made = await world();
    expect((await made.replace({ ...ORDER, cancelOrderId: 2 })).json).toEqual({
      code: -1102,
      msg: "Mandatory parameter 'cancelReplaceMode' was not sent, was empty/null, or malformed.",
    });
    expect((await made.replace({ ...ORDER, cancelReplaceMode: 'STOP_ON_FAILURE' })).json).toEqual({
      code: -1102,
      msg: "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!",
    });
    expect((await made.replace({ ...ORDER, cancelReplaceMode: 'MAYBE', cancelOrderId: 2 })).json).toEqual({
      code: -1130,
      msg: "Data sent for parameter 'cancelReplaceMode' is not valid.",
    });
  });
});
