import { describe, expect, it } from 'vitest';
import { makeTradingWorld, START_MS, type TradingWorld } from './trading-world.test-support.ts';

const DAY_MS = 86_400_000;
const LIMIT = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.01',
  price: '20000',
} as const;

/** Ann bought twice, a minute apart, has one order open and canceled one. */
async function world(): Promise<TradingWorld> {
  const made = makeTradingWorld();
  const { signed, ann, clock } = made;
  made.provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', price: '20000', quantity: '1' });
  await signed(ann, 'POST', 'order', { ...LIMIT, newClientOrderId: 'again' });
  await clock.advance(60_000);
  await signed(ann, 'POST', 'order', { ...LIMIT, newClientOrderId: 'again' });
  await signed(ann, 'POST', 'order', { ...LIMIT, price: '18000' });
  await signed(ann, 'POST', 'order', { ...LIMIT, price: '18001' });
  await signed(ann, 'DELETE', 'order', { symbol: 'BTCUSDT', orderId: 5 });
  return made;
}

const ids = (json: unknown, key = 'orderId'): readonly unknown[] =>
  (json as readonly Readonly<Record<string, unknown>>[]).map((item) => item[key]);

describe('what an account asks for afterwards', () => {
  it('an order, open or ended, by either id; the newest where ids were used again', async () => {
    const { signed, ann, ben } = await world();
    const ask = async (fields: Readonly<Record<string, string | number>>): Promise<unknown> =>
      (await signed(ann, 'GET', 'order', { symbol: 'BTCUSDT', ...fields })).json;
    expect(await ask({ orderId: 2 })).toEqual({
      symbol: 'BTCUSDT',
      orderId: 2,
      orderListId: -1,
      clientOrderId: 'again',
      price: '20000.00000000',
      origQty: '0.01000000',
      executedQty: '0.01000000',
      cummulativeQuoteQty: '200.00000000',
      status: 'FILLED',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      stopPrice: '0.00000000',
      icebergQty: '0.00000000',
      time: START_MS,
      updateTime: START_MS,
      isWorking: true,
      workingTime: START_MS,
      origQuoteOrderQty: '0.00000000',
      selfTradePreventionMode: 'EXPIRE_MAKER',
    });
    expect(await ask({ origClientOrderId: 'again' })).toMatchObject({ orderId: 3 });
    expect(await ask({ orderId: 4 })).toMatchObject({ status: 'NEW' });
    expect(await ask({ orderId: 3, origClientOrderId: 'again' })).toMatchObject({ orderId: 3 });
    expect(await ask({ orderId: 4, origClientOrderId: 'again' })).toEqual({
      code: -2039,
      msg: 'Client order ID is not correct for this order ID.',
    });
    expect(await ask({ orderId: 77 })).toEqual({ code: -2013, msg: 'Order does not exist.' });
    expect(await ask({})).toMatchObject({ code: -1102 });
    expect((await signed(ben, 'GET', 'order', { symbol: 'BTCUSDT', orderId: 2 })).json).toMatchObject({ code: -2013 });
    expect((await signed(ann, 'GET', 'order', { symbol: 'ETHUSDT', orderId: 2 })).json).toMatchObject({ code: -2013 });
  });

  it('all orders: the newest, those from a number on, or those of a time', async () => {
    const { signed, ann } = await world();
    const ask = async (fields: Readonly<Record<string, string | number>>): Promise<unknown> =>
      (await signed(ann, 'GET', 'allOrders', { symbol: 'BTCUSDT', ...fields })).json;
    expect(ids(await ask({}))).toEqual([2, 3, 4, 5]);
    expect(ids(await ask({ limit: 2 }))).toEqual([4, 5]);
    expect(ids(await ask({ orderId: 3, limit: 2 }))).toEqual([3, 4]);
    expect(ids(await ask({ startTime: START_MS + 1 }))).toEqual([3, 4, 5]);
    expect(ids(await ask({ endTime: START_MS }))).toEqual([2]);
    expect(ids(await ask({ startTime: START_MS * 1_000, endTime: (START_MS + 60_000) * 1_000, limit: 1 }))).toEqual([
      2,
    ]);
    expect(await ask({ startTime: START_MS, endTime: START_MS + DAY_MS + 1 })).toEqual({
      code: -1127,
      msg: 'More than 24 hours between startTime and endTime.',
    });
    expect(await ask({ startTime: 2, endTime: 1 })).toMatchObject({ code: -1128 });
    expect(await ask({ limit: 0 })).toMatchObject({ code: -1130 });
  });

  it('its trades, with what they cost, and only in the combinations that there are', async () => {
    const { signed, ann } = await world();
    const ask = async (fields: Readonly<Record<string, string | number>>): Promise<unknown> =>
      (await signed(ann, 'GET', 'myTrades', { symbol: 'BTCUSDT', ...fields })).json;
    expect(await ask({ orderId: 3 })).toEqual([
      {
        symbol: 'BTCUSDT',
        id: 2,
        orderId: 3,
        orderListId: -1,
        price: '20000.00000000',
        qty: '0.01000000',
        quoteQty: '200.00000000',
        commission: '0.00001000',
        commissionAsset: 'BTC',
        time: START_MS + 60_000,
        isBuyer: true,
        isMaker: false,
        isBestMatch: true,
      },
    ]);
    expect(ids(await ask({}), 'id')).toEqual([1, 2]);
    expect(ids(await ask({ limit: 1 }), 'id')).toEqual([2]);
    expect(ids(await ask({ fromId: 1, limit: 1 }), 'id')).toEqual([1]);
    expect(ids(await ask({ fromId: 2, orderId: 3 }), 'id')).toEqual([2]);
    expect(ids(await ask({ startTime: START_MS + 1 }), 'id')).toEqual([2]);
    expect(ids(await ask({ endTime: START_MS }), 'id')).toEqual([1]);
    for (const wrong of [
      { orderId: 2, startTime: 1 },
      { fromId: 1, endTime: 5 },
    ]) {
      expect(await ask(wrong)).toEqual({ code: -1128, msg: 'Combination of optional parameters invalid.' });
    }
    const micro = await signed(ann, 'GET', 'myTrades', { symbol: 'BTCUSDT', endTime: START_MS * 1_000 });
    expect(ids(micro.json, 'id')).toEqual([1]);
  });

  it('matches of its own orders that were prevented', async () => {
    const { signed, ann } = await world();
    const sell = { ...LIMIT, side: 'SELL', price: '18000', newOrderRespType: 'RESULT' };
    expect(
      (await signed(ann, 'POST', 'order', { ...sell, selfTradePreventionMode: 'EXPIRE_TAKER' })).json,
    ).toMatchObject({
      orderId: 6,
      status: 'EXPIRED_IN_MATCH',
      preventedMatchId: 0,
      preventedQuantity: '0.01000000',
      executedQty: '0.00000000',
    });
    expect(
      (await signed(ann, 'POST', 'order', { ...sell, selfTradePreventionMode: 'EXPIRE_BOTH' })).json,
    ).toMatchObject({
      status: 'EXPIRED_IN_MATCH',
    });
    const ask = async (fields: Readonly<Record<string, string | number>>): Promise<unknown> =>
      (await signed(ann, 'GET', 'myPreventedMatches', { symbol: 'BTCUSDT', ...fields })).json;
    const first = {
      symbol: 'BTCUSDT',
      preventedMatchId: 0,
      takerOrderId: 6,
      makerSymbol: 'BTCUSDT',
      makerOrderId: 4,
      tradeGroupId: -1,
      selfTradePreventionMode: 'EXPIRE_TAKER',
      price: '18000.00000000',
      takerPreventedQuantity: '0.01000000',
      transactTime: START_MS + 60_000,
    };
    expect(await ask({ preventedMatchId: 0 })).toEqual([first]);
    expect(await ask({ orderId: 4 })).toMatchObject([
      { preventedMatchId: 0 },
      { preventedMatchId: 1, makerPreventedQuantity: '0.01000000', takerPreventedQuantity: '0.01000000' },
    ]);
    expect(ids(await ask({ orderId: 4, fromPreventedMatchId: 1 }), 'preventedMatchId')).toEqual([1]);
    expect(ids(await ask({ orderId: 7, fromPreventedMatchId: 0, limit: 1 }), 'preventedMatchId')).toEqual([1]);
    expect(await ask({})).toMatchObject({ code: -1102 });
    expect(await ask({ preventedMatchId: 0, orderId: 4 })).toMatchObject({ code: -1128 });
    expect(await ask({ orderId: 4, limit: 5 })).toMatchObject({ code: -1128 });
    expect((await signed(ann, 'GET', 'order', { symbol: 'BTCUSDT', orderId: 4 })).json).toMatchObject({
      status: 'EXPIRED_IN_MATCH',
      preventedMatchId: 1,
      preventedQuantity: '0.01000000',
    });
  });

  it('allocations: there are none', async () => {
    const { signed, ann } = await world();
    expect((await signed(ann, 'GET', 'myAllocations', { symbol: 'BTCUSDT' })).json).toEqual([]);
    expect((await signed(ann, 'GET', 'myAllocations', {})).json).toMatchObject({ code: -1102 });
    expect((await signed(ann, 'GET', 'order/amendments', { symbol: 'BTCUSDT' })).json).toMatchObject({ code: -1102 });
  });

  it('open orders of one symbol or of all, at different weights', async () => {
    const { signed, ann } = await world();
    const weightOf = async (fields: Readonly<Record<string, string>>): Promise<number> => {
      const before = Number(
        (await signed(ann, 'GET', 'order', { symbol: 'BTCUSDT', orderId: 2 })).headers?.['x-mbx-used-weight-1m'],
      );
      const { headers } = await signed(ann, 'GET', 'openOrders', fields);
      return Number(headers?.['x-mbx-used-weight-1m']) - before;
    };
    expect(await weightOf({})).toBe(80);
    expect(await weightOf({ symbol: 'BTCUSDT' })).toBe(6);
    expect(ids((await signed(ann, 'GET', 'openOrders', {})).json)).toEqual([4]);
    expect((await signed(ann, 'GET', 'openOrders', { symbol: 'ETHUSDT' })).json).toEqual([]);
    expect((await signed(ann, 'GET', 'openOrders', { symbol: 'NOPE' })).json).toEqual({
      code: -1121,
      msg: 'Invalid symbol.',
    });
  });
});
