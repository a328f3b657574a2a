import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT_SHAPES, USER_SHAPES } from './documented-shapes.test-support.ts';
import { holdingsOf } from './money.test-support.ts';
import { PlainClient, type Frame, type PlainSocket, type Values } from './plain-client.test-support.ts';
import { openContractVenue, type ContractVenue } from './served-exchange.test-support.ts';
import { shapeProblems } from './shape.test-support.ts';
import { accountOf, control, Counterparty, marketNow } from './trading.test-support.ts';

const symbol = 'BTCUSDT';
type Row = Readonly<Record<string, unknown>>;

const eventOf = (frame: Frame): Row => (frame['event'] ?? {}) as Row;

describe('a client written from the documentation alone hears of its account', { timeout: 30_000 }, () => {
  let venue: ContractVenue;
  let client: PlainClient;
  let socket: PlainSocket;

  const post = async (path: string, values: Values): Promise<Row> => {
    const { status, body } = await client.signed(path, values, { method: 'POST' });
    expect({ status, refused: status === 200 ? null : body }).toEqual({ status: 200, refused: null });
    return body as Row;
  };
  const limit = (price: string, more: Values = {}): Values => ({
    symbol,
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.001',
    price,
    ...more,
  });
  /** The steps of an order, as `execution type / status`, once the last one has been heard. */
  async function steps(orderId: unknown, last: string): Promise<readonly string[]> {
    const isOf = (frame: Frame): boolean =>
      eventOf(frame)['e'] === 'executionReport' && eventOf(frame)['i'] === orderId;
    await socket.next((frame) => isOf(frame) && eventOf(frame)['X'] === last);
    return socket.heard.filter(isOf).map((frame) => `${String(eventOf(frame)['x'])}/${String(eventOf(frame)['X'])}`);
  }

  beforeAll(async () => {
    venue = await openContractVenue();
    client = new PlainClient(venue.served, accountOf(venue, 0));
    socket = await client.open('/ws-api/v3');
  });
  afterAll(() => venue.close());

  it('subscribes with a signature', async () => {
    const answer = await socket.ask('userDataStream.subscribe.signature', client.signedParams());
    expect(answer).toMatchObject({ status: 200, result: { subscriptionId: 0 } });
    expect(answer['rateLimits']).toBeInstanceOf(Array);
  });

  it('an order that rests and is canceled', async () => {
    const { away } = await marketNow(venue);
    const { orderId } = await post('order', limit(away(-5)));
    await client.signed('order', { symbol, orderId: Number(orderId) }, { method: 'DELETE' });
    expect(await steps(orderId, 'CANCELED')).toEqual(['NEW/NEW', 'CANCELED/CANCELED']);
  });

  it('an order that is filled at once: every trade a report, and then the balances', async () => {
    const { orderId, fills } = await post('order', { symbol, side: 'BUY', type: 'MARKET', quantity: '0.01' });
    const heard = await steps(orderId, 'FILLED');
    expect(heard[0]).toBe('NEW/NEW');
    expect(heard).toHaveLength(1 + (fills as readonly unknown[]).length);
    expect(heard.at(-1)).toBe('TRADE/FILLED');
    const last = socket.heard.findIndex((frame) => eventOf(frame)['i'] === orderId && eventOf(frame)['X'] === 'FILLED');
    const { body } = await client.signed('account');
    const holdings = holdingsOf((body as { readonly balances: readonly Row[] }).balances);
    const position = await socket.next(
      (frame) => eventOf(frame)['e'] === 'outboundAccountPosition' && socket.heard.indexOf(frame) > last,
    );
    const told = (eventOf(position)['B'] as readonly Row[]).map(({ a, f, l }) => ({ asset: a, free: f, locked: l }));
    for (const [asset, amount] of Object.entries(holdingsOf(told)))
      expect({ [asset]: amount }).toEqual({ [asset]: holdings[asset] });
  });

  it('IOC without a fill expires, a stop that is triggered trades', async () => {
    const { away } = await marketNow(venue);
    const ioc = await post('order', limit(away(-2), { timeInForce: 'IOC' }));
    expect(await steps(ioc['orderId'], 'EXPIRED')).toEqual(['NEW/NEW', 'EXPIRED/EXPIRED']);
    const stop = await post('order', {
      symbol,
      side: 'SELL',
      type: 'STOP_LOSS',
      quantity: '0.001',
      stopPrice: away(-0.2),
    });
    await new Counterparty(venue).moveTo(away(-0.35), 'SELL');
    const heard = await steps(stop['orderId'], 'FILLED');
    expect(heard[0]).toBe('NEW/NEW');
    expect(heard.at(-1)).toBe('TRADE/FILLED');
  });

  it('an OCO: the list, both legs, and the end of both when it is canceled', async () => {
    const { away } = await marketNow(venue);
    const list = await post('orderList/oco', {
      symbol,
      side: 'SELL',
      quantity: '0.001',
      aboveType: 'LIMIT_MAKER',
      abovePrice: away(3),
      belowType: 'STOP_LOSS',
      belowStopPrice: away(-3),
    });
    const orderListId = Number(list['orderListId']);
    await client.signed('orderList', { symbol, orderListId }, { method: 'DELETE' });
    const done = await socket.next(
      (frame) => eventOf(frame)['e'] === 'listStatus' && eventOf(frame)['L'] === 'ALL_DONE',
    );
    expect(eventOf(done)).toMatchObject({ g: orderListId, c: 'OCO', l: 'ALL_DONE' });
    for (const { orderId } of list['orders'] as readonly Row[]) {
      expect(await steps(orderId, 'CANCELED')).toEqual(['NEW/NEW', 'CANCELED/CANCELED']);
    }
  });

  it('money that comes from outside', async () => {
    await control(venue, 'deposit', { apiKey: accountOf(venue, 0).apiKey, asset: 'USDT', amount: '12.5' });
    const told = await socket.next((frame) => eventOf(frame)['e'] === 'balanceUpdate');
    expect(eventOf(told)).toMatchObject({ a: 'USDT', d: '12.50000000' });
  });

  it('every event has the documented fields', () => {
    const seen = new Set<unknown>();
    for (const event of socket.heard.map(eventOf).filter((one) => 'e' in one)) {
      const name = String(event['e']) as keyof typeof USER_SHAPES;
      seen.add(name);
      expect(shapeProblems(event, USER_SHAPES[name], name)).toEqual([]);
    }
    expect(seen).toEqual(new Set(['balanceUpdate', 'executionReport', 'listStatus', 'outboundAccountPosition']));
  });

  it('orders over the WebSocket API have the same answers as over REST', async () => {
    const { away } = await marketNow(venue);
    const placed = await socket.ask('order.place', client.signedParams(limit(away(-5), { newOrderRespType: 'FULL' })));
    expect(placed).toMatchObject({ status: 200 });
    expect(shapeProblems(placed['result'], ACCOUNT_SHAPES.full)).toEqual([]);
    const orderId = Number((placed['result'] as Row)['orderId']);
    const read = await socket.ask('order.status', client.signedParams({ symbol, orderId }));
    expect(read['result']).toEqual((await client.signed('order', { symbol, orderId })).body);
    const canceled = await socket.ask('order.cancel', client.signedParams({ symbol, orderId }));
    expect(shapeProblems(canceled['result'], ACCOUNT_SHAPES.canceled)).toEqual([]);
    const account = await socket.ask('account.status', client.signedParams());
    expect(shapeProblems(account['result'], ACCOUNT_SHAPES.account)).toEqual([]);
    const refused = await socket.ask('order.place', client.signedParams(limit(away(-5), { quantity: '50' })));
    expect(refused).toMatchObject({
      status: 400,
      error: { code: -2010, msg: 'Account has insufficient balance for requested action.' },
    });
  });

  it.each(['rsa', 'ed25519'] as const)('keys of %s sign requests of both kinds', async (kind) => {
    const { publicKey, privateKey } =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { apiKey } = (await control(venue, 'keys', { apiKey: accountOf(venue, 0).apiKey, publicKey: pem })) as {
      readonly apiKey: string;
    };
    const other = new PlainClient(venue.served, { apiKey, privateKey });
    const own = await client.signed('account');
    expect((await other.signed('account')).body).toEqual(own.body);
    const answer = await socket.ask('account.status', other.signedParams());
    expect(answer).toMatchObject({ status: 200, result: own.body as object });
    const session = await other.open('/ws-api/v3');
    const logon = await session.ask('session.logon', other.signedParams());
    if (kind === 'rsa') {
      // Only Ed25519 keys can log on.
      expect(logon).toMatchObject({ status: 400 });
    } else {
      expect(logon).toMatchObject({ status: 200, result: { apiKey } });
      expect(await session.ask('account.status', { timestamp: Date.now() })).toMatchObject({ status: 200 });
      expect(await session.ask('userDataStream.subscribe')).toMatchObject({
        status: 200,
        result: { subscriptionId: 0 },
      });
      expect(await session.ask('session.logout')).toMatchObject({ status: 200, result: { apiKey: null } });
      expect(await session.ask('account.status', { timestamp: Date.now() })).toMatchObject({
        status: 400,
        error: { code: -1102 },
      });
    }
    await session.close();
  });

  it('hears nothing more once unsubscribed', async () => {
    expect(await socket.ask('userDataStream.unsubscribe')).toMatchObject({ status: 200 });
    const { away } = await marketNow(venue);
    const { orderId } = await post('order', limit(away(-5), { timeInForce: 'IOC' }));
    await socket.ask('ping');
    expect(socket.heard.some((frame) => eventOf(frame)['i'] === orderId)).toBe(false);
    await socket.close();
  });
});
