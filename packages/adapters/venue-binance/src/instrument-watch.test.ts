import { msFromUs, type Instrument, type MarketEvent } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { BTC, makeWorld, servedSymbol, upTo } from './world.test-support.ts';

const HOUR_MS = 3_600_000;

type World = Awaited<ReturnType<typeof makeWorld>>;

/** Readings of the whole list. */
const readings = (world: World): number =>
  world.asked('exchangeInfo').filter(({ url }) => !url.includes('symbols=')).length;
const changes = (world: World): readonly Instrument[] => world.reads.flatMap(({ changed }) => changed);
const kinds = (events: readonly MarketEvent[]): readonly string[] => events.map(({ kind }) => kind);
/** A trade at a price that lies between two ticks of a cent. */
function fineTrade(world: World, tradeId: number): void {
  const timeMs = msFromUs(world.clock.nowUs());
  const trade = {
    e: 'trade',
    E: timeMs,
    s: 'BTCUSDT',
    t: tradeId,
    p: '60000.005',
    q: '0.01',
    T: timeMs,
    m: true,
    M: true,
  };
  world.send('trade', trade);
}

describe('the terms of instruments', () => {
  it('are read when the feeds are up, then every hour or so, with the whole list told each time', async () => {
    const world = await makeWorld();
    world.state.symbols = [servedSymbol(), servedSymbol('ETHUSDT'), { ...servedSymbol('ODD'), filters: [] }];
    await world.start();
    expect(readings(world)).toBe(0);
    await world.flow(1_500);
    expect(readings(world)).toBe(1);
    expect(world.reads[0]?.listed.map(({ id }) => id)).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(world.reads[0]).toMatchObject({ unreadable: ['ODD'], changed: [] });
    const metrics = await world.telemetry.metrics.expose();
    expect(metrics.body).toContain('monsta_binance_listing_left_out_count 1');
    expect(metrics.body).toContain('monsta_binance_listing_unknown_count 2');
    await world.clock.advance(5 * HOUR_MS);
    // The first, one when the market fell silent, and one an hour.
    expect(readings(world)).toBeGreaterThanOrEqual(6);
    expect(readings(world)).toBeLessThanOrEqual(8);
    const logged = world.telemetry.records.filter(({ message }) =>
      message.startsWith('a listed instrument is left out'),
    );
    expect(logged).toHaveLength(1);
    await world.venue.stop();
    const before = readings(world);
    await world.clock.advance(3 * HOUR_MS);
    expect(readings(world)).toBe(before);
  });

  it('are read again soon when they are doubted, and not more often than allowed', async () => {
    const world = await makeWorld({ instrumentsDoubtedMs: 30_000 });
    await world.start();
    await world.flow(1_500);
    for (let count = 0; count < 20; count += 1) world.venue.rulesDoubted('an order was refused by a filter');
    await world.flow(1_000);
    expect(readings(world)).toBe(1);
    await world.flow(30_000);
    expect(readings(world)).toBe(2);
    await world.flow(60_000);
    expect(readings(world)).toBe(2);
    world.venue.rulesDoubted('again');
    await world.flow(200);
    expect(readings(world)).toBe(3);
    await world.venue.stop();
  });

  it('are read when a market falls silent: a halt is told, and the feed goes on as it is', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(1_500);
    world.state.symbols = [servedSymbol('BTCUSDT', '0.01', 'BREAK')];
    await world.clock.advance(45_000);
    expect(world.reads.at(-1)?.changed).toMatchObject([{ id: BTC, status: 'halted', version: 2 }]);
    expect(world.venue.instruments()).toMatchObject([{ id: BTC, status: 'halted', version: 2 }]);
    world.state.symbols = [servedSymbol()];
    await world.clock.advance(HOUR_MS * 1.1);
    expect(changes(world)).toMatchObject([{ status: 'halted' }, { id: BTC, status: 'trading', version: 3 }]);
    const before = world.events.length;
    await world.flow(500);
    expect(kinds(world.events.slice(before))).toEqual(expect.arrayContaining(['trade', 'book-delta']));
    expect(world.feeds().filter(({ status }) => status === 'connecting')).toHaveLength(2);
    await world.venue.stop();
  });

  it('of one that is gone are told as delisted, not of one that only can not be read', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(1_500);
    world.state.symbols = [{ ...servedSymbol(), filters: [] }];
    await world.clock.advance(HOUR_MS * 1.1);
    expect(world.reads.at(-1)).toMatchObject({ unreadable: [BTC], changed: [] });
    world.state.symbols = [servedSymbol('ETHUSDT')];
    await world.clock.advance(HOUR_MS * 1.1);
    expect(changes(world)).toMatchObject([{ id: BTC, status: 'delisted', version: 2 }]);
    await world.venue.stop();
  });

  it('that could not be read are asked for again, with growing waits, and nothing is made of it', async () => {
    const world = await makeWorld({}, { requestAttemptsMax: 1 });
    await world.start();
    let down = true;
    world.state.hook = (_request, path) =>
      down && path === 'exchangeInfo' ? { status: 200, body: '{"symbols":7}' } : null;
    await world.flow(20_000);
    const tried = readings(world);
    expect(tried).toBeGreaterThan(1);
    expect(tried).toBeLessThan(6);
    expect(world.reads).toEqual([]);
    down = false;
    await world.clock.advance(600_000);
    expect(world.reads.length).toBeGreaterThan(0);
    await world.venue.stop();
  });

  it('in other steps open the feed anew: what is told after them is counted in them, no trade lost', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(1_500);
    const bookBefore = world.venue.book(BTC, 1);
    expect(bookBefore?.bids[0]?.[0]).toBe(6_000_000);
    world.state.symbols = [servedSymbol('BTCUSDT', '0.00100000')];
    await world.clock.advance(30_000);
    // A price between two cents: the tick known is not the tick in force.
    const id = world.trade(false);
    fineTrade(world, id);
    const before = world.events.length;
    await world.clock.advance(2_000);
    expect(world.reads.at(-1)?.changed).toMatchObject([{ id: BTC, tick: { units: 1, scale: 3 }, version: 2 }]);
    await world.flow(3_000);
    const told = world.events.slice(before);
    for (const event of told) {
      if (event.kind === 'trade') expect(event.price).toBeGreaterThan(60_000_000);
      if (event.kind === 'book-snapshot') expect(event.bids[0]?.[0]).toBe(60_000_000);
    }
    expect(kinds(told)).toEqual(expect.arrayContaining(['book-snapshot', 'trade', 'feed']));
    // Every trade once, the one that could not be read in the old steps fetched in the new ones.
    expect(world.trades()).toEqual(upTo(1, world.trades().length));
    expect(world.trades().length).toBeGreaterThan(id + 20);
    expect(world.venue.book(BTC, 1)?.bids[0]?.[0]).toBe(60_000_000);
    expect(world.status()).toBe('live');
    await world.venue.stop();
  });

  it('in coarser steps leave the levels out that no price names any more, and the book stays in step', async () => {
    const world = await makeWorld();
    await world.start();
    await world.flow(1_500);
    world.state.symbols = [servedSymbol('BTCUSDT', '1.00000000')];
    world.state.hook = (_request, path) => {
      if (path !== 'depth') return null;
      const bids = [
        ['60000.00', '1.0'],
        ['59999.55', '1.0'],
      ];
      return {
        status: 200,
        body: JSON.stringify({ lastUpdateId: world.state.updateId, bids, asks: [['60001.00', '1.0']] }),
      };
    };
    world.venue.rulesDoubted('test');
    await world.clock.advance(31_000);
    await world.flow(1_000);
    expect(world.venue.book(BTC, 5)?.bids.map(([at]) => at)).toEqual([60_000]);
    const nowMs = msFromUs(world.clock.nowUs());
    const next = world.state.updateId + 1;
    world.state.updateId = next;
    const b = [
      ['59998.00', '3.0'],
      ['59997.77', '2.0'],
    ];
    world.send('depth@100ms', { e: 'depthUpdate', E: nowMs, s: 'BTCUSDT', U: next, u: next, b, a: [] });
    await world.clock.advance(100);
    expect(world.venue.book(BTC, 5)?.bids.map(([at]) => at)).toEqual([60_000, 59_998]);
    await world.venue.stop();
  });
});
