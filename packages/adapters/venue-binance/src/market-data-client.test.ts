import { msFromUs } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { BTC, makeWorld, upTo } from './world.test-support.ts';

describe('market data of Binance', () => {
  it('starts, reads the instruments, and is live once the book is in step', async () => {
    const world = await makeWorld();
    const started = await world.start();
    expect(started).toMatchObject({
      ok: true,
      value: [{ id: 'BTCUSDT', tick: { units: 1, scale: 2 }, marketQuantityMax: 12_050_000, notionalMin: null }],
    });
    expect(world.venue.book(BTC, 5)).toBeNull();
    await world.flow(1_000);
    expect(world.status()).toBe('live');
    expect(world.venue.book(BTC, 5)).toMatchObject({
      lastUpdateId: world.state.updateId,
      bids: [[6_000_000, 200_000]],
    });
    expect(world.transport.lastSocket.url).toContain(
      '/stream?streams=btcusdt@trade/btcusdt@bookTicker/btcusdt@depth@100ms/btcusdt@kline_1m/',
    );
    await world.venue.stop();
    world.connection.stop();
    expect(world.status()).toBe('ended');
    await world.clock.advance(10);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('says that the venue is not to be reached, and may then be started again', async () => {
    const world = await makeWorld({}, { requestAttemptsMax: 2 });
    world.state.hook = () => ({ fail: 'refused' });
    expect(await world.start()).toMatchObject({ ok: false, fault: { code: 'venue_unreachable', retry: 'retryable' } });
    world.state.hook = () => null;
    expect((await world.start()).ok).toBe(true);
    await world.venue.stop();
  });

  it('fetches the trades missed while the connection was cut: in order, before newer ones, each once', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(1_000);
    world.transport.lastSocket.cut();
    await world.clock.advance(1);
    expect(world.status()).toBe('repairing');
    expect(world.venue.book(BTC, 1)).toBeNull();
    for (let lost = 0; lost < 2_500; lost += 1) world.trade(false);
    world.depth(false);
    await world.clock.advanceUntil(() => world.transport.openSockets.length === 1);
    expect(world.status()).toBe('repairing');
    await world.flow(2_000);
    expect(world.status()).toBe('live');
    expect(world.trades()).toEqual(upTo(1, world.trades().length));
    expect(world.trades().length).toBe(2_530);
    expect(world.telemetry.value('monsta_binance_feed_repaired_trades_total')).toBe(2_500);
    expect(world.asked('historicalTrades')).toHaveLength(3);
    expect(world.venue.book(BTC, 1)?.lastUpdateId).toBe(world.state.updateId);
    await world.venue.stop();
  });

  it('stays in repair after a reconnect until something proves that no trade was missed', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(500);
    world.transport.lastSocket.cut();
    await world.clock.advanceUntil(() => world.transport.openSockets.length === 1);
    world.depth();
    await world.clock.advance(1_000);
    expect(world.feeds().at(-1)).toMatchObject({
      status: 'repairing',
      reason: 'nothing proves yet that no trade was missed',
    });
    world.kline(5);
    await world.clock.advance(300);
    expect(world.status()).toBe('live');
    await world.venue.stop();
  });

  it('reports a gap with its ids when the venue does not have the trades', async () => {
    const world = await makeWorld();
    world.state.hook = (_request, path) => (path === 'historicalTrades' ? { status: 200, body: '[]' } : null);
    await world.start();
    await world.flow(500);
    world.trade(false);
    world.trade(false);
    await world.flow(10_000);
    const gap = world.feeds().find(({ status }) => status === 'gap');
    expect(gap?.reason).toBe('trades 6 to 7 are missing: the venue does not give them');
    expect(world.trades()).toEqual([...upTo(1, 5), ...upTo(8, 107)]);
    await world.flow(6_000);
    expect(world.status()).toBe('live');
    await world.venue.stop();
  });

  it('asks for the newest trades where old ones are not offered', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(300);
    const lost = world.trade(false);
    const timeMs = msFromUs(world.clock.nowUs());
    world.state.hook = (_request, path) => {
      if (path === 'historicalTrades') return { status: 401, body: '{"code":-2014,"msg":"API-key format invalid."}' };
      if (path !== 'trades') return null;
      return {
        status: 200,
        body: JSON.stringify([{ id: lost, price: '60000.00', qty: '0.5', time: timeMs, isBuyerMaker: true }]),
      };
    };
    await world.flow(1_000);
    expect(world.trades()).toEqual(upTo(1, 14));
    await world.venue.stop();
  });

  it('fetches another snapshot when the first is older than the buffer', async () => {
    const world = await makeWorld();
    world.state.snapshotId = 50;
    await world.start();
    await world.flow(500);
    expect(world.telemetry.value('monsta_binance_book_snapshots_total', { outcome: 'too_old' })).toBeGreaterThan(0);
    expect(world.venue.book(BTC, 1)).toBeNull();
    expect(world.status()).toBe('connecting');
    world.state.snapshotId = null;
    await world.flow(3_000);
    expect(world.status()).toBe('live');
    expect(world.venue.book(BTC, 1)?.lastUpdateId).toBe(world.state.updateId);
    await world.venue.stop();
  });

  it('takes the book out of use at a lost change and brings it back in step', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(500);
    world.depth(false);
    world.depth();
    await world.clock.advance(6);
    expect(world.venue.book(BTC, 1)).toBeNull();
    expect(world.feeds().at(-1)).toMatchObject({ status: 'repairing', reason: 'the order book is not in step yet' });
    await world.flow(1_000);
    expect(world.telemetry.value('monsta_binance_book_resyncs_total', { why: 'gap' })).toBe(1);
    expect(world.venue.book(BTC, 1)?.lastUpdateId).toBe(world.state.updateId);
    expect(world.status()).toBe('live');
    await world.venue.stop();
  });

  it('is stale on the venue’s time when nothing comes, and live again when something does', async () => {
    const world = await makeWorld({ staleAfterMs: 5_000, silenceMaxMs: 60_000 });
    await world.start();
    await world.flow(500);
    await world.clock.advance(5_500);
    expect(world.status()).toBe('stale');
    await world.flow(500);
    expect(world.status()).toBe('live');
    await world.venue.stop();
  });

  it('cuts a connection without frames and pings', async () => {
    const world = await makeWorld({ silenceMaxMs: 30_000 });
    await world.start();
    await world.flow(300);
    await world.clock.advance(35_000);
    expect(world.transport.sockets).toHaveLength(2);
    expect(world.transport.openSockets).toHaveLength(1);
    await world.venue.stop();
  });

  it('keeps a connection that only pings, and looks for one on which more comes', async () => {
    const world = await makeWorld({ silenceMaxMs: 30_000 });
    await world.start();
    await world.flow(300);
    const [first] = world.transport.sockets;
    for (let round = 0; round < 6; round += 1) {
      await world.clock.advance(15_000);
      for (const socket of world.transport.openSockets) socket.ping();
    }
    expect(first?.state).toBe('open');
    expect(world.transport.sockets.length).toBeGreaterThan(1);
    await world.clock.advanceUntil(() => world.transport.openSockets.length === 2);
    await world.flow(5_000);
    expect(first?.state).toBe('closed');
    expect(world.transport.openSockets).toHaveLength(1);
    expect(world.trades()).toEqual(upTo(1, 53));
    await world.venue.stop();
  });

  it('notices that the trades have fallen silent while bars go on: fetches them, and moves to a new connection', async () => {
    const world = await makeWorld({ streamLagMaxMs: 2_000 });
    await world.start();
    await world.flow(500);
    const lost = world.trade(false);
    world.kline(lost);
    await world.clock.advance(3_000);
    expect(world.trades()).toEqual(upTo(1, lost));
    expect(world.transport.sockets).toHaveLength(2);
    expect(world.telemetry.value('monsta_binance_stream_silent_total', { stream: 'trade' })).toBe(1);
    await world.venue.stop();
  });

  it('gives out no book that stands still while trades or quotes show that it has changed', async () => {
    for (const sign of ['trade', 'quote'] as const) {
      const world = await makeWorld({ streamLagMaxMs: 2_000 });
      await world.start();
      await world.flow(1_000);
      world.depth(false);
      world.state.hook = (_request, path) => (path === 'depth' ? { status: 503 } : null);
      if (sign === 'trade') world.trade();
      else world.quote(world.state.updateId);
      await world.clock.advance(3_000);
      expect([sign, world.venue.book(BTC, 1), world.status()]).toEqual([sign, null, 'repairing']);
      world.state.hook = () => null;
      await world.flow(15_000);
      expect([sign, world.venue.book(BTC, 1)?.lastUpdateId]).toEqual([sign, world.state.updateId]);
      await world.venue.stop();
    }
  });

  it('is not live while the best bid and ask change and no quote says so', async () => {
    const world = await makeWorld({ streamLagMaxMs: 2_000 });
    await world.start();
    await world.flow(1_000);
    world.depth(true, [['60000.50', '1.00000']]);
    await world.clock.advance(1_500);
    expect(world.status()).toBe('live');
    await world.clock.advance(1_000);
    expect(world.feeds().at(-1)).toMatchObject({ status: 'repairing', reason: 'no best bid and ask come' });
    world.quote(world.state.updateId, '60000.50');
    await world.clock.advance(500);
    expect(world.status()).toBe('live');
    await world.venue.stop();
  });

  it('is stale where a connection opened and nothing ever came', async () => {
    const world = await makeWorld({ staleAfterMs: 5_000, silenceMaxMs: 60_000 });
    await world.start();
    await world.clock.advance(4_000);
    expect(world.status()).toBe('live');
    await world.clock.advance(2_000);
    expect(world.status()).toBe('stale');
    await world.venue.stop();
  });

  it.each([
    ['combined', '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1700000000000}}'],
    ['raw', '{"e":"serverShutdown","E":1700000000000}'],
  ])('moves to a new connection at a serverShutdown (%s) without losing or doubling anything', async (_form, frame) => {
    const world = await makeWorld();
    await world.start();
    await world.flow(1_000);
    world.transport.lastSocket.send(frame);
    await world.flow(1_000);
    expect(world.transport.openSockets).toHaveLength(2);
    await world.flow(5_000);
    expect(world.transport.sockets).toHaveLength(2);
    expect(world.transport.sockets.map(({ state }) => state)).toEqual(['closed', 'open']);
    expect(world.trades()).toEqual(upTo(1, 70));
    expect(world.telemetry.value('monsta_binance_feed_duplicates_total', { kind: 'trade' })).toBeGreaterThan(0);
    expect(world.feeds().map(({ status }) => status)).not.toContain('repairing');
    expect(world.asked('depth')).toHaveLength(1);
    await world.venue.stop();
  });

  it('replaces a connection before the venue’s 24 hours are over', async () => {
    const world = await makeWorld({ connectionAgeMaxMs: 60_000, handoverMs: 1_000 });
    await world.start();
    await world.flow(65_000);
    expect(world.transport.sockets).toHaveLength(2);
    expect(world.transport.openSockets).toHaveLength(1);
    expect(world.trades()).toEqual(upTo(1, 650));
    await world.venue.stop();
  });

  it('reconnects with growing, jittered delays and never faster than allowed', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(200);
    world.state.welcome = 'refuse';
    world.transport.lastSocket.cut();
    await world.clock.advance(300_000);
    // The venue allows 300 attempts in five minutes.
    expect(world.transport.sockets.length).toBeGreaterThan(8);
    expect(world.transport.sockets.length).toBeLessThan(40);
    expect(world.status()).toBe('stale');
    world.state.welcome = 'open';
    await world.clock.advanceUntil(() => world.transport.openSockets.length === 1);
    await world.flow(2_000);
    expect(world.status()).toBe('live');
    await world.venue.stop();
  });

  it('survives malformed frames: counts each, logs one a minute, goes on', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(300);
    const broken = [
      '{"stream":"btcusdt@trade","data":{',
      '[]',
      'null',
      '{"stream":"ethusdt@trade","data":{}}',
      '{"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT"}}',
      '"text"',
      '{}',
    ];
    for (const text of broken) world.transport.lastSocket.send(text);
    world.send('trade', {
      e: 'trade',
      E: 1_700_000_000_000,
      s: 'BTCUSDT',
      t: 4,
      p: '60004.005',
      q: '1.00000',
      T: 1_700_000_000_000,
      m: true,
      M: true,
    });
    await world.clock.advance(10);
    const counted = (code: string) => world.telemetry.value('monsta_binance_stream_malformed_total', { code }) ?? 0;
    expect(counted('venue_protocol') + counted('instrument_unknown')).toBe(broken.length);
    expect(counted('off_grid')).toBe(1);
    expect(
      world.telemetry.records.filter(({ message }) => message === 'frames of the venue could not be read'),
    ).toHaveLength(1);
    await world.flow(500);
    expect(world.trades()).toEqual(upTo(1, 8));
    await world.clock.advance(60_000);
    world.transport.lastSocket.send('broken again');
    await world.clock.advance(10);
    expect(
      world.telemetry.records.findLast(({ message }) => message === 'frames of the venue could not be read')?.fields,
    ).toMatchObject({ frames: 8 });
    await world.venue.stop();
  });
});
