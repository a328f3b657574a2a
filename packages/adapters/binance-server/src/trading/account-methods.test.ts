import { describe, expect, it } from 'vitest';
import { makeTradingWorld, START_MS, type TradingWorld } from './trading-world.test-support.ts';

const ZEROS = { maker: '0.00000000', taker: '0.00000000', buyer: '0.00000000', seller: '0.00000000' };

function world(): TradingWorld {
  const made = makeTradingWorld({
    accounts: [
      { name: 'ann', balances: { USDT: '1000', BTC: '0' }, fees: { makerPpm: 750, takerPpm: 1_250 } },
      { name: 'ben', balances: { BTC: '1' } },
    ],
  });
  made.provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', price: '20000', quantity: '1' });
  return made;
}

describe('an account', () => {
  it('tells what it has, what of it is bound in orders, what it pays and when it last changed', async () => {
    const { signed, ann, clock } = world();
    await clock.advance(50);
    await signed(ann, 'POST', 'order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01',
      price: '19000.5',
    });
    const { json } = await signed(ann, 'GET', 'account');
    expect(json).toEqual({
      makerCommission: 8,
      takerCommission: 13,
      buyerCommission: 0,
      sellerCommission: 0,
      commissionRates: { ...ZEROS, maker: '0.00075000', taker: '0.00125000' },
      canTrade: true,
      canWithdraw: true,
      canDeposit: true,
      brokered: false,
      requireSelfTradePrevention: false,
      preventSor: false,
      updateTime: START_MS + 50,
      accountType: 'SPOT',
      balances: [
        { asset: 'BNB', free: '0.00000000', locked: '0.00000000' },
        { asset: 'BTC', free: '0.00000000', locked: '0.00000000' },
        { asset: 'ETH', free: '0.00000000', locked: '0.00000000' },
        { asset: 'SOL', free: '0.00000000', locked: '0.00000000' },
        { asset: 'USDT', free: '809.99500000', locked: '190.00500000' },
        { asset: 'XRP', free: '0.00000000', locked: '0.00000000' },
      ],
      permissions: ['SPOT'],
      uid: expect.any(Number) as number,
    });
    expect((await signed(ann, 'GET', 'account', { omitZeroBalances: true })).json).toMatchObject({
      balances: [{ asset: 'USDT' }],
    });
    expect((await signed(ann, 'GET', 'account', { omitZeroBalances: 'perhaps' })).json).toMatchObject({ code: -1130 });
  });

  it('is charged what its rates say', async () => {
    const { signed, ann } = world();
    const bought = await signed(ann, 'POST', 'order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
    });
    expect(bought.json).toMatchObject({ fills: [{ commission: '0.00001250', commissionAsset: 'BTC' }] });
    expect((await signed(ann, 'GET', 'account', { omitZeroBalances: true })).json).toMatchObject({
      balances: [
        { asset: 'BTC', free: '0.00998750', locked: '0.00000000' },
        { asset: 'USDT', free: '800.00000000', locked: '0.00000000' },
      ],
    });
    expect((await signed(ann, 'GET', 'account/commission', { symbol: 'BTCUSDT' })).json).toEqual({
      symbol: 'BTCUSDT',
      standardCommission: { ...ZEROS, maker: '0.00075000', taker: '0.00125000' },
      specialCommission: ZEROS,
      taxCommission: ZEROS,
      discount: { enabledForAccount: false, enabledForSymbol: false, discountAsset: 'BNB', discount: '0.00000000' },
    });
  });

  it('that may not trade is told so, and still may look', async () => {
    const { signed, ann, model } = world();
    model.exchange.setTrading(ann.account, false);
    expect((await signed(ann, 'GET', 'account')).json).toMatchObject({ canTrade: false });
    const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' };
    expect((await signed(ann, 'POST', 'order', order)).json).toEqual({
      code: -2010,
      msg: 'This account may not place or cancel orders.',
    });
  });

  it('knows how many orders it has placed, which a fill takes off again', async () => {
    const { signed, ann, provide, clock } = world();
    const counts = async (): Promise<readonly number[]> =>
      ((await signed(ann, 'GET', 'rateLimit/order')).json as readonly { count: number }[]).map(({ count }) => count);
    expect((await signed(ann, 'GET', 'rateLimit/order')).json).toEqual([
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100, count: 0 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000, count: 0 },
    ]);
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.001',
      price: '19000',
    };
    for (let placed = 0; placed < 7; placed += 1) await signed(ann, 'POST', 'order', order);
    expect(await counts()).toEqual([7, 7]);
    const taken = await signed(ann, 'POST', 'order', { ...order, price: '20000' });
    expect(taken.headers?.['x-mbx-order-count-10s']).toBe('8');
    expect(await counts()).toEqual([7, 7]);
    await clock.advance(10_000);
    expect(await counts()).toEqual([0, 7]);
    provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', timeInForce: 'IOC', price: '19000', quantity: '0.001' });
    expect(await counts()).toEqual([0, 2]);
  });

  it('sees the filters that are counted by account', async () => {
    const { signed, ann } = world();
    expect((await signed(ann, 'GET', 'myFilters', { symbol: 'BTCUSDT' })).json).toMatchObject({
      exchangeFilters: [],
      symbolFilters: [
        { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
        { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
      ],
      assetFilters: [],
    });
  });
});

describe('the limits on orders', () => {
  it('refuse above them with 429, the limit and the time to wait; cancels go on', async () => {
    const { signed, ann, clock } = makeTradingWorld({ requestLimits: { ordersPerTenSeconds: 2, ordersPerDay: 3 } });
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.001',
      price: '19000',
    };
    await clock.advance(4_000);
    for (let placed = 0; placed < 2; placed += 1) expect((await signed(ann, 'POST', 'order', order)).status).toBe(200);
    const refused = await signed(ann, 'POST', 'order', order);
    expect({ status: refused.status, json: refused.json }).toEqual({
      status: 429,
      json: { code: -1015, msg: 'Too many new orders; current limit is 2 orders per 10 SECOND.' },
    });
    expect(refused.headers).not.toHaveProperty('retry-after');
    expect((await signed(ann, 'DELETE', 'order', { symbol: 'BTCUSDT', orderId: 1 })).status).toBe(200);
    await clock.advance(6_000);
    expect((await signed(ann, 'POST', 'order', order)).status).toBe(200);
    expect((await signed(ann, 'POST', 'order', order)).json).toEqual({
      code: -1015,
      msg: 'Too many new orders; current limit is 3 orders per 1 DAY.',
    });
  });

  it('and those on weight leave successful orders and cancels free', async () => {
    const { signed, ann, send } = makeTradingWorld({ requestLimits: { weightPerMinute: 3 } });
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.001',
      price: '19000',
    };
    for (let placed = 1; placed <= 5; placed += 1) {
      await signed(ann, 'POST', 'order', order);
      expect((await signed(ann, 'DELETE', 'order', { symbol: 'BTCUSDT', orderId: placed })).status).toBe(200);
    }
    expect((await send('GET', 'ping')).headers?.['x-mbx-used-weight-1m']).toBe('1');
    expect(
      (await signed(ann, 'DELETE', 'order', { symbol: 'BTCUSDT', orderId: 1 })).headers?.['x-mbx-used-weight-1m'],
    ).toBe('2');
    await send('GET', 'ping');
    expect((await send('GET', 'ping')).status).toBe(429);
    expect((await signed(ann, 'POST', 'order', order)).status).toBe(429);
  });
});
