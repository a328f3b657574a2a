import {
  encodeBar,
  encodeBook,
  encodeFeed,
  encodeInstrument,
  encodeQuote,
  encodeTrade,
  internalSubjects,
  intervalNotCollected,
  topics,
} from '@monsta/contracts';
import {
  err,
  instrumentId,
  MS_PER_MINUTE,
  newTraceparent,
  ok,
  US_PER_MS,
  type Bar,
  type BookSnapshot,
  type FeedState,
  type Instrument,
  type InstrumentId,
  type Interval,
  type MarketEvent,
  type Random,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { BarDifference, ClosedBar } from '@monsta/market-data';
import type {
  BarQuery,
  Catalog,
  Clock,
  EventStream,
  InstrumentsRead,
  Logger,
  MarketDataVenue,
  MarketHistory,
  Metrics,
  Readiness,
  Role,
  Timer,
} from '@monsta/ports';
import { CollectedInstrument, type CollectedSeries } from './collected-instrument.ts';
import { refillCatalog } from './catalog-refill.ts';
import { collectorMetrics, type CollectorMetrics } from './collector-metrics.ts';
import {
  priceCollectorConfigSchema,
  type PriceCollectorConfig,
  type PriceCollectorSettings,
  type Retention,
} from './config.ts';
import { HistoryLoader } from './history-loader.ts';
import { InstrumentTerms, type ListingsKept } from './instrument-terms.ts';
import { MarketStore } from './market-store.ts';

export interface PriceCollectorOptions {
  readonly venue: MarketDataVenue;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Spreads retries. */
  readonly random: Random;
  readonly listings: ListingsKept | null;
  /** Where the market's bars and trades are stored; null: nowhere. */
  readonly catalog: { readonly of: Catalog; readonly retention: Retention } | null;
  /** See `priceCollectorConfigSchema`; what is left out has its default. Throws where a value is not allowed. */
  readonly config?: PriceCollectorSettings;
}

export type PriceCollector = Role & MarketHistory;

/** Collects one venue's market data: keeps it, publishes it in the wire form of the contracts, and answers from memory. */
export function createPriceCollector(options: PriceCollectorOptions): PriceCollector {
  return new Collector(options, priceCollectorConfigSchema.parse(options.config ?? {}));
}

const START_RETRY_MS = 1_000;
/** Closed bars that wait for missing ones before them; with more, they go out as they are. */
const WAITING_BARS_MAX = 1_000;

/** The exchange's word that a bar has closed may come this much later than the first trade of the next. */
const LATE_CLOSE_MS = 2_000;

class Collector implements PriceCollector {
  readonly name = 'price-collector';
  readonly #options: PriceCollectorOptions;
  readonly #config: PriceCollectorConfig;
  readonly #logger: Logger;
  readonly #metrics: CollectorMetrics;
  readonly #loader: HistoryLoader;
  readonly #terms: InstrumentTerms;
  readonly #store: MarketStore | null;
  readonly #collected = new Map<InstrumentId, CollectedInstrument>();
  /** Events that came while the venue was still starting. */
  #early: MarketEvent[] = [];
  readonly #timers = new Map<string, Timer>();
  #state: 'new' | 'starting' | 'running' | 'stopped' = 'new';
  #lastFault: string | null = null;
  #refusalLoggedMs = Number.NEGATIVE_INFINITY;

  constructor(options: PriceCollectorOptions, config: PriceCollectorConfig) {
    this.#options = options;
    this.#config = config;
    this.#logger = options.logger.child({ role: this.name });
    this.#metrics = collectorMetrics(options.metrics);
    this.#terms = new InstrumentTerms({ ...options, logger: this.#logger });
    const { catalog, clock, random, venue } = options;
    this.#store =
      catalog === null
        ? null
        : new MarketStore({
            ...{ catalog: catalog.of, retention: catalog.retention, clock, random },
            ...{
              logger: this.#logger,
              metrics: this.#metrics,
              config: { ...config.store, intervals: config.store.intervals ?? config.intervals },
            },
            nowUs: () => venue.nowUs(),
          });
    this.#loader = new HistoryLoader({
      venue: options.venue,
      clock: options.clock,
      logger: this.#logger,
      random: options.random,
      config,
      missingBars: this.#metrics.missingBars,
      stored: (...span) => this.#store?.stored(...span) ?? Promise.resolve([]),
      onFetched: (instrument, bars) => {
        for (const bar of bars) this.#store?.bar(instrument, bar);
      },
      onFilled: (collected, series, bars) => {
        for (const bar of bars) this.#publishClosed(collected, series, bar);
      },
    });
  }

  /** Faults: those of the venue's start; `state_conflict` when started twice. */
  async start(): Promise<Result<null>> {
    if (this.#state !== 'new') return err('state_conflict', 'the price collector starts once');
    this.#state = 'starting';
    const { clock, venue } = this.#options;
    const endMs = clock.monotonicMs() + this.#config.startTimeoutMs;
    const subscription = {
      instruments: this.#config.instruments.map(instrumentId),
      intervals: [...new Set(this.#config.intervals)],
      onEvent: (event: MarketEvent) => this.#onEvent(event),
      onInstruments: (read: InstrumentsRead) => this.#onInstruments(read),
    };
    let started = await venue.start(subscription);
    while (
      !started.ok &&
      started.fault.retry === 'retryable' &&
      this.#state === 'starting' &&
      clock.monotonicMs() < endMs
    ) {
      this.#lastFault = started.fault.message;
      this.#logger.warn('the venue is not there yet', { code: started.fault.code, reason: started.fault.message });
      await clock.sleep(started.fault.retryAfterMs ?? START_RETRY_MS);
      started = await venue.start(subscription);
    }
    if (!started.ok) {
      this.#state = 'new';
      return started;
    }
    for (const instrument of started.value) this.#collected.set(instrument.id, this.#collect(instrument));
    if (this.#state !== 'starting') return err('state_conflict', 'the price collector was stopped while starting');
    this.#state = 'running';
    const doubts = this.#terms.hearDoubts();
    if (!doubts.ok) return doubts;
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.#onEvent(event);
    this.#every('quotes', this.#config.quoteIntervalMs, () => this.#publishQuotes());
    this.#every('book', this.#config.bookIntervalMs, () => this.#publishBooks());
    this.#every('bars', this.#config.formingBarIntervalMs, () => this.#publishForming());
    this.#every('feed', this.#config.feedIntervalMs, () => this.#publishFeeds());
    this.#store?.start();
    void this.#loadHistory([...this.#collected.values()]);
    return ok(null);
  }

  async #loadHistory(collected: readonly CollectedInstrument[]): Promise<void> {
    await this.#loader.load(collected);
    const { catalog, venue } = this.#options;
    const store = this.#store;
    const { refillDays: days } = this.#config.store;
    if (store === null || catalog === null || days === 0) return;
    await refillCatalog(collected, {
      ...{ catalog: catalog.of, venue, loader: this.#loader, store, logger: this.#logger, days },
    });
  }

  readiness(): Readiness {
    if (this.#state !== 'running') {
      return { ready: false, waitingFor: [this.#lastFault === null ? 'the venue' : `the venue: ${this.#lastFault}`] };
    }
    const waitingFor: string[] = [];
    for (const { instrument, feed, series } of this.#collected.values()) {
      if (feed === null || feed.status === 'connecting')
        waitingFor.push(`feed of ${instrument.id}: ${feed?.reason ?? 'connecting'}`);
      const missing = [...series.values()].filter((each) => !each.newestLoaded).map((each) => each.interval);
      if (missing.length > 0) waitingFor.push(`newest bars of ${instrument.id}: ${missing.join(', ')}`);
    }
    return { ready: waitingFor.length === 0, waitingFor };
  }

  async drain(): Promise<void> {
    this.#loader.stop();
    await this.#store?.drain();
  }

  async stop(): Promise<void> {
    if (this.#state === 'stopped') return;
    this.#loader.stop();
    this.#store?.stop();
    this.#terms.stop();
    await this.#options.venue.stop();
    this.#state = 'stopped';
    for (const timer of this.#timers.values()) timer.cancel();
  }

  instruments(): Promise<Result<readonly Instrument[]>> {
    return Promise.resolve(this.#isReady() ?? ok([...this.#collected.values()].map(({ instrument }) => instrument)));
  }

  bars({ instrument, interval, limit, beforeUs }: BarQuery): Promise<Result<readonly Bar[]>> {
    const found = this.#find(instrument);
    if (!found.ok) return Promise.resolve(found);
    const bars = found.value.bars(interval, limit, beforeUs);
    if (bars !== null) return Promise.resolve(ok(bars));
    return Promise.resolve(err('interval_unknown', intervalNotCollected(interval, this.#config.intervals)));
  }

  trades(instrument: InstrumentId, limit: number): Promise<Result<readonly TradeTick[]>> {
    const found = this.#find(instrument);
    return Promise.resolve(found.ok ? ok(found.value.trades.newest(limit)) : found);
  }

  book(instrument: InstrumentId, depth: number): Promise<Result<BookSnapshot | null>> {
    const found = this.#find(instrument);
    return Promise.resolve(found.ok ? ok(this.#options.venue.book(instrument, depth)) : found);
  }

  feeds(): Promise<Result<readonly FeedState[]>> {
    return Promise.resolve(this.#isReady() ?? ok([...this.#collected.values()].flatMap(({ feed }) => feed ?? [])));
  }

  venueTimeUs(): Promise<Result<TimestampUs | null>> {
    return Promise.resolve(ok(this.#collected.size === 0 ? null : this.#options.venue.nowUs()));
  }

  #isReady(): Result<never> | null {
    if (this.#collected.size > 0) return null;
    return err('not_ready', 'the price collector has not reached the venue yet', {
      retry: 'retryable',
      retryAfterMs: START_RETRY_MS,
    });
  }

  #find(instrument: InstrumentId): Result<CollectedInstrument> {
    const notReady = this.#isReady();
    if (notReady !== null) return notReady;
    const found = this.#collected.get(instrument);
    if (found !== undefined) return ok(found);
    return err(
      'instrument_unknown',
      `instrument '${instrument.slice(0, 20)}' is not collected here; there are ${[...this.#collected.keys()].join(', ')}`,
    );
  }

  #collect(instrument: Instrument): CollectedInstrument {
    const collected: CollectedInstrument = new CollectedInstrument(instrument, this.#config, {
      onClosed: (closed) => this.#onClosed(collected, closed),
      onCompared: (interval, difference) => this.#onCompared(collected, interval, difference),
    });
    return collected;
  }

  #onEvent(event: MarketEvent): void {
    const collected = this.#collected.get(event.instrument);
    if (collected === undefined) {
      // Only while the venue starts, and then a few feed states.
      if (this.#state === 'starting') this.#early.push(event);
      return;
    }
    switch (event.kind) {
      case 'trade':
        collected.onTrade(event);
        this.#store?.trade(collected.instrument, event);
        this.#publish(
          topics.trades(event.instrument),
          'trades',
          encodeTrade(event, collected.instrument),
          event.tsEventUs,
        );
        break;
      case 'quote':
        collected.quote = event;
        collected.quoteDirty = true;
        break;
      case 'book-delta':
      case 'book-snapshot':
        collected.onBook(event, this.#options.venue.book(event.instrument, 1));
        break;
      case 'bar':
        collected.live.onExchangeBar(event);
        break;
      case 'feed':
        collected.onFeed(event, this.#options.venue.book(event.instrument, 1));
        this.#publishFeed(event);
        break;
    }
  }

  /** Goes on in the new terms, and says so before anything is published in them. */
  #onInstruments(read: InstrumentsRead): void {
    for (const instrument of read.changed) {
      const gone = this.#collected.get(instrument.id)?.use(instrument) ?? 0;
      if (gone > 0) {
        this.#logger.warn('closed bars left out: their prices lie on no tick of today', {
          instrument: instrument.id,
          bars: gone,
        });
      }
      this.#publish(internalSubjects.instruments, 'instruments', encodeInstrument(instrument), read.observedUs);
    }
    void this.#terms.keep(read);
  }

  #onClosed(collected: CollectedInstrument, { bar, source, reason }: ClosedBar): void {
    const series = collected.series.get(bar.interval);
    if (series === undefined) return;
    this.#metrics.closedBars.add(1, { source });
    if (source === 'exchange' && bar.trades !== 0) {
      this.#logger.info('closed bar taken from the exchange', {
        instrument: bar.instrument,
        interval: bar.interval,
        openTimeUs: bar.openTimeUs,
        reason,
      });
    }
    this.#inOrder(collected, series, collected.withImbalance(bar));
  }

  /** Keeps and publishes a closed bar, after those missing before it were asked of the venue. */
  #inOrder(collected: CollectedInstrument, series: CollectedSeries, bar: Bar): void {
    if (series.waiting !== null && series.waiting.length < WAITING_BARS_MAX) series.waiting.push(bar);
    else if (series.waiting === null && this.#loader.hasHoleBefore(series, bar)) {
      this.#fillHoleBefore(collected, series, bar, [bar]);
    } else this.#keep(collected, series, bar);
  }

  /** Asks the venue for the bars missing before this one; `waiting` and those that close meanwhile come after them. */
  #fillHoleBefore(collected: CollectedInstrument, series: CollectedSeries, bar: Bar, waiting: Bar[]): void {
    series.waiting = waiting;
    void this.#loader.fillHoleBefore(collected, series, bar).then(() => {
      series.waiting = null;
      for (const each of waiting) this.#keep(collected, series, each);
    });
  }

  /**
   * What closed after the history was fetched and before the first live bar, or while the line was down, came from neither: it is asked for as soon as
   * the bar after it is under way. At the close of that one, an hour's bar would be missing for an hour.
   */
  #fillHolesBeforeForming(collected: CollectedInstrument): void {
    const nowUs = this.#options.venue.nowUs();
    for (const [interval, series] of collected.series) {
      if (!series.newestLoaded || series.waiting !== null) continue;
      const bar = collected.forming(interval);
      if (bar === null || nowUs - bar.openTimeUs < LATE_CLOSE_MS * US_PER_MS) continue;
      if (this.#loader.hasHoleBefore(series, bar)) this.#fillHoleBefore(collected, series, bar, []);
    }
  }

  #keep(collected: CollectedInstrument, series: CollectedSeries, bar: Bar): void {
    series.closed.put(bar);
    this.#store?.bar(collected.instrument, bar);
    this.#publishClosed(collected, series, bar);
  }

  #onCompared(collected: CollectedInstrument, interval: Interval, difference: BarDifference | null): void {
    this.#metrics.comparedBars.add(1, { outcome: difference === null ? 'equal' : 'different' });
    if (difference === null) return;
    const { ours, theirs, fields } = difference;
    this.#logger.warn('a closed bar differs from the exchange’s; ours stays, no trade was missing from it', {
      interval,
      fields,
      ours: encodeBar(ours, collected.instrument),
      theirs: encodeBar(theirs, collected.instrument),
    });
  }

  #publishClosed(collected: CollectedInstrument, series: CollectedSeries, bar: Bar): void {
    if (!series.publishOnce(bar.openTimeUs)) return;
    // A closed bar is a cause: what models and strategies make of it carries its trace.
    this.#publish(
      topics.bars(bar.instrument, bar.interval),
      'bars',
      encodeBar(bar, collected.instrument),
      bar.tsEventUs,
      newTraceparent(this.#options.random),
    );
  }

  #publishForming(): void {
    for (const collected of this.#collected.values()) {
      this.#fillHolesBeforeForming(collected);
      for (const [interval, series] of collected.series) {
        if (!series.dirty) continue;
        series.dirty = false;
        const bar = collected.forming(interval);
        if (bar !== null)
          this.#publish(
            topics.bars(bar.instrument, interval),
            'bars',
            encodeBar(bar, collected.instrument),
            bar.tsEventUs,
          );
      }
    }
  }

  #publishQuotes(): void {
    for (const collected of this.#collected.values()) {
      const { quote } = collected;
      if (!collected.quoteDirty || quote === null) continue;
      collected.quoteDirty = false;
      this.#publish(
        topics.quotes(quote.instrument),
        'quotes',
        encodeQuote(quote, collected.instrument),
        quote.tsEventUs,
      );
    }
  }

  #publishBooks(): void {
    for (const collected of this.#collected.values()) {
      if (!collected.bookDirty) continue;
      const { instrument } = collected;
      const book = this.#options.venue.book(instrument.id, this.#config.bookDepth);
      if (book === null) continue;
      collected.bookDirty = false;
      this.#publish(
        topics.book(instrument.id),
        'book',
        encodeBook(book, instrument, this.#config.bookDepth),
        book.tsEventUs,
      );
    }
  }

  #publishFeeds(): void {
    const nowUs = this.#options.venue.nowUs();
    for (const { feed } of this.#collected.values()) {
      if (feed !== null) this.#publishFeed({ ...feed, tsEventUs: nowUs, tsInitUs: nowUs });
    }
  }

  #publishFeed(feed: FeedState): void {
    this.#publish(topics.feed(feed.instrument), 'feed', encodeFeed(feed), feed.tsEventUs);
  }

  #publish(subject: string, family: string, payload: unknown, tsEventUs: TimestampUs, traceparent?: string): void {
    const published = this.#options.stream.publish(subject, payload, {
      tsEventUs,
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    if (published.ok) {
      this.#metrics.published.add(1, { family });
      return;
    }
    this.#metrics.refused.add(1, { code: published.fault.code });
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - this.#refusalLoggedMs < MS_PER_MINUTE) return;
    this.#refusalLoggedMs = nowMs;
    this.#logger.error('the event stream takes no messages', {
      subject,
      code: published.fault.code,
      reason: published.fault.message,
    });
  }

  #every(name: string, intervalMs: number, task: () => void): void {
    const again = (): void => {
      task();
      this.#timers.set(name, this.#options.clock.setTimer(intervalMs, again));
    };
    this.#timers.set(name, this.#options.clock.setTimer(intervalMs, again));
  }
}
