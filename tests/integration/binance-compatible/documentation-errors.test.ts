import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlainClient, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { accountOf, marketNow, type Market } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
const MARKET_BUY = { symbol, side: 'BUY', type: 'MARKET', quantity: '0.001' };

describe('a client written from the documentation alone is refused as documented', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: PlainClient;
  let market: Market;

  beforeAll(async () => {
    venue = await openContractVenue();
    client = new PlainClient(venue.served, accountOf(venue, 0));
    market = await marketNow(venue);
  });
  afterAll(() => venue.close());

  const limit = (more: Values): Values => ({
    symbol,
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.001',
    price: market.away(-5),
    ...more,
  });

  it.each<readonly [string, () => Values, number, string]>([
    ['an unknown symbol', () => limit({ symbol: 'NOPE' }), -1121, 'Invalid symbol.'],
    ['an unknown side', () => limit({ side: 'HOLD' }), -1117, 'Invalid side.'],
    ['an unknown type', () => limit({ type: 'LIMITED' }), -1116, 'Invalid orderType.'],
    ['an unknown time in force', () => limit({ timeInForce: 'GTX' }), -1115, 'Invalid timeInForce.'],
    [
      'no price',
      () => ({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1' }),
      -1102,
      "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
    ],
    [
      'a price nobody asked for',
      () => ({ ...MARKET_BUY, price: '1' }),
      -1106,
      "Parameter 'price' sent when not required.",
    ],
    [
      'a time in force nobody asked for',
      () => ({ ...MARKET_BUY, timeInForce: 'GTC' }),
      -1106,
      "Parameter 'timeInForce' sent when not required.",
    ],
    [
      'an illegal character',
      () => limit({ quantity: '1e-3' }),
      -1100,
      "Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    [
      'too many digits',
      () => limit({ quantity: '0.0010000001' }),
      -1111,
      "Parameter 'quantity' has too much precision.",
    ],
    ['a price between two ticks', () => limit({ price: '50000.001' }), -1013, 'Filter failure: PRICE_FILTER'],
    ['a quantity between two steps', () => limit({ quantity: '0.001001' }), -1013, 'Filter failure: LOT_SIZE'],
    ['too little money', () => limit({ quantity: '0.00001' }), -1013, 'Filter failure: NOTIONAL'],
    [
      'a price far away',
      () => limit({ price: '1.00', quantity: '10' }),
      -1013,
      'Filter failure: PERCENT_PRICE_BY_SIDE',
    ],
    [
      'more than the account has',
      () => limit({ quantity: '50' }),
      -2010,
      'Account has insufficient balance for requested action.',
    ],
    [
      'a maker order that would take',
      () => ({ symbol, side: 'BUY', type: 'LIMIT_MAKER', quantity: '0.001', price: market.away(5) }),
      -2010,
      'Order would immediately match and take.',
    ],
    [
      'a stop that would trigger',
      () => ({ symbol, side: 'SELL', type: 'STOP_LOSS', quantity: '0.001', stopPrice: market.away(5) }),
      -2010,
      'Order would trigger immediately.',
    ],
    [
      'a trailing delta too small',
      () => ({ symbol, side: 'SELL', type: 'STOP_LOSS', quantity: '0.001', trailingDelta: 1 }),
      -1013,
      'Filter failure: TRAILING_DELTA',
    ],
    [
      'too many iceberg parts',
      () => limit({ icebergQty: '0.00001', quantity: '0.01' }),
      -1013,
      'Filter failure: ICEBERG_PARTS',
    ],
    [
      'a parameter that is not read',
      () => limit({ foo: 'bar' }),
      -1104,
      "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
    ],
    ['an empty parameter', () => limit({ newClientOrderId: '' }), -1105, "Parameter 'newClientOrderId' was empty."],
    ['a strategy type too low', () => limit({ strategyType: 5 }), -1134, 'strategyType'],
  ])('%s', async (_what, values, code, msg) => {
    const openBefore = (await client.signed('openOrders')).body;
    const { status, body } = await client.signed('order', values(), { method: 'POST' });
    expect({ status, body }).toMatchObject({ status: 400, body: { code } });
    expect((body as { readonly msg: string }).msg).toContain(msg);
    expect((await client.signed('openOrders')).body).toEqual(openBefore);
  });

  it('an order that is not there', async () => {
    const none = { symbol, orderId: 999_999_999 };
    expect(await client.signed('order', none)).toMatchObject({
      status: 400,
      body: { code: -2013, msg: 'Order does not exist.' },
    });
    expect(await client.signed('order', none, { method: 'DELETE' })).toMatchObject({
      status: 400,
      body: { code: -2011, msg: 'Unknown order sent.' },
    });
    expect(await client.signed('openOrders', { symbol }, { method: 'DELETE' })).toMatchObject({
      status: 400,
      body: { code: -2011 },
    });
    expect(await client.signed('order', { symbol })).toMatchObject({
      status: 400,
      body: { code: -1102, msg: "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!" },
    });
  });

  it('a client order id twice, while the first is open', async () => {
    const order = limit({ newClientOrderId: 'twice' });
    expect((await client.signed('order', order, { method: 'POST' })).status).toBe(200);
    expect(await client.signed('order', order, { method: 'POST' })).toMatchObject({
      status: 400,
      body: { code: -2010, msg: 'Duplicate order sent.' },
    });
    await client.signed('openOrders', { symbol }, { method: 'DELETE' });
  });

  it('keys, signatures and clocks', async () => {
    const { served } = venue;
    const account = accountOf(venue, 0);
    const with_ = (key: object): PlainClient => new PlainClient(served, { ...account, ...key });
    expect(await client.ask('account')).toMatchObject({
      status: 401,
      body: { code: -2014, msg: 'API-key format invalid.' },
    });
    expect(await with_({ apiKey: 'short' }).signed('account')).toMatchObject({ status: 401, body: { code: -2014 } });
    expect(await with_({ apiKey: 'k'.repeat(64) }).signed('account')).toMatchObject({
      status: 401,
      body: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' },
    });
    expect(await with_({ apiSecret: 'wrong' }).signed('account')).toMatchObject({
      status: 400,
      body: { code: -1022, msg: 'Signature for this request is not valid.' },
    });
    const at = (offsetMs: number, recvWindow = 5_000): Promise<unknown> =>
      client.signed('account', { timestamp: Date.now() + offsetMs, recvWindow });
    expect(await at(-6_000)).toMatchObject({
      status: 400,
      body: { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' },
    });
    expect(await at(-6_000, 60_000)).toMatchObject({ status: 200 });
    expect(await at(3_000)).toMatchObject({
      status: 400,
      body: { code: -1021, msg: "Timestamp for this request was 1000ms ahead of the server's time." },
    });
    expect(await at(0, 60_001)).toMatchObject({ status: 400, body: { code: -1131 } });
  });

  it('market data', async () => {
    expect(await client.ask('depth')).toMatchObject({
      status: 400,
      body: { code: -1102, msg: "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed." },
    });
    expect(await client.ask('klines', { symbol, interval: '7m' })).toMatchObject({
      status: 400,
      body: { code: -1120, msg: 'Invalid interval.' },
    });
    expect(await client.ask('ticker/24hr', { symbol, symbols: '["BTCUSDT"]' })).toMatchObject({
      status: 400,
      body: { code: -1128 },
    });
    expect(await client.ask('ticker/24hr', { symbol, type: 'HUGE' })).toMatchObject({
      status: 400,
      body: { code: -1139 },
    });
    expect(await client.ask('ticker/price', { symbolStatus: 'SOLD' })).toMatchObject({
      status: 400,
      body: { code: -1122 },
    });
    expect(await client.ask('ticker/price', { symbols: '["BTCUSDT","BTCUSDT"]' })).toMatchObject({
      status: 400,
      body: { code: -1151 },
    });
    expect(await client.ask('nothing')).toMatchObject({ status: 404 });
  });
});
