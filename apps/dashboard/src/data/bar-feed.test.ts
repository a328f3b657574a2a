import { MonstaSocket, type Gap } from '@monsta/client';
import type { BarMessage, ListReply } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import type { WindowChange } from '../lib/bar-window.ts';
import { barIn, barsIn } from '../lib/market.test-support.ts';
import { BarFeed } from './bar-feed.ts';

type Asked = Parameters<ConstructorParameters<typeof BarFeed>[0]['bars']>[0];

/** A server whose answers the test gives by hand, and a live topic it speaks on. */
function scripted() {
  const asked: { readonly page: Asked; readonly answer: (reply: Result<ListReply<BarMessage>>) => void }[] = [];
  const handlers = new Set<(bar: BarMessage) => void>();
  const gaps = new Set<(gap: Gap) => void>();
  const changes: WindowChange['kind'][] = [];
  const retries: (() => void)[] = [];
  let cancelled = 0;
  const socket: ConstructorParameters<typeof BarFeed>[1] = {
    subscribe: (topic, handler) => {
      const entry = (bar: BarMessage): void => {
        Reflect.apply(handler, null, [bar, { topic, epoch: 'e', seq: 1, data: bar }]);
      };
      handlers.add(entry);
      return () => handlers.delete(entry);
    },
    onGap: (listener) => {
      gaps.add(listener);
      return () => gaps.delete(listener);
    },
  };
  const feed = new BarFeed(
    { bars: (page) => new Promise((answer) => void asked.push({ page, answer })) },
    socket,
    { instrument: 'BTCUSDT', interval: '1m' },
    (_state, change) => void changes.push(change.kind),
    (task) => {
      retries.push(task);
      return () => (cancelled += 1);
    },
  );
  return {
    feed,
    asked,
    changes,
    handlers,
    gaps,
    retries,
    cancelled: () => cancelled,
    slots: () => feed.state.window.bars.map(({ openTimeMs }) => openTimeMs / 60_000),
    say: (bar: BarMessage) => handlers.forEach((handler) => handler(bar)),
    lose: (topic: string) =>
      gaps.forEach((listener) => listener({ topic, cause: 'lost', expectedSeq: 1, receivedSeq: 3 })),
    restart: (topic: string) =>
      gaps.forEach((listener) => listener({ topic, cause: 'restarted', expectedSeq: null, receivedSeq: 1 })),
    answer: async (index: number, reply: Result<ListReply<BarMessage>>) => {
      asked[index]?.answer(reply);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const pageOf = (first: number, last: number, more = true): Result<ListReply<BarMessage>> =>
  ok({ items: barsIn(first, last), nextCursor: more ? 'more' : null });

describe('the bars of a chart', () => {
  it('come by REST, then live', async () => {
    const { feed, answer, say, slots, changes } = scripted();
    feed.start();
    say(barIn(9, { closed: false }));
    expect(feed.state).toMatchObject({ phase: 'loading', window: { bars: [] } });
    await answer(0, pageOf(5, 8));
    say(barIn(9, { closed: false }));
    say(barIn(9));
    expect(slots()).toEqual([5, 6, 7, 8, 9]);
    expect(changes).toEqual(['reset', 'newest', 'newest']);
  });

  it('are fetched again when a live bar does not follow, without losing the older ones', async () => {
    const { feed, asked, answer, say, slots } = scripted();
    feed.start();
    await answer(0, pageOf(1, 6));
    say(barIn(9, { closed: false }));
    expect([slots(), asked.length]).toEqual([[1, 2, 3, 4, 5, 6], 2]);
    await answer(1, pageOf(4, 9));
    expect(slots()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('drop what no longer joins on: a hole must not be drawn as if it were none', async () => {
    const { feed, answer, lose, slots } = scripted();
    feed.start();
    await answer(0, pageOf(1, 6));
    lose('bars.BTCUSDT.1m');
    await answer(1, pageOf(20, 25));
    expect(slots()).toEqual([20, 21, 22, 23, 24, 25]);
  });

  it('are forgotten when the server began anew: a new session may begin in the past', async () => {
    const { feed, answer, restart, slots } = scripted();
    feed.start();
    await answer(0, pageOf(1, 30));
    restart('bars.BTCUSDT.1m');
    expect([slots(), feed.state.phase]).toEqual([[], 'loading']);
    await answer(1, pageOf(1, 3));
    expect(slots()).toEqual([1, 2, 3]);
  });

  it('are not fetched again for what another topic lost', async () => {
    const { feed, asked, answer, lose } = scripted();
    feed.start();
    await answer(0, pageOf(1, 6));
    lose('trades.BTCUSDT');
    expect(asked.length).toBe(1);
  });

  it('are fetched once more when something was lost during a fetch, however often', async () => {
    const { feed, asked, answer, lose } = scripted();
    feed.start();
    for (let times = 0; times < 5; times += 1) lose('bars.BTCUSDT.1m');
    await answer(0, pageOf(1, 6));
    await answer(1, pageOf(1, 7));
    expect(asked.length).toBe(2);
  });

  it('reach further back on demand, one page at a time, until there are no older ones', async () => {
    const { feed, asked, answer, slots } = scripted();
    feed.start();
    await answer(0, pageOf(10, 12));
    void feed.loadOlder();
    void feed.loadOlder();
    expect(asked.map(({ page }) => page.beforeMs)).toEqual([undefined, 600_000]);
    await answer(1, pageOf(7, 9, false));
    expect(slots()).toEqual([7, 8, 9, 10, 11, 12]);
    await feed.loadOlder();
    expect(asked.length).toBe(2);
  });

  it('say what a fetch failed with, and keep what is held', async () => {
    const { feed, answer, lose, slots } = scripted();
    feed.start();
    await answer(0, err('not_ready', 'bars are being fetched'));
    expect(feed.state).toMatchObject({ phase: 'failed', fault: { code: 'not_ready' } });
    void feed.refresh();
    await answer(1, pageOf(1, 3));
    expect(feed.state).toMatchObject({ phase: 'ready', fault: null });
    lose('bars.BTCUSDT.1m');
    await answer(2, err('network_failed', 'no answer'));
    expect(feed.state).toMatchObject({ phase: 'ready', fault: { code: 'network_failed' } });
    expect(slots()).toEqual([1, 2, 3]);
  });

  it('are asked for again by themselves when the server was not ready, not when it refused', async () => {
    const { feed, asked, answer, say, slots, retries } = scripted();
    feed.start();
    await answer(0, err('not_ready', 'bars are being fetched', { retry: 'retryable' }));
    say(barIn(9, { closed: false }));
    expect([slots(), retries.length]).toEqual([[], 1]);
    retries[0]?.();
    await answer(1, err('instrument_unknown', 'not collected here'));
    expect([asked.length, retries.length]).toEqual([2, 1]);
  });

  it('are not asked for again after the chart has gone', async () => {
    const { feed, answer, cancelled } = scripted();
    feed.start();
    await answer(0, err('not_ready', 'bars are being fetched', { retry: 'retryable' }));
    feed.stop();
    expect(cancelled()).toBe(1);
  });

  it('end with the chart: nothing is heard or changed after', async () => {
    const { feed, answer, handlers, gaps, changes } = scripted();
    feed.start();
    feed.stop();
    await answer(0, pageOf(1, 6));
    expect([handlers.size, gaps.size, changes.length]).toEqual([0, 0, 0]);
  });

  it('take the client as it is', () => {
    const socket = new MonstaSocket({ url: 'ws://127.0.0.1:9/ws' });
    const feed = new BarFeed(
      { bars: () => Promise.resolve(err('network_failed', 'none')) },
      socket,
      { instrument: 'BTCUSDT', interval: '1m' },
      () => undefined,
    );
    feed.start();
    feed.stop();
    expect(socket.state).toBe('idle');
  });
});
