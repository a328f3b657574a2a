import { MessageChannel } from 'node:worker_threads';
import { err, expectOk, instrumentId, ok, seededRandom, type Result } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import type { MarketHistory } from '@monsta/ports';
import { createPriceCollector } from '@monsta/price-collector';
import { marketHistoryConformance, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { remoteMarketHistory, serveMarketHistory } from './history-bridge.ts';

const TIMEOUT_MS = 1_000;

marketHistoryConformance('the market history of another thread', (venue, clock) => {
  const telemetry = silentTelemetry();
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'one' });
  const config = { instruments: ['BTCUSDT', 'ETHUSDT'] };
  const collector = createPriceCollector({
    venue,
    stream,
    clock,
    ...telemetry,
    random: seededRandom(3),
    listings: null,
    catalog: null,
    config,
  });
  const { port1, port2 } = new MessageChannel();
  serveMarketHistory(port1, collector);
  return Promise.resolve({
    history: remoteMarketHistory(port2, clock, TIMEOUT_MS),
    async start() {
      expectOk(await collector.start());
      await clock.advance(1_000);
    },
    async stop() {
      port2.close();
      await collector.stop();
      await stream.close();
    },
  });
});

describe('a question to the market history of another thread', () => {
  const BTC = instrumentId('BTCUSDT');

  /** Asks for trades, of which the other thread's history makes what `trades` says. */
  async function asked(trades: () => Promise<Result<never[]>>) {
    const clock = new VirtualClock();
    const { port1, port2 } = new MessageChannel();
    const nothing = (): Promise<Result<never[]>> => Promise.resolve(ok([]));
    const served: MarketHistory = {
      instruments: nothing,
      bars: nothing,
      trades,
      book: () => Promise.resolve(ok(null)),
      feeds: nothing,
      venueTimeUs: () => Promise.resolve(ok(null)),
    };
    serveMarketHistory(port1, served);
    const remote = remoteMarketHistory(port2, clock, TIMEOUT_MS);
    return { clock, remote, answer: remote.trades(BTC, 1), close: () => port2.close() };
  }

  it('is answered with the fault that came of it, without what can not cross threads', async () => {
    const cause = { unclonable: () => undefined };
    const { answer, close } = await asked(() =>
      Promise.resolve(err('not_ready', 'the backfill has not begun', { retry: 'retryable', retryAfterMs: 250, cause })),
    );
    expect(await answer).toEqual(
      err('not_ready', 'the backfill has not begun', { retry: 'retryable', retryAfterMs: 250 }),
    );
    close();
  });

  it.each([
    ['throws at once', () => expectOk<Promise<Result<never[]>>>(err('broken', 'an invariant'))],
    ['rejects', () => Promise.reject(new Error('broken: an invariant'))],
  ])('is answered with internal where the history %s', async (_how, trades) => {
    const { answer, remote, close } = await asked(trades);
    expect(await answer).toMatchObject({ ok: false, fault: { code: 'internal', retry: 'fatal' } });
    expect((await answer).ok ? '' : JSON.stringify(await answer)).toContain('broken: an invariant');
    // The thread goes on.
    expect(expectOk(await remote.venueTimeUs())).toBeNull();
    close();
  });

  it('is answered with internal where the value can not cross threads', async () => {
    const { answer, close } = await asked(() => Promise.resolve(ok([(() => undefined) as never])));
    expect(await answer).toMatchObject({ ok: false, fault: { code: 'internal' } });
    close();
  });

  it('that nobody answers ends in call_timeout, and an answer that comes later is of no effect', async () => {
    const { promise, resolve } = Promise.withResolvers<Result<never[]>>();
    const { answer, clock, remote, close } = await asked(() => promise);
    await clock.advance(TIMEOUT_MS);
    expect(await answer).toMatchObject({ ok: false, fault: { code: 'call_timeout', retry: 'retryable' } });
    resolve(ok([]));
    expect(expectOk(await remote.feeds())).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    close();
  });
});
