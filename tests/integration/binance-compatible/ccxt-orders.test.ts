import ccxt from 'ccxt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ccxtFor } from './ccxt.test-support.ts';
import { afterTrades, holdingsOf, type Holdings } from './money.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, Counterparty, marketNow } from './trading.test-support.ts';

const SYMBOL = 'BTC/USDT';
const id = 'BTCUSDT';

describe('ccxt trades on the simulated exchange', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: Awaited<ReturnType<typeof ccxtFor>>;
  let before: Holdings;

  const holdings = async (): Promise<Holdings> => {
    const { balances } = (await client.privateGetAccount()) as { readonly balances: readonly Record<string, string>[] };
    return holdingsOf(balances);
  };

  beforeAll(async () => {
    venue = await openContractVenue();
    client = await ccxtFor(venue.served, accountOf(venue, 0));
    await client.loadMarkets();
    before = await holdings();
  });

  afterAll(async () => {
    await client.close();
    await venue.close();
  });

  it('has what the demo account begins with', async () => {
    const balance = await client.fetchBalance();
    expect(balance['USDT']).toMatchObject({ free: 100_000, used: 0 });
    expect(balance['BTC']?.total).toBe(1);
  });

  it('a limit order rests, locks its money, is found, and is canceled', async () => {
    const { away } = await marketNow(venue);
    const price = Number(away(-5));
    const placed = await client.createOrder(SYMBOL, 'limit', 'buy', 0.01, price, { newClientOrderId: 'resting-1' });
    expect(placed).toMatchObject({ status: 'open', filled: 0, price, amount: 0.01, clientOrderId: 'resting-1' });
    expect((await client.fetchBalance())['USDT']?.used).toBeCloseTo(price * 0.01, 8);
    expect(await client.fetchOpenOrders(SYMBOL)).toMatchObject([{ id: placed.id }]);
    expect(await client.fetchOrder(String(placed.id), SYMBOL)).toMatchObject({ id: placed.id, status: 'open' });
    expect(await client.cancelOrder(String(placed.id), SYMBOL)).toMatchObject({ id: placed.id, status: 'canceled' });
    expect((await client.fetchBalance())['USDT']?.used).toBe(0);
  });

  it('IOC and FOK end at once, post-only does not take', async () => {
    const { away } = await marketNow(venue);
    const below = Number(away(-2));
    const above = Number(away(2));
    const ioc = await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, below, { timeInForce: 'IOC' });
    expect(ioc).toMatchObject({ status: 'expired', filled: 0 });
    const fok = await client.createOrder(SYMBOL, 'limit', 'buy', 0.001, above, { timeInForce: 'FOK' });
    expect(fok).toMatchObject({ status: 'closed', filled: 0.001 });
    const maker = await client.createOrder(SYMBOL, 'limit', 'sell', 0.001, above, { postOnly: true });
    expect((await client.fetchOrder(String(maker.id), SYMBOL)).type).toBe('limit');
    await client.cancelOrder(String(maker.id), SYMBOL);
    await expect(client.createOrder(SYMBOL, 'limit', 'buy', 0.001, above, { postOnly: true })).rejects.toThrow(
      ccxt.OrderImmediatelyFillable,
    );
  });

  it('market orders by quantity and by cost are filled with their fees', async () => {
    const bought = await client.createOrder(SYMBOL, 'market', 'buy', 0.002);
    expect(bought).toMatchObject({ status: 'closed', filled: 0.002 });
    expect(bought.fee).toMatchObject({ currency: 'BTC' });
    const byCost = await client.createMarketBuyOrderWithCost(SYMBOL, 100);
    expect(byCost.status).toBe('closed');
    expect(byCost.cost).toBeGreaterThan(95);
    expect(byCost.cost).toBeLessThanOrEqual(100);
    const sold = await client.createOrder(SYMBOL, 'market', 'sell', 0.001);
    expect(sold.fee).toMatchObject({ currency: 'USDT' });
  });

  it('stops, take profits, trailing stops and icebergs wait until they are triggered', async () => {
    const { away } = await marketNow(venue);
    const [below, above] = [Number(away(-1)), Number(away(1))];
    const waiting = [
      await client.createOrder(SYMBOL, 'market', 'sell', 0.001, undefined, { stopLossPrice: below }),
      await client.createOrder(SYMBOL, 'limit', 'sell', 0.001, below, { stopLossPrice: below }),
      await client.createOrder(SYMBOL, 'market', 'sell', 0.001, undefined, { takeProfitPrice: above }),
      await client.createOrder(SYMBOL, 'limit', 'sell', 0.001, above, { takeProfitPrice: above }),
      await client.createOrder(SYMBOL, 'STOP_LOSS', 'sell', 0.001, undefined, { trailingDelta: 100 }),
    ];
    const types = await Promise.all(
      waiting.map(
        async (order) => ((await client.fetchOrder(String(order.id), SYMBOL)).info as { readonly type: string }).type,
      ),
    );
    expect(types).toEqual(['STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT', 'STOP_LOSS']);
    const iceberg = await client.createOrder(SYMBOL, 'limit', 'sell', 0.01, above, { icebergQty: 0.002 });
    expect((await client.fetchOrder(String(iceberg.id), SYMBOL)).info).toMatchObject({ icebergQty: '0.00200000' });
    await client.cancelAllOrders(SYMBOL);
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  it('a stop is triggered when the price goes there', async () => {
    const { away } = await marketNow(venue);
    const stop = await client.createOrder(SYMBOL, 'market', 'sell', 0.001, undefined, {
      stopLossPrice: Number(away(-0.2)),
    });
    await new Counterparty(venue).moveTo(away(-0.3), 'SELL');
    expect(await client.fetchOrder(String(stop.id), SYMBOL)).toMatchObject({ status: 'closed', filled: 0.001 });
  });

  it('OCO, OTO and OTOCO lists are placed, seen and canceled', async () => {
    const { away } = await marketNow(venue);
    const oco = (await client.privatePostOrderListOco({
      symbol: id,
      side: 'SELL',
      quantity: '0.001',
      aboveType: 'LIMIT_MAKER',
      abovePrice: away(1),
      belowType: 'STOP_LOSS',
      belowStopPrice: away(-1),
    })) as Record<string, unknown>;
    expect(oco).toMatchObject({ contingencyType: 'OCO', listStatusType: 'EXEC_STARTED', listOrderStatus: 'EXECUTING' });
    const working = {
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: away(-2),
      workingQuantity: '0.001',
      workingTimeInForce: 'GTC',
    };
    const oto = (await client.privatePostOrderListOto({
      symbol: id,
      ...working,
      pendingType: 'MARKET',
      pendingSide: 'SELL',
      pendingQuantity: '0.001',
    })) as Record<string, unknown>;
    expect(oto).toMatchObject({ contingencyType: 'OTO' });
    const otoco = (await client.privatePostOrderListOtoco({
      symbol: id,
      ...working,
      pendingSide: 'SELL',
      pendingQuantity: '0.001',
      pendingAboveType: 'LIMIT_MAKER',
      pendingAbovePrice: away(3),
      pendingBelowType: 'STOP_LOSS',
      pendingBelowStopPrice: away(-3),
    })) as { readonly orders: readonly unknown[] };
    expect(otoco.orders).toHaveLength(3);
    expect(await client.privateGetOpenOrderList()).toHaveLength(3);
    await client.privateDeleteOrderList({ symbol: id, orderListId: String(oco['orderListId']) });
    await client.cancelAllOrders(SYMBOL);
    expect(await client.privateGetOpenOrderList()).toEqual([]);
  });

  it('cancel-replace, amend and test', async () => {
    const { away } = await marketNow(venue);
    const first = await client.createOrder(SYMBOL, 'limit', 'buy', 0.002, Number(away(-4)));
    const second = await client.editOrder(String(first.id), SYMBOL, 'limit', 'buy', 0.002, Number(away(-5)));
    expect(second.id).not.toBe(first.id);
    expect((await client.fetchOrder(String(first.id), SYMBOL)).status).toBe('canceled');
    const amended = (await client.request('order/amend/keepPriority', 'private', 'PUT', {
      symbol: id,
      orderId: String(second.id),
      newQty: '0.001',
    })) as {
      readonly amendedOrder: object;
    };
    expect(amended.amendedOrder).toMatchObject({ qty: '0.00100000', status: 'NEW' });
    await client.cancelOrder(String(second.id), SYMBOL);
    expect(await client.createOrder(SYMBOL, 'limit', 'buy', 0.002, Number(away(-4)), { test: true })).toMatchObject({
      info: {},
    });
    expect(await client.fetchOpenOrders(SYMBOL)).toEqual([]);
  });

  it('all orders, trades, the commission and the order count are told', async () => {
    const orders = await client.fetchOrders(SYMBOL);
    expect(orders.length).toBeGreaterThan(10);
    const trades = await client.fetchMyTrades(SYMBOL);
    expect(trades.length).toBeGreaterThan(3);
    expect(await client.privateGetAccountCommission({ symbol: id })).toMatchObject({
      standardCommission: { taker: '0.00100000' },
    });
    expect(await client.privateGetRateLimitOrder()).toHaveLength(2);
  });

  it('the money is what there was, plus and minus every trade and fee, to the last digit', async () => {
    const trades = (await client.privateGetMyTrades({ symbol: id, limit: 1_000 })) as readonly Record<
      string,
      unknown
    >[];
    expect(await holdings()).toEqual(afterTrades(before, trades, 'BTC', 'USDT'));
  });

  it('errors are of the kinds that ccxt knows', async () => {
    const { away } = await marketNow(venue);
    const price = Number(away(-5));
    const limit = (amount: number, at: number, params = {}): Promise<unknown> =>
      client.createOrder(SYMBOL, 'limit', 'buy', amount, at, params);
    await expect(limit(50, price)).rejects.toThrow(ccxt.InsufficientFunds);
    await expect(
      client.privatePostOrder({
        symbol: id,
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: '0.00001',
        price,
      }),
    ).rejects.toThrow('Filter failure: NOTIONAL');
    await expect(
      client.privatePostOrder({
        symbol: id,
        side: 'BUY',
        type: 'LIMIT',
        timeInForce: 'GTC',
        quantity: '0.001',
        price: `${price}5`.slice(0, -1) + '.001',
      }),
    ).rejects.toThrow(ccxt.BaseError);
    await expect(client.fetchOrder('999999999', SYMBOL)).rejects.toThrow(ccxt.OrderNotFound);
    await expect(client.cancelOrder('999999999', SYMBOL)).rejects.toThrow(ccxt.OrderNotFound);
    await limit(0.001, price, { newClientOrderId: 'twice' });
    await expect(limit(0.001, price, { newClientOrderId: 'twice' })).rejects.toThrow('Duplicate order sent.');
    await client.cancelAllOrders(SYMBOL);
    const strange = await ccxtFor(venue.served, { apiKey: 'k'.repeat(64), apiSecret: 's' });
    await expect(strange.fetchBalance()).rejects.toThrow(ccxt.AuthenticationError);
    const wrong = await ccxtFor(venue.served, { ...accountOf(venue, 0), apiSecret: 'wrong' });
    await expect(wrong.fetchBalance()).rejects.toThrow('-1022');
    const late = await ccxtFor(venue.served, accountOf(venue, 0));
    late.options['timeDifference'] = 60_000;
    await expect(late.fetchBalance()).rejects.toThrow(ccxt.InvalidNonce);
    await Promise.all([strange.close(), wrong.close(), late.close()]);
  });
});
