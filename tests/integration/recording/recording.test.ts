import { createMemoryCache } from '@monsta/cache-memory';
import {
  instrumentId,
  INTERVALS,
  intervalMs,
  msFromUs,
  rescale,
  seededRandom,
  timestampUs,
  type Bar,
  type BookLevel,
  type Instrument,
  type MarketEvent,
  type QuoteTick,
  type TradeTick,
} from '@monsta/core';
import { BarBuilder } from '@monsta/market-data';
import { recordingTelemetry, ScriptedTransport, VirtualClock, type ScriptedReply } from '@monsta/testkit';
import { createBinanceConnection, createBinanceMarketData, FrameDecoder } from '@monsta/venue-binance';
import { describe, expect, it } from 'vitest';
import { countBars, eightDigits, type RawTrade } from './independent-count.ts';
import { EXCHANGE_INFO, readRecording, RECORDER_LAG_US, recordingAbsent, type RecordedLine } from './recording.ts';

const BTC = instrumentId('BTCUSDT');

interface Collected {
  readonly instrument: Instrument;
  readonly trades: readonly TradeTick[];
  readonly quotes: ReadonlyMap<number, QuoteTick>;
  /** Best bid and ask of the local book after the update id. */
  readonly touches: ReadonlyMap<number, readonly [bid: BookLevel, ask: BookLevel]>;
  readonly feeds: readonly string[];
  readonly telemetry: ReturnType<typeof recordingTelemetry>;
}

/** Plays the recording to the client as the exchange did: the stream over a WebSocket, the snapshot over REST, in the recording's time. */
async function collect(lines: readonly RecordedLine[]): Promise<Collected> {
  const startUs = Number((lines[0]?.receivedNs ?? 0n) / 1_000n) + RECORDER_LAG_US;
  const clock = new VirtualClock(startUs);
  const telemetry = recordingTelemetry();
  const snapshot = lines.find(({ json }) => json.startsWith('{"lastUpdateId"'))?.json ?? '';
  const transport = new ScriptedTransport({
    clock,
    latencyMs: 0,
    server: {
      handle({ url }): ScriptedReply {
        const path = new URL(url).pathname;
        if (path.endsWith('/time')) return { status: 200, body: `{"serverTime":${msFromUs(clock.nowUs())}}` };
        if (path.endsWith('/exchangeInfo')) return { status: 200, body: EXCHANGE_INFO };
        return path.endsWith('/depth') ? { status: 200, body: snapshot } : { status: 404 };
      },
    },
  });
  const connection = createBinanceConnection({
    restUrl: 'http://exchange.test',
    wsUrl: 'ws://exchange.test',
    wsApiUrl: null,
    clock,
    transport,
    ...telemetry,
    random: seededRandom(1),
    cache: createMemoryCache({ clock }),
  });
  const venue = createBinanceMarketData({ connection });
  const trades: TradeTick[] = [];
  const quotes = new Map<number, QuoteTick>();
  const touches = new Map<number, readonly [BookLevel, BookLevel]>();
  const feeds: string[] = [];
  const onEvent = (event: MarketEvent): void => {
    if (event.kind === 'trade') trades.push(event);
    if (event.kind === 'quote') quotes.set(event.updateId, event);
    if (event.kind === 'feed') feeds.push(event.status);
    if (event.kind !== 'book-delta') return;
    const book = venue.book(BTC, 1);
    const [bid] = book?.bids ?? [];
    const [ask] = book?.asks ?? [];
    if (bid !== undefined && ask !== undefined) touches.set(event.lastUpdateId, [bid, ask]);
  };
  const starting = venue.start({ instruments: [BTC], intervals: INTERVALS, onEvent });
  await clock.settle();
  const started = await starting;
  if (!started.ok) throw new Error(started.fault.message);
  const [instrument] = started.value;
  if (instrument === undefined) throw new Error('no instrument');
  const SLICE_MS = 100;
  let sliceEndUs = startUs;
  for (const { receivedNs, json } of lines) {
    const atUs = Number(receivedNs / 1_000n) + RECORDER_LAG_US;
    while (atUs >= sliceEndUs) {
      await clock.advance(SLICE_MS);
      sliceEndUs += SLICE_MS * 1_000;
    }
    if (!json.startsWith('{"lastUpdateId"')) transport.lastSocket.send(json);
  }
  await clock.advance(SLICE_MS);
  await venue.stop();
  connection.stop();
  return { instrument, trades, quotes, touches, feeds, telemetry };
}

function rawTrades(lines: readonly RecordedLine[]): RawTrade[] {
  return lines.flatMap(({ json }) => {
    const line = JSON.parse(json) as { stream?: string; data?: RawTrade };
    return line.stream === 'btcusdt@trade' && line.data !== undefined ? [line.data] : [];
  });
}

const exact = (units: number, step: { units: number; scale: number }): bigint => {
  const scaled = rescale({ units: BigInt(units) * BigInt(step.units), scale: step.scale }, 8);
  if (!scaled.ok) throw new Error(scaled.fault.message);
  return scaled.value;
};

describe.skipIf(recordingAbsent !== null)(
  `the recording of BTCUSDT${recordingAbsent === null ? '' : ` (skipped: ${recordingAbsent})`}`,
  () => {
    const lines = recordingAbsent === null ? readRecording() : [];
    const collecting = recordingAbsent === null ? collect(lines) : null;
    const collected = (): Promise<Collected> => collecting ?? Promise.reject(new Error('no recording'));

    it(
      'has no gap in depth: one snapshot brings the book in step and it stays so to the end',
      { timeout: 120_000 },
      async () => {
        const { telemetry, feeds, touches } = await collected();
        const depthFrames = lines.filter(({ json }) => json.startsWith('{"stream":"btcusdt@depth')).length;
        expect(telemetry.value('monsta_binance_stream_frames_total', { kind: 'depth' })).toBe(depthFrames);
        expect(telemetry.value('monsta_binance_book_snapshots_total', { outcome: 'synced' })).toBe(1);
        for (const why of ['gap', 'crossed'])
          expect(telemetry.value('monsta_binance_book_resyncs_total', { why })).toBeNull();
        for (const code of ['venue_protocol', 'off_grid'])
          expect(telemetry.value('monsta_binance_stream_malformed_total', { code })).toBeNull();
        expect(touches.size).toBeGreaterThan(depthFrames - 20);
        expect(feeds).toEqual(['connecting', 'connecting', 'live', 'ended']);
      },
    );

    it('gives each trade once, in order, as recorded', { timeout: 120_000 }, async () => {
      const { trades, instrument, telemetry } = await collected();
      const raw = rawTrades(lines);
      expect(raw.length).toBeGreaterThan(19_000);
      expect(trades.length).toBe(raw.length);
      trades.forEach((trade, index) => {
        const recorded = raw[index];
        if (recorded === undefined) throw new Error(`no trade ${index}`);
        if (index > 0) expect(trade.tradeId).toBe((trades[index - 1]?.tradeId ?? 0) + 1);
        expect([
          trade.tradeId,
          exact(trade.price, instrument.tick),
          exact(trade.quantity, instrument.lot),
          msFromUs(trade.tsEventUs),
          trade.buyerIsMaker,
        ]).toEqual([recorded.t, eightDigits(recorded.p), eightDigits(recorded.q), recorded.T, recorded.m]);
      });
      for (const outcome of ['found', 'unrepaired'])
        expect(telemetry.value('monsta_binance_feed_gaps_total', { outcome })).toBeNull();
    });

    it(
      'rebuilds a book whose best bid and ask are the bookTicker’s at the same update id',
      { timeout: 120_000 },
      async () => {
        const { quotes, touches } = await collected();
        // A bookTicker comes only when the touch changes: in force at an update id is the last one up to it.
        const tickers = [...quotes.values()].sort((left, right) => left.updateId - right.updateId);
        let both = 0;
        let equal = 0;
        let next = 0;
        for (const [updateId, [bid, ask]] of touches) {
          while ((tickers[next]?.updateId ?? Number.POSITIVE_INFINITY) <= updateId) next += 1;
          const quote = tickers[next - 1];
          if (quote === undefined) continue;
          both += 1;
          const same =
            quote.bidPrice === bid[0] &&
            quote.bidQuantity === bid[1] &&
            quote.askPrice === ask[0] &&
            quote.askQuantity === ask[1];
          if (same) equal += 1;
        }
        expect(both).toBe(6_493);
        expect(equal).toBeGreaterThanOrEqual(6_491);
      },
    );

    it.each(INTERVALS)('gives bars of %s that equal an independent count', { timeout: 120_000 }, async (interval) => {
      const { trades, instrument } = await collected();
      const builder = new BarBuilder(instrument, interval);
      const bars: Bar[] = trades.flatMap((trade) => builder.apply(trade) ?? []);
      const forming = builder.forming();
      const built = [...bars, ...(forming === null ? [] : [forming])].map((bar) => ({
        openTimeMs: msFromUs(bar.openTimeUs),
        open: exact(bar.open, instrument.tick),
        high: exact(bar.high, instrument.tick),
        low: exact(bar.low, instrument.tick),
        close: exact(bar.close, instrument.tick),
        volume: bar.volume,
        quoteVolume: bar.quoteVolume,
        takerBuyVolume: bar.takerBuyVolume,
        takerBuyQuoteVolume: bar.takerBuyQuoteVolume,
        trades: bar.trades,
        firstTradeId: bar.firstTradeId,
        lastTradeId: bar.lastTradeId,
      }));
      expect(built).toEqual(countBars(rawTrades(lines), intervalMs(interval)));
    });

    it('is decoded alike by the scanner and by the full parser', { timeout: 120_000 }, async () => {
      const { instrument } = await collected();
      const decoder = new FrameDecoder([instrument]);
      const nowUs = timestampUs(1_723_161_254_000_000);
      let frames = 0;
      for (const { json } of lines) {
        if (json.startsWith('{"lastUpdateId"')) continue;
        const scanned = decoder.decode(json, nowUs);
        // Every tenth is enough for equality; that none needs the full parser is checked for all.
        if (frames % 10 === 0) expect(decoder.decodeFully(json, nowUs)).toEqual(scanned);
        frames += 1;
      }
      expect(decoder.slowFrames).toBe(0);
      expect(frames).toBe(lines.length - 1);
    });
  },
);
