import { feedSchema, bookSchema, quoteSchema, topics, tradeSchema } from '@monsta/contracts';
import { floorToInterval, instrumentId, intervalUs, timestampUs } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { BTC, makeWorld, START_US } from './price-collector.test-support.ts';

describe('the price collector', () => {
  it('loads the newest bars of every interval first, then all that is wanted, and says what is missing', async () => {
    const world = makeWorld({ historyBars: { '5m': 2_600 } });
    expect(await world.start()).toEqual({ ok: true, value: null });
    expect(world.collector.readiness()).toMatchObject({ ready: false });
    expect(world.collector.readiness().waitingFor.join()).toContain('newest bars of BTCUSDT: 1m, 5m, 15m, 1h, 4h, 1d');
    world.venue.feed('live');
    await world.clock.advance(2_000);
    expect(world.collector.readiness()).toEqual({ ready: true, waitingFor: [] });
    expect(
      world.venue.asked
        .slice(0, 6)
        .map(({ interval }) => interval)
        .toSorted(),
    ).toEqual(['15m', '1d', '1h', '1m', '4h', '5m']);
    expect(
      world.venue.asked.slice(0, 6).every(({ fromUs, toUs, interval }) => toUs - fromUs <= 500 * intervalUs(interval)),
    ).toBe(true);
    await world.clock.advance(10_000);
    const bars = await world.collector.bars({ instrument: BTC.id, interval: '5m', limit: 10_000, beforeUs: null });
    if (!bars.ok) throw new Error(bars.fault.message);
    expect(bars.value).toHaveLength(2_600);
    expect(bars.value.at(-1)?.closeTimeUs).toBe(floorToInterval(timestampUs(START_US), '5m'));
    expect(bars.value.every((bar, index) => index === 0 || bar.openTimeUs === bars.value[index - 1]?.closeTimeUs)).toBe(
      true,
    );
    expect(world.telemetry.value('monsta_collector_history_missing_bars')).toBe(0);
    await world.collector.stop();
  });

  it('builds, keeps and tells bars of the intervals that are to be collected, and of no others', async () => {
    const world = makeWorld({ intervals: ['30m', '1w'] });
    await world.start();
    world.venue.feed('live');
    world.venue.klines();
    await world.flow(3_000);
    await world.clock.advance(10_000);
    expect(new Set(world.venue.asked.map(({ interval }) => interval))).toEqual(new Set(['30m', '1w']));
    expect(world.bars('30m').length).toBeGreaterThan(0);
    expect([...world.bars('1m'), ...world.bars('1h')]).toEqual([]);
    const asked = { instrument: BTC.id, limit: 3, beforeUs: null };
    const weeks = await world.collector.bars({ ...asked, interval: '1w' });
    if (!weeks.ok) throw new Error(weeks.fault.message);
    // The ninth of August 2024 was a Friday.
    expect(weeks.value.filter(({ closed }) => closed).map(({ closeTimeUs }) => closeTimeUs)).toContain(
      Date.UTC(2024, 7, 5) * 1_000,
    );
    expect(await world.collector.bars({ ...asked, interval: '1h' })).toMatchObject({
      ok: false,
      fault: { code: 'interval_unknown', message: expect.stringContaining('there are 30m, 1w') as string },
    });
    await world.collector.stop();
  });

  it('goes on asking for history that is refused', async () => {
    const world = makeWorld();
    world.venue.historyFaults = 3;
    await world.start();
    await world.clock.advance(60_000);
    expect(world.telemetry.value('monsta_collector_history_missing_bars')).toBe(0);
    await world.collector.stop();
  });

  it('waits for a venue that is not there yet, and gives up in the time set', async () => {
    const world = makeWorld({ startTimeoutMs: 5_000 });
    world.venue.startFaults = 2;
    expect((await world.start()).ok).toBe(true);
    const late = makeWorld({ startTimeoutMs: 5_000 });
    late.venue.startFaults = 100;
    expect(await late.collector.instruments()).toMatchObject({ ok: false, fault: { code: 'not_ready' } });
    expect(await late.start()).toMatchObject({ ok: false, fault: { code: 'venue_unreachable' } });
    await world.collector.stop();
  });

  it('publishes closed bars once each, built from every trade, and forming ones at most twice a second', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    await world.flow(130_000);
    const closed = world.closed('1m');
    expect(closed).toHaveLength(2);
    expect(closed.map(({ trades, openTimeMs }) => [trades, openTimeMs - START_US / 1_000])).toEqual([
      [1_000, -10_000],
      [1_200, 50_000],
    ]);
    expect(closed[0]).toMatchObject({
      open: '60000.01',
      close: '60010.00',
      firstTradeId: 1,
      lastTradeId: 1_000,
      volume: '10',
    });
    expect(world.closed('5m')).toEqual([]);
    const forming = world.bars('1d').filter((bar) => !bar.closed);
    expect(forming.length).toBeGreaterThan(200);
    expect(forming.length).toBeLessThanOrEqual(260);
    expect(forming.at(-1)?.firstTradeId).toBe(1);
    expect(world.telemetry.value('monsta_collector_bars_compared_total', { outcome: 'equal' })).toBe(2);
    expect(world.telemetry.value('monsta_collector_bars_compared_total', { outcome: 'different' })).toBeNull();
    const held = await world.collector.bars({ instrument: BTC.id, interval: '1m', limit: 3, beforeUs: null });
    expect(held).toMatchObject({
      ok: true,
      value: [{ trades: 1_000, closed: true }, { trades: 1_200, closed: true }, { closed: false }],
    });
    await world.collector.stop();
  });

  it('publishes all trades, quotes at most ten and books at most four times a second, in the form of the contracts', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    await world.flow(10_000);
    await world.clock.advance(1);
    const trades = world.on(topics.trades(BTC.id)).map(({ payload }) => tradeSchema.parse(payload).tradeId);
    expect(trades).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    const quotes = world.on(topics.quotes(BTC.id)).map(({ payload }) => quoteSchema.parse(payload));
    expect(quotes.length).toBeGreaterThan(90);
    expect(quotes.length).toBeLessThanOrEqual(100);
    const books = world.on(topics.book(BTC.id)).map(({ payload }) => bookSchema.parse(payload));
    expect(books.length).toBeGreaterThan(35);
    expect(books.length).toBeLessThanOrEqual(40);
    expect(books[0]?.bids).toHaveLength(20);
    expect(await world.collector.trades(BTC.id, 3)).toMatchObject({
      ok: true,
      value: [{ tradeId: 198 }, { tradeId: 199 }, { tradeId: 200 }],
    });
    await world.collector.stop();
  });

  it('tells of a feed’s state at each change and every ten seconds', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    await world.clock.advance(25_000);
    world.venue.feed('stale', 'no event for 15 s');
    await world.clock.advance(1);
    const feeds = world.on(topics.feed(BTC.id)).map(({ payload }) => feedSchema.parse(payload).status);
    expect(feeds).toEqual(['connecting', 'live', 'live', 'live', 'stale']);
    expect(await world.collector.feeds()).toMatchObject({
      ok: true,
      value: [{ status: 'stale', reason: 'no event for 15 s' }],
    });
    await world.collector.stop();
  });

  it('gives exact bars after a lost trade, seeded anew from the exchange’s forming bar', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    await world.flow(5_000);
    world.venue.trade(true);
    await world.flow(50_000);
    expect(world.closed('1m')).toMatchObject([{ trades: 1_001 }]);
    expect(world.telemetry.value('monsta_collector_bars_closed_total', { source: 'trades' })).toBe(1);
    await world.collector.stop();
  });

  it('asks the venue for bars missing before one that closes, and publishes them first, in order', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    await world.clock.advance(5_000);
    const openUs = timestampUs(START_US - 10_000_000 + 3 * 60_000_000);
    world.venue.emit(world.venue.bar('1m', openUs, 9));
    expect(world.closed('1m')).toEqual([]);
    await world.clock.advance(1_000);
    const minutes = world
      .closed('1m')
      .map(({ openTimeMs }) => (openTimeMs * 1_000 - START_US + 10_000_000) / 60_000_000);
    expect(minutes).toEqual([0, 1, 2, 3]);
    // The same bar again is not published again.
    world.venue.emit(world.venue.bar('1m', openUs, 9));
    await world.clock.advance(1_000);
    expect(world.closed('1m')).toHaveLength(4);
    await world.collector.stop();
  });

  it('asks for the bar that closed after the history was fetched and before the first live one, without waiting for the next to close', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    // The first minute ends unheard; the second is under way.
    await world.clock.advance(51_000);
    await world.flow(1_000);
    expect(world.closed('1m')).toEqual([]);
    await world.flow(4_000);
    const firstMinuteMs = (START_US - 10_000_000) / 1_000;
    expect(world.closed('1m')).toMatchObject([{ openTimeMs: firstMinuteMs, trades: 7 }]);
    const kept = await world.collector.bars({ instrument: BTC.id, interval: '1m', limit: 3, beforeUs: null });
    expect(kept.ok ? kept.value.map(({ openTimeUs }) => openTimeUs / 1_000) : kept).toEqual([
      firstMinuteMs - 60_000,
      firstMinuteMs,
      firstMinuteMs + 60_000,
    ]);
    // What closes later follows as ever.
    await world.flow(56_000);
    expect(world.closed('1m').map(({ openTimeMs }) => openTimeMs)).toEqual([firstMinuteMs, firstMinuteMs + 60_000]);
    await world.collector.stop();
  });

  it('does not wait for bars that the venue never had', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    await world.clock.advance(5_000);
    for (const minute of [0, 1, 2]) world.venue.outage.add(START_US - 10_000_000 + minute * 60_000_000);
    world.venue.emit(world.venue.bar('1m', timestampUs(START_US - 10_000_000 + 3 * 60_000_000), 9));
    await world.clock.advance(100);
    expect(world.closed('1m')).toHaveLength(1);
    await world.collector.stop();
  });

  it('goes on without bars that do not come in time, and asks for them until they are there, however many holes', async () => {
    const world = makeWorld();
    await world.start();
    world.venue.feed('live');
    await world.clock.advance(5_000);
    const firstUs = START_US - 10_000_000;
    const minuteUs = 60_000_000;
    world.venue.historyFaults = 100;
    world.venue.emit(world.venue.bar('1m', timestampUs(firstUs + 3 * minuteUs), 9));
    await world.clock.advance(20_000);
    world.venue.emit(world.venue.bar('1m', timestampUs(firstUs + 6 * minuteUs), 9));
    await world.clock.advance(20_000);
    const toldMinutes = (): readonly number[] =>
      world.closed('1m').map(({ openTimeMs }) => (openTimeMs * 1_000 - firstUs) / minuteUs);
    const keptMinutes = async (): Promise<readonly number[]> => {
      const kept = await world.collector.bars({ instrument: BTC.id, interval: '1m', limit: 8, beforeUs: null });
      return kept.ok ? kept.value.map(({ openTimeUs }) => (openTimeUs - firstUs) / minuteUs).slice(-7) : [];
    };
    expect(toldMinutes()).toEqual([3, 6]);
    world.venue.historyFaults = 0;
    await world.clock.advance(120_000);
    expect(await keptMinutes()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(toldMinutes()).toEqual([3, 6]);
    await world.collector.stop();
  });

  it('refuses what it does not collect, and stops cleanly', async () => {
    const world = makeWorld();
    await world.start();
    expect(await world.collector.book(instrumentId('DOGEUSDT'), 5)).toMatchObject({
      ok: false,
      fault: { code: 'instrument_unknown' },
    });
    await world.collector.drain();
    await world.collector.stop();
    expect(world.venue.stopped).toBe(true);
    const sent = world.messages.length;
    await world.clock.advance(60_000);
    expect(world.messages.length).toBe(sent);
  });
});
