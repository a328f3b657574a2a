import type { MainClient, WebsocketAPIClient } from 'binance';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { afterTrades, holdingsOf, type Holdings } from './money.test-support.ts';
import { binanceRest, binanceSocketApi } from './other-clients.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, Counterparty, marketNow } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
const GTC = 'GTC' as const;

describe('binance (the SDK of siebly) trades on the simulated exchange', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: MainClient;
  let socket: WebsocketAPIClient;
  let before: Holdings;
  const heard: object[] = [];

  const holdings = async (): Promise<Holdings> =>
    holdingsOf((await client.getAccountInformation()).balances.map((balance) => ({ ...balance })));
  const until = (wanted: Readonly<Record<string, unknown>>): Promise<void> => {
    const has = (event: object): boolean =>
      Object.entries(wanted).every(([name, value]) =>
        Object.entries(event).some(([key, given]) => key === name && given === value),
      );
    return expect.poll(() => heard.some(has), { timeout: 8_000, message: JSON.stringify(wanted) }).toBe(true);
  };

  beforeAll(async () => {
    venue = await openContractVenue();
    client = binanceRest(venue.served, accountOf(venue, 0));
    before = await holdings();
    socket = binanceSocketApi(venue.served, accountOf(venue, 0));
    socket.getWSClient().on('message', (message) => heard.push(message));
    await socket.subscribeUserDataStream('mainWSAPI');
  });
  afterAll(async () => {
    await socket.disconnectAll();
    await venue.close();
  });

  it('every type of order is taken, read and canceled', async () => {
    const { away } = await marketNow(venue);
    const [low, high] = [Number(away(-2)), Number(away(2))];
    const sell = { symbol, side: 'SELL', quantity: 0.001 } as const;
    const placed = [
      await client.submitNewOrder({
        symbol,
        side: 'BUY',
        type: 'LIMIT',
        quantity: 0.001,
        price: low,
        timeInForce: GTC,
      }),
      await client.submitNewOrder({ ...sell, type: 'LIMIT_MAKER', price: high }),
      await client.submitNewOrder({ ...sell, type: 'STOP_LOSS', stopPrice: low }),
      await client.submitNewOrder({ ...sell, type: 'STOP_LOSS_LIMIT', stopPrice: low, price: low, timeInForce: GTC }),
      await client.submitNewOrder({ ...sell, type: 'TAKE_PROFIT', stopPrice: high }),
      await client.submitNewOrder({
        ...sell,
        type: 'TAKE_PROFIT_LIMIT',
        stopPrice: high,
        price: high,
        timeInForce: GTC,
      }),
      await client.submitNewOrder({ ...sell, type: 'STOP_LOSS', trailingDelta: 100 }),
      await client.submitNewOrder({
        ...sell,
        type: 'LIMIT',
        quantity: 0.01,
        price: high,
        icebergQty: 0.002,
        timeInForce: GTC,
      }),
    ];
    const read = await Promise.all(placed.map(({ orderId }) => client.getOrder({ symbol, orderId })));
    expect(read.map(({ status }) => status)).toEqual(placed.map(() => 'NEW'));
    expect(await client.getOpenOrders({ symbol })).toHaveLength(placed.length);
    const [first] = placed;
    await client.cancelOrder({ symbol, orderId: Number(first?.orderId) });
    await until({ e: 'executionReport', x: 'CANCELED', i: first?.orderId });
    expect(await client.cancelAllSymbolOrders({ symbol })).toHaveLength(placed.length - 1);
  });

  it('market orders, IOC and FOK', async () => {
    const { away } = await marketNow(venue);
    const bought = await client.submitNewOrder({
      symbol,
      side: 'BUY',
      type: 'MARKET',
      quantity: 0.002,
      newOrderRespType: 'FULL',
    });
    expect(bought).toMatchObject({ status: 'FILLED', executedQty: '0.00200000' });
    const byMoney = await client.submitNewOrder({
      symbol,
      side: 'BUY',
      type: 'MARKET',
      quoteOrderQty: 50,
      newOrderRespType: 'RESULT',
    });
    expect(byMoney).toMatchObject({ status: 'FILLED' });
    const limit = { symbol, side: 'BUY', type: 'LIMIT', quantity: 0.001, newOrderRespType: 'RESULT' } as const;
    expect(await client.submitNewOrder({ ...limit, price: Number(away(-2)), timeInForce: 'IOC' })).toMatchObject({
      status: 'EXPIRED',
    });
    expect(await client.submitNewOrder({ ...limit, price: Number(away(2)), timeInForce: 'FOK' })).toMatchObject({
      status: 'FILLED',
    });
    await until({ e: 'executionReport', X: 'FILLED', i: bought.orderId });
  });

  it('a trailing stop is triggered by the price', async () => {
    const { away } = await marketNow(venue);
    const { orderId } = await client.submitNewOrder({
      symbol,
      side: 'SELL',
      type: 'STOP_LOSS',
      quantity: 0.001,
      trailingDelta: 20,
    });
    await new Counterparty(venue).moveTo(away(-0.35), 'SELL');
    expect(await client.getOrder({ symbol, orderId })).toMatchObject({ status: 'FILLED', trailingDelta: 20 });
    await until({ e: 'executionReport', X: 'FILLED', i: orderId });
  });

  it('lists, cancel-replace, amend and test', async () => {
    const { away } = await marketNow(venue);
    const oco = await client.submitNewOrderList({
      symbol,
      side: 'SELL',
      quantity: 0.001,
      aboveType: 'LIMIT_MAKER',
      abovePrice: Number(away(3)),
      belowType: 'STOP_LOSS',
      belowStopPrice: Number(away(-3)),
      newOrderRespType: 'RESULT',
    });
    expect(oco).toMatchObject({ contingencyType: 'OCO' });
    await client.cancelOCO({ symbol, orderListId: oco.orderListId });
    await until({ e: 'listStatus', L: 'ALL_DONE' });
    const limit = { symbol, side: 'BUY', type: 'LIMIT', quantity: 0.002, timeInForce: GTC } as const;
    const { orderId } = await client.submitNewOrder({ ...limit, price: Number(away(-4)) });
    const replaced = await client.replaceOrder({
      ...limit,
      price: Number(away(-5)),
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: orderId,
    });
    expect(replaced).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    const [open] = await client.getOpenOrders({ symbol });
    // Not by `amendOrderKeepPriority`, which goes to the path of futures.
    const amended = (await client.putPrivate('api/v3/order/amend/keepPriority', {
      symbol,
      orderId: Number(open?.orderId),
      newQty: 0.001,
    })) as { readonly amendedOrder: object };
    expect(amended.amendedOrder).toMatchObject({ qty: '0.00100000' });
    await client.cancelAllSymbolOrders({ symbol });
    expect(await client.testNewOrder({ ...limit, price: Number(away(-5)) })).toEqual({});
  });

  it('orders over the WebSocket API', async () => {
    const { away } = await marketNow(venue);
    // The client's types have no timestamp here, yet it sends none of its own, and the exchange wants one.
    const order = {
      symbol,
      side: 'BUY',
      type: 'LIMIT',
      quantity: 0.001,
      price: Number(away(-5)),
      timeInForce: GTC,
      timestamp: Date.now(),
    } as const;
    const placed = await socket.submitNewSpotOrder(order);
    expect(placed).toMatchObject({ status: 200, result: { symbol } });
    const { orderId } = placed.result;
    expect(await socket.getSpotOrderStatus({ symbol, orderId, timestamp: Date.now() })).toMatchObject({
      result: { orderId, status: 'NEW' },
    });
    expect(await socket.cancelSpotOrder({ symbol, orderId, timestamp: Date.now() })).toMatchObject({
      result: { orderId, status: 'CANCELED' },
    });
  });

  it('what was, and the money to the last digit', async () => {
    expect((await client.getAllOrders({ symbol })).length).toBeGreaterThan(12);
    const trades = await client.getAccountTradeList({ symbol, limit: 1_000 });
    expect(await holdings()).toEqual(
      afterTrades(
        before,
        trades.map((trade) => ({ ...trade })),
        'BTC',
        'USDT',
      ),
    );
    expect(await client.getOrderRateLimit()).toHaveLength(2);
    expect(await client.getCommissionRates({ symbol })).toMatchObject({ symbol });
  });

  it('errors with their code and text', async () => {
    const { away } = await marketNow(venue);
    const buy = { symbol, side: 'BUY', type: 'LIMIT', price: Number(away(-5)), timeInForce: GTC } as const;
    await expect(client.submitNewOrder({ ...buy, quantity: 50 })).rejects.toMatchObject({ code: -2010 });
    await expect(client.submitNewOrder({ ...buy, quantity: 0.0010001 })).rejects.toMatchObject({
      code: -1013,
      message: 'Filter failure: LOT_SIZE',
    });
    await expect(client.getOrder({ symbol, orderId: 999_999_999 })).rejects.toMatchObject({ code: -2013 });
    const wrong = binanceRest(venue.served, { ...accountOf(venue, 0), apiSecret: 'wrong' });
    await expect(wrong.getAccountInformation()).rejects.toMatchObject({ code: -1022 });
    const dear = { ...buy, quantity: 50, timestamp: Date.now() };
    await expect(socket.submitNewSpotOrder(dear)).rejects.toMatchObject({ error: { code: -2010 } });
  });
});
