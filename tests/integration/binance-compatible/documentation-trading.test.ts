import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT_SHAPES } from './documented-shapes.test-support.ts';
import { afterTrades, holdingsOf, type Holdings } from './money.test-support.ts';
import { PlainClient, type Answer, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { shapeProblems, type Shape } from './shape.test-support.ts';
import { accountOf, Counterparty, marketNow, type Market } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
type Row = Readonly<Record<string, unknown>>;

describe('a client written from the documentation alone trades', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: PlainClient;
  let before: Holdings;
  let market: Market;

  const post = (path: string, values: Values): Promise<Answer> => client.signed(path, values, { method: 'POST' });
  const remove = (path: string, values: Values): Promise<Answer> => client.signed(path, values, { method: 'DELETE' });

  /** The body, once it is a success of the documented shape. */
  function expectShape({ status, body }: Answer, shape: Shape): Row {
    expect({ status, refused: status === 200 ? null : body }).toEqual({ status: 200, refused: null });
    expect(shapeProblems(body, shape)).toEqual([]);
    return body as Row;
  }

  const limit = (side: 'BUY' | 'SELL', price: string, more: Values = {}): Values => ({
    symbol,
    side,
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.001',
    price,
    ...more,
  });

  beforeAll(async () => {
    venue = await openContractVenue();
    client = new PlainClient(venue.served, accountOf(venue, 0));
    market = await marketNow(venue);
    const account = await client.signed('account');
    before = holdingsOf((account.body as { readonly balances: readonly Row[] }).balances);
  });
  afterAll(() => venue.close());

  it('the account, its commission and its count of orders', async () => {
    expectShape(await client.signed('account'), ACCOUNT_SHAPES.account);
    expectShape(await client.signed('account/commission', { symbol }), ACCOUNT_SHAPES.commission);
    expectShape(await client.signed('rateLimit/order'), [ACCOUNT_SHAPES.orderCount]);
  });

  it('a limit order is answered in full by default, shorter on demand', async () => {
    const full = await post('order', limit('BUY', market.away(-5)));
    expect(expectShape(full, ACCOUNT_SHAPES.full)).toMatchObject({
      status: 'NEW',
      fills: [],
      executedQty: '0.00000000',
    });
    expect(Number(full.headers.get('x-mbx-order-count-10s'))).toBeGreaterThan(0);
    expect(Number(full.headers.get('x-mbx-order-count-1d'))).toBeGreaterThan(0);
    expectShape(await post('order', limit('BUY', market.away(-5), { newOrderRespType: 'ACK' })), ACCOUNT_SHAPES.ack);
    expectShape(
      await post('order', limit('BUY', market.away(-5), { newOrderRespType: 'RESULT' })),
      ACCOUNT_SHAPES.result,
    );
    expectShape(await client.signed('openOrders', { symbol }), [ACCOUNT_SHAPES.order]);
    expectShape(await remove('openOrders', { symbol }), [ACCOUNT_SHAPES.canceled]);
  });

  it.each(['query', 'body', 'mixed'] as const)('an order whose parameters are sent in the %s', async (place) => {
    const answer = await client.signed('order', limit('BUY', market.away(-5)), { method: 'POST', place });
    const { orderId } = expectShape(answer, ACCOUNT_SHAPES.full);
    const canceled = await client.signed('order', { symbol, orderId: Number(orderId) }, { method: 'DELETE', place });
    expectShape(canceled, ACCOUNT_SHAPES.canceled);
  });

  it('a query is believed before a body where both say something', async () => {
    const { apiKey } = accountOf(venue, 0);
    const query = `symbol=${symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002&price=${market.away(-5)}`;
    const body = `quantity=0.001&timestamp=${Date.now()}`;
    const answer = await client.signedText('order', query, body, apiKey);
    expect(expectShape(answer, ACCOUNT_SHAPES.full)).toMatchObject({ origQty: '0.00200000' });
    await remove('openOrders', { symbol });
  });

  it('market orders by quantity and by money', async () => {
    const bought = expectShape(
      await post('order', { symbol, side: 'BUY', type: 'MARKET', quantity: '0.002' }),
      ACCOUNT_SHAPES.full,
    );
    expect(bought).toMatchObject({ status: 'FILLED', executedQty: '0.00200000', price: '0.00000000' });
    const money = await post('order', { symbol, side: 'BUY', type: 'MARKET', quoteOrderQty: '50' });
    expect(expectShape(money, ACCOUNT_SHAPES.full)).toMatchObject({
      status: 'FILLED',
      origQuoteOrderQty: '50.00000000',
    });
    expectShape(await post('order', { symbol, side: 'SELL', type: 'MARKET', quantity: '0.001' }), ACCOUNT_SHAPES.full);
  });

  it.each<readonly [string, (market: Market) => Values, Values]>([
    ['STOP_LOSS', ({ away }) => ({ stopPrice: away(-2) }), {}],
    ['STOP_LOSS_LIMIT', ({ away }) => ({ stopPrice: away(-2), price: away(-3), timeInForce: 'GTC' }), {}],
    ['TAKE_PROFIT', ({ away }) => ({ stopPrice: away(2) }), {}],
    ['TAKE_PROFIT_LIMIT', ({ away }) => ({ stopPrice: away(2), price: away(2), timeInForce: 'GTC' }), {}],
    ['STOP_LOSS', () => ({ trailingDelta: 200 }), { trailingDelta: 200 }],
    ['LIMIT_MAKER', ({ away }) => ({ price: away(2) }), {}],
    [
      'LIMIT',
      ({ away }) => ({ price: away(2), timeInForce: 'GTC', icebergQty: '0.001' }),
      { icebergQty: '0.00100000' },
    ],
    [
      'LIMIT',
      ({ away }) => ({ price: away(2), timeInForce: 'GTC', strategyId: 7, strategyType: 1_000_001 }),
      { strategyId: 7, strategyType: 1_000_001 },
    ],
    [
      'LIMIT',
      ({ away }) => ({ price: away(2), timeInForce: 'GTC', selfTradePreventionMode: 'EXPIRE_BOTH' }),
      { selfTradePreventionMode: 'EXPIRE_BOTH' },
    ],
  ])('a %s order waits, is read and canceled', async (type, terms, echoed) => {
    const sent = { symbol, side: 'SELL', type, quantity: '0.002', ...terms(market) };
    const placed = expectShape(await post('order', { ...sent, newOrderRespType: 'RESULT' }), ACCOUNT_SHAPES.result);
    expect(placed).toMatchObject({ type, status: 'NEW', ...echoed });
    const orderId = Number(placed['orderId']);
    const read = expectShape(await client.signed('order', { symbol, orderId }), ACCOUNT_SHAPES.order);
    expect(read).toMatchObject({ orderId, type, status: 'NEW', ...echoed });
    const canceled = expectShape(
      await remove('order', { symbol, orderId, newClientOrderId: `gone-${orderId}` }),
      ACCOUNT_SHAPES.canceled,
    );
    expect(canceled).toMatchObject({
      status: 'CANCELED',
      clientOrderId: `gone-${orderId}`,
      origClientOrderId: placed['clientOrderId'],
    });
  });

  it('stops, trailing stops and take profits are triggered by the price', async () => {
    const now = await marketNow(venue);
    const sell = { symbol, side: 'SELL', quantity: '0.001' };
    const stop = await post('order', { ...sell, type: 'STOP_LOSS', stopPrice: now.away(-0.2) });
    const trailing = await post('order', { ...sell, type: 'STOP_LOSS', trailingDelta: 20 });
    const profit = await post('order', {
      symbol,
      side: 'BUY',
      quantity: '0.001',
      type: 'TAKE_PROFIT',
      stopPrice: now.away(-0.2),
    });
    await new Counterparty(venue).moveTo(now.away(-0.35), 'SELL');
    for (const { body } of [stop, trailing, profit]) {
      const orderId = Number((body as Row)['orderId']);
      const read = expectShape(await client.signed('order', { symbol, orderId }), ACCOUNT_SHAPES.order);
      expect(read).toMatchObject({ status: 'FILLED', executedQty: '0.00100000' });
    }
  });

  it('cancel-replace in both modes, and half done', async () => {
    const { away } = await marketNow(venue);
    const first = expectShape(await post('order', limit('BUY', away(-5))), ACCOUNT_SHAPES.full);
    const replace = (more: Values): Promise<Answer> =>
      post('order/cancelReplace', { ...limit('BUY', away(-6)), ...more });
    const done = await replace({ cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: Number(first['orderId']) });
    expect(expectShape(done, ACCOUNT_SHAPES.replaced)).toMatchObject({
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
    });
    const stopped = await replace({ cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: 999_999_999 });
    expect(stopped).toMatchObject({
      status: 400,
      body: {
        code: -2022,
        msg: 'Order cancel-replace failed.',
        data: {
          cancelResult: 'FAILURE',
          newOrderResult: 'NOT_ATTEMPTED',
          cancelResponse: { code: -2011, msg: 'Unknown order sent.' },
          newOrderResponse: null,
        },
      },
    });
    const half = await replace({ cancelReplaceMode: 'ALLOW_FAILURE', cancelOrderId: 999_999_999 });
    expect(half).toMatchObject({
      status: 409,
      body: {
        code: -2021,
        msg: 'Order cancel-replace partially failed.',
        data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' },
      },
    });
    await remove('openOrders', { symbol });
  });

  it('an order is made smaller and keeps its place', async () => {
    const { away } = await marketNow(venue);
    const placed = expectShape(await post('order', limit('BUY', away(-5), { quantity: '0.003' })), ACCOUNT_SHAPES.full);
    const amend = { symbol, orderId: Number(placed['orderId']), newQty: '0.002' };
    const amended = await client.signed('order/amend/keepPriority', amend, { method: 'PUT' });
    expect(expectShape(amended, ACCOUNT_SHAPES.amended)).toMatchObject({ amendedOrder: { qty: '0.00200000' } });
    await remove('openOrders', { symbol });
  });

  it('OCO, OTO and OTOCO lists', async () => {
    const { away } = await marketNow(venue);
    const exit = {
      aboveType: 'LIMIT_MAKER',
      abovePrice: away(3),
      belowType: 'STOP_LOSS_LIMIT',
      belowStopPrice: away(-3),
      belowPrice: away(-4),
      belowTimeInForce: 'GTC',
    };
    const oco = expectShape(
      await post('orderList/oco', { symbol, side: 'SELL', quantity: '0.001', ...exit }),
      ACCOUNT_SHAPES.placedList,
    );
    const old = { symbol, side: 'SELL', quantity: '0.001', price: away(3), stopPrice: away(-3) };
    expectShape(await post('order/oco', old), ACCOUNT_SHAPES.placedList);
    const working = {
      symbol,
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: away(-2),
      workingQuantity: '0.001',
      workingTimeInForce: 'GTC',
    };
    expectShape(
      await post('orderList/oto', { ...working, pendingType: 'MARKET', pendingSide: 'SELL', pendingQuantity: '0.001' }),
      ACCOUNT_SHAPES.placedList,
    );
    const pending = Object.fromEntries(
      Object.entries(exit).map(([name, value]) => [`pending${name[0]?.toUpperCase()}${name.slice(1)}`, value]),
    );
    expectShape(
      await post('orderList/otoco', { ...working, pendingSide: 'SELL', pendingQuantity: '0.001', ...pending }),
      ACCOUNT_SHAPES.placedList,
    );
    expect(expectShape(await client.signed('openOrderList'), [ACCOUNT_SHAPES.list])).toHaveLength(4);
    const orderListId = Number(oco['orderListId']);
    expectShape(await client.signed('orderList', { orderListId }), ACCOUNT_SHAPES.list);
    const canceled = expectShape(await remove('orderList', { symbol, orderListId }), ACCOUNT_SHAPES.canceledList);
    expect(canceled).toMatchObject({ listStatusType: 'ALL_DONE', listOrderStatus: 'ALL_DONE' });
    expect((await remove('openOrders', { symbol })).status).toBe(200);
    expect(expectShape(await client.signed('allOrderList'), [ACCOUNT_SHAPES.list])).toHaveLength(4);
  });

  it('an order is tested without being placed', async () => {
    const tested = await post('order/test', limit('BUY', market.away(-5)));
    expect(tested).toMatchObject({ status: 200, body: {} });
    expectShape(
      await post('order/test', limit('BUY', market.away(-5), { computeCommissionRates: true })),
      ACCOUNT_SHAPES.testedCommission,
    );
    expect((await client.signed('openOrders')).body).toEqual([]);
  });

  it('orders and trades of the past, and money to the last digit', async () => {
    expectShape(await client.signed('allOrders', { symbol }), [ACCOUNT_SHAPES.order]);
    const trades = await client.signed('myTrades', { symbol, limit: 1_000 });
    expectShape(trades, [ACCOUNT_SHAPES.trade]);
    const account = await client.signed('account');
    const after = holdingsOf((account.body as { readonly balances: readonly Row[] }).balances);
    expect(after).toEqual(afterTrades(before, trades.body as readonly Row[], 'BTC', 'USDT'));
  });
});
