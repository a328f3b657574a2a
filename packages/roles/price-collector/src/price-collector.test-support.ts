import { barSchema, topics, type BarMessage } from '@monsta/contracts';
import {
  assetId,
  err,
  instrumentId,
  INTERVALS,
  intervalUs,
  ok,
  price,
  quantity,
  seededRandom,
  timestampUs,
  type Bar,
  type BookSnapshot,
  type FeedStatus,
  type Instrument,
  type Interval,
  type MarketEvent,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import { createMemoryEventStream } from '@monsta/event-stream-memory';
import { BarBuilder } from '@monsta/market-data';
import type { InstrumentsRead, MarketDataSubscription, MarketDataVenue, StreamMessage } from '@monsta/ports';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import type { PriceCollectorSettings } from './config.ts';
import { createPriceCollector, type PriceCollectorOptions } from './price-collector.ts';

export const BTC: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: null,
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};
/** Ten seconds into a minute, an hour and a day. */
export const START_US = Date.UTC(2024, 7, 9, 0, 0, 10) * 1_000;

/** A venue whose events the test gives, with as much history as is asked for. */
class ScriptedVenue implements MarketDataVenue {
  readonly name = 'scripted';
  readonly #clock: VirtualClock;
  readonly #builders = new Map(INTERVALS.map((interval) => [interval, new BarBuilder(BTC, interval)]));
  emit: (event: MarketEvent) => void = () => undefined;
  startFaults = 0;
  historyFaults = 0;
  /** Calls of `history`, in order. */
  readonly asked: { readonly interval: Interval; readonly fromUs: TimestampUs; readonly toUs: TimestampUs }[] = [];
  /** Bars that history does not have, by open time. */
  readonly outage = new Set<number>();
  #tradeId = 0;
  stopped = false;
  /** Of each level of the bids; 100,000 of each of the asks. */
  bidQuantity = 100_000;
  bookKnown = true;
  reread: (read: InstrumentsRead) => void = () => undefined;
  readonly doubts: string[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  start(subscription: MarketDataSubscription): Promise<Result<readonly Instrument[]>> {
    if (this.startFaults > 0) {
      this.startFaults -= 1;
      return Promise.resolve(err('venue_unreachable', 'nobody there', { retry: 'retryable' }));
    }
    if (subscription.instruments.some((id) => id !== BTC.id))
      return Promise.resolve(err('instrument_unknown', 'only BTCUSDT'));
    this.emit = (event) => subscription.onEvent(event);
    this.reread = (read) => subscription.onInstruments?.(read);
    this.feed('connecting');
    return Promise.resolve(ok([BTC]));
  }
  instruments(): readonly Instrument[] {
    return [BTC];
  }
  rulesDoubted(reason: string): void {
    this.doubts.push(reason);
  }
  nowUs(): TimestampUs {
    return this.#clock.nowUs();
  }
  async history(
    _instrument: unknown,
    interval: Interval,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<Result<readonly Bar[]>> {
    await this.#clock.sleep(20);
    this.asked.push({ interval, fromUs, toUs });
    if (this.historyFaults > 0) {
      this.historyFaults -= 1;
      return err('venue_limited', 'not now', { retry: 'retryable', retryAfterMs: 500 });
    }
    const bars: Bar[] = [];
    for (let openUs: number = fromUs; openUs < toUs; openUs += intervalUs(interval)) {
      if (!this.outage.has(openUs)) bars.push(this.bar(interval, timestampUs(openUs), 7));
    }
    return ok(bars);
  }
  tradesFrom(): Promise<Result<never[]>> {
    return Promise.resolve(ok([]));
  }
  book(_instrument: unknown, depth: number): BookSnapshot | null {
    if (!this.bookKnown) return null;
    const nowUs = this.nowUs();
    const levels = Array.from({ length: Math.min(depth, 50) }, (_, index) => index);
    return {
      kind: 'book-snapshot',
      instrument: BTC.id,
      lastUpdateId: this.#tradeId,
      bids: levels.map((index) => [price(6_000_000 - index), quantity(this.bidQuantity)]),
      asks: levels.map((index) => [price(6_000_001 + index), quantity(100_000)]),
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    };
  }
  stop(): Promise<void> {
    this.stopped = true;
    return Promise.resolve();
  }

  bar(interval: Interval, openTimeUs: TimestampUs, trades: number): Bar {
    const closeTimeUs = timestampUs(openTimeUs + intervalUs(interval));
    const at = price(6_000_000);
    return {
      kind: 'bar',
      instrument: BTC.id,
      interval,
      openTimeUs,
      closeTimeUs,
      open: at,
      high: at,
      low: at,
      close: at,
      volume: 100n,
      quoteVolume: 100n,
      takerBuyVolume: 0n,
      takerBuyQuoteVolume: 0n,
      trades,
      firstTradeId: null,
      lastTradeId: null,
      bookImbalance: null,
      closed: true,
      tsEventUs: closeTimeUs,
      tsInitUs: closeTimeUs,
    };
  }
  feed(status: FeedStatus, reason: string | null = null): void {
    const nowUs = this.nowUs();
    this.emit({ kind: 'feed', instrument: BTC.id, status, reason, tsEventUs: nowUs, tsInitUs: nowUs });
  }
  /** A trade now; `lost`: it happens at the exchange and is not heard. */
  trade(lost = false): void {
    this.#tradeId += 1;
    const nowUs = this.nowUs();
    const trade = {
      kind: 'trade',
      instrument: BTC.id,
      tradeId: this.#tradeId,
      price: price(6_000_000 + this.#tradeId),
      quantity: quantity(1_000),
      buyerIsMaker: false,
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    } as const;
    for (const builder of this.#builders.values()) {
      const closed = builder.apply(trade);
      if (closed !== null && !lost) queueMicrotask(() => this.emit(closed));
    }
    if (!lost) this.emit(trade);
  }
  quote(): void {
    const nowUs = this.nowUs();
    this.emit({
      kind: 'quote',
      instrument: BTC.id,
      updateId: this.#tradeId,
      bidPrice: price(6_000_000),
      bidQuantity: quantity(1),
      askPrice: price(6_000_001),
      askQuantity: quantity(1),
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    });
    this.emit({
      kind: 'book-delta',
      instrument: BTC.id,
      firstUpdateId: 1,
      lastUpdateId: 1,
      bids: [],
      asks: [],
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    });
  }
  /** The exchange's forming bars as they stand: what klines say every two seconds. */
  klines(): void {
    for (const builder of this.#builders.values()) {
      const forming = builder.forming();
      if (forming !== null) this.emit(forming);
    }
  }
}

/** A collector over that venue, under a virtual clock. */
export function makeWorld(settings: PriceCollectorSettings = {}, catalog: PriceCollectorOptions['catalog'] = null) {
  const clock = new VirtualClock(START_US);
  const telemetry = recordingTelemetry();
  const stream = createMemoryEventStream({ clock, logger: telemetry.logger, epoch: 'one' });
  const messages: StreamMessage[] = [];
  stream.subscribe({
    subject: '>',
    queueMax: 100_000,
    overflow: 'end',
    onMessage: (message) => void messages.push(message),
  });
  const venue = new ScriptedVenue(clock);
  const config = { instruments: ['BTCUSDT'], ...settings };
  const collector = createPriceCollector({
    venue,
    stream,
    clock,
    ...telemetry,
    random: seededRandom(3),
    listings: null,
    catalog,
    config,
  });
  const on = (subject: string) => messages.filter((message) => message.subject === subject);
  return {
    clock,
    telemetry,
    venue,
    collector,
    messages,
    on,
    bars: (interval: Interval) => on(topics.bars(BTC.id, interval)).map(({ payload }) => barSchema.parse(payload)),
    closed(interval: Interval): BarMessage[] {
      return this.bars(interval).filter((bar) => bar.closed);
    },
    async start() {
      const starting = collector.start();
      let done = false;
      void starting.then(() => (done = true));
      await clock.advanceUntil(() => done, { timeoutMs: 120_000 });
      return starting;
    },
    /** A trade and a quote every 50 ms. */
    async flow(ms: number) {
      for (let passed = 0; passed < ms; passed += 50) {
        venue.trade();
        venue.quote();
        if (passed % 2_000 === 0) venue.klines();
        await clock.advance(50);
      }
    },
  };
}
