import { createMemoryCache } from '@monsta/cache-memory';
import { barSchema, decodeBar, topics, type BarMessage } from '@monsta/contracts';
import {
  expectOk,
  instrumentId,
  INTERVALS,
  msFromUs,
  seededRandom,
  type Bar,
  type Instrument,
  type MarketEvent,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { barColumnsSteps, barValues, featureMatrixSteps, featureSet, FeatureStream, runSteps } from '@monsta/features';
import { BarBuilder } from '@monsta/market-data';
import type { MarketDataVenue } from '@monsta/ports';
import { createPriceCollector } from '@monsta/price-collector';
import { recordingTelemetry, ScriptedTransport, VirtualClock, type ScriptedReply } from '@monsta/testkit';
import { createBinanceConnection, createBinanceMarketData } from '@monsta/venue-binance';
import { beforeAll, describe, expect, it } from 'vitest';
import { countImbalance } from './independent-book.ts';
import { EXCHANGE_INFO, readRecording, RECORDER_LAG_US, recordingAbsent } from './recording.ts';

const BTC = instrumentId('BTCUSDT');
const SLICE_MS = 100;
const SNAPSHOT = '{"lastUpdateId"';
const SET = expectOk(
  featureSet({
    id: 'book',
    version: 1,
    features: [
      { feature: 'book_imbalance', bars: 1 },
      { feature: 'book_imbalance', bars: 3 },
      { feature: 'taker_imbalance', bars: 2 },
    ],
  }),
);

/** A venue that tells its forming bars too, which the recording has no stream of; at the first trade, so that the bars of a collector can begin. */
function withFormingBars(venue: MarketDataVenue): MarketDataVenue {
  return {
    ...{ name: venue.name, instruments: () => venue.instruments(), nowUs: () => venue.nowUs() },
    history: (...asked) => venue.history(...asked),
    tradesFrom: (...asked) => venue.tradesFrom(...asked),
    book: (...asked) => venue.book(...asked),
    rulesDoubted: (reason) => venue.rulesDoubted(reason),
    stop: () => venue.stop(),
    start(subscription) {
      let told = false;
      const onEvent = (event: MarketEvent): void => {
        subscription.onEvent(event);
        const [instrument] = venue.instruments();
        if (told || event.kind !== 'trade' || instrument === undefined) return;
        told = true;
        for (const interval of INTERVALS) {
          const builder = new BarBuilder(instrument, interval);
          builder.apply(event);
          const forming = builder.forming();
          if (forming !== null) subscription.onEvent(forming);
        }
      };
      return venue.start({ ...subscription, onEvent });
    },
  };
}

interface Collected {
  readonly instrument: Instrument;
  /** Closed bars as they were told, of all intervals. */
  readonly messages: readonly BarMessage[];
  /** Minutes that the collector holds. */
  readonly held: readonly Bar[];
}

/** Plays the recording to a collector, in the recording's time. */
async function collect(): Promise<Collected> {
  const lines = readRecording();
  const snapshot = lines.find(({ json }) => json.startsWith(SNAPSHOT))?.json ?? '';
  const startUs = Number((lines[0]?.receivedNs ?? 0n) / 1_000n) + RECORDER_LAG_US;
  const clock = new VirtualClock(startUs);
  const telemetry = recordingTelemetry();
  const handle = ({ url }: { readonly url: string }): ScriptedReply => {
    const path = new URL(url).pathname;
    if (path.endsWith('/time')) return { status: 200, body: `{"serverTime":${msFromUs(clock.nowUs())}}` };
    if (path.endsWith('/exchangeInfo')) return { status: 200, body: EXCHANGE_INFO };
    return path.endsWith('/depth') ? { status: 200, body: snapshot } : { status: 404 };
  };
  const transport = new ScriptedTransport({ clock, latencyMs: 0, server: { handle } });
  const connection = createBinanceConnection({
    ...{ restUrl: 'http://exchange.test', wsUrl: 'ws://exchange.test', wsApiUrl: null },
    ...{ clock, transport, ...telemetry, random: seededRandom(1), cache: createMemoryCache({ clock }) },
  });
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'one' });
  const messages: BarMessage[] = [];
  for (const interval of INTERVALS)
    expectOk(
      stream.subscribe({
        ...{ subject: topics.bars(BTC, interval), queueMax: 100_000, overflow: 'end' },
        onMessage({ payload }) {
          const bar = barSchema.parse(JSON.parse(JSON.stringify(payload)));
          if (bar.closed) messages.push(bar);
          else expect(bar.bookImbalance).toBeNull();
        },
      }),
    );
  const collector = createPriceCollector({
    venue: withFormingBars(createBinanceMarketData({ connection })),
    ...{ stream, clock, ...telemetry, random: seededRandom(2), listings: null, catalog: null },
    config: {
      instruments: ['BTCUSDT'],
      historyBars: { '1m': 0, '5m': 0, '15m': 0, '1h': 0, '4h': 0, '1d': 0 },
    },
  });
  const starting = collector.start();
  await clock.settle();
  expectOk(await starting);
  let sliceEndUs = startUs;
  for (const { receivedNs, json } of lines) {
    const atUs = Number(receivedNs / 1_000n) + RECORDER_LAG_US;
    while (atUs >= sliceEndUs) {
      await clock.advance(SLICE_MS);
      sliceEndUs += SLICE_MS * 1_000;
    }
    if (!json.startsWith(SNAPSHOT)) transport.lastSocket.send(json);
  }
  await clock.advance(SLICE_MS);
  const [instrument] = expectOk(await collector.instruments());
  if (instrument === undefined) throw new Error('nothing was collected');
  const held = expectOk(await collector.bars({ instrument: BTC, interval: '1m', limit: 100, beforeUs: null }));
  await collector.stop();
  connection.stop();
  await stream.drain(1_000);
  return { instrument, messages, held: held.filter(({ closed }) => closed) };
}

describe.skipIf(recordingAbsent !== null)(
  `the imbalance of the recorded book${recordingAbsent === null ? '' : ` (skipped: ${recordingAbsent})`}`,
  () => {
    let collected: Collected;
    let counted: ReturnType<typeof countImbalance>;
    beforeAll(async () => {
      collected = await collect();
      counted = countImbalance(readRecording().map(({ json }) => json));
    }, 240_000);

    const minutes = (): readonly BarMessage[] => collected.messages.filter(({ interval }) => interval === '1m');

    it('comes with each closed minute, and is what an independent count of the recording gives', () => {
      expect(minutes().length).toBe(11);
      const [first, ...rest] = minutes();
      const [begun, ...whole] = counted;
      expect(rest.map(({ openTimeMs }) => openTimeMs)).toEqual(whole.map(({ openTimeMs }) => openTimeMs));
      rest.forEach(({ bookImbalance }, index) => {
        expect(Math.abs((bookImbalance ?? Number.NaN) - (whole[index]?.imbalance ?? 0))).toBeLessThan(1e-6);
      });
      // A fifth of a second passed before the snapshot was there.
      expect(Math.abs((first?.bookImbalance ?? Number.NaN) - (begun?.imbalance ?? 0))).toBeLessThan(0.02);
      expect(new Set(rest.map(({ bookImbalance }) => bookImbalance)).size).toBe(rest.length);
    });

    it('comes with longer bars where at least half of them was seen: the mean of their minutes', () => {
      const five = collected.messages.filter(({ interval }) => interval === '5m');
      expect(five.map(({ bookImbalance }) => bookImbalance === null)).toEqual([true, false, false]);
      for (const bar of five.slice(1)) {
        const parts = minutes().filter(
          ({ openTimeMs }) => openTimeMs >= bar.openTimeMs && openTimeMs < bar.closeTimeMs,
        );
        const mean = parts.reduce((sum, { bookImbalance }) => sum + (bookImbalance ?? Number.NaN), 0) / parts.length;
        expect(parts.length).toBe(5);
        // A change dated before a minute's end that came after its close is in the longer bar alone.
        expect(Math.abs((bar.bookImbalance ?? Number.NaN) - mean)).toBeLessThan(0.002);
      }
      expect(collected.messages.filter(({ interval }) => interval === '1h')).toMatchObject([{ bookImbalance: null }]);
    });

    it('reaches the features: in batch, bar by bar from the wire, and as counted', () => {
      const { instrument, held } = collected;
      const columns = expectOk(runSteps(barColumnsSteps(held, '1m', instrument)));
      const batch = expectOk(runSteps(featureMatrixSteps(columns, SET)));
      const stream = new FeatureStream('1m', { set: SET, missing: 'keep' });
      for (const [index, bar] of held.entries()) {
        const message = minutes()[index];
        if (message === undefined) throw new Error(`no message of minute ${index}`);
        const heard = expectOk(decodeBar(message, instrument));
        expect(barValues(heard, instrument)).toEqual(barValues(bar, instrument));
        expectOk(stream.push(barValues(heard, instrument)));
        const row = stream.current();
        if (index < 2) continue;
        const now = row.kind === 'row' ? [...row.values] : [];
        expect(now).toEqual([...batch.values.subarray(index * batch.width, (index + 1) * batch.width)]);
        if (index < 3) continue;
        const [one, three] = now;
        const truth = (back: number): number => counted[index - back]?.imbalance ?? Number.NaN;
        expect(one).toBeCloseTo(truth(0), 5);
        expect(three).toBeCloseTo((truth(0) + truth(1) + truth(2)) / 3, 5);
      }
    });
  },
);
