import { encodeBook, encodeFeed, encodeQuote, encodeTrade, topics } from '@monsta/contracts';
import {
  INTERVALS,
  type Bar,
  type FeedState,
  type Instrument,
  type Interval,
  type MarketEvent,
  type QuoteTick,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { LiveBars, type BarDifference, type ClosedBar } from '@monsta/market-data';
import type { Clock, Counter, EventStream, Logger, MarketDataVenue, Metrics } from '@monsta/ports';
import { BarSeries } from './bar-series.ts';
import type { PriceCollectorConfig } from './config.ts';

export interface DeskOptions {
  readonly instrument: Instrument;
  readonly config: PriceCollectorConfig;
  readonly venue: MarketDataVenue;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const WAITING_BARS_MAX = 1_000;
/** More than the history asked for, so that a running process keeps it whole as bars are added. */
const GROWTH_BARS = 1_000;

/** Everything the collector holds and publishes of one instrument. */
export class InstrumentDesk {
  readonly instrument: Instrument;
  readonly series: ReadonlyMap<Interval, BarSeries>;
  readonly #options: DeskOptions;
  readonly #live: LiveBars;
  readonly #events: Counter;
  readonly #differences: Counter;
  readonly #formingDirty = new Set<Interval>();
  #trades: TradeTick[] = [];
  #quote: QuoteTick | null = null;
  #quoteDirty = false;
  #bookUpdateId = -1;
  #feed: FeedState;
  #feedSaidMs = Number.NEGATIVE_INFINITY;
  #formingSaidMs = Number.NEGATIVE_INFINITY;
  #quoteSaidMs = Number.NEGATIVE_INFINITY;
  #bookSaidMs = Number.NEGATIVE_INFINITY;

  constructor(options: DeskOptions) {
    const { instrument, config, venue, stream, clock, logger, metrics } = options;
    this.#options = options;
    this.instrument = instrument;
    this.series = new Map(
      INTERVALS.map((interval) => [
        interval,
        new BarSeries({
          instrument,
          interval,
          capacity: config.historyBars[interval] + GROWTH_BARS,
          venue,
          stream,
          clock,
          logger,
          repairTimeoutMs: config.repairTimeoutMs,
          waitingMax: WAITING_BARS_MAX,
        }),
      ]),
    );
    this.#live = new LiveBars(instrument, {
      onClosed: (closed) => this.#onClosed(closed),
      onCompared: (interval, difference) => this.#onCompared(interval, difference),
    });
    this.#events = metrics.counter({
      name: 'monsta_collector_events_total',
      help: 'Market events taken from the venue',
      labels: ['kind'],
    });
    this.#differences = metrics.counter({
      name: 'monsta_collector_bar_differences_total',
      help: 'Closed bars that differ from the exchange’s own',
      labels: ['interval'],
    });
    const nowUs = venue.nowUs();
    this.#feed = {
      kind: 'feed',
      instrument: instrument.id,
      status: 'connecting',
      reason: 'no data yet',
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    };
  }

  get feed(): FeedState {
    return this.#feed;
  }

  /** The newest `limit` trades, oldest first. */
  trades(limit: number): readonly TradeTick[] {
    return this.#trades.slice(-limit);
  }

  /** Bars that opened before `beforeUs`, oldest first; the forming one is the last when nothing bounds it. */
  bars(interval: Interval, limit: number, beforeUs: TimestampUs | null): readonly Bar[] {
    const series = this.series.get(interval);
    if (series === undefined) return [];
    const forming = this.#live.forming(interval);
    const newest = series.store.newest;
    const shown =
      forming !== null &&
      (beforeUs === null || forming.openTimeUs < beforeUs) &&
      (newest === null || forming.openTimeUs > newest.openTimeUs);
    const closed = series.store.query(shown ? limit - 1 : limit, beforeUs);
    return shown ? [...closed, forming] : closed;
  }

  onEvent(event: MarketEvent): void {
    this.#events.add(1, { kind: event.kind });
    switch (event.kind) {
      case 'trade':
        this.#onTrade(event);
        break;
      case 'quote':
        this.#quote = event;
        this.#quoteDirty = true;
        break;
      case 'bar':
        this.#live.onExchangeBar(event);
        this.#formingDirty.add(event.interval);
        break;
      case 'feed':
        this.#onFeed(event);
        break;
      case 'book-delta':
      case 'book-snapshot':
        break; // The venue's own book is read when it is time to publish.
    }
  }

  /** Publishes what is due; `nowMs` is monotonic. */
  tick(nowMs: number): void {
    const { config } = this.#options;
    if (this.#quoteDirty && nowMs - this.#quoteSaidMs >= config.quoteIntervalMs && this.#quote !== null) {
      this.#quoteDirty = false;
      this.#quoteSaidMs = nowMs;
      this.#publish(
        topics.quotes(this.instrument.id),
        encodeQuote(this.#quote, this.instrument),
        this.#quote.tsEventUs,
      );
    }
    if (nowMs - this.#bookSaidMs >= config.bookIntervalMs) this.#tickBook(nowMs);
    if (this.#formingDirty.size > 0 && nowMs - this.#formingSaidMs >= config.formingBarIntervalMs) {
      this.#formingSaidMs = nowMs;
      for (const interval of this.#formingDirty) {
        const forming = this.#live.forming(interval);
        if (forming !== null) this.series.get(interval)?.publish(forming);
      }
      this.#formingDirty.clear();
    }
    if (nowMs - this.#feedSaidMs >= config.feedIntervalMs) this.#sayFeed(nowMs);
  }

  #tickBook(nowMs: number): void {
    const { venue, config } = this.#options;
    const book = venue.book(this.instrument.id, config.bookDepth);
    if (book === null || book.lastUpdateId === this.#bookUpdateId) return;
    this.#bookUpdateId = book.lastUpdateId;
    this.#bookSaidMs = nowMs;
    this.#publish(topics.book(this.instrument.id), encodeBook(book, this.instrument, config.bookDepth), book.tsEventUs);
  }

  #onTrade(trade: TradeTick): void {
    const last = this.#trades.at(-1);
    if (last !== undefined && trade.tradeId <= last.tradeId) return;
    this.#trades.push(trade);
    const kept = this.#options.config.tradesKept;
    if (this.#trades.length > kept + 256) this.#trades = this.#trades.slice(-kept);
    this.#publish(topics.trades(this.instrument.id), encodeTrade(trade, this.instrument), trade.tsEventUs);
    this.#live.onTrade(trade);
    for (const interval of INTERVALS) this.#formingDirty.add(interval);
  }

  #onFeed(feed: FeedState): void {
    const changed = feed.status !== this.#feed.status || feed.reason !== this.#feed.reason;
    this.#feed = feed;
    if (changed) this.#sayFeed(this.#options.clock.monotonicMs());
  }

  #sayFeed(nowMs: number): void {
    this.#feedSaidMs = nowMs;
    this.#publish(topics.feed(this.instrument.id), encodeFeed(this.#feed), this.#feed.tsEventUs);
  }

  #onClosed({ bar, source, reason }: ClosedBar): void {
    if (source === 'exchange') {
      this.#options.logger.debug('a closed bar is the exchange’s own', {
        instrument: this.instrument.id,
        interval: bar.interval,
        openTimeUs: bar.openTimeUs,
        reason,
      });
    }
    this.series.get(bar.interval)?.onClosed(bar);
  }

  #onCompared(interval: Interval, difference: BarDifference | null): void {
    if (difference === null) return;
    this.#differences.add(1, { interval });
    this.#options.logger.error('a bar built from complete trades differs from the exchange’s own; ours stands', {
      instrument: this.instrument.id,
      interval,
      openTimeUs: difference.ours.openTimeUs,
      fields: difference.fields,
    });
  }

  #publish(subject: string, payload: unknown, tsEventUs: number): void {
    const sent = this.#options.stream.publish(subject, payload, { tsEventUs });
    if (!sent.ok)
      this.#options.logger.error('a market message could not be published', {
        subject,
        code: sent.fault.code,
        reason: sent.fault.message,
      });
  }
}
