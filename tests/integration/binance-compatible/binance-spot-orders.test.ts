import { generateKeyPairSync } from 'node:crypto';
import { type Spot, SpotRestAPI, SpotWebsocketAPI } from '@binance/spot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { afterTrades, holdingsOf, type Holdings } from './money.test-support.ts';
import { binanceSpot } from './other-clients.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, control, Counterparty, marketNow } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
const { NewOrderSideEnum: Side, NewOrderTypeEnum: Type, NewOrderTimeInForceEnum: TimeInForce } = SpotRestAPI;
const GTC = TimeInForce.GTC;

describe('@binance/spot (the official connector) trades on the simulated exchange', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: Spot;
  let before: Holdings;

  const holdings = async (): Promise<Holdings> => {
    const { balances } = await (await client.restAPI.getAccount()).data();
    return holdingsOf((balances ?? []).map((balance) => ({ ...balance })));
  };

  beforeAll(async () => {
    venue = await openContractVenue();
    client = binanceSpot(venue.served, accountOf(venue, 0));
    before = await holdings();
  });
  afterAll(() => venue.close());

  it('every type of order is taken, read and canceled', async () => {
    const { away } = await marketNow(venue);
    const [low, high] = [Number(away(-2)), Number(away(2))];
    const sell = { symbol, side: Side.SELL, quantity: 0.001 };
    const placed = [
      { ...sell, side: Side.BUY, type: Type.LIMIT, price: low, timeInForce: GTC },
      { ...sell, type: Type.LIMIT_MAKER, price: high },
      { ...sell, type: Type.STOP_LOSS, stopPrice: low },
      { ...sell, type: Type.STOP_LOSS_LIMIT, stopPrice: low, price: low, timeInForce: GTC },
      { ...sell, type: Type.TAKE_PROFIT, stopPrice: high },
      { ...sell, type: Type.TAKE_PROFIT_LIMIT, stopPrice: high, price: high, timeInForce: GTC },
      { ...sell, type: Type.STOP_LOSS, trailingDelta: 100 },
      { ...sell, type: Type.LIMIT, quantity: 0.01, price: high, icebergQty: 0.002, timeInForce: GTC },
    ];
    for (const order of placed) {
      const { orderId } = await (await client.restAPI.newOrder(order)).data();
      const read = await (await client.restAPI.getOrder({ symbol, orderId: Number(orderId) })).data();
      expect(read).toMatchObject({ type: order.type, status: 'NEW' });
    }
    const open = await (await client.restAPI.getOpenOrders({ symbol })).data();
    expect(open).toHaveLength(placed.length);
    const canceled = await (await client.restAPI.deleteOrder({ symbol, orderId: Number(open[0]?.orderId) })).data();
    expect(canceled).toMatchObject({ status: 'CANCELED' });
    expect(await (await client.restAPI.deleteOpenOrders({ symbol })).data()).toHaveLength(placed.length - 1);
  });

  it('market orders, and a stop that the price triggers', async () => {
    const { away } = await marketNow(venue);
    const market = await client.restAPI.newOrder({ symbol, side: Side.BUY, type: Type.MARKET, quantity: 0.002 });
    expect(await market.data()).toMatchObject({ status: 'FILLED', executedQty: '0.00200000' });
    expect(market.rateLimits?.some(({ rateLimitType }) => rateLimitType === 'ORDERS')).toBe(true);
    const money = await client.restAPI.newOrder({ symbol, side: Side.BUY, type: Type.MARKET, quoteOrderQty: 50 });
    expect(await money.data()).toMatchObject({ status: 'FILLED' });
    const stop = await client.restAPI.newOrder({
      symbol,
      side: Side.SELL,
      type: Type.STOP_LOSS,
      quantity: 0.001,
      stopPrice: Number(away(-0.2)),
    });
    const { orderId } = await stop.data();
    await new Counterparty(venue).moveTo(away(-0.35), 'SELL');
    expect(await (await client.restAPI.getOrder({ symbol, orderId: Number(orderId) })).data()).toMatchObject({
      status: 'FILLED',
    });
  });

  it('lists, cancel-replace, amend, test and what else is asked', async () => {
    const { away } = await marketNow(venue);
    const oco = await client.restAPI.orderListOco({
      symbol,
      side: SpotRestAPI.OrderListOcoSideEnum.SELL,
      quantity: 0.001,
      aboveType: SpotRestAPI.OrderListOcoAboveTypeEnum.LIMIT_MAKER,
      abovePrice: Number(away(3)),
      belowType: SpotRestAPI.OrderListOcoBelowTypeEnum.STOP_LOSS,
      belowStopPrice: Number(away(-3)),
    });
    const { orderListId } = await oco.data();
    expect(await (await client.restAPI.openOrderList()).data()).toHaveLength(1);
    expect(
      await (await client.restAPI.deleteOrderList({ symbol, orderListId: Number(orderListId) })).data(),
    ).toMatchObject({ listOrderStatus: 'ALL_DONE' });
    const limit = { symbol, side: Side.BUY, type: Type.LIMIT, quantity: 0.002, timeInForce: GTC };
    const first = await (await client.restAPI.newOrder({ ...limit, price: Number(away(-4)) })).data();
    const replaced = await client.restAPI.orderCancelReplace({
      ...limit,
      side: SpotRestAPI.OrderCancelReplaceSideEnum.BUY,
      type: SpotRestAPI.OrderCancelReplaceTypeEnum.LIMIT,
      timeInForce: SpotRestAPI.OrderCancelReplaceTimeInForceEnum.GTC,
      price: Number(away(-5)),
      cancelReplaceMode: SpotRestAPI.OrderCancelReplaceCancelReplaceModeEnum.STOP_ON_FAILURE,
      cancelOrderId: Number(first.orderId),
    });
    const orderId = Number((await replaced.data()).newOrderResponse?.orderId);
    const amended = await client.restAPI.orderAmendKeepPriority({ symbol, orderId, newQty: 0.001 });
    expect((await amended.data()).amendedOrder).toMatchObject({ qty: '0.00100000' });
    expect(await (await client.restAPI.orderAmendments({ symbol, orderId })).data()).toHaveLength(1);
    await client.restAPI.deleteOpenOrders({ symbol });
    await client.restAPI.orderTest({
      ...limit,
      side: SpotRestAPI.OrderTestSideEnum.BUY,
      type: SpotRestAPI.OrderTestTypeEnum.LIMIT,
      timeInForce: SpotRestAPI.OrderTestTimeInForceEnum.GTC,
      price: Number(away(-5)),
    });
    expect(await (await client.restAPI.rateLimitOrder()).data()).toHaveLength(2);
    expect(await (await client.restAPI.accountCommission({ symbol })).data()).toMatchObject({ symbol });
    expect(await (await client.restAPI.myAllocations({ symbol })).data()).toEqual([]);
    expect(await (await client.restAPI.allOrders({ symbol })).data()).not.toHaveLength(0);
    expect(await (await client.restAPI.myFilters({ symbol })).data()).toHaveProperty('symbolFilters');
  });

  it.each(['hmac', 'rsa', 'ed25519'] as const)('the WebSocket API and user data with a key of %s', async (kind) => {
    let own = client;
    if (kind !== 'hmac') {
      const { publicKey, privateKey } =
        kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
      const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
      const { apiKey } = (await control(venue, 'keys', { apiKey: accountOf(venue, 0).apiKey, publicKey: pem })) as {
        readonly apiKey: string;
      };
      own = binanceSpot(venue.served, {
        apiKey,
        apiSecret: '',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      });
    }
    const connection = await own.websocketAPI.connect();
    const heard: object[] = [];
    const { stream } = await connection.userDataStreamSubscribeSignature();
    stream.on('message', (event) => void heard.push(event));
    const { away } = await marketNow(venue);
    const placed = await connection.orderPlace({
      symbol,
      side: SpotWebsocketAPI.OrderPlaceSideEnum.BUY,
      type: SpotWebsocketAPI.OrderPlaceTypeEnum.LIMIT,
      timeInForce: SpotWebsocketAPI.OrderPlaceTimeInForceEnum.GTC,
      quantity: 0.001,
      price: Number(away(-5)),
    });
    const orderId = Number(placed.data.orderId);
    await connection.orderCancel({ symbol, orderId });
    await expect
      .poll(() => heard)
      .toContainEqual(expect.objectContaining({ e: 'executionReport', x: 'CANCELED', i: orderId }));
    expect((await connection.accountStatus()).data).toHaveProperty('balances');
    expect((await own.restAPI.getAccount()).status).toBe(200);
    await connection.disconnect();
  });

  it('the money is what there was, plus and minus every trade and fee, to the last digit', async () => {
    const trades = await (await client.restAPI.myTrades({ symbol, limit: 1_000 })).data();
    expect(await holdings()).toEqual(
      afterTrades(
        before,
        trades.map((trade) => ({ ...trade })),
        'BTC',
        'USDT',
      ),
    );
  });

  it('errors with their code and text', async () => {
    const { away } = await marketNow(venue);
    const buy = { symbol, side: Side.BUY, type: Type.LIMIT, price: Number(away(-5)), timeInForce: GTC };
    await expect(client.restAPI.newOrder({ ...buy, quantity: 50 })).rejects.toMatchObject({
      code: -2010,
      message: 'Account has insufficient balance for requested action.',
    });
    await expect(client.restAPI.getOrder({ symbol, orderId: 999_999_999 })).rejects.toMatchObject({ code: -2013 });
    await expect(client.restAPI.deleteOrder({ symbol, orderId: 999_999_999 })).rejects.toMatchObject({ code: -2011 });
    const wrong = binanceSpot(venue.served, { ...accountOf(venue, 0), apiSecret: 'wrong' });
    await expect(wrong.restAPI.getAccount()).rejects.toMatchObject({ code: -1022 });
  });
});
