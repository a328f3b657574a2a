import {
  type Bar,
  type BookDelta,
  type BookSnapshot,
  type FeedState,
  type Instrument,
  type Interval,
  type QuoteTick,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import { BookImbalance, LiveBars, type LiveBarsHandlers } from '@monsta/market-data';
import { BarSeries } from './bar-series.ts';
import type { PriceCollectorConfig } from './config.ts';
import { newSteps } from './new-steps.ts';
import { RecentTrades } from './recent-trades.ts';

/** Slack above the history asked for: what comes in while it is fetched must not push it out. */
const SERIES_SLACK = 500;
/** Open times of published bars remembered per interval. */
const PUBLISHED_MEMORY = 64;

/** The bars of one instrument and interval, and what is still to do for them. */
export class CollectedSeries {
  readonly interval: Interval;
  readonly closed: BarSeries;
  /** Closed bars wanted from history. */
  readonly wanted: number;
  /** The newest bars are in: the series is of use. */
  newestLoaded = false;
  /** All the history there is of what was wanted is in. */
  complete = false;
  /** The forming bar changed since it was published. */
  dirty = false;
  /** Starts of holes that the venue has no bars for. */
  readonly knownHoles = new Set<TimestampUs>();
  /** Closed bars waiting for missing ones before them; null when nothing is missing. */
  waiting: Bar[] | null = null;
  readonly #published = new Set<TimestampUs>();

  constructor(interval: Interval, wanted: number) {
    this.interval = interval;
    this.wanted = wanted;
    this.closed = new BarSeries(wanted + SERIES_SLACK);
  }

  /** True the first time a bar is to be published, false ever after. */
  publishOnce(openTimeUs: TimestampUs): boolean {
    if (this.#published.has(openTimeUs)) return false;
    this.#published.add(openTimeUs);
    for (const oldest of this.#published) {
      if (this.#published.size <= PUBLISHED_MEMORY) break;
      this.#published.delete(oldest);
    }
    return true;
  }
}

/** What the collector holds in memory of one instrument; all of it bounded, and counted in the steps of `instrument`. */
export class CollectedInstrument {
  readonly series: ReadonlyMap<Interval, CollectedSeries>;
  readonly trades: RecentTrades;
  feed: FeedState | null = null;
  quote: QuoteTick | null = null;
  quoteDirty = false;
  bookDirty = false;
  readonly #imbalance: BookImbalance;
  readonly #intervals: readonly Interval[];
  readonly #handlers: LiveBarsHandlers;
  #instrument: Instrument;
  #live: LiveBars;

  constructor(instrument: Instrument, config: PriceCollectorConfig, handlers: LiveBarsHandlers) {
    this.#instrument = instrument;
    this.#handlers = handlers;
    this.#intervals = [...new Set(config.intervals)];
    this.#imbalance = new BookImbalance(this.#intervals);
    this.#live = new LiveBars(instrument, this.#intervals, handlers);
    this.series = new Map(
      this.#intervals.map((interval) => [interval, new CollectedSeries(interval, config.historyBars[interval])]),
    );
    this.trades = new RecentTrades(config.tradesKept);
  }

  get instrument(): Instrument {
    return this.#instrument;
  }

  get live(): LiveBars {
    return this.#live;
  }

  onTrade(trade: TradeTick): void {
    this.trades.push(trade);
    this.live.onTrade(trade);
    for (const series of this.series.values()) series.dirty = true;
  }

  /** `book`: as it stands after the event, its best levels at least; null while it is not in step. */
  onBook(event: BookDelta | BookSnapshot, book: BookSnapshot | null): void {
    this.bookDirty = true;
    // What happened before a snapshot is in no book of ours.
    if (book === null || event.kind === 'book-snapshot') this.#imbalance.lost();
    if (book !== null) this.#imbalance.changed(event.tsEventUs, book.bids[0], book.asks[0]);
  }

  /** `book` as in `onBook`. */
  onFeed(feed: FeedState, book: BookSnapshot | null): void {
    this.feed = feed;
    if (book === null) this.#imbalance.lost();
  }

  /** A bar that has just closed, with the imbalance of the book while it formed. */
  withImbalance(bar: Bar): Bar {
    return { ...bar, bookImbalance: this.#imbalance.of(bar.interval, bar.openTimeUs) };
  }

  /** The forming bar, if it opened after every closed one. */
  forming(interval: Interval): Bar | null {
    return this.live.forming(interval);
  }

  /** The newest `limit` bars that opened before a time (null: now, the forming one included), oldest first; null where bars of the interval are not collected. */
  bars(interval: Interval, limit: number, beforeUs: TimestampUs | null): readonly Bar[] | null {
    const series = this.series.get(interval);
    if (series === undefined) return null;
    const closed = series.closed.newest(limit, beforeUs);
    const forming = this.forming(interval);
    const last = closed.at(-1);
    const wanted =
      forming !== null &&
      limit > 0 &&
      (beforeUs === null || forming.openTimeUs < beforeUs) &&
      (last === undefined || last.openTimeUs < forming.openTimeUs);
    return wanted ? [...closed, forming].slice(-limit) : closed;
  }

  /**
   * Goes on in new terms. In new steps, what is held is counted anew; the forming bars begin again with the exchange's own, which hold what was before. Returns how many
   * closed bars had to go because their prices lie between two new ticks.
   */
  use(instrument: Instrument): number {
    const steps = newSteps(this.#instrument, instrument);
    this.#instrument = instrument;
    if (steps === null) return 0;
    const convert = (bar: Bar): Bar | null => steps.bar(bar);
    let gone = 0;
    for (const { closed, waiting } of this.series.values()) {
      gone += closed.convert(convert);
      // In place: whoever fills the hole before them holds the same list.
      waiting?.splice(0, waiting.length, ...waiting.flatMap((bar) => convert(bar) ?? []));
    }
    this.trades.convert((trade) => steps.trade(trade));
    this.#live = new LiveBars(instrument, this.#intervals, this.#handlers);
    this.#imbalance.lost();
    this.quote = null;
    this.quoteDirty = false;
    return gone;
  }
}
