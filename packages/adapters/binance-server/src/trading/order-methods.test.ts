import { describe, expect, it } from 'vitest';
import { makeTradingWorld, START_MS, type TradingWorld } from './trading-world.test-support.ts';

/** A world whose BTCUSDT book has half a BTC at 20,000 and two at 20,010 on offer, and one BTC bid for at 19,990. */
function bookWorld(): TradingWorld {
  const world = makeTradingWorld();
  const offer = { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC' } as const;
  world.provide('BTCUSDT', { ...offer, price: '20000', quantity: '0.5' });
  world.provide('BTCUSDT', { ...offer, price: '20010', quantity: '2' });
  world.provide('BTCUSDT', { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '19990', quantity: '1' });
  return world;
}

const LIMIT_BUY = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.01',
  price: '19000',
} as const;

describe('a new order', () => {
  it('that is MARKET is answered in full: what it took, what it cost, and the fees', async () => {
    const { signed, ann } = bookWorld();
    const { status, json, headers } = await signed(ann, 'POST', 'order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.6',
      newClientOrderId: 'mine',
    });
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        symbol: 'BTCUSDT',
        orderId: 4,
        orderListId: -1,
        clientOrderId: 'mine',
        transactTime: START_MS,
        price: '0.00000000',
        origQty: '0.60000000',
        executedQty: '0.60000000',
        origQuoteOrderQty: '0.00000000',
        cummulativeQuoteQty: '12001.00000000',
        status: 'FILLED',
        timeInForce: 'GTC',
        type: 'MARKET',
        side: 'BUY',
        workingTime: START_MS,
        selfTradePreventionMode: 'EXPIRE_MAKER',
        fills: [
          { price: '20000.00000000', qty: '0.50000000', commission: '0.00050000', commissionAsset: 'BTC', tradeId: 1 },
          { price: '20010.00000000', qty: '0.10000000', commission: '0.00010000', commissionAsset: 'BTC', tradeId: 2 },
        ],
      },
    });
    expect(headers).toMatchObject({
      'x-mbx-order-count-10s': '1',
      'x-mbx-order-count-1d': '1',
      'x-mbx-used-weight-1m': '0',
    });
  });

  it('is answered as its type is by default, or as asked for', async () => {
    const { signed, ann } = bookWorld();
    const keys = async (fields: Readonly<Record<string, string>>): Promise<readonly string[]> =>
      Object.keys((await signed(ann, 'POST', 'order', { ...LIMIT_BUY, ...fields })).json as object);
    const ack = ['symbol', 'orderId', 'orderListId', 'clientOrderId', 'transactTime'];
    expect(await keys({})).toContain('fills');
    expect(await keys({ newOrderRespType: 'ACK' })).toEqual(ack);
    const result = await keys({ newOrderRespType: 'RESULT' });
    expect(result).toContain('workingTime');
    expect(result).not.toContain('fills');
    const { timeInForce: _, ...post } = LIMIT_BUY;
    expect(Object.keys((await signed(ann, 'POST', 'order', { ...post, type: 'LIMIT_MAKER' })).json as object)).toEqual(
      ack,
    );
  });

  it('tells of stops, trailing, iceberg and strategy only where the order has them', async () => {
    const { signed, ann } = bookWorld();
    await signed(ann, 'POST', 'order', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' });
    const stop = await signed(ann, 'POST', 'order', {
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'STOP_LOSS_LIMIT',
      timeInForce: 'GTC',
      quantity: '1',
      price: '18000',
      stopPrice: '18500',
      trailingDelta: 100,
      icebergQty: '0.5',
      strategyId: 7,
      strategyType: 1_000_001,
      newOrderRespType: 'FULL',
    });
    expect(stop.json).toMatchObject({
      status: 'NEW',
      stopPrice: '18500.00000000',
      icebergQty: '0.50000000',
      strategyId: 7,
      strategyType: 1_000_001,
      trailingDelta: 100,
      trailingTime: -1,
      workingTime: -1,
      fills: [],
    });
  });

  it('spends a quote quantity, and expires where the book ends', async () => {
    const { signed, ann } = bookWorld();
    const spent = await signed(ann, 'POST', 'order', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quoteOrderQty: '100',
    });
    expect(spent.json).toMatchObject({
      status: 'FILLED',
      origQty: '0.00500000',
      origQuoteOrderQty: '100.00000000',
      cummulativeQuoteQty: '100.00000000',
    });
    const sold = await signed(ann, 'POST', 'order', { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: '3' });
    const expired = { status: 'EXPIRED', origQty: '3.00000000', executedQty: '1.00000000' };
    expect(sold.json).toMatchObject({ ...expired, expiryReason: 'INSUFFICIENT_LIQUIDITY' });
    const { orderId } = sold.json as { readonly orderId: number };
    const { json } = await signed(ann, 'GET', 'order', { symbol: 'BTCUSDT', orderId });
    expect(json).toMatchObject({ ...expired, expiryReason: 'INSUFFICIENT_LIQUIDITY' });
  });

  it.each([
    [{ symbol: 'NOPE' }, -1121, 'Invalid symbol.'],
    [{ symbol: '' }, -1105, "Parameter 'symbol' was empty."],
    [{ side: 'LONG' }, -1117, 'Invalid side.'],
    [{ type: 'ICEBERG' }, -1116, 'Invalid orderType.'],
    [{ timeInForce: 'GTX' }, -1115, 'Invalid timeInForce.'],
    [{ price: '' }, -1105, "Parameter 'price' was empty."],
    [
      { price: '-1' },
      -1100,
      "Illegal characters found in parameter 'price'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    [{ price: '19000.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    [{ quantity: '0.000001' }, -1013, 'Filter failure: LOT_SIZE'],
    [{ quantity: '0.0000000001' }, -1111, "Parameter 'quantity' has too much precision."],
    [{ quantity: '0.0001' }, -1013, 'Filter failure: NOTIONAL'],
    [{ stopPrice: '18000' }, -1106, "Parameter 'stopPrice' sent when not required."],
    [{ newOrderRespType: 'SHORT' }, -1130, "Data sent for parameter 'newOrderRespType' is not valid."],
    [{ strategyType: 5 }, -1134, '`strategyType` was less than 1000000.'],
    [{ pegPriceType: 'PRIMARY_PEG' }, -2010, 'Pegged orders are not supported for this symbol.'],
    [{ pegPriceType: 'PEG' }, -1210, 'Invalid pegPriceType.'],
    [{ pegPriceType: 'MARKET_PEG', pegOffsetType: 'TICKS', pegOffsetValue: 1 }, -1211, 'Invalid pegOffsetType.'],
    [{ quantity: '9' }, -2010, 'Account has insufficient balance for requested action.'],
    [{ colour: 'red' }, -1104, "Not all sent parameters were read; read '8' parameter(s) but was sent '9'."],
    [
      { newClientOrderId: 'ä' },
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_.:/]{1,36}$'.",
    ],
  ])('with %j is refused as documented, costs its weight and no order count', async (fields, code, msg) => {
    const { signed, ann } = bookWorld();
    const { status, json, headers } = await signed(ann, 'POST', 'order', { ...LIMIT_BUY, ...fields });
    expect({ status, json }).toEqual({ status: 400, json: { code, msg } });
    expect(headers?.['x-mbx-used-weight-1m']).toBe('1');
    expect(headers).not.toHaveProperty('x-mbx-order-count-10s');
    expect((await signed(ann, 'GET', 'rateLimit/order')).json).toMatchObject([{ count: 0 }, { count: 0 }]);
  });

  it('without a parameter that its type needs is refused', async () => {
    const { signed, ann } = bookWorld();
    for (const name of ['symbol', 'side', 'type', 'timeInForce', 'quantity', 'price'] as const) {
      const { [name]: _, ...rest } = LIMIT_BUY;
      expect((await signed(ann, 'POST', 'order', rest)).json).toEqual({
        code: -1102,
        msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
      });
    }
  });

  it('may not carry the id of an open one, and a test places nothing', async () => {
    const { signed, ann } = bookWorld();
    const named = { ...LIMIT_BUY, newClientOrderId: 'twice' };
    expect((await signed(ann, 'POST', 'order/test', named)).json).toEqual({});
    expect((await signed(ann, 'GET', 'openOrders')).json).toEqual([]);
    expect((await signed(ann, 'POST', 'order', named)).status).toBe(200);
    expect((await signed(ann, 'POST', 'order', named)).json).toEqual({ code: -2010, msg: 'Duplicate order sent.' });
    expect((await signed(ann, 'POST', 'order/test', { ...named, computeCommissionRates: true })).json).toEqual({
      standardCommissionForOrder: { maker: '0.00100000', taker: '0.00100000' },
      specialCommissionForOrder: { maker: '0.00000000', taker: '0.00000000' },
      taxCommissionForOrder: { maker: '0.00000000', taker: '0.00000000' },
      discount: {
        enabledForAccount: false,
        enabledForSymbol: false,
        discountAsset: 'BNB',
        discount: '0.00000000',
      },
    });
    expect((await signed(ann, 'POST', 'order/test', { ...named, price: '19000.001' })).json).toEqual({
      code: -1013,
      msg: 'Filter failure: PRICE_FILTER',
    });
  });
});

describe('canceling', () => {
  it('tells of the order with the cancel’s own id, and the order is found under its old one', async () => {
    const { signed, ann, clock } = bookWorld();
    await signed(ann, 'POST', 'order', { ...LIMIT_BUY, newClientOrderId: 'first' });
    await clock.advance(5);
    const canceled = await signed(ann, 'DELETE', 'order', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'first',
      newClientOrderId: 'away',
    });
    expect({ status: canceled.status, json: canceled.json }).toEqual({
      status: 200,
      json: {
        symbol: 'BTCUSDT',
        origClientOrderId: 'first',
        orderId: 4,
        orderListId: -1,
        clientOrderId: 'away',
        transactTime: START_MS + 5,
        price: '19000.00000000',
        origQty: '0.01000000',
        executedQty: '0.00000000',
        origQuoteOrderQty: '0.00000000',
        cummulativeQuoteQty: '0.00000000',
        status: 'CANCELED',
        timeInForce: 'GTC',
        type: 'LIMIT',
        side: 'BUY',
        selfTradePreventionMode: 'EXPIRE_MAKER',
      },
    });
    expect((await signed(ann, 'GET', 'order', { symbol: 'BTCUSDT', origClientOrderId: 'first' })).json).toMatchObject({
      orderId: 4,
      clientOrderId: 'first',
      status: 'CANCELED',
      time: START_MS,
      updateTime: START_MS + 5,
    });
  });

  it.each([
    [{}, -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"],
    [{ orderId: 99 }, -2011, 'Unknown order sent.'],
    [{ orderId: 4, origClientOrderId: 'other' }, -2011, 'Unknown order sent.'],
    [{ orderId: 4, cancelRestrictions: 'ONLY_FILLED' }, -1145, 'Invalid cancelRestrictions'],
    [
      { orderId: 4, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' },
      -2011,
      'Order was not canceled due to cancel restrictions.',
    ],
    [{ orderId: -4 }, -1100, "Illegal characters found in parameter 'orderId'; legal range is '^[0-9]{1,20}$'."],
  ])('with %j is refused', async (fields, code, msg) => {
    const { signed, ann, ben } = bookWorld();
    await signed(ann, 'POST', 'order', { ...LIMIT_BUY, newClientOrderId: 'first' });
    const { status, json } = await signed(ann, 'DELETE', 'order', { symbol: 'BTCUSDT', ...fields });
    expect({ status, json }).toEqual({ status: 400, json: { code, msg } });
    expect((await signed(ben, 'DELETE', 'order', { symbol: 'BTCUSDT', orderId: 4 })).json).toEqual({
      code: -2011,
      msg: 'Unknown order sent.',
    });
  });

  it('all orders of a symbol tells of single ones and of lists', async () => {
    const { signed, ann } = bookWorld();
    await signed(ann, 'POST', 'order', LIMIT_BUY);
    await signed(ann, 'POST', 'orderList/oto', {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingTimeInForce: 'GTC',
      workingPrice: '18000',
      workingQuantity: '0.01',
      pendingType: 'MARKET',
      pendingSide: 'SELL',
      pendingQuantity: '0.01',
    });
    const { json } = await signed(ann, 'DELETE', 'openOrders', { symbol: 'BTCUSDT' });
    expect(json).toMatchObject([
      { orderId: 4, status: 'CANCELED' },
      { contingencyType: 'OTO', listOrderStatus: 'ALL_DONE', orderReports: [{ orderId: 5 }, { orderId: 6 }] },
    ]);
    expect((await signed(ann, 'DELETE', 'openOrders', { symbol: 'BTCUSDT' })).json).toEqual({
      code: -2011,
      msg: 'Unknown order sent.',
    });
  });
});

describe('lowering an order', () => {
  it('keeps its place, renames it, and is remembered', async () => {
    const { signed, ann, clock } = bookWorld();
    await signed(ann, 'POST', 'order', { ...LIMIT_BUY, newClientOrderId: 'first' });
    await clock.advance(5);
    const amended = await signed(ann, 'PUT', 'order/amend/keepPriority', {
      symbol: 'BTCUSDT',
      orderId: 4,
      newQty: '0.005',
      newClientOrderId: 'second',
    });
    expect(amended.json).toEqual({
      transactTime: START_MS + 5,
      executionId: expect.any(Number) as number,
      amendedOrder: {
        symbol: 'BTCUSDT',
        orderId: 4,
        orderListId: -1,
        origClientOrderId: 'first',
        clientOrderId: 'second',
        price: '19000.00000000',
        qty: '0.00500000',
        executedQty: '0.00000000',
        preventedQty: '0.00000000',
        quoteOrderQty: '0.00000000',
        cumulativeQuoteQty: '0.00000000',
        status: 'NEW',
        timeInForce: 'GTC',
        type: 'LIMIT',
        side: 'BUY',
        workingTime: START_MS,
        selfTradePreventionMode: 'EXPIRE_MAKER',
      },
    });
    expect((await signed(ann, 'GET', 'order/amendments', { symbol: 'BTCUSDT', orderId: 4 })).json).toEqual([
      {
        symbol: 'BTCUSDT',
        orderId: 4,
        executionId: (amended.json as { executionId: number }).executionId,
        origClientOrderId: 'first',
        newClientOrderId: 'second',
        origQty: '0.01000000',
        newQty: '0.00500000',
        time: START_MS + 5,
      },
    ]);
    expect((await signed(ann, 'PUT', 'order/amend/keepPriority', { symbol: 'BTCUSDT', orderId: 4 })).json).toEqual({
      code: -1102,
      msg: "Mandatory parameter 'newQty' was not sent, was empty/null, or malformed.",
    });
    expect(
      (await signed(ann, 'PUT', 'order/amend/keepPriority', { symbol: 'BTCUSDT', orderId: 4, newQty: '1' })).json,
    ).toEqual({ code: -2038, msg: 'Order amend (quantity increase) is not supported.' });
  });
});
