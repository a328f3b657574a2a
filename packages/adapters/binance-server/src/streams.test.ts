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

interface MarketFrame extends Heard {
  readonly stream: string;
  readonly data: readonly TickerFrame[] & Readonly<Record<string, unknown>>;
}
interface TickerFrame {
  readonly e: string;
  readonly s: string;
  readonly n: number;
  readonly O: number;
  readonly C: number;
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
    ['{"method":"GET_PROPERTY","params":["combined","combined"],"id":1}', 2, 1],
    ['{"method":"LIST_SUBSCRIPTIONS","params":["btcusdt@trade"],"id":1}', 2, 1],
    ['{"method":"LIST_SUBSCRIPTIONS","id":9223372036854775808}', 2, undefined],
    ['{"method":"LIST_SUBSCRIPTIONS","id":"0123456789012345678901234567890123456"}', 2, undefined],
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

  it('are told in the documented words, with the place', () => {
    const socket = makeWorld().connect('/ws');
    const told = (text: string): string | undefined => {
      socket.say(text);
      return socket.heard()[0]?.error?.msg;
    };
    expect(told('{"method":"SUBSCRIBED","id":1}')).toBe(
      'Invalid request: unknown variant `SUBSCRIBED`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY` at line 1 column 10',
    );
    expect(told('{"params":[],"id":1}')).toBe('Invalid request: missing field `method` at line 1 column 20');
    expect(told('hello')).toBe('Invalid JSON: expected value at line 1 column 1');
    expect(told('{"id":\n')).toBe('Invalid JSON: expected value at line 2 column 1');
    expect(told('{"method":"SUBSCRIBE","id":{}}')).toBe('Invalid request: request ID must be an unsigned integer');
  });

  it('have their ids back as they sent them, whole numbers of 64 bits too', () => {
    const socket = makeWorld().connect('/ws');
    for (const id of ['9223372036854775807', '-9223372036854775808', '"b1946ac92492d2347c6235b4d2611184"', 'null']) {
      socket.say(`{"method":"LIST_SUBSCRIPTIONS","id":${id}}`);
    }
    expect(socket.sent.splice(0)).toEqual([
      '{"result":[],"id":9223372036854775807}',
      '{"result":[],"id":-9223372036854775808}',
      '{"result":[],"id":"b1946ac92492d2347c6235b4d2611184"}',
      '{"result":[],"id":null}',
    ]);
  });

  it('are ended for more than five messages a second, whatever they are', async () => {
    const { connect, clock } = makeWorld();
    const socket = connect('/ws');
    socket.say({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    for (let ping = 0; ping < 2; ping += 1) socket.handlers?.onPing?.();
    for (let pong = 0; pong < 2; pong += 1) socket.handlers?.onPong?.('');
    await clock.advance(999);
    expect(socket.closed).toBeNull();
    socket.handlers?.onPing?.();
    expect(socket.closed).toEqual({ code: 1008, reason: 'Too many requests' });
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

  it('are pinged every 20 s and cut a minute after a ping without its pong, whatever else they send', async () => {
    const { connect, clock } = makeWorld();
    const good = connect('/ws');
    const dead = connect('/ws');
    for (let second = 0; second < 100; second += 1) {
      await clock.advance(1_000);
      if (second % 10 === 0) good.handlers?.onPong?.(good.pings.at(-1) ?? '');
      if (second % 10 === 5) dead.handlers?.onPong?.('');
      if (second === 78) expect(dead.terminated).toBe(false);
    }
    expect(good.pings.length).toBeGreaterThanOrEqual(4);
    expect(good.terminated).toBe(false);
    expect(dead.terminated).toBe(true);
  });

  it('are cut after a day, and told so before', async () => {
    const { connect, clock } = makeWorld({ socketLimits: { connectionMs: 30_000, shutdownNoticeMs: 10_000 } });
    const socket = connect('/ws');
    await clock.advance(19_500);
    expect(socket.heard()).toEqual([]);
    await clock.advance(10_000);
    expect(socket.heard()).toMatchObject([{ e: 'serverShutdown', E: 1_740_830_420_000 }]);
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
    // The market's own, which goes on whether or not anybody listens.
    expect(clock.pendingTimers).toBe(1);
  });

  it('of klines tell the forming bar when it has changed and each closed bar once, as klines over REST has it', async () => {
    const { connect, clock, get } = makeWorld();
    const socket = connect('/ws/solusdt@kline_1m/solusdt@kline_5m');
    for (let second = 0; second < 301; second += 10) {
      await clock.advance(second === 300 ? 1_000 : 10_000);
      socket.handlers?.onPong?.(socket.pings.at(-1) ?? '');
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

  it('of depth keep a local book that is REST’s, level by level, at the same update', async () => {
    const { connect, clock, get } = makeWorld({ requestLimits: { weightPerMinute: 1_000_000 } });
    const socket = connect('/ws/ethusdt@depth@100ms');
    await clock.advance(1_234);
    const depth = async (): Promise<Snapshot> =>
      (await get('/api/v3/depth?symbol=ETHUSDT&limit=5000')).json as Snapshot;
    const start = await depth();
    const told = new Map<number, Snapshot>();
    for (let look = 0; look < 120; look += 1) {
      await clock.advance(50);
      const book = await depth();
      told.set(book.lastUpdateId, book);
    }
    const sides = { bids: new Map<string, string>(), asks: new Map<string, string>() };
    const put = (side: Map<string, string>, levels: readonly string[][]): void => {
      for (const [at = '', size = ''] of levels) {
        if (Number(size) === 0) side.delete(at);
        else side.set(at, size);
      }
    };
    const listed = (side: Map<string, string>, direction: 1 | -1): string[][] =>
      [...side].sort(([left], [right]) => (Number(left) - Number(right)) * direction);
    put(sides.bids, start.bids);
    put(sides.asks, start.asks);
    let localId = start.lastUpdateId;
    let compared = 0;
    for (const { U, u, b, a } of socket.heard() as readonly DepthFrame[]) {
      if (u <= localId) continue;
      expect(U).toBeLessThanOrEqual(localId + 1);
      put(sides.bids, b);
      put(sides.asks, a);
      localId = u;
      const book = told.get(u);
      if (book === undefined) continue;
      compared += 1;
      expect({ bids: listed(sides.bids, -1), asks: listed(sides.asks, 1) }).toEqual({
        bids: book.bids,
        asks: book.asks,
      });
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('tell times in microseconds to those who ask for it in the URL, the same events otherwise', async () => {
    const { connect, clock } = makeWorld();
    const names = ['trade', 'aggTrade', 'depth@100ms', 'kline_1s', 'bookTicker', 'ticker', 'avgPrice'].map(
      (name) => `btcusdt@${name}`,
    );
    const ms = connect(`/stream?streams=${names.join('/')}`);
    const us = connect(`/stream?streams=${names.join('/')}&timeUnit=MICROSECOND`);
    await clock.advance(3_000);
    const times = new Set(['E', 'T', 'O', 'C', 't']);
    const inMs = (value: unknown, name: string): unknown => {
      if (typeof value === 'object' && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inMs(item, key)]));
      }
      // A trade's id has the letter of a kline's opening.
      return times.has(name) && typeof value === 'number' && value > 1e15 ? Math.floor(value / 1_000) : value;
    };
    const fine = us.heard();
    const text = JSON.stringify(fine);
    for (const name of ['E', 'T', 'C', 't']) expect(text).toMatch(new RegExp(`"${name}":17408304\\d{8}[,}]`));
    expect(text).not.toMatch(/"[ETOC]":\d{13}[,}]/);
    const sorted = (frames: readonly unknown[]): string[] => frames.map((frame) => JSON.stringify(frame)).sort();
    expect(sorted(fine.map((frame) => inMs(frame, '')))).toEqual(sorted(ms.heard().map((frame) => inMs(frame, ''))));
    expect(() => connect('/ws?timeUnit=NANOSECOND')).toThrow('400');
  });

  it('of all symbols hold those that have changed', async () => {
    const { connect, clock } = makeWorld();
    const all = connect('/stream?streams=!miniTicker@arr/!ticker@arr/!ticker_1h@arr/!ticker_4h@arr/!ticker_1d@arr');
    await clock.advance(10_000);
    const frames = all.heard() as readonly MarketFrame[];
    const of = (name: string): readonly (readonly TickerFrame[])[] =>
      frames.filter(({ stream }) => stream === name).map(({ data }) => data);
    for (const [name, event] of [
      ['!miniTicker@arr', '24hrMiniTicker'],
      ['!ticker@arr', '24hrTicker'],
      ['!ticker_1h@arr', '1hTicker'],
      ['!ticker_4h@arr', '4hTicker'],
      ['!ticker_1d@arr', '1dTicker'],
    ] as const) {
      const told = of(name);
      expect(told.length).toBeGreaterThan(8);
      expect(told[0]?.map(({ s }) => s)).toEqual(['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'XRPUSDT']);
      expect(new Set(told.flat().map(({ e }) => e))).toEqual(new Set([event]));
    }
    // XRP trades about every two seconds: some frames are without it, and none tells the same twice.
    const counts = of('!ticker_1h@arr').flatMap((data) => data.filter(({ s }) => s === 'XRPUSDT').map(({ n }) => n));
    expect(counts.length).toBeLessThan(of('!ticker_1h@arr').length);
    const hour = of('!ticker_1h@arr').at(-1)?.[0];
    expect((hour?.O ?? 1) % 60_000).toBe(0);
    expect((hour?.C ?? 0) - (hour?.O ?? 0)).toBeGreaterThanOrEqual(3_600_000);
    expect((hour?.C ?? 0) - (hour?.O ?? 0)).toBeLessThan(3_660_000);
  });

  it('of klines in the zone eight hours east open there', async () => {
    const { connect, clock, get } = makeWorld();
    const socket = connect('/ws/bnbusdt@kline_1d@+08:00/bnbusdt@kline_1s');
    await clock.advance(5_000);
    const frames = (socket.heard() as readonly KlineFrame[]).map(({ k }) => k);
    const day = frames.findLast((k) => k['i'] === '1d');
    expect(new Date(Number(day?.['t'])).toISOString()).toBe('2025-02-28T16:00:00.000Z');
    expect(new Date(Number(day?.['T'])).toISOString()).toBe('2025-03-01T15:59:59.999Z');
    const seconds = frames.filter((k) => k['i'] === '1s' && k['x'] === true);
    const rows = (await get('/api/v3/klines?symbol=BNBUSDT&interval=1s&limit=10')).json as readonly unknown[][];
    expect(seconds.length).toBeGreaterThanOrEqual(3);
    for (const k of seconds) {
      expect(rows.find(([openTime]) => openTime === k['t'])).toEqual([
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
      ]);
    }
  });

  it('of the average price tell what REST tells', async () => {
    const { connect, clock, get } = makeWorld();
    const socket = connect('/ws/ethusdt@avgPrice');
    await clock.advance(2_000);
    const rest = (await get('/api/v3/avgPrice?symbol=ETHUSDT')).json as { price: string; closeTime: number };
    expect(socket.heard().at(-1)).toEqual({
      e: 'avgPrice',
      E: 1_740_830_402_000,
      s: 'ETHUSDT',
      i: '5m',
      w: rest.price,
      T: rest.closeTime,
    });
  });

  it('in which nothing can happen here are taken, and silent', async () => {
    const { connect, clock } = makeWorld();
    const socket = connect('/ws/btcusdt@blockTrade/btcusdt@referencePrice');
    await clock.advance(5_000);
    expect(socket.heard()).toEqual([]);
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
