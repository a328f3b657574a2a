import { describe, expect, it } from 'vitest';
import { TestSocket } from '../server.test-support.ts';
import { makeTradingWorld, START_MS } from '../trading/trading-world.test-support.ts';
import { connectApi } from './socket-world.test-support.ts';

const weightOf = (count: number): object => ({
  rateLimitType: 'REQUEST_WEIGHT',
  interval: 'MINUTE',
  intervalNum: 1,
  limit: 6_000,
  count,
});

describe('the WebSocket API', () => {
  it('answers with status, result and the limits that were touched', () => {
    const client = connectApi(makeTradingWorld());
    // Opening the connection has cost two.
    expect(client.ask('ping')).toEqual({ id: 1, status: 200, result: {}, rateLimits: [weightOf(3)] });
    expect(client.ask('v3/time')).toEqual({
      id: 2,
      status: 200,
      result: { serverTime: client.now() },
      rateLimits: [weightOf(4)],
    });
  });

  it('leaves the limits out where the request or the connection asks for it', () => {
    const world = makeTradingWorld();
    expect(connectApi(world).ask('ping', { returnRateLimits: false })).toEqual({ id: 1, status: 200, result: {} });
    const silent = connectApi(world, 'returnRateLimits=false');
    expect(silent.ask('ping')).toEqual({ id: 1, status: 200, result: {} });
    expect(silent.ask('ping', { returnRateLimits: true }).rateLimits).toHaveLength(1);
    expect(silent.ask('ping', { returnRateLimits: 'perhaps' }).error?.code).toBe(-1130);
  });

  it('tells times in microseconds where the URL asks for it', () => {
    const world = makeTradingWorld();
    for (const unit of ['MICROSECOND', 'microsecond']) {
      const client = connectApi(world, `timeUnit=${unit}`);
      expect(client.ask('time').result).toEqual({ serverTime: client.now() * 1_000 });
      expect(client.ask('session.status').result).toMatchObject({ connectedSince: client.now() * 1_000 });
    }
    expect(() => connectApi(world, 'timeUnit=HOUR')).toThrow(/400.*-1194/);
    expect(() => connectApi(world, 'responseFormat=sbe')).toThrow(/400.*-1155/);
  });

  it('answers frames that it can not read with what is wrong, and goes on', () => {
    const client = connectApi(makeTradingWorld());
    expect(client.raw('{"id":1,')).toEqual([
      { id: null, status: 400, error: { code: -1135, msg: 'Invalid JSON Request' } },
    ]);
    expect(client.raw('{"id":"a","method":"ping","params":[]}')).toEqual([
      {
        id: 'a',
        status: 400,
        error: { code: -1135, msg: "Invalid 'params' in JSON request; expected an object." },
      },
    ]);
    expect(client.ask('ping').status).toBe(200);
  });

  it.each([
    ['nonsense', undefined, -5000, 404],
    ['__proto__', undefined, -5000, 404],
    ['depth', { symbol: 'NOPE' }, -1121, 400],
    ['depth', {}, -1102, 400],
    ['depth', { symbol: '' }, -1105, 400],
    ['ping', { more: 1 }, -1104, 400],
    ['klines', { symbol: 'BTCUSDT', interval: '1x' }, -1120, 400],
    ['userDataStream.start', { apiKey: 'x'.repeat(64) }, -1016, 410],
    ['userDataStream.ping', { apiKey: 'x'.repeat(64), listenKey: 'a' }, -1016, 410],
    ['userDataStream.stop', { apiKey: 'x'.repeat(64), listenKey: 'a' }, -1016, 410],
  ])('refuses %s with %j by the documented code %i', (method, params, code, status) => {
    const answer = connectApi(makeTradingWorld()).ask(method, params);
    expect([answer.error?.code, answer.status]).toEqual([code, status]);
    expect(answer.rateLimits).toHaveLength(1);
  });

  it('shares the weight of an address with REST, says when to come back, and cuts off who goes on', async () => {
    const world = makeTradingWorld({ requestLimits: { weightPerMinute: 30, refusalsBeforeBan: 2 } });
    await world.clock.advance(12_345);
    const client = connectApi(world);
    await world.send('GET', 'exchangeInfo', { address: client.socket.remoteAddress });
    expect(client.ask('ping').rateLimits?.[0]?.count).toBe(23);
    expect(client.ask('exchangeInfo')).toMatchObject({
      status: 429,
      error: { code: -1003, data: { serverTime: client.now(), retryAfter: client.now() - 12_345 + 60_000 } },
    });
    client.ask('ping');
    const banned = client.ask('ping');
    expect(banned).toMatchObject({
      status: 418,
      error: { code: -1003, data: { serverTime: client.now(), retryAfter: client.now() + 120_000 } },
    });
    expect(banned.error?.msg).toContain(`IP banned until ${client.now() + 120_000}.`);
    expect(client.socket.closed).toEqual({ code: 1008, reason: 'disconnected' });
    expect(() => connectApi(world)).toThrow(/429|418/);
  });

  it('shares the limit of connection attempts with the streams', () => {
    const world = makeTradingWorld({ requestLimits: { connectionsPerFiveMinutes: 3 } });
    for (let attempt = 0; attempt < 3; attempt += 1) connectApi(world);
    expect(() => connectApi(world)).toThrow('refused with 429');
  });

  it('pings every 20 s, and cuts a connection a minute after a ping without its pong', async () => {
    const world = makeTradingWorld();
    const good = connectApi(world).socket;
    const bad = connectApi(world).socket;
    for (let second = 0; second < 100; second += 1) {
      await world.clock.advance(1_000);
      for (const payload of good.pings.splice(0)) good.handlers?.onPong?.(payload);
      bad.handlers?.onPong?.('');
      if (second === 78) expect(bad.terminated).toBe(false);
    }
    expect(good.terminated).toBe(false);
    expect(bad.terminated).toBe(true);
  });

  it('ends connections after a day, and says so before', async () => {
    const world = makeTradingWorld({ socketLimits: { connectionMs: 30_000, shutdownNoticeMs: 10_000 } });
    const client = connectApi(world);
    await world.clock.advance(19_500);
    expect(client.heard()).toEqual([]);
    await world.clock.advance(1_000);
    expect(client.heard()).toEqual([{ event: { e: 'serverShutdown', E: START_MS + 20_000 } }]);
    await world.clock.advance(9_000);
    expect(client.socket.closed).toBeNull();
    await world.clock.advance(1_500);
    expect(client.socket.closed?.code).toBe(1000);
    expect(client.heard()).toEqual([]);
  });

  it('says that a planned stop is near, and leaves no timer behind', async () => {
    const world = makeTradingWorld();
    const clients = [connectApi(world), connectApi(world, 'timeUnit=MICROSECOND')];
    world.server.announceShutdown();
    expect(clients.flatMap((client) => client.heard())).toEqual([
      { event: { e: 'serverShutdown', E: clients[0]?.now() } },
      { event: { e: 'serverShutdown', E: (clients[0]?.now() ?? 0) * 1_000 } },
    ]);
    for (const { socket } of clients) socket.handlers?.onClose(1000, '');
    await world.clock.advance(2_000);
    expect(world.server.stats().connections).toBe(0);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('cuts a client that does not read', () => {
    const world = makeTradingWorld({ socketLimits: { bufferedBytesMax: 1_000 } });
    const client = connectApi(world);
    client.socket.buffered = 990;
    client.socket.say({ id: 1, method: 'ping' });
    expect(client.socket.terminated).toBe(true);
    expect(client.socket.sent).toEqual([]);
  });
});

describe('user data by listenKey', () => {
  it.each(['POST', 'PUT', 'DELETE'])('is gone: %s answers 410 without JSON', async (method) => {
    const world = makeTradingWorld();
    const route = world.server.routes.find((each) => each.path === '/api/v3/userDataStream' && each.method === method);
    const response = await route?.handle({
      method,
      path: '/api/v3/userDataStream',
      params: {},
      rawQuery: '',
      headers: { 'x-mbx-apikey': world.ann.apiKey },
      body: '',
      remoteAddress: '10.0.0.1',
    });
    expect(response?.status).toBe(410);
    expect(response?.headers?.['content-type']).toBe('text/html');
    expect(response?.body).toContain('410 Gone');
  });

  it('is no stream either: nothing comes on a socket that names one', async () => {
    const world = makeTradingWorld();
    const route = world.server.webSockets.find(({ path }) => path === '/ws/*');
    const socket = new TestSocket('127.0.0.1');
    const path = `/ws/${'pqia91ma19a5s61cv6a81va65sdf19v8'.repeat(2)}`;
    const request = { method: 'GET', path, params: {}, rawQuery: '', headers: {}, body: '' };
    socket.handlers = route?.accept(socket, { ...request, remoteAddress: '127.0.0.1' }) ?? null;
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.01',
      price: '9000',
    };
    expect((await world.signed(world.ann, 'POST', 'order', order)).status).toBe(200);
    await world.clock.advance(1_000);
    expect(socket.sent).toEqual([]);
    expect(socket.closed).toBeNull();
  });
});
