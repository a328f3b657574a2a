import type { TopicMessage } from '@monsta/contracts';
import { err, expectOk, ok } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import type { IncomingRequest, ServerSocket, ServerSocketHandlers } from '@monsta/ports';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { webSocketServerConfigSchema, type WebSocketServerConfig } from './config.ts';
import { createWebSocketServer, type SnapshotSource } from './websocket-server.ts';

const REQUEST: IncomingRequest = {
  method: 'GET',
  path: '/ws',
  params: {},
  rawQuery: '',
  headers: { host: '127.0.0.1' },
  body: '',
  remoteAddress: '127.0.0.1',
};

/** A socket whose network side the test holds. */
class HeldSocket implements ServerSocket {
  readonly id: number;
  readonly remoteAddress = '127.0.0.1';
  readonly sent: string[] = [];
  buffered = 0;
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  terminated = false;
  constructor(id: number) {
    this.id = id;
  }
  bufferedBytes(): number {
    return this.buffered;
  }
  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
  }
  ping(): void {
    this.pings += 1;
  }
  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }
  terminate(): void {
    this.terminated = true;
  }
  get messages(): readonly TopicMessage[] {
    return this.sent.filter((text) => text.startsWith('[')).flatMap((text) => JSON.parse(text) as TopicMessage[]);
  }
}

async function setUp(config: Partial<WebSocketServerConfig> = {}, snapshots?: SnapshotSource) {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  const { logger, metrics } = telemetry;
  const stream = createMemoryEventStream({ clock, logger, epoch: 'test' });
  const server = createWebSocketServer({
    stream,
    clock,
    logger,
    metrics,
    config: webSocketServerConfigSchema.parse({ ...config }),
    knownInstruments: () => new Set(['BTCUSDT']),
    intervals: ['1m', '5m', '15m', '1h', '4h', '1d'],
    ...(snapshots === undefined ? {} : { snapshots }),
  });
  const before = server.readiness();
  expectOk(await server.start());
  let nextId = 0;
  const connect = (...topics: readonly string[]): { socket: HeldSocket; handlers: ServerSocketHandlers } => {
    const [route] = server.routes;
    if (route === undefined) throw new Error('no route');
    const socket = new HeldSocket((nextId += 1));
    const handlers = route.accept(socket, REQUEST);
    if (topics.length > 0) handlers.onMessage(JSON.stringify({ method: 'SUBSCRIBE', params: topics, id: 1 }));
    return { socket, handlers };
  };
  const publish = async (subject: string, data: unknown): Promise<void> => {
    expectOk(stream.publish(subject, data, { tsEventUs: 1 }));
    await clock.settle();
  };
  return { clock, telemetry, stream, server, before, connect, publish };
}

describe('the server', () => {
  it('is ready once it listens to the event stream', async () => {
    const { server, before } = await setUp();
    expect(before).toEqual({ ready: false, waitingFor: ['not started'] });
    expect(server.readiness()).toEqual({ ready: true, waitingFor: [] });
    await server.stop();
    expect(server.readiness().ready).toBe(false);
  });

  it('sends a batch 100 ms after its first message, and trading events at once', async () => {
    const { clock, connect, publish } = await setUp();
    const { socket } = connect('trades.BTCUSDT', 'orders');
    await publish('trades.BTCUSDT', 1);
    await clock.advance(99);
    expect(socket.messages).toHaveLength(0);
    await publish('orders', 'order');
    expect(socket.messages.map(({ topic }) => topic)).toEqual(['orders']);
    await clock.advance(1);
    expect(socket.messages.map(({ topic }) => topic)).toEqual(['orders', 'trades.BTCUSDT']);
  });

  it('subscribes to bars of intervals that are collected, and says of others that nobody collects them', async () => {
    const { connect } = await setUp();
    expect(connect('bars.BTCUSDT.4h').socket.sent).toMatchObject([expect.stringContaining('"result":null')]);
    const [refused = ''] = connect('bars.BTCUSDT.30m').socket.sent;
    expect(JSON.parse(refused)).toMatchObject({
      error: { code: 'interval_unknown', message: expect.stringContaining('collector.intervals') as string },
    });
    const [months = ''] = connect('bars.BTCUSDT.1M').socket.sent;
    expect(JSON.parse(months)).toMatchObject({
      error: { code: 'interval_unknown', message: expect.stringContaining('months differ in length') as string },
    });
  });

  it('gives a client that fell behind the last form of every bar, the latest quote, and every trade', async () => {
    const { clock, connect, publish } = await setUp();
    const { socket } = connect('bars.BTCUSDT.1m', 'quotes.BTCUSDT', 'trades.BTCUSDT');
    socket.buffered = 1_000_000;
    await publish('bars.BTCUSDT.1m', { openTimeMs: 0, close: '1', closed: false });
    await publish('bars.BTCUSDT.1m', { openTimeMs: 0, close: '2', closed: true });
    await publish('bars.BTCUSDT.1m', { openTimeMs: 60_000, close: '3', closed: false });
    for (let n = 1; n <= 3; n += 1) {
      await publish('quotes.BTCUSDT', n);
      await publish('trades.BTCUSDT', n);
    }
    await clock.advance(500);
    expect(socket.messages).toHaveLength(0);
    socket.buffered = 0;
    await clock.advance(200);
    const of = (topic: string): readonly unknown[] =>
      socket.messages.filter((message) => message.topic === topic).map(({ data }) => data);
    expect(of('bars.BTCUSDT.1m')).toMatchObject([{ close: '2', closed: true }, { close: '3' }]);
    expect(of('quotes.BTCUSDT')).toEqual([3]);
    expect(of('trades.BTCUSDT')).toEqual([1, 2, 3]);
  });

  it('cuts a client that takes nothing any more with 4408', async () => {
    const { clock, connect, publish, telemetry } = await setUp();
    const { socket } = connect('quotes.BTCUSDT');
    socket.buffered = 1_000_000;
    await publish('quotes.BTCUSDT', 1);
    await clock.advance(16_000);
    expect(socket.closed?.code).toBe(4408);
    await clock.advance(4_000);
    expect(telemetry.value('monsta_websocket_cuts_total')).toBe(1);
  });

  it('cuts a client that asks without reading the answers', async () => {
    const { connect } = await setUp();
    const { socket, handlers } = connect('quotes.BTCUSDT');
    socket.buffered = 1_000_000;
    handlers.onMessage('{"method":"LIST_SUBSCRIPTIONS","id":2}');
    expect(socket.closed?.code).toBe(4408);
  });

  it('pings, and ends a connection that gives no sign of life until the next ping', async () => {
    const { clock, connect } = await setUp();
    const alive = connect();
    const talks = connect();
    const dead = connect();
    for (let second = 0; second < 120; second += 1) {
      await clock.advance(1_000);
      alive.handlers.onPong?.('');
      if (second % 5 === 0) talks.handlers.onMessage('{"method":"LIST_SUBSCRIPTIONS","id":2}');
    }
    expect(alive.socket.pings).toBe(6);
    expect([alive, talks, dead].map(({ socket }) => socket.terminated)).toEqual([false, false, true]);
    expect(dead.socket.pings).toBe(1);
  });

  it('shows by a jump of the sequence what the event stream dropped', async () => {
    const { clock, connect, publish, stream, telemetry } = await setUp({ streamQueueMax: 5 });
    const { socket } = connect('trades.BTCUSDT');
    await publish('trades.BTCUSDT', 1);
    for (let n = 2; n <= 12; n += 1) expectOk(stream.publish('trades.BTCUSDT', n, { tsEventUs: 1 }));
    await clock.advance(200);
    expect(socket.messages.map(({ seq }) => seq)).toEqual([1, 8, 9, 10, 11, 12]);
    expect(socket.messages.map(({ data }) => data)).toEqual([1, 8, 9, 10, 11, 12]);
    expect(telemetry.value('monsta_websocket_lost_total')).toBe(6);
  });

  it('begins with the state it is given, each model’s prediction by itself', async () => {
    const { connect, publish, clock } = await setUp({}, () =>
      Promise.resolve(
        ok([
          { topic: 'account', data: { equity: '1' } },
          { topic: 'predictions.BTCUSDT', data: { model: 'a', interval: '5m' } },
          { topic: 'predictions.BTCUSDT', data: { model: 'a', interval: '1h' } },
          { topic: 'not.a.topic', data: 1 },
        ]),
      ),
    );
    const { socket } = connect('account', 'predictions.BTCUSDT');
    expect(socket.messages).toMatchObject([
      { topic: 'account', snapshot: true },
      { data: { interval: '5m' }, snapshot: true },
      { data: { interval: '1h' }, snapshot: true },
    ]);
    await publish('predictions.BTCUSDT', { model: 'a', interval: '5m', newer: true });
    await clock.advance(100);
    expect(connect('predictions.BTCUSDT').socket.messages).toMatchObject([
      { data: { interval: '1h' } },
      { data: { interval: '5m', newer: true } },
    ]);
  });

  it('starts without a present state when that can’t be had, and says so', async () => {
    const { server, telemetry } = await setUp({}, () => Promise.resolve(err('not_ready', 'later')));
    expect(server.readiness().ready).toBe(true);
    expect(telemetry.records.map(({ message }) => message)).toContain('topics begin without their present state');
  });

  it('says goodbye with what was waiting', async () => {
    const { server, connect, publish, clock } = await setUp();
    const { socket } = connect('trades.BTCUSDT');
    await publish('trades.BTCUSDT', 'last');
    await server.drain();
    expect(socket.messages.map(({ data }) => data)).toEqual(['last']);
    expect(socket.closed?.code).toBe(1001);
    await server.stop();
    expect(socket.terminated).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});
