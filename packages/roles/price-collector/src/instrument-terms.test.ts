import { internalSubjects, topics, type BarMessage, type TradeMessage } from '@monsta/contracts';
import { err, expectOk, instrumentId, ok, seededRandom, timestampUs, type Instrument, type Result } from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import type { InstrumentsRead, Listing, StreamMessage } from '@monsta/ports';
import { heldBar, HELD_BTC, HELD_ETH, HeldMarket, recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { createPriceCollector } from './price-collector.ts';

const HOUR_US = 3_600_000_000;
const NOW_US = timestampUs(Math.floor(1_700_000_000_000_000 / HOUR_US) * HOUR_US + 60_000_000);
/** A tick of 0.001 in the place of 0.01, of 1, and a lot of 0.001 in the place of 0.00001. */
const FINER: Instrument = { ...HELD_BTC, tick: { units: 1, scale: 3 }, version: 2 };
const COARSER: Instrument = { ...HELD_BTC, tick: { units: 1, scale: 0 }, version: 2 };

async function makeWorld() {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'one' });
  const messages: StreamMessage[] = [];
  stream.subscribe({
    subject: '>',
    queueMax: 10_000,
    overflow: 'end',
    onMessage: (message) => void messages.push(message),
  });
  const venue = new HeldMarket(clock, NOW_US);
  venue.bars = [3, 2, 1].map((ago) => heldBar('1h', Math.floor(NOW_US / HOUR_US) * HOUR_US - ago * HOUR_US));
  const put: { readonly listings: Listing[]; answer: Result<number> } = { listings: [], answer: ok(1) };
  const ledger = {
    putListing: (listing: Listing) => {
      put.listings.push(listing);
      return Promise.resolve(put.answer);
    },
  };
  const collector = createPriceCollector({
    venue,
    stream,
    clock,
    ...telemetry,
    random: seededRandom(3),
    listings: { ledger, market: 'binance' },
    catalog: null,
    config: { instruments: ['BTCUSDT', 'ETHUSDT'] },
  });
  expectOk(await collector.start());
  await clock.advance(1_000);
  const bars = async () =>
    expectOk(await collector.bars({ instrument: HELD_BTC.id, interval: '1h', limit: 10, beforeUs: null }));
  const read = async (changed: readonly Instrument[], changes: Partial<InstrumentsRead> = {}) => {
    const listed = [HELD_BTC, HELD_ETH].map((each) => changed.find(({ id }) => id === each.id) ?? each);
    venue.reread({ observedUs: venue.nowUs(), listed, unreadable: [], changed, ...changes });
    await clock.advance(1);
  };
  const on = (subject: string) => messages.filter((message) => message.subject === subject);
  return { clock, telemetry, stream, venue, collector, messages, put, bars, read, on };
}

describe('new terms of an instrument, at the collector', () => {
  it('are known to all who ask, and told before anything is published in them', async () => {
    const world = await makeWorld();
    world.venue.trade(1);
    await world.read([FINER]);
    world.venue.trade(2);
    await world.clock.advance(10);
    expect(expectOk(await world.collector.instruments())).toEqual([FINER, HELD_ETH]);
    const order = world.messages
      .filter(({ subject }) => subject === internalSubjects.instruments || subject === topics.trades(HELD_BTC.id))
      .map(({ subject, payload }) =>
        subject === internalSubjects.instruments ? 'instruments' : (payload as TradeMessage).price,
      );
    // The same ticks mean a tenth of the price.
    expect(order).toEqual(['60000.01', 'instruments', '6000.002']);
    expect(world.on(internalSubjects.instruments)[0]?.payload).toMatchObject({ id: 'BTCUSDT', tickSize: '0.001' });
    await world.collector.stop();
  });

  it('count what is held anew: bars and trades mean what they meant', async () => {
    const world = await makeWorld();
    world.venue.trade(1);
    const before = await world.bars();
    expect(before).toHaveLength(3);
    await world.read([FINER]);
    const after = await world.bars();
    expect(after.map(({ close }) => close)).toEqual(before.map(({ close }) => close * 10));
    expect(after.map(({ volume }) => volume)).toEqual(before.map(({ volume }) => volume));
    const trades = expectOk(await world.collector.trades(HELD_BTC.id, 5));
    expect(trades).toMatchObject([{ tradeId: 1, price: 60_000_010, quantity: 1_000 }]);
    await world.collector.stop();
  });

  it('leave out and count the bars that lie between two of the new ticks, and begin the forming ones anew', async () => {
    const world = await makeWorld();
    const { venue } = world;
    const whole = { open: 6_000_000, high: 6_000_200, low: 5_999_900, close: 6_000_100 } as object;
    venue.emit({ ...heldBar('1h', Math.floor(NOW_US / HOUR_US) * HOUR_US - 4 * HOUR_US, whole) });
    const openUs = Math.floor(NOW_US / HOUR_US) * HOUR_US;
    const forming = heldBar('1h', openUs, {
      ...whole,
      closed: false,
      firstTradeId: 1,
      lastTradeId: 1,
      tsEventUs: NOW_US,
    });
    venue.trade(1);
    venue.emit(forming);
    await world.clock.advance(5_000);
    expect((await world.bars()).some(({ closed }) => !closed)).toBe(true);
    // The venue's own history leaves them out as well.
    venue.bars = [];
    await world.read([COARSER]);
    expect((await world.bars()).map(({ close }) => close).filter((close) => close !== 60_001)).toEqual([]);
    expect(
      world.telemetry.records.find(({ message }) => message.startsWith('closed bars left out'))?.fields,
    ).toMatchObject({
      instrument: 'BTCUSDT',
    });
    // The exchange's own says what was before; a trade goes on from there.
    venue.emit({
      ...forming,
      open: 60_000,
      high: 60_002,
      low: 59_999,
      close: 60_001,
      lastTradeId: 1,
    } as typeof forming);
    const next = { ...venue.trade(2), price: 60_050 };
    expect(next.tradeId).toBe(2);
    await world.clock.advance(5_000);
    const published = world.on(topics.bars(HELD_BTC.id, '1h')).map(({ payload }) => payload as BarMessage);
    expect(published.at(-1)).toMatchObject({ open: '60000', closed: false, trades: 101 });
    await world.collector.stop();
  });

  it('change nothing of what is held where only limits or the status are others', async () => {
    const world = await makeWorld();
    const before = await world.bars();
    await world.read([{ ...HELD_BTC, status: 'halted', version: 2 }]);
    expect(await world.bars()).toEqual(before);
    expect(expectOk(await world.collector.instruments())[0]?.status).toBe('halted');
    await world.collector.stop();
  });

  it('are kept with the whole list under the market’s name; a list that can not be kept is only logged', async () => {
    const world = await makeWorld();
    const odd = instrumentId('ODD');
    await world.read([], { unreadable: [odd] });
    expect(world.put.listings).toEqual([
      {
        market: 'binance',
        observedUs: world.put.listings[0]?.observedUs,
        instruments: [HELD_BTC, HELD_ETH],
        unreadable: [odd],
      },
    ]);
    world.put.answer = err('ledger_unavailable', 'the disk is full', { retry: 'retryable' });
    await world.read([]);
    expect(world.telemetry.records.at(-1)).toMatchObject({
      message: 'the list of instruments could not be kept',
      fields: { code: 'ledger_unavailable' },
    });
    await world.collector.stop();
  });

  it('are doubted at the venue when somebody else doubts them', async () => {
    const world = await makeWorld();
    expectOk(
      world.stream.publish(internalSubjects.rulesDoubted, { reason: 'refused by a filter' }, { tsEventUs: NOW_US }),
    );
    await world.clock.advance(1);
    expect(world.venue.doubts).toEqual(['refused by a filter']);
    await world.collector.stop();
    expectOk(world.stream.publish(internalSubjects.rulesDoubted, { reason: 'again' }, { tsEventUs: NOW_US }));
    await world.clock.advance(1);
    expect(world.venue.doubts).toHaveLength(1);
  });
});
