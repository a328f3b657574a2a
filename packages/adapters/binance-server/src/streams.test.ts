import { OrderBook } from '@monsta/market-data';
import { instrumentId, price, quantity, timestampUs, type BookLevel } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { makeWorld, type Heard, type TestSocket } from './server.test-support.ts';

interface Snapshot extends Heard {
  readonly lastUpdateId: number;
  readonly bids: readonly string[][];
  readonly asks: readonly string[][];
}
interface DepthFrame extends Heard {
  readonly U: number;
  readonly u: number;
  readonly b: readonly string[][];
  readonly a: readonly string[][];
}
interface KlineFrame extends Heard {
  readonly k: Readonly<Record<string, unknown>>;
}

const streamsOf = (frames: readonly Heard[]): string[] =>
  [...new Set(frames.map(({ stream }) => stream ?? '(raw)'))].sort();

describe('stream sockets', () => {
  it('name their streams in the URL, raw or combined, or subscribe later', async () => {
    const { connect, clock } = makeWorld();
    const raw = connect('/ws/btcusdt@trade');
    const several = connect('/ws/btcusdt@trade/ethusdt@bookTicker');
    const combined = connect('/stream?streams=btcusdt@trade/ethusdt%40bookTicker%2Fxrpusdt@depth5');
    const bare = connect('/ws');
    const numbered = connect('/ws/0');
    const empty = connect('/stream');
    await clock.advance(5_000);
    expect(raw.heard().every(({ e }) => e === 'trade')).toBe(true);
    expect(several.heard().length).toBeGreaterThan(5);
    expect(streamsOf(combined.heard())).toEqual(['btcusdt@trade', 'ethusdt@bookTicker', 'xrpusdt@depth5']);
    for (const socket of [bare, numbered, empty]) {
      expect(socket.heard()).toEqual([]);
      socket.say({ method: 'SUBSCRIBE', params: ['solusdt@aggTrade'], id: 'a1'.repeat(16) });
      expect(socket.heard()).toEqual([{ result: null, id: 'a1'.repeat(16) }]);
    }
    await clock.advance(5_000);
    expect(streamsOf(empty.heard())).toEqual(['solusdt@aggTrade']);
    expect(streamsOf(bare.heard())).toEqual(['(raw)']);
  });

  it('list, change and leave their subscriptions and their form', async () => {
    const { connect, clock, server } = makeWorld();
    const socket = connect('/ws/btcusdt@trade');
    socket.say({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    socket.say({ method: 'GET_PROPERTY', params: ['combined'], id: 2 });
    socket.say({ method: 'SET_PROPERTY', params: ['combined', true], id: 3 });
    socket.say({ method: 'SUBSCRIBE', params: ['btcusdt@trade', 'nobody@trade', 'nonsense'], id: null });
    expect(socket.heard()).toEqual([
      { result: ['btcusdt@trade'], id: 1 },
      { result: false, id: 2 },
      { result: null, id: 3 },
      { result: null, id: null },
    ]);
    expect(server.stats().streams).toBe(1);
    await clock.advance(5_000);
    expect(streamsOf(socket.heard())).toEqual(['btcusdt@trade']);
    socket.say({ method: 'UNSUBSCRIBE', params: ['btcusdt@trade'], id: 5 });
    expect(socket.heard()).toEqual([{ result: null, id: 5 }]);
    await clock.advance(5_000);
    expect(socket.heard()).toEqual([]);
    expect(server.stats().streams).toBe(0);
  });

  it.each([
    ['{', 3, undefined],
    ['[]', 2, undefined],
    ['{"method":"SUBSCRIBE","params":["a"]}', 2, undefined],
    ['{"method":"SUBSCRIBE","params":["a"],"id":1.5}', 2, undefined],
    ['{"params":["a"],"id":1}', 2, 1],
    ['{"method":"LISTEN","id":1}', 2, 1],
    ['{"method":"SUBSCRIBE","params":"a","id":1}', 2, 1],
    ['{"method":"SUBSCRIBE","params":[1],"id":1}', 2, 1],
    ['{"method":"GET_PROPERTY","params":["speed"],"id":1}', 0, 1],
    ['{"method":"GET_PROPERTY","params":[1],"id":1}', 2, 1],
    ['{"method":"SET_PROPERTY","params":["combined","yes"],"id":1}', 1, 1],
  ])('are told what is wrong with %s', (text, code, id) => {
    const socket = makeWorld().connect('/ws');
    socket.say(text);
    const [answer] = socket.heard();
    expect(answer?.error?.code).toBe(code);
    expect(answer?.id).toBe(id);
    expect(socket.closed).toBeNull();
  });

  it('are ended for more than five messages a second and for more than 1024 streams', async () => {
    const { connect, clock, server } = makeWorld();
    const chatty = connect('/ws');
    for (let message = 0; message < 5; message += 1) chatty.say({ method: 'LIST_SUBSCRIPTIONS', id: message });
    await clock.advance(1_000);
    for (let message = 0; message < 5; message += 1) chatty.say({ method: 'LIST_SUBSCRIPTIONS', id: message });
    expect(chatty.closed).toBeNull();
    chatty.say({ method: 'LIST_SUBSCRIPTIONS', id: 9 });
    expect(chatty.closed).toEqual({ code: 1008, reason: 'Too many requests' });
    const greedy = connect('/ws/btcusdt@trade');
    greedy.say({ method: 'SUBSCRIBE', params: Array.from({ length: 1_023 }, (_, index) => `s${index}@trade`), id: 1 });
    expect(greedy.closed).toBeNull();
    greedy.say({ method: 'SUBSCRIBE', params: ['ethusdt@trade'], id: 2 });
    expect(greedy.closed?.code).toBe(1008);
    expect(server.stats().streams).toBe(0);
  });

  it('are pinged every 20 s and cut a minute after a ping without pong', async () => {
    const { connect, clock } = makeWorld();
    const good = connect('/ws');
    const dead = connect('/ws');
    for (let second = 0; second < 100; second += 1) {
      await clock.advance(1_000);
      if (second % 10 === 0) good.handlers?.onPong?.();
      if (second === 78) expect(dead.terminated).toBe(false);
    }
    expect(good.pings.length).toBeGreaterThanOrEqual(4);
    expect(good.terminated).toBe(false);
    expect(dead.terminated).toBe(true);
  });

  it('are cut after a day', async () => {
    const { connect, clock } = makeWorld({ socketLimits: { connectionMs: 30_000 } });
    const socket = connect('/ws');
    await clock.advance(29_500);
    expect(socket.closed).toBeNull();
    await clock.advance(1_500);
    expect(socket.closed?.code).toBe(1000);
  });

  it('that do not read are cut, and cost the others nothing', async () => {
    const { connect, clock } = makeWorld({ socketLimits: { bufferedBytesMax: 10_000 } });
    const slow = connect('/ws/btcusdt@depth@100ms');
    const fine = connect('/ws/btcusdt@depth@100ms');
    slow.buffered = 9_999;
    await clock.advance(3_000);
    expect(slow.terminated).toBe(true);
    expect(slow.sent).toEqual([]);
    expect(fine.heard().length).toBeGreaterThan(10);
  });

  it('are limited in number and in attempts from one address', async () => {
    const few = makeWorld({ socketLimits: { connectionsMax: 2 } });
    few.connect('/ws');
    const leaving = few.connect('/ws');
    expect(() => few.connect('/ws')).toThrow('503');
    leaving.handlers?.onClose(1000, '');
    few.connect('/ws');
    const { connect, clock } = makeWorld({ requestLimits: { connectionsPerFiveMinutes: 3 } });
    for (let attempt = 0; attempt < 3; attempt += 1) connect('/ws');
    expect(() => connect('/ws')).toThrow('429');
    await clock.advance(300_000);
    connect('/ws');
  });

  it('hear of a planned stop in the form of their frames', () => {
    const { connect, server } = makeWorld();
    const raw = connect('/ws');
    const combined = connect('/stream');
    server.announceShutdown();
    expect(raw.heard()).toMatchObject([{ e: 'serverShutdown' }]);
    expect(combined.heard()).toMatchObject([{ stream: '!serverShutdown', data: { e: 'serverShutdown' } }]);
  });
});

describe('streams', () => {
  it('encode a frame once for all who listen, and cost nothing when nobody does', async () => {
    const { connect, clock, server } = makeWorld();
    const sockets = Array.from({ length: 50 }, () => connect('/stream?streams=btcusdt@depth@100ms'));
    await clock.advance(2_000);
    const [first] = sockets;
    expect(first?.sent.length).toBeGreaterThan(8);
    expect(server.stats().framesEncoded).toBe(first?.sent.length);
    for (const socket of sockets) expect(socket.sent.every((frame, index) => frame === first?.sent[index])).toBe(true);
    for (const socket of sockets) socket.handlers?.onClose(1000, '');
    const encoded = server.stats().framesEncoded;
    await clock.advance(5_000);
    expect(server.stats()).toEqual({ connections: 0, streams: 0, framesEncoded: encoded });
    expect(clock.pendingTimers).toBe(0);
  });

  it('of klines tell the forming bar when it has changed and each closed bar once, as klines over REST has it', async () => {
    const { connect, clock, get } = makeWorld();
    const socket = connect('/ws/solusdt@kline_1m/solusdt@kline_5m');
    for (let second = 0; second < 301; second += 10) {
      await clock.advance(second === 300 ? 1_000 : 10_000);
      socket.handlers?.onPong?.();
    }
    const frames = (socket.heard() as readonly KlineFrame[]).map(({ k }) => k);
    const closed = frames.filter((k) => k['x'] === true && k['i'] === '1m');
    expect(closed.map((k) => k['t'])).toEqual([0, 1, 2, 3, 4].map((minute) => 1_740_830_400_000 + minute * 60_000));
    const rows = (await get('/api/v3/klines?symbol=SOLUSDT&interval=1m&startTime=1740830400000&limit=5'))
      .json as unknown[][];
    expect(
      closed.map((k) => [
        k['t'],
        k['o'],
        k['h'],
        k['l'],
        k['c'],
        k['v'],
        k['T'],
        k['q'],
        k['n'],
        k['V'],
        k['Q'],
        k['B'],
      ]),
    ).toEqual(rows);
    expect(frames.filter((k) => k['x'] === true && k['i'] === '5m')).toHaveLength(1);
    const forming = frames.filter((k) => k['x'] === false && k['i'] === '1m');
    expect(forming.length).toBeGreaterThan(100);
    expect(forming.length).toBeLessThan(151);
    for (const k of forming) expect(Number(k['L']) - Number(k['f']) + 1).toBe(k['n']);
  });

  it('of depth lead by the documented way from a snapshot to the book, the slow as the fast', async () => {
    const { connect, clock, get } = makeWorld();
    const BTC = instrumentId('BTCUSDT');
    const stamp = { tsEventUs: timestampUs(0), tsInitUs: timestampUs(0) };
    const level = ([at = '', size = '']: readonly string[]): BookLevel => [
      price(Math.round(Number(at) * 100)),
      quantity(Math.round(Number(size) * 1e5)),
    ];
    const [fast, slow, partial] = ['depth@100ms', 'depth', 'depth20@100ms'].map((name) =>
      connect(`/ws/btcusdt@${name}`),
    );
    if (fast === undefined || slow === undefined || partial === undefined) throw new Error('not connected');
    await clock.advance(2_500);
    const snapshot = (await get('/api/v3/depth?symbol=BTCUSDT&limit=5000')).json as Snapshot;
    await clock.advance(10_000);
    /** The top of the book at each update id that the socket's frames lead to. */
    const follow = (socket: TestSocket): Map<number, string> => {
      const book = new OrderBook(BTC);
      const { lastUpdateId } = snapshot;
      const sides = { bids: snapshot.bids.map(level), asks: snapshot.asks.map(level) };
      book.load({ kind: 'book-snapshot', instrument: BTC, lastUpdateId, ...sides, ...stamp });
      const tops = new Map<number, string>();
      for (const { U, u, b, a } of socket.heard() as readonly DepthFrame[]) {
        if (u <= book.lastUpdateId) continue;
        expect(U).toBeLessThanOrEqual(book.lastUpdateId + 1);
        const changes = { bids: b.map(level), asks: a.map(level) };
        book.apply({ kind: 'book-delta', instrument: BTC, firstUpdateId: U, lastUpdateId: u, ...changes, ...stamp });
        const { bids, asks } = book.snapshot(20, stamp);
        tops.set(u, JSON.stringify({ bids, asks }));
      }
      return tops;
    };
    const quick = follow(fast);
    const merged = follow(slow);
    expect(quick.size).toBeGreaterThan(40);
    expect(merged.size).toBeGreaterThan(8);
    for (const [u, top] of merged) expect(top).toBe(quick.get(u));
    let compared = 0;
    for (const { lastUpdateId, bids, asks } of partial.heard() as readonly Snapshot[]) {
      const top = quick.get(lastUpdateId);
      if (top === undefined) continue;
      compared += 1;
      expect(JSON.stringify({ bids: bids.map(level), asks: asks.map(level) })).toBe(top);
    }
    expect(compared).toBeGreaterThan(40);
  });

  it('of tickers tell the last day once a second', async () => {
    const { connect, clock } = makeWorld();
    const socket = connect('/stream?streams=xrpusdt@ticker/xrpusdt@miniTicker');
    await clock.advance(3_500);
    const frames = socket.heard();
    expect(streamsOf(frames)).toEqual(['xrpusdt@miniTicker', 'xrpusdt@ticker']);
    expect(frames.length).toBeLessThanOrEqual(8);
    for (const { data } of frames)
      expect(data).toMatchObject({ s: 'XRPUSDT', c: expect.stringMatching(/^\d\.\d{8}$/) as string });
  });
});
