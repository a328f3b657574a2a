import type { ServerFrame, TopicMessage } from '@monsta/contracts';
import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { call, startWorld, type World } from './world.test-support.ts';

/** A bare client: what comes in, in order, to be waited for. */
class Peer {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  readonly opened: Promise<void>;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly refused: Promise<number>;
  #wake: () => void = () => undefined;

  constructor(world: World, headers: Readonly<Record<string, string>> = {}) {
    this.socket = new WebSocket(world.wsUrl, { headers: { ...headers } });
    this.socket.on('error', () => undefined);
    this.opened = new Promise((resolve) => this.socket.once('open', () => resolve()));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    this.refused = new Promise((resolve) =>
      this.socket.once('unexpected-response', (_, response) => resolve(response.statusCode ?? 0)),
    );
    this.socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString('utf8')) as ServerFrame);
      this.#wake();
    });
  }

  get messages(): readonly TopicMessage[] {
    return this.frames.flatMap((frame) => (Array.isArray(frame) ? (frame as TopicMessage[]) : []));
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** Sends a request and waits for its answer. */
  async ask(request: unknown): Promise<unknown> {
    await this.opened;
    const answered = (): readonly ServerFrame[] => this.frames.filter((frame) => !Array.isArray(frame));
    const before = answered().length;
    this.socket.send(typeof request === 'string' ? request : JSON.stringify(request));
    await this.until(() => answered().length > before);
    return answered()[before];
  }
}

const subscribe = (id: number, ...params: readonly string[]) => ({ method: 'SUBSCRIBE', params, id });

describe('a client', () => {
  it('subscribes, gets the present state, then every message in order, each once', async () => {
    const world = await startWorld();
    world.publish('trades.BTCUSDT', { n: 0 });
    expectOk(await world.stream.drain(1_000));
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 20);
    });
    const peer = new Peer(world);
    expect(await peer.ask(subscribe(1, 'trades.BTCUSDT', 'fills'))).toEqual({ id: 1, result: null });
    await peer.until(() => peer.messages.length === 1);
    expect(peer.messages[0]).toMatchObject({ topic: 'trades.BTCUSDT', seq: 1, snapshot: true, data: { n: 0 } });
    for (let n = 1; n <= 250; n += 1) world.publish('trades.BTCUSDT', { n });
    await peer.until(() => peer.messages.length === 251);
    expect(peer.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 251 }, (_, index) => index + 1));
    expect(peer.messages.map(({ data }) => (data as { n: number }).n)).toEqual(
      Array.from({ length: 251 }, (_, n) => n),
    );
    expect(new Set(peer.messages.map(({ epoch }) => epoch)).size).toBe(1);
    // 250 messages in batches of at most 100, not in 250 frames.
    expect(peer.frames.length).toBeLessThan(20);
  });

  it('lists what it subscribed to, and gets nothing more of what it gave up', async () => {
    const world = await startWorld();
    const peer = new Peer(world);
    await peer.ask(subscribe(1, 'bars.BTCUSDT.1m', 'account'));
    expect(await peer.ask({ method: 'LIST_SUBSCRIPTIONS', id: 'list' })).toEqual({
      id: 'list',
      result: ['bars.BTCUSDT.1m', 'account'],
    });
    expect(await peer.ask({ method: 'UNSUBSCRIBE', params: ['account'], id: 2 })).toEqual({ id: 2, result: null });
    world.publish('account', {});
    world.publish('bars.BTCUSDT.1m', { openTimeMs: 1 });
    await peer.until(() => peer.messages.length > 0);
    expect(peer.messages.map(({ topic }) => topic)).toEqual(['bars.BTCUSDT.1m']);
  });

  it.each([
    ['this is no JSON', null, 'message_malformed'],
    ['[]', null, 'message_malformed'],
    ['{"method":"SUBSCRIBE","params":["account"]}', null, 'message_malformed'],
    ['{"method":"PING","id":7}', 7, 'message_malformed'],
    ['{"method":"SUBSCRIBE","params":[],"id":7}', 7, 'message_malformed'],
    ['{"method":"SUBSCRIBE","params":["account"],"id":7,"x":1}', 7, 'message_malformed'],
    ['{"method":"SUBSCRIBE","params":["candles.BTCUSDT"],"id":7}', 7, 'topic_unknown'],
    ['{"method":"SUBSCRIBE","params":["internal.trading.commands"],"id":7}', 7, 'topic_unknown'],
    ['{"method":"SUBSCRIBE","params":["trades.>"],"id":7}', 7, 'instrument_unknown'],
    ['{"method":"SUBSCRIBE","params":["trades.NOPE"],"id":"a"}', 'a', 'instrument_unknown'],
    ['{"method":"SUBSCRIBE","params":["bars.BTCUSDT.3m"],"id":7}', 7, 'interval_unknown'],
  ])('that sends %s is told what is wrong and stays', async (text, id, code) => {
    const world = await startWorld();
    const peer = new Peer(world);
    expect(await peer.ask(text)).toMatchObject({ id, error: { code } });
    expect(await peer.ask(subscribe(8, 'account'))).toEqual({ id: 8, result: null });
  });

  it('gets nothing of a request that is wrong in part, and hears of every fault', async () => {
    const world = await startWorld();
    const peer = new Peer(world);
    const answer = await peer.ask(subscribe(1, 'account', 'trades.NOPE', 'candles'));
    expect(answer).toMatchObject({ id: 1, error: { code: 'instrument_unknown' } });
    expect(JSON.stringify(answer)).toContain('candles');
    expect(await peer.ask({ method: 'LIST_SUBSCRIPTIONS', id: 2 })).toEqual({ id: 2, result: [] });
  });

  it('may hold so many topics and no more', async () => {
    const world = await startWorld({ webSocket: { subscriptionsPerClientMax: 2 } });
    const peer = new Peer(world);
    await peer.ask(subscribe(1, 'account', 'orders'));
    expect(await peer.ask(subscribe(2, 'fills'))).toMatchObject({ error: { code: 'too_many_subscriptions' } });
    expect(await peer.ask(subscribe(3, 'orders'))).toEqual({ id: 3, result: null });
  });

  it('that asks too often is closed with 4429', async () => {
    const world = await startWorld({ webSocket: { requestsBurstMax: 3, requestsPerSecondMax: 1 } });
    const peer = new Peer(world);
    await peer.opened;
    for (let id = 0; id < 5; id += 1) peer.socket.send(JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id }));
    expect((await peer.closed).code).toBe(4429);
  });

  it('that sends too long a message is closed with 1009', async () => {
    const world = await startWorld({ webSocket: { messageBytesMax: 256 } });
    const peer = new Peer(world);
    await peer.opened;
    peer.socket.send('x'.repeat(300));
    expect((await peer.closed).code).toBe(1009);
  });

  it('hears 1001 when the server stops', async () => {
    const world = await startWorld();
    const peer = new Peer(world);
    await peer.ask(subscribe(1, 'account'));
    await world.webSocketServer.drain();
    expect(await peer.closed).toMatchObject({ code: 1001 });
    expect(world.webSocketServer.readiness()).toEqual({ ready: false, waitingFor: ['stopping'] });
    expect(await new Peer(world).refused).toBe(503);
  });
});

describe('the door', () => {
  it('lets in our own page and programs, and no stranger’s page', async () => {
    const world = await startWorld({ webSocket: { originsAllowed: ['https://desk.example'] } });
    for (const origin of [world.url, 'https://desk.example']) await new Peer(world, { origin }).opened;
    await new Peer(world).opened;
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1'])
      expect(await new Peer(world, { origin }).refused).toBe(403);
    expect(await new Peer(world, { host: 'evil.example' }).refused).toBe(403);
  });

  it('holds an address to its number of connections, and frees the place of one that leaves', async () => {
    const world = await startWorld({ webSocket: { connectionsPerAddressMax: 2 } });
    const first = new Peer(world);
    const second = new Peer(world);
    await Promise.all([first.opened, second.opened]);
    expect(await new Peer(world).refused).toBe(429);
    expect(world.telemetry.value('monsta_websocket_refused_total', { code: 'too_many_requests' })).toBe(1);
    first.socket.close();
    await first.closed;
    await expect.poll(() => world.telemetry.value('monsta_websocket_connections_count')).toBe(1);
    await new Peer(world).opened;
  });

  it('is no ordinary page, and no page is a WebSocket: each says where the other is', async () => {
    const world = await startWorld();
    const plain = await call(world, '/ws');
    expect(plain).toMatchObject({ status: 426, body: { error: { code: 'upgrade_required' } } });
    expect(plain.headers['upgrade']).toBe('websocket');
    const astray = new WebSocket(`${world.wsUrl.replace(/\/ws$/, '')}/api/v1/status`);
    astray.on('error', () => undefined);
    const [status, text] = await new Promise<readonly [number, string]>((resolve) => {
      astray.once('unexpected-response', (_, response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.on('end', () => resolve([response.statusCode ?? 0, body]));
      });
    });
    expect([status, text]).toEqual([404, expect.stringContaining('the WebSocket is at /ws')]);
  });
});
