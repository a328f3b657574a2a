import { expectOk, intervalMs, msFromUs, price, quantity, timestampUs, US_PER_MS, type Bar } from '@monsta/core';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { catalogForTest, forEver, storedBars, type MovableDisk } from './catalog.test-support.ts';
import { collectorMetrics } from './collector-metrics.ts';
import { priceCollectorConfigSchema, retentionSchema, type PriceCollectorSettings } from './config.ts';
import { MarketStore } from './market-store.ts';
import { BTC, makeWorld, START_US } from './price-collector.test-support.ts';

const START_MS = START_US / US_PER_MS;
const MINUTE_MS = 60_000;
const TIMEOUT = 60_000;

/** The minute that opened so many minutes after the start; a price of its own. */
function minute(index: number, close = 6_000_000 + index): Bar {
  const openTimeUs = timestampUs((START_MS - 10_000 + index * MINUTE_MS) * US_PER_MS);
  const closeTimeUs = timestampUs(openTimeUs + MINUTE_MS * US_PER_MS);
  return {
    ...{ kind: 'bar', instrument: BTC.id, interval: '1m', openTimeUs, closeTimeUs, closed: true },
    ...{ open: price(close), high: price(close), low: price(close), close: price(close), volume: BigInt(index) },
    ...{ quoteVolume: null, takerBuyVolume: null, takerBuyQuoteVolume: null, trades: null },
    ...{ firstTradeId: null, lastTradeId: null, bookImbalance: null, tsEventUs: closeTimeUs, tsInitUs: closeTimeUs },
  };
}

function storeOf(catalog: MovableDisk, settings: PriceCollectorSettings['store'] = {}, retention = forEver) {
  const clock = new VirtualClock(START_US);
  const telemetry = recordingTelemetry();
  const { intervals, store: asked } = priceCollectorConfigSchema.parse({ store: settings });
  const store = new MarketStore({
    ...{ catalog, clock, retention, logger: telemetry.logger },
    metrics: collectorMetrics(telemetry.metrics),
    random: seededRandom(5),
    config: { ...asked, intervals: asked.intervals ?? intervals },
    nowUs: () => clock.nowUs(),
  });
  return { clock, store, telemetry };
}

const lost = ({ telemetry }: ReturnType<typeof storeOf>, reason: string): number | null =>
  telemetry.value('monsta_collector_unstored_rows_total', { reason });

describe('the store of the price collector', () => {
  it(
    'stores what has closed each time the interval is over, and at once when many rows wait',
    async () => {
      const catalog = catalogForTest();
      const { clock, store, telemetry } = storeOf(catalog, { flushIntervalMs: 60_000, flushRows: 5 });
      store.start();
      for (const index of [0, 1, 2]) store.bar(BTC, minute(index));
      expect(telemetry.value('monsta_collector_waiting_rows')).toBe(3);
      await clock.advance(59_000);
      expect(catalog.appends).toBe(0);
      await clock.advance(1_000);
      await store.flush();
      expect((await storedBars(catalog, '1m')).length).toBe(3);
      for (const index of [3, 4, 5, 6, 7]) store.bar(BTC, minute(index));
      await clock.advance(1);
      await store.flush();
      expect([...(await storedBars(catalog, '1m')).close]).toEqual(
        [0, 1, 2, 3, 4, 5, 6, 7].map((index) => 6_000_000 + index),
      );
      expect(telemetry.value('monsta_collector_stored_rows_total', { kind: 'bars' })).toBe(8);
      await store.drain();
    },
    TIMEOUT,
  );

  it(
    'keeps what can’t be stored now and tries again, ever more slowly',
    async () => {
      const catalog = catalogForTest();
      const { clock, store, telemetry } = storeOf(catalog, { flushIntervalMs: 1_000 });
      catalog.fault = 'catalog_unavailable';
      store.start();
      for (const index of [0, 1]) store.bar(BTC, minute(index));
      await clock.advance(601_000);
      // A second, then 1, 2, 4, … 60 s, each from half of it on.
      expect(catalog.appends).toBeGreaterThan(10);
      expect(catalog.appends).toBeLessThan(30);
      expect(telemetry.value('monsta_collector_store_faults_total', { code: 'catalog_unavailable' })).toBe(
        catalog.appends,
      );
      catalog.fault = null;
      await clock.advance(60_000);
      await store.flush();
      expect((await storedBars(catalog, '1m')).length).toBe(2);
      await store.drain();
    },
    TIMEOUT,
  );

  it(
    'lets the oldest rows go when too many wait, and tells how many',
    async () => {
      const catalog = catalogForTest();
      const world = storeOf(catalog, { bufferRowsMax: 1_000, flushRows: 1_000_000 });
      for (let index = 0; index < 1_200; index += 1) world.store.bar(BTC, minute(index));
      expect(lost(world, 'full')).toBe(200);
      expect(world.telemetry.records.filter(({ level }) => level === 'warn')).toHaveLength(1);
      await world.store.drain();
      const { length, volume } = await storedBars(catalog, '1m');
      expect([length, volume[0]]).toEqual([1_000, 200]);
    },
    TIMEOUT,
  );

  it(
    'leaves what the catalogue says as it is, and stores the rows beside',
    async () => {
      const catalog = catalogForTest();
      const first = storeOf(catalog);
      for (const index of [2, 3]) first.store.bar(BTC, minute(index));
      await first.store.drain();
      const second = storeOf(catalog);
      for (const index of [1, 2, 4]) second.store.bar(BTC, minute(index));
      second.store.bar(BTC, minute(3, 7_000_000));
      await second.store.drain();
      expect([...(await storedBars(catalog, '1m')).close]).toEqual([1, 2, 3, 4].map((index) => 6_000_000 + index));
      expect(lost(second, 'disagrees')).toBe(2);
    },
    TIMEOUT,
  );

  it(
    'stores rows of before and after the exchange has made its tick finer',
    async () => {
      const catalog = catalogForTest();
      const { store } = storeOf(catalog);
      store.bar(BTC, minute(0));
      const finer = { ...BTC, tick: { units: 1, scale: 3 } };
      store.bar(finer, minute(1, 60_000_015));
      await store.drain();
      const read = expectOk(
        await catalog.bars({ instrument: { ...BTC, tick: finer.tick }, interval: '1m', fromMs: null, toMs: null }),
      );
      expect([...read.close]).toEqual([60_000_000, 60_000_015]);
    },
    TIMEOUT,
  );

  it(
    'stores every trade where that is asked for',
    async () => {
      const catalog = catalogForTest();
      const { store } = storeOf(catalog, { trades: true });
      for (const tradeId of [10, 11, 13]) {
        const tsEventUs = timestampUs(START_US + tradeId);
        const each = { tradeId, price: price(6_000_000), quantity: quantity(tradeId), buyerIsMaker: tradeId === 11 };
        store.trade(BTC, { kind: 'trade', instrument: BTC.id, ...each, tsEventUs, tsInitUs: tsEventUs });
      }
      await store.drain();
      const stored = expectOk(await catalog.trades({ instrument: BTC, fromMs: null, toMs: null }));
      expect([[...stored.tradeId], [...stored.buyerIsMaker]]).toEqual([
        [10, 11, 13],
        [0, 1, 0],
      ]);
    },
    TIMEOUT,
  );

  it(
    'removes what is too old, a minute after the start and then from time to time',
    async () => {
      const catalog = catalogForTest();
      const { clock, store, telemetry } = storeOf(catalog, {}, retentionSchema.parse({ barDays: { '1m': 1 } }));
      for (let index = -3 * 1_440; index < 0; index += 1) store.bar(BTC, minute(index));
      await store.flush();
      store.start();
      await clock.advance(60_000);
      await expect.poll(() => telemetry.value('monsta_collector_pruned_rows_total', { kind: 'bars' })).toBe(2 * 1_440);
      const { openTimeMs, length } = await storedBars(catalog, '1m');
      // Whole UTC days go: all that is younger than a day stays.
      expect([length, openTimeMs[0]]).toEqual([1_440, START_MS - 10_000 - 1_440 * MINUTE_MS]);
      await store.drain();
    },
    TIMEOUT,
  );
});

/** Reading the catalogue takes real time. */
async function loaded({ clock, telemetry }: ReturnType<typeof makeWorld>): Promise<void> {
  await expect
    .poll(
      async () => {
        await clock.advance(100);
        return telemetry.records.some(({ message }) => message === 'history loaded');
      },
      { timeout: 40_000 },
    )
    .toBe(true);
}

describe('the price collector with a catalogue', () => {
  const settings = { historyBars: { '1m': 600, '5m': 0, '15m': 0, '1h': 200, '4h': 0, '1d': 0 } } as const;

  it(
    'stores what it has fetched and what has closed, and asks the venue at its next start for what is missing, and then for what is not stored of the rest',
    async () => {
      const catalog = catalogForTest();
      const first = makeWorld(settings, { of: catalog, retention: forEver });
      await first.start();
      first.venue.feed('live');
      first.venue.bidQuantity = 300_000;
      await loaded(first);
      await first.flow(130_000);
      await first.collector.drain();
      await first.collector.stop();
      const stored = await storedBars(catalog, '1m');
      expect(stored.length).toBe(602);
      expect((await storedBars(catalog, '1h')).length).toBe(200);
      const second = makeWorld(settings, { of: catalog, retention: forEver });
      await second.clock.advance(10 * MINUTE_MS);
      await second.start();
      await expect
        .poll(async () => {
          await second.clock.advance(100);
          return second.venue.asked.map(({ interval, fromUs, toUs }) => [
            interval,
            (toUs - fromUs) / US_PER_MS / MINUTE_MS,
          ]);
        })
        // What is missing; then the turnover of what is not.
        .toEqual([
          ['1m', 8],
          ['1h', 200 * 60],
          ['1m', 592],
        ]);
      const served = expectOk(
        await second.collector.bars({ instrument: BTC.id, interval: '1m', limit: 10_000, beforeUs: null }),
      );
      const newest = msFromUs(timestampUs(Math.max(...served.map(({ openTimeUs }) => openTimeUs))));
      expect(newest).toBe(START_MS - 10_000 + 9 * MINUTE_MS);
      expect(served.every((bar, index) => index === 0 || bar.openTimeUs === served[index - 1]?.closeTimeUs)).toBe(true);
      // The venue has other bars than the two that closed under way.
      expect(served.filter(({ quoteVolume }) => quoteVolume === null).length).toBe(2);
      expect(served.filter(({ trades, takerBuyVolume }) => trades === null || takerBuyVolume === null)).toEqual([]);
      // The one that closed under way is its own, not the venue's.
      const own = served.find(({ openTimeUs }) => msFromUs(openTimeUs) === START_MS - 10_000);
      expect(own?.close).toBe(Math.round(Number(first.closed('1m')[0]?.close) * 100));
      // The book was followed for fifty seconds of the first minute and all of the second; of none that came as history.
      expect(first.closed('1m').map(({ bookImbalance }) => bookImbalance)).toEqual([0.5, 0.5]);
      expect(served.filter(({ bookImbalance }) => bookImbalance === 500_000).length).toBe(2);
      expect(served.filter(({ bookImbalance }) => bookImbalance === null).length).toBe(served.length - 2);
      await second.collector.drain();
      await second.collector.stop();
    },
    TIMEOUT,
  );

  it(
    'asks the venue for bars that the catalogue lacks, of times that the wanted history does not reach',
    async () => {
      const catalog = catalogForTest();
      const first = makeWorld(settings, { of: catalog, retention: forEver });
      await first.start();
      await loaded(first);
      await first.collector.drain();
      await first.collector.stop();
      // Two days later: more than 600 minutes were not collected.
      const second = makeWorld(settings, { of: catalog, retention: forEver });
      await second.clock.advance(2 * 1_440 * MINUTE_MS);
      const gone = START_US - 10_000_000 + 300 * MINUTE_MS * US_PER_MS;
      second.venue.outage.add(gone);
      await second.start();
      await expect
        .poll(
          async () => {
            await second.clock.advance(100);
            return second.telemetry.records.some(({ message }) => message.startsWith('bars missing in the catalogue'));
          },
          { timeout: 40_000 },
        )
        .toBe(true);
      expect(expectOk(await catalog.coverage(BTC.id, '1m'))).toMatchObject({ missing: 1, rows: 600 + 2 * 1_440 - 1 });
      expect(expectOk(await catalog.coverage(BTC.id, '1m')).gaps).toEqual([
        { beforeMs: gone / US_PER_MS - intervalMs('1m'), afterMs: gone / US_PER_MS + intervalMs('1m') },
      ]);
      await second.collector.drain();
      await second.collector.stop();
    },
    TIMEOUT,
  );
});
