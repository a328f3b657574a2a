import { describe, expect, it } from 'vitest';
import { makeTradingWorld, START_MS, type TradingWorld } from './trading-world.test-support.ts';

/** Bids at 19,990, offers at 20,000, and a first trade at 20,000. */
async function world(): Promise<TradingWorld> {
  const made = makeTradingWorld();
  made.provide('BTCUSDT', { side: 'SELL', type: 'LIMIT', timeInForce: 'GTC', price: '20000', quantity: '1' });
  made.provide('BTCUSDT', { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '19990', quantity: '1' });
  await made.signed(made.ben, 'POST', 'order', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' });
  return made;
}

const OCO = {
  symbol: 'BTCUSDT',
  side: 'SELL',
  quantity: '0.5',
  aboveType: 'LIMIT_MAKER',
  abovePrice: '21000',
  aboveClientOrderId: 'profit',
  belowType: 'STOP_LOSS_LIMIT',
  belowStopPrice: '19000',
  belowPrice: '18900',
  belowTimeInForce: 'GTC',
  belowClientOrderId: 'loss',
  listClientOrderId: 'pair',
} as const;

const OTO = {
  symbol: 'BTCUSDT',
  workingType: 'LIMIT',
  workingSide: 'BUY',
  workingTimeInForce: 'GTC',
  workingPrice: '20000',
  workingQuantity: '0.1',
  pendingType: 'LIMIT',
  pendingSide: 'SELL',
  pendingPrice: '22000',
  pendingQuantity: '0.1',
  pendingTimeInForce: 'GTC',
} as const;

describe('a list of orders', () => {
  it('OCO is told with both its legs, the stop loss first', async () => {
    const { signed, ann } = await world();
    const { status, json, headers } = await signed(ann, 'POST', 'orderList/oco', OCO);
    const common = { symbol: 'BTCUSDT', orderListId: 1, transactTime: START_MS, origQty: '0.50000000', side: 'SELL' };
    expect(status).toBe(200);
    expect(json).toMatchObject({
      orderListId: 1,
      contingencyType: 'OCO',
      listStatusType: 'EXEC_STARTED',
      listOrderStatus: 'EXECUTING',
      listClientOrderId: 'pair',
      transactionTime: START_MS,
      symbol: 'BTCUSDT',
      orders: [
        { symbol: 'BTCUSDT', orderId: 4, clientOrderId: 'loss' },
        { symbol: 'BTCUSDT', orderId: 5, clientOrderId: 'profit' },
      ],
      orderReports: [
        { ...common, type: 'STOP_LOSS_LIMIT', stopPrice: '19000.00000000', workingTime: -1, status: 'NEW' },
        { ...common, type: 'LIMIT_MAKER', price: '21000.00000000', workingTime: START_MS, status: 'NEW' },
      ],
    });
    expect(headers?.['x-mbx-order-count-10s']).toBe('2');
  });

  it('OCO in its older form is the same', async () => {
    const { signed, ann } = await world();
    const old = { symbol: 'BTCUSDT', side: 'SELL', quantity: '0.5', price: '21000', stopPrice: '19000' };
    expect((await signed(ann, 'POST', 'order/oco', old)).json).toMatchObject({
      contingencyType: 'OCO',
      orderReports: [
        { type: 'STOP_LOSS', stopPrice: '19000.00000000' },
        { type: 'LIMIT_MAKER', price: '21000.00000000' },
      ],
    });
    const limited = {
      ...old,
      stopLimitPrice: '18900',
      stopLimitTimeInForce: 'GTC',
      limitClientOrderId: 'a',
      stopClientOrderId: 'b',
    };
    expect((await signed(ann, 'POST', 'order/oco', limited)).json).toMatchObject({
      orderReports: [
        { type: 'STOP_LOSS_LIMIT', price: '18900.00000000', clientOrderId: 'b' },
        { type: 'LIMIT_MAKER', clientOrderId: 'a' },
      ],
    });
    expect((await signed(ann, 'POST', 'order/oco', { ...old, stopLimitPrice: '18900' })).json).toEqual({
      code: -1102,
      msg: "Mandatory parameter 'stopLimitTimeInForce' was not sent, was empty/null, or malformed.",
    });
    const buys = { symbol: 'BTCUSDT', side: 'BUY', quantity: '0.1', price: '19000', stopPrice: '21000' };
    expect((await signed(ann, 'POST', 'order/oco', buys)).json).toMatchObject({ contingencyType: 'OCO' });
  });

  it('OTO tells of a pending leg as it was accepted, even where the working order was filled at once', async () => {
    const { signed, ann } = await world();
    const { json, headers } = await signed(ann, 'POST', 'orderList/oto', OTO);
    expect(json).toMatchObject({
      contingencyType: 'OTO',
      listOrderStatus: 'EXECUTING',
      orderReports: [
        { orderId: 4, status: 'FILLED', executedQty: '0.10000000' },
        { orderId: 5, status: 'PENDING_NEW', workingTime: -1 },
      ],
    });
    expect((json as { orderReports: object[] }).orderReports[0]).not.toHaveProperty('fills');
    expect(headers?.['x-mbx-order-count-10s']).toBe('2');
    expect((await signed(ann, 'GET', 'order', { symbol: 'BTCUSDT', orderId: 5 })).json).toMatchObject({
      status: 'NEW',
    });
  });

  it('OTOCO has three orders, and the pair waits', async () => {
    const { signed, ann } = await world();
    const { json, headers } = await signed(ann, 'POST', 'orderList/otoco', {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingTimeInForce: 'GTC',
      workingPrice: '19500',
      workingQuantity: '0.1',
      pendingSide: 'SELL',
      pendingQuantity: '0.1',
      pendingAboveType: 'TAKE_PROFIT',
      pendingAboveStopPrice: '22000',
      pendingBelowType: 'STOP_LOSS',
      pendingBelowTrailingDelta: 200,
      newOrderRespType: 'ACK',
    });
    expect(headers?.['x-mbx-order-count-10s']).toBe('3');
    expect(json).toMatchObject({ contingencyType: 'OTO', orders: [{ orderId: 4 }, { orderId: 5 }, { orderId: 6 }] });
    expect((json as { orderReports: object[] }).orderReports.map((report) => Object.keys(report).length)).toEqual([
      5, 5, 5,
    ]);
    expect((await signed(ann, 'GET', 'openOrders', { symbol: 'BTCUSDT' })).json).toMatchObject([
      { orderId: 4, status: 'NEW', isWorking: true },
      { orderId: 5, status: 'PENDING_NEW', isWorking: false },
      { orderId: 6, status: 'PENDING_NEW', isWorking: false },
    ]);
  });

  it.each([
    ['orderList/oco', { ...OCO, abovePrice: '' }, -1105, "Parameter 'abovePrice' was empty."],
    [
      'orderList/oco',
      { ...OCO, aboveType: 'LIMIT' },
      -1102,
      "Mandatory parameter 'aboveTimeInForce' was not sent, was empty/null, or malformed.",
    ],
    [
      'orderList/oco',
      { ...OCO, aboveType: 'LIMIT', aboveTimeInForce: 'GTC' },
      -1158,
      'Order type not supported in OCO.',
    ],
    ['orderList/oco', { ...OCO, aboveType: 'NONE' }, -1116, 'Invalid orderType.'],
    ['orderList/oco', { ...OCO, belowPrice: '18900.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    [
      'orderList/oco',
      { ...OCO, belowStopPrice: '20500' },
      -2010,
      'The relationship of the prices for the orders is not correct.',
    ],
    ['orderList/oco', { ...OCO, side: 'BUY' }, -1165, 'A limit order in a buy OCO must be below.'],
    ['orderList/oco', { ...OCO, quantity: '11' }, -2010, 'Account has insufficient balance for requested action.'],
    [
      'orderList/oco',
      { ...OCO, belowStopPrice: '1x' },
      -1100,
      "Illegal characters found in parameter 'belowStopPrice'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    ['orderList/oto', { ...OTO, pendingStopPrice: '1' }, -1106, "Parameter 'pendingStopPrice' sent when not required."],
    ['orderList/oto', { ...OTO, workingType: 'MARKET' }, -1106, "Parameter 'workingPrice' sent when not required."],
    [
      'orderList/oto',
      { ...OTO, quoteOrderQty: '1' },
      -1104,
      "Not all sent parameters were read; read '13' parameter(s) but was sent '14'.",
    ],
    ['orderList/opo', { symbol: 'BTCUSDT' }, -2010, 'OPO orders are not supported for this symbol.'],
    ['orderList/opoco', { symbol: 'NOPE' }, -1121, 'Invalid symbol.'],
    ['sor/order', { symbol: 'BTCUSDT' }, -1020, 'This operation is not supported.'],
  ] as const)('%s with %j is refused in the request’s own words', async (path, fields, code, msg) => {
    const { signed, ann } = await world();
    const { status, json } = await signed(ann, 'POST', path, fields);
    expect({ status, json }).toEqual({ status: 400, json: { code, msg } });
    expect((await signed(ann, 'GET', 'openOrderList')).json).toEqual([]);
  });

  it('is canceled whole, by its number or by canceling one of its orders, and is found afterwards', async () => {
    const { signed, ann, clock } = await world();
    await signed(ann, 'POST', 'orderList/oco', OCO);
    await clock.advance(7);
    const canceled = await signed(ann, 'DELETE', 'orderList', {
      symbol: 'BTCUSDT',
      listClientOrderId: 'pair',
      newClientOrderId: 'away',
    });
    const done = {
      orderListId: 1,
      contingencyType: 'OCO',
      listStatusType: 'ALL_DONE',
      listOrderStatus: 'ALL_DONE',
      listClientOrderId: 'pair',
      transactionTime: START_MS + 7,
      symbol: 'BTCUSDT',
      orders: [
        { symbol: 'BTCUSDT', orderId: 4, clientOrderId: 'loss' },
        { symbol: 'BTCUSDT', orderId: 5, clientOrderId: 'profit' },
      ],
    };
    expect(canceled.json).toMatchObject({
      ...done,
      orderReports: [
        { origClientOrderId: 'loss', clientOrderId: 'away', status: 'CANCELED' },
        { origClientOrderId: 'profit', clientOrderId: 'away', status: 'CANCELED' },
      ],
    });
    expect((await signed(ann, 'GET', 'orderList', { orderListId: 1 })).json).toEqual(done);
    expect((await signed(ann, 'GET', 'orderList', { origClientOrderId: 'pair' })).json).toEqual(done);
    await signed(ann, 'POST', 'orderList/oco', OCO);
    expect((await signed(ann, 'GET', 'openOrderList')).json).toMatchObject([
      { orderListId: 2, listOrderStatus: 'EXECUTING' },
    ]);
    expect((await signed(ann, 'DELETE', 'order', { symbol: 'BTCUSDT', orderId: 6 })).json).toMatchObject({
      orderListId: 2,
      listOrderStatus: 'ALL_DONE',
      orderReports: [{ orderId: 6 }, { orderId: 7 }],
    });
    const all = await signed(ann, 'GET', 'allOrderList');
    expect(all.json).toMatchObject([{ orderListId: 1 }, { orderListId: 2 }]);
    expect((await signed(ann, 'GET', 'allOrderList', { fromId: 2 })).json).toMatchObject([{ orderListId: 2 }]);
    expect((await signed(ann, 'GET', 'allOrderList', { fromId: 2, startTime: 1 })).json).toMatchObject({ code: -1128 });
    expect((await signed(ann, 'GET', 'orderList', {})).json).toMatchObject({ code: -1102 });
    expect((await signed(ann, 'GET', 'orderList', { orderListId: 9 })).json).toMatchObject({ code: -2013 });
    expect((await signed(ann, 'DELETE', 'orderList', { symbol: 'BTCUSDT', orderListId: 1 })).json).toMatchObject({
      code: -2011,
    });
  });
});
