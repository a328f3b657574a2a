import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binanceApiNode, type BinanceApiNode } from './binance-api-node.test-support.ts';
import { afterTrades, holdingsOf, type Holdings } from './money.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, control, Counterparty, marketNow } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
type Row = Readonly<Record<string, unknown>>;

describe('binance-api-node trades on the simulated exchange', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: BinanceApiNode;
  let before: Holdings;
  const heard: Row[] = [];
  let stop: () => unknown;

  const order = (more: Record<string, string | number>): Promise<Row> =>
    client.order({ symbol, side: 'SELL', quantity: '0.001', ...more });
  const until = async (wanted: (event: Row) => boolean): Promise<Row> => {
    for (;;) {
      const found = heard.find(wanted);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  beforeAll(async () => {
    venue = await openContractVenue();
    client = binanceApiNode(venue.served, accountOf(venue, 0));
    before = holdingsOf((await client.accountInfo()).balances);
    stop = await client.ws.user((event) => heard.push(event));
  });
  afterAll(async () => {
    stop();
    await venue.close();
  });

  it('limit orders rest, are found, and are canceled, and the user stream tells it', async () => {
    const { away } = await marketNow(venue);
    const placed = await client.order({ symbol, side: 'BUY', type: 'LIMIT', quantity: '0.001', price: away(-5) });
    expect(placed).toMatchObject({ symbol, status: 'NEW', timeInForce: 'GTC' });
    const orderId = Number(placed['orderId']);
    expect(await client.getOrder({ symbol, orderId })).toMatchObject({ orderId, status: 'NEW' });
    expect(await client.openOrders({ symbol })).toMatchObject([{ orderId }]);
    expect(await client.cancelOrder({ symbol, orderId })).toMatchObject({ orderId, status: 'CANCELED' });
    await until((event) => event['orderId'] === orderId && event['orderStatus'] === 'CANCELED');
    const mine = heard.filter((event) => event['orderId'] === orderId);
    expect(mine.map(({ eventType, executionType }) => `${String(eventType)} ${String(executionType)}`)).toEqual([
      'executionReport NEW',
      'executionReport CANCELED',
    ]);
  });

  it('market orders by quantity and by money', async () => {
    const bought = await client.order({ symbol, side: 'BUY', type: 'MARKET', quantity: '0.002' });
    expect(bought).toMatchObject({ status: 'FILLED', executedQty: '0.00200000' });
    expect(await client.order({ symbol, side: 'BUY', type: 'MARKET', quoteOrderQty: '50' })).toMatchObject({
      status: 'FILLED',
    });
    await until((event) => event['orderId'] === bought['orderId'] && event['orderStatus'] === 'FILLED');
    await until((event) => event['eventType'] === 'outboundAccountPosition');
  });

  it('every other type of order', async () => {
    const { away } = await marketNow(venue);
    const placed = [
      await order({ type: 'STOP_LOSS', stopPrice: away(-2) }),
      await order({ type: 'STOP_LOSS_LIMIT', stopPrice: away(-2), price: away(-3), timeInForce: 'GTC' }),
      await order({ type: 'TAKE_PROFIT', stopPrice: away(2) }),
      await order({ type: 'TAKE_PROFIT_LIMIT', stopPrice: away(2), price: away(2), timeInForce: 'GTC' }),
      await order({ type: 'LIMIT_MAKER', price: away(2) }),
      await order({ type: 'LIMIT', price: away(2), quantity: '0.01', icebergQty: '0.002' }),
      await order({ type: 'TAKE_PROFIT', trailingDelta: 100 }),
    ];
    const read = await Promise.all(placed.map((one) => client.getOrder({ symbol, orderId: Number(one['orderId']) })));
    expect(read.map(({ type, status }) => `${String(type)} ${String(status)}`)).toEqual([
      'STOP_LOSS NEW',
      'STOP_LOSS_LIMIT NEW',
      'TAKE_PROFIT NEW',
      'TAKE_PROFIT_LIMIT NEW',
      'LIMIT_MAKER NEW',
      'LIMIT NEW',
      'TAKE_PROFIT NEW',
    ]);
    expect(await client.cancelOpenOrders({ symbol })).toHaveLength(placed.length);
    expect(await client.orderTest({ symbol, side: 'SELL', type: 'MARKET', quantity: '0.001' })).toEqual({});
  });

  it('a stop is triggered by the price', async () => {
    const { away } = await marketNow(venue);
    const placed = await order({ type: 'STOP_LOSS', stopPrice: away(-0.2) });
    await new Counterparty(venue).moveTo(away(-0.35), 'SELL');
    const filled = await until((event) => event['orderId'] === placed['orderId'] && event['orderStatus'] === 'FILLED');
    expect(filled).toMatchObject({ orderType: 'STOP_LOSS', executionType: 'TRADE', totalTradeQuantity: '0.00100000' });
  });

  it('OCO lists', async () => {
    const { away } = await marketNow(venue);
    const list = await client.orderOco({
      symbol,
      side: 'SELL',
      quantity: '0.001',
      price: away(3),
      stopPrice: away(-3),
      stopLimitPrice: away(-4),
    });
    expect(list).toMatchObject({ contingencyType: 'OCO', listOrderStatus: 'EXECUTING' });
    const orderListId = Number(list['orderListId']);
    expect(await client.getOrderOco({ orderListId })).toMatchObject({ orderListId, listStatusType: 'EXEC_STARTED' });
    expect(await client.cancelOrderOco({ symbol, orderListId })).toMatchObject({ listOrderStatus: 'ALL_DONE' });
    expect(await client.allOrdersOCO({})).toHaveLength(1);
  });

  it('what was, and the money to the last digit', async () => {
    expect((await client.allOrders({ symbol })).length).toBeGreaterThan(8);
    const trades = await client.myTrades({ symbol, limit: 1_000 });
    const { balances } = await client.accountInfo();
    expect(holdingsOf(balances)).toEqual(afterTrades(before, trades, 'BTC', 'USDT'));
  });

  it('errors with their code and text', async () => {
    const { away } = await marketNow(venue);
    const buy = { symbol, side: 'BUY', type: 'LIMIT', price: away(-5) };
    await expect(client.order({ ...buy, quantity: '50' })).rejects.toMatchObject({
      code: -2010,
      message: 'Account has insufficient balance for requested action.',
    });
    await expect(client.order({ ...buy, quantity: '0.0010001' })).rejects.toMatchObject({
      code: -1013,
      message: 'Filter failure: LOT_SIZE',
    });
    await expect(client.getOrder({ symbol, orderId: 999_999_999 })).rejects.toMatchObject({ code: -2013 });
    await expect(client.cancelOrder({ symbol, orderId: 999_999_999 })).rejects.toMatchObject({ code: -2011 });
    const as = (key: object): BinanceApiNode => binanceApiNode(venue.served, { ...accountOf(venue, 0), ...key });
    await expect(as({ apiSecret: 'wrong' }).accountInfo()).rejects.toMatchObject({ code: -1022 });
    await expect(as({ apiKey: 'k'.repeat(64) }).accountInfo()).rejects.toMatchObject({ code: -2015 });
    await expect(as({ getTime: () => Date.now() - 60_000 }).accountInfo()).rejects.toMatchObject({ code: -1021 });
  });

  it.each(['rsa', 'ed25519'] as const)('with a key of %s', async (kind) => {
    const { publicKey, privateKey } =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { apiKey } = (await control(venue, 'keys', { apiKey: accountOf(venue, 0).apiKey, publicKey: pem })) as {
      readonly apiKey: string;
    };
    const own = binanceApiNode(venue.served, {
      apiKey,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    });
    expect(await own.accountInfo()).toEqual(await client.accountInfo());
    const end = await own.ws.user(() => undefined);
    end();
  });
});
