import { generateKeyPairSync } from 'node:crypto';
import { accountId } from '@monsta/core';
import { silentTelemetry } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { ApiDesk } from '../api-desk.ts';
import { apiMethods } from '../method-table.ts';
import { DEFAULT_REQUEST_LIMITS, RequestCounter } from '../request-limits.ts';
import { TestSocket } from '../server.test-support.ts';
import { DEFAULT_SOCKET_LIMITS } from '../stream-socket.ts';
import { ApiKeys } from '../trading/api-keys.ts';
import { TradingDesk } from '../trading/trading-desk.ts';
import { UserDataHub } from '../user-data/user-data-hub.ts';
import { ApiSession } from './api-session.ts';
import { makeTradingWorld, START_MS } from '../trading/trading-world.test-support.ts';
import {
  connectApi,
  registerEd25519,
  signEd25519,
  type ApiClient,
  type Ed25519Key,
  type Params,
} from './socket-world.test-support.ts';

const logOn = (client: ApiClient, key: Ed25519Key, method = 'session.logon'): ReturnType<ApiClient['ask']> =>
  client.ask(method, signEd25519(key, { timestamp: client.now() }));

describe('a session', () => {
  it('begins without a key, and knows since when it is connected', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const connectedSince = client.now();
    await world.clock.advance(1_000);
    expect(client.ask('session.status').result).toEqual({
      apiKey: null,
      authorizedSince: null,
      connectedSince,
      returnRateLimits: true,
      serverTime: connectedSince + 1_000,
      userDataStream: false,
    });
    expect(connectApi(world, 'returnRateLimits=false').ask('session.status').result).toMatchObject({
      returnRateLimits: false,
    });
  });

  it('is opened by an Ed25519 key, which then need not be sent again, and forgets it on request', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const key = await registerEd25519(world, world.ann);
    expect(logOn(client, key).result).toEqual({
      apiKey: key.apiKey,
      authorizedSince: client.now(),
      connectedSince: client.now(),
      returnRateLimits: true,
      serverTime: client.now(),
      userDataStream: false,
    });
    expect(client.ask('userDataStream.subscribe').result).toEqual({ subscriptionId: 0 });
    expect(client.ask('session.status').result).toMatchObject({ apiKey: key.apiKey, userDataStream: true });
    expect(client.ask('session.logout').result).toMatchObject({
      apiKey: null,
      authorizedSince: null,
      userDataStream: false,
    });
    expect(client.ask('userDataStream.subscribe')).toMatchObject({ status: 400, error: { code: -1193 } });
  });

  it('is not opened by an HMAC key, a wrong signature, an old time, or without one of them', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const key = await registerEd25519(world, world.ann);
    expect(client.signed(world.ann, 'session.logon')).toMatchObject({
      status: 400,
      error: { code: -2028, msg: 'HMAC-SHA-256 API key is not supported.' },
    });
    const signed = signEd25519(key, { timestamp: client.now() });
    expect(client.ask('session.logon', { ...signed, timestamp: client.now() - 1 }).error?.code).toBe(-1022);
    expect(client.ask('session.logon', { ...signed, signature: undefined }).error?.code).toBe(-1102);
    expect(client.ask('session.logon', { ...signed, apiKey: undefined }).status).toBeGreaterThanOrEqual(400);
    expect(client.ask('session.logon', { ...signed, apiKey: 'x'.repeat(64) }).error?.code).toBe(-2015);
    expect(client.ask('session.logon', { ...signed, more: '1' }).error?.code).toBe(-1022);
    await world.clock.advance(6_000);
    expect(client.ask('session.logon', signed).error?.code).toBe(-1021);
    expect(client.ask('session.status').result).toMatchObject({ apiKey: null });
  });

  it('takes another key when asked to', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const ann = await registerEd25519(world, world.ann);
    const ben = await registerEd25519(world, world.ben);
    logOn(client, ann);
    expect(logOn(client, ben).result).toMatchObject({ apiKey: ben.apiKey });
    expect(client.ask('session.status').result).toMatchObject({ apiKey: ben.apiKey });
  });

  it('needs the permission for user data', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const key = await registerEd25519(world, world.ann, ['USER_DATA']);
    expect(logOn(client, key).status).toBe(200);
    expect(client.ask('userDataStream.subscribe')).toMatchObject({ status: 401, error: { code: -2015 } });
    expect(logOn(client, key, 'userDataStream.subscribe.signature').error?.code).toBe(-2015);
  });
});

describe('the requests of a session', () => {
  const ORDER = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01', price: '9000' };

  it('need neither key nor signature, but still the time', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    logOn(client, await registerEd25519(world, world.ann));
    expect(client.ask('order.place', { ...ORDER, timestamp: client.now() })).toMatchObject({
      status: 200,
      result: { orderId: 1, status: 'NEW' },
    });
    expect(client.ask('order.place', ORDER).error?.code).toBe(-1102);
    expect(client.ask('order.place', { ...ORDER, timestamp: client.now() - 5_001 }).error?.code).toBe(-1021);
    expect(client.ask('order.place', { ...ORDER, timestamp: client.now() - 5_001, recvWindow: 6_000 }).status).toBe(
      200,
    );
    expect(client.ask('openOrders.status', { timestamp: client.now() }).result).toHaveLength(2);
    client.ask('session.logout');
    expect(client.ask('openOrders.status', { timestamp: client.now() }).error?.code).toBe(-1102);
  });

  it('may be signed by another key, each for itself', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    logOn(client, await registerEd25519(world, world.ann));
    expect(client.signed(world.ben, 'order.place', ORDER).status).toBe(200);
    expect(client.ask('openOrders.status', { timestamp: client.now() }).result).toEqual([]);
    expect(client.signed(world.ben, 'openOrders.status').result).toHaveLength(1);
    // A key without its signature is not taken for the session's.
    const unsigned = { apiKey: world.ben.apiKey, timestamp: client.now() };
    expect(client.ask('openOrders.status', unsigned).error?.code).toBe(-1102);
  });

  it('without a session need a key and its signature', () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const timestamp = client.now();
    expect(client.ask('account.status', { timestamp })).toMatchObject({
      status: 400,
      error: { code: -1102, msg: "Mandatory parameter 'apiKey' was not sent, was empty/null, or malformed." },
    });
    const { apiKey } = world.ann;
    expect(client.ask('account.status', { timestamp, apiKey: 'short' })).toMatchObject({ error: { code: -2014 } });
    expect(client.ask('account.status', { timestamp, apiKey: 'x'.repeat(64), signature: 'a' })).toMatchObject({
      status: 401,
      error: { code: -2015 },
    });
    expect(client.ask('account.status', { timestamp, apiKey })).toMatchObject({ error: { code: -1102 } });
    expect(client.ask('account.status', { timestamp, apiKey, signature: 'a' })).toMatchObject({
      error: { code: -1022 },
    });
  });

  it('are barred where the key may not do that', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const key = await registerEd25519(world, world.ann, ['USER_DATA']);
    logOn(client, key);
    expect(client.ask('order.place', { ...ORDER, timestamp: client.now() })).toMatchObject({
      id: 2,
      status: 401,
      error: { code: -2015 },
    });
    // The session goes on: the key is good for other things.
    expect(client.ask('account.status', { timestamp: client.now() }).status).toBe(200);
  });
});

describe('a session whose key is no longer good', () => {
  it('is revoked at the next request, with the user data that it opened', () => {
    const world = makeTradingWorld();
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const keys = new ApiKeys();
    const trading = world.model.trading;
    const limits = DEFAULT_REQUEST_LIMITS;
    const { clock, model } = world;
    const { logger } = silentTelemetry();
    const counter = new RequestCounter(limits);
    const desk = new TradingDesk({ model, trading, keys, clock, limits });
    const api = new ApiDesk({ model, clock, logger, limits, counter, trading: desk, driftUs: () => 0 });
    const account = accountId('eve');
    desk.openAccount(account, { balances: [] });
    const apiKey = 'e'.repeat(64);
    const permissions = ['TRADE', 'USER_DATA', 'USER_STREAM'] as const;
    keys.add({ apiKey, account, proof: { kind: 'ED25519', publicKey }, permissions, addresses: null });
    const socket = new TestSocket();
    const session = new ApiSession({
      socket,
      desk: api,
      methods: new Map(apiMethods(true).map((method) => [method.socket ?? '', method])),
      trading: { keys, userData: new UserDataHub(trading, () => model.nowUs(), 100) },
      unit: 'ms',
      showsRateLimits: false,
      socketLimits: DEFAULT_SOCKET_LIMITS,
      requestLimits: limits,
      nowMs: 0,
    });
    const ask = (method: string, params: Params = {}): readonly unknown[] => {
      session.receive(JSON.stringify({ id: 1, method, params }));
      return socket.heard();
    };
    const timestamp = START_MS;
    ask('session.logon', signEd25519({ apiKey, privateKey }, { timestamp }));
    ask('userDataStream.subscribe');
    expect(ask('account.status', { timestamp })).toMatchObject([{ id: 1, status: 200 }]);
    keys.remove(apiKey);
    expect(ask('account.status', { timestamp })).toEqual([
      { id: null, status: 401, error: { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' } },
      { subscriptionId: 0, event: { e: 'eventStreamTerminated', E: START_MS } },
    ]);
    expect(ask('session.status')).toMatchObject([{ id: 1, result: { apiKey: null, userDataStream: false } }]);
  });
});

describe('subscriptions of user data', () => {
  it('are one an account and connection, by a signature of their own or the session', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    expect(client.signed(world.ann, 'userDataStream.subscribe.signature').result).toEqual({ subscriptionId: 0 });
    expect(client.signed(world.ann, 'userDataStream.subscribe.signature')).toMatchObject({
      status: 400,
      error: { code: -2035, msg: 'User Data Stream subscription already active.' },
    });
    expect(client.signed(world.ben, 'userDataStream.subscribe.signature').result).toEqual({ subscriptionId: 1 });
    expect(connectApi(world).signed(world.ann, 'userDataStream.subscribe.signature').status).toBe(200);
    expect(client.ask('session.subscriptions').result).toEqual([{ subscriptionId: 0 }, { subscriptionId: 1 }]);
  });

  it('end by number or all together, are told so last, and their numbers are not used again', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const deposit = async (account: string): Promise<void> => {
      await world.send('POST', '/sim/deposit', {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ account, asset: 'USDT', amount: '1' }),
      });
    };
    for (const who of [world.ann, world.ben]) client.signed(who, 'userDataStream.subscribe.signature');
    expect(client.ask('userDataStream.unsubscribe', { subscriptionId: 7 }).error?.code).toBe(-2036);
    const frames = client.raw('{"id":1,"method":"userDataStream.unsubscribe","params":{"subscriptionId":0}}');
    expect(frames).toMatchObject([
      { id: 1, status: 200, result: {} },
      { subscriptionId: 0, event: { e: 'eventStreamTerminated', E: client.now() } },
    ]);
    await deposit('ann');
    expect(await client.events()).toEqual([]);
    await deposit('ben');
    expect((await client.events()).every(({ subscriptionId }) => subscriptionId === 1)).toBe(true);
    client.signed(world.ann, 'userDataStream.subscribe.signature');
    expect(client.ask('session.subscriptions').result).toEqual([{ subscriptionId: 1 }, { subscriptionId: 2 }]);
    expect(client.raw('{"id":2,"method":"userDataStream.unsubscribe"}')).toHaveLength(3);
    expect(client.ask('session.subscriptions').result).toEqual([]);
    await deposit('ben');
    expect(await client.events()).toEqual([]);
  });

  it('of the session end with it, those by signature stay', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const key = await registerEd25519(world, world.ann);
    logOn(client, key);
    client.ask('userDataStream.subscribe');
    client.signed(world.ben, 'userDataStream.subscribe.signature');
    expect(client.raw('{"id":1,"method":"session.logout"}')).toMatchObject([
      { id: 1, status: 200 },
      { subscriptionId: 0, event: { e: 'eventStreamTerminated' } },
    ]);
    expect(client.ask('session.subscriptions').result).toEqual([{ subscriptionId: 1 }]);
  });
});
