import { describe, expect, it } from 'vitest';
import { type FakeSocket, surroundings } from './fake-sockets.test-support.ts';
import type { Gap } from './sequence-watch.ts';
import { MonstaSocket, type MonstaSocketOptions, type SocketRefusal, type SocketState } from './socket.ts';

function setUp(options: Partial<MonstaSocketOptions> = {}) {
  const { clock, timers, sockets, WebSocket } = surroundings();
  const socket = new MonstaSocket({ url: 'ws://host/ws', WebSocket, timers, random: () => 1, ...options });
  const states: SocketState[] = [];
  const gaps: Gap[] = [];
  const refusals: SocketRefusal[] = [];
  socket.onState(({ state }) => states.push(state));
  socket.onGap((gap) => gaps.push(gap));
  socket.onRefusal((refusal) => refusals.push(refusal));
  const newest = (): FakeSocket => {
    const last = sockets.at(-1);
    if (last === undefined) throw new Error('no socket was opened');
    return last;
  };
  return { clock, sockets, socket, states, gaps, refusals, newest };
}

const message = (topic: string, seq: number, data: unknown = seq, epoch = 'e1') => ({ topic, epoch, seq, data });

describe('a subscription', () => {
  it('is asked for once for all handlers, delivered to each, and given up with the last', async () => {
    const { clock, socket, newest } = setUp();
    const first: unknown[] = [];
    const second: unknown[] = [];
    const endFirst = socket.subscribe('trades.BTCUSDT', (data) => first.push(data));
    const endSecond = socket.subscribe('trades.BTCUSDT', (data) => second.push(data));
    socket.subscribe('account', () => undefined);
    socket.connect();
    newest().open();
    expect(newest().topics('SUBSCRIBE')).toEqual([['trades.BTCUSDT', 'account']]);
    newest().receive([message('trades.BTCUSDT', 1)]);
    endFirst();
    endFirst();
    newest().receive([message('trades.BTCUSDT', 2)]);
    expect([first, second]).toEqual([[1], [1, 2]]);
    endSecond();
    await clock.settle();
    expect(newest().topics('UNSUBSCRIBE')).toEqual([['trades.BTCUSDT']]);
    newest().receive([message('trades.BTCUSDT', 3)]);
    expect(second).toEqual([1, 2]);
  });

  it('made while connected is asked for at once, together with others of the same turn', async () => {
    const { clock, socket, newest } = setUp();
    socket.connect();
    newest().open();
    socket.subscribe('orders', () => undefined);
    socket.subscribe('fills', () => undefined)();
    socket.subscribe('decisions', () => undefined);
    await clock.settle();
    expect(newest().topics('SUBSCRIBE')).toEqual([['orders', 'decisions']]);
  });

  it('is made again after a cut', async () => {
    const { clock, socket, newest, sockets } = setUp();
    const seen: unknown[] = [];
    socket.subscribe('fills', (data) => seen.push(data));
    socket.connect();
    newest().open();
    newest().cut();
    await clock.advance(500);
    expect(sockets).toHaveLength(2);
    newest().open();
    expect(newest().topics('SUBSCRIBE')).toEqual([['fills']]);
    newest().receive([message('fills', 1)]);
    expect(seen).toEqual([1]);
  });

  it('that is refused along with good ones is told apart from them', () => {
    const { socket, newest, refusals } = setUp();
    socket.subscribe('account', () => undefined);
    socket.subscribe('trades.NOPE', () => undefined);
    socket.connect();
    newest().open();
    const refuse = (id: number | undefined): void =>
      newest().receive({ id, error: { code: 'instrument_unknown', message: 'not collected' } });
    refuse(newest().sent[0]?.id);
    expect(newest().topics('SUBSCRIBE').slice(1)).toEqual([['account'], ['trades.NOPE']]);
    newest().receive({ id: newest().sent[1]?.id, result: null });
    refuse(newest().sent[2]?.id);
    expect(refusals).toEqual([{ topic: 'trades.NOPE', code: 'instrument_unknown', message: 'not collected' }]);
  });
});

describe('lost messages', () => {
  it('are reported on topics where each counts', () => {
    const { socket, newest, gaps } = setUp();
    socket.subscribe('trades.BTCUSDT', () => undefined);
    socket.subscribe('quotes.BTCUSDT', () => undefined);
    socket.connect();
    newest().open();
    newest().receive([message('trades.BTCUSDT', 7), message('quotes.BTCUSDT', 1), message('trades.BTCUSDT', 8)]);
    expect(gaps).toEqual([]);
    newest().receive([message('quotes.BTCUSDT', 9), message('trades.BTCUSDT', 11)]);
    expect(gaps).toEqual([{ topic: 'trades.BTCUSDT', cause: 'lost', expectedSeq: 9, receivedSeq: 11 }]);
  });

  it('during a cut are reported on every topic, and not where nothing was missed', async () => {
    const { clock, socket, newest, gaps } = setUp();
    for (const topic of ['bars.BTCUSDT.1m', 'fills', 'orders']) socket.subscribe(topic, () => undefined);
    socket.connect();
    newest().open();
    newest().receive([message('bars.BTCUSDT.1m', 1), message('fills', 1), message('orders', 4)]);
    newest().cut();
    await clock.advance(500);
    newest().open();
    newest().receive([message('bars.BTCUSDT.1m', 5), message('fills', 1), message('orders', 5)]);
    expect(gaps).toEqual([{ topic: 'bars.BTCUSDT.1m', cause: 'lost', expectedSeq: 2, receivedSeq: 5 }]);
  });

  it('can’t be ruled out when the server began anew', async () => {
    const { clock, socket, newest, gaps } = setUp();
    socket.subscribe('fills', () => undefined);
    socket.connect();
    newest().open();
    newest().receive([message('fills', 1)]);
    newest().cut(1001, 'stopping');
    await clock.advance(500);
    newest().open();
    newest().receive([message('fills', 1, 1, 'e2')]);
    expect(gaps).toEqual([{ topic: 'fills', cause: 'restarted', expectedSeq: null, receivedSeq: 1 }]);
  });
});

describe('the connection', () => {
  it('is tried again with growing waits, up to a limit, and with short ones after it worked', async () => {
    const { clock, socket, newest, sockets } = setUp({ backoffMinMs: 100, backoffMaxMs: 1_000 });
    socket.connect();
    const waits: (number | null)[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      newest().cut();
      waits.push(socket.stateEvent.retryInMs);
      await clock.advance(socket.stateEvent.retryInMs ?? 0);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(sockets).toHaveLength(7);
    newest().open();
    newest().receive({ id: null, result: [] });
    newest().cut();
    expect(socket.stateEvent.retryInMs).toBe(100);
  });

  it('waits at least half of what it might, so that clients cut together come back apart', () => {
    const { socket, newest } = setUp({ backoffMinMs: 100, random: () => 0 });
    socket.connect();
    newest().cut();
    expect(socket.stateEvent.retryInMs).toBe(50);
  });

  it('tells its states and why it ended', async () => {
    const { clock, socket, newest, states } = setUp();
    socket.connect();
    socket.connect();
    newest().open();
    newest().cut(4408, 'too slow');
    expect(socket.stateEvent).toEqual({
      state: 'waiting',
      lastClose: { code: 4408, reason: 'too slow' },
      retryInMs: 500,
    });
    await clock.advance(500);
    socket.close();
    expect(states).toEqual(['idle', 'connecting', 'open', 'waiting', 'connecting', 'closed']);
  });

  it('that never opens, or falls silent, is given up', async () => {
    const { clock, socket, newest, sockets } = setUp({ heartbeatMs: 10_000, answerTimeoutMs: 5_000 });
    socket.connect();
    await clock.advance(5_000);
    expect(newest().closedByClient).toBe(true);
    await clock.advance(500);
    expect(sockets).toHaveLength(2);
    newest().open();
    await clock.advance(10_000);
    expect(newest().sent.at(-1)?.method).toBe('LIST_SUBSCRIPTIONS');
    newest().receive({ id: newest().sent.at(-1)?.id, result: [] });
    await clock.advance(14_999);
    expect(socket.state).toBe('open');
    await clock.advance(1);
    expect(socket.stateEvent).toMatchObject({
      state: 'waiting',
      lastClose: { reason: 'the server gave no sign of life' },
    });
  });

  it('that brings anything but frames of the contract is given up', () => {
    for (const frame of ['no json', '1', '{}', '[1]', '{"id":1,"error":"x"}', '[{"topic":"a","seq":1,"data":1}]']) {
      const { socket, newest } = setUp();
      socket.connect();
      newest().open();
      newest().receive(frame);
      expect(socket.state).toBe('waiting');
    }
  });

  it('stays closed once closed, leaves no timer behind, and can be opened again', async () => {
    const { clock, socket, newest, sockets } = setUp();
    const seen: unknown[] = [];
    socket.subscribe('fills', (data) => seen.push(data));
    socket.connect();
    const old = newest();
    old.open();
    socket.close();
    old.receive([message('fills', 1)]);
    old.cut();
    await clock.advance(60_000);
    expect(clock.pendingTimers).toBe(0);
    expect(sockets).toHaveLength(1);
    socket.connect();
    newest().open();
    expect(newest().topics('SUBSCRIBE')).toEqual([['fills']]);
    newest().receive([message('fills', 2)]);
    expect(seen).toEqual([2]);
  });
});
