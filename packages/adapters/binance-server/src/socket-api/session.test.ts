import { describe, expect, it } from 'vitest';
import { makeTradingWorld } from '../trading/trading-world.test-support.ts';
import {
  connectApi,
  registerEd25519,
  signEd25519,
  type ApiClient,
  type Ed25519Key,
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
    expect(client.ask('userDataStream.subscribe')).toMatchObject({ status: 401, error: { code: -1002 } });
  });

  it('is not opened by an HMAC key, a wrong signature, an old time, or without one of them', async () => {
    const world = makeTradingWorld();
    const client = connectApi(world);
    const key = await registerEd25519(world, world.ann);
    expect(client.signed(world.ann, 'session.logon').error?.code).toBe(-1022);
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
