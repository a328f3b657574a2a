import {
  type Bar,
  type BookDelta,
  type BookSnapshot,
  type FeedStatus,
  type Instrument,
  type MarketEvent,
  type QuoteTick,
  type Random,
  type TimestampUs,
  type TradeTick,
  US_PER_MS,
} from '@monsta/core';
import { BookSynchroniser, OrderBook, TradeSequence } from '@monsta/market-data';
import type { Clock, Logger, Timer } from '@monsta/ports';
import { Backoff } from './backoff.ts';
import type { BinanceMarketDataConfig } from './config.ts';
import type { FeedMetrics } from './feed-metrics.ts';
import type { MarketRest } from './market-rest.ts';
import { StreamWatch } from './stream-watch.ts';
import { repairTrades } from './trade-repair.ts';
import type { VenueTime } from './venue-time.ts';

export interface LastTrade {
  readonly tradeId: number;
  readonly tsEventUs: TimestampUs;
}

export interface InstrumentFeedParts {
  readonly instrument: Instrument;
  readonly rest: MarketRest;
  readonly clock: Clock;
  readonly time: VenueTime;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: FeedMetrics;
  readonly config: BinanceMarketDataConfig;
  /** The last trade of the feed that this one follows, when the instrument's steps have changed; null for a first. */
  readonly after: LastTrade | null;
  emit(event: MarketEvent): void;
  /** The streams are to come over a new connection: one of them has fallen silent. */
  renew(why: string): void;
}

const SNAPSHOT_DELAYS = { minMs: 250, maxMs: 15_000 };
/** A market without changes gets its snapshot after this long. */
const FIRST_CHANGE_WAIT_MS = 1_000;
/** How long a gap that can't be repaired stays the feed's status, so that nobody overlooks it. */
const GAP_SHOWN_MS = 5_000;
/** A silent stream asks for a new connection at most this often. */
const RENEW_EVERY_MS = 60_000;

/**
 * One instrument's data as it comes from the venue, made whole: each trade once and in order, with missing ones fetched;
 * a book that is either in step or not given out; and what is known of the feed's state.
 */
export class InstrumentFeed {
  readonly #parts: InstrumentFeedParts;
  readonly #book: OrderBook;
  readonly #synchroniser: BookSynchroniser;
  readonly #sequence = new TradeSequence();
  readonly #stop = new AbortController();
  #connected = false;
  #downReason: string | null = 'not connected yet';
  #ended: string | null = null;
  #retired = false;
  /** Counts up with each loss of the connection: a snapshot asked for before is not used after. */
  #generation = 0;
  #fetching = false;
  #snapshotTimer: Timer | null = null;
  #repairing: { readonly from: number; readonly to: number } | null = null;
  /** Live trades waiting for a repair, ids ascending. */
  #pending: TradeTick[] = [];
  /** After a reconnect, until something proves that no trade was missed. */
  #proofNeeded = false;
  #lastTradeUs: TimestampUs | null = null;
  #lastEventUs = 0;
  /** When that came, by our clock; the first connection where nothing came. */
  #lastEventMs: number | null = null;
  /** What the other streams show of each of these. */
  readonly #tradesDue = new StreamWatch();
  readonly #bookDue = new StreamWatch();
  /** The same by time: a trade changes the book. */
  readonly #bookTimeDue = new StreamWatch();
  readonly #quotesDue = new StreamWatch();
  #lastQuote: QuoteTick | null = null;
  #quotesLate = false;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #gap: { readonly reason: string; readonly sinceMs: number } | null = null;
  #wasLive = false;
  #status: FeedStatus | null = null;
  #reason: string | null = null;

  constructor(parts: InstrumentFeedParts) {
    this.#parts = parts;
    this.#book = new OrderBook(parts.instrument.id);
    this.#synchroniser = new BookSynchroniser(this.#book, parts.config.depthBufferMax);
    if (parts.after !== null) {
      this.#sequence.accept(parts.after.tradeId);
      this.#lastTradeUs = parts.after.tsEventUs;
    }
  }

  get status(): FeedStatus | null {
    return this.#status;
  }

  /** Null while the book is not in step. */
  book(depth: number): BookSnapshot | null {
    if (!this.#synchroniser.inStep) return null;
    const nowUs = this.#parts.time.nowUs();
    return this.#book.snapshot(depth, { tsEventUs: nowUs, tsInitUs: nowUs });
  }

  onUp(): void {
    this.#connected = true;
    this.#downReason = null;
    this.#proofNeeded = this.#sequence.lastId !== null;
    this.#lastEventMs ??= this.#parts.clock.monotonicMs();
    for (const due of [this.#tradesDue, this.#bookDue, this.#bookTimeDue, this.#quotesDue]) due.forget();
    this.#snapshotTimer = this.#parts.clock.setTimer(FIRST_CHANGE_WAIT_MS, () => void this.#fetchSnapshot());
    this.check();
  }

  onDown(reason: string): void {
    this.#connected = false;
    this.#downReason = reason;
    this.#generation += 1;
    this.#snapshotTimer?.cancel();
    this.#synchroniser.reset();
    this.check();
  }

  /** The feed is over: stopped, or a recording's end. */
  end(reason: string): void {
    this.#ended = reason;
    this.#stop.abort();
    this.#snapshotTimer?.cancel();
    this.check();
  }

  /** Tells nothing more: another feed goes on with the instrument. Returns what it goes on from; what waited for a repair is asked for again. */
  retire(): LastTrade | null {
    this.#retired = true;
    this.#repairing = null;
    this.#stop.abort();
    this.#snapshotTimer?.cancel();
    const { lastId } = this.#sequence;
    return lastId === null || this.#lastTradeUs === null ? null : { tradeId: lastId, tsEventUs: this.#lastTradeUs };
  }

  onTrade(trade: TradeTick): void {
    this.#seen(trade.tsEventUs);
    this.#tradesDue.came(trade.tradeId);
    if (this.#synchroniser.inStep) this.#bookTimeDue.expect(trade.tsEventUs, this.#parts.clock.monotonicMs());
    if (this.#repairing !== null) {
      this.#hold(trade);
      return;
    }
    const step = this.#sequence.look(trade.tradeId);
    if (step.kind === 'missing') {
      this.#pending = [trade];
      this.#repair(step.from, step.to);
    } else if (step.kind !== 'duplicate') {
      this.#proofNeeded = false;
      this.#give(trade);
    } else this.#duplicate(trade);
  }

  onQuote(quote: QuoteTick): void {
    if (this.#lastQuote !== null && quote.updateId <= this.#lastQuote.updateId) {
      this.#parts.metrics.duplicates.add(1, { kind: 'quote' });
      return;
    }
    this.#lastQuote = quote;
    this.#quotesDue.forget();
    if (this.#synchroniser.inStep) this.#bookDue.expect(quote.updateId, this.#parts.clock.monotonicMs());
    this.#parts.emit(quote);
  }

  onDelta(delta: BookDelta): void {
    this.#seen(delta.tsEventUs);
    const before = this.#best();
    const outcome = this.#synchroniser.onDelta(delta);
    this.#bookDue.came(delta.lastUpdateId);
    this.#bookTimeDue.came(delta.tsEventUs);
    if (outcome === 'applied') {
      this.#compareBest(before, delta.lastUpdateId);
      this.#parts.emit(delta);
    } else if (outcome === 'ignored') this.#parts.metrics.duplicates.add(1, { kind: 'depth' });
    else {
      if (outcome !== 'buffered') {
        this.#parts.metrics.resyncs.add(1, { why: outcome });
        this.#parts.logger.warn('order book out of step', {
          instrument: this.#parts.instrument.id,
          why: outcome,
          updateId: delta.firstUpdateId,
        });
        this.check();
      }
      void this.#fetchSnapshot();
    }
  }

  onExchangeBar(bar: Bar): void {
    if (!bar.closed) this.#seen(bar.tsEventUs);
    if (bar.lastTradeId !== null && this.#sequence.lastId !== null)
      this.#tradesDue.expect(bar.lastTradeId, this.#parts.clock.monotonicMs());
    if (this.#proofNeeded && bar.lastTradeId !== null && this.#repairing === null && !bar.closed) {
      const lastId = this.#sequence.lastId ?? bar.lastTradeId;
      // The exchange's newest trade is the last we have: none was missed. A newer one was: fetch up to it.
      if (bar.lastTradeId === lastId) this.#proofNeeded = false;
      else if (bar.lastTradeId > lastId) this.#repair(lastId + 1, bar.lastTradeId);
    }
    this.#parts.emit(bar);
  }

  /** Looks at the feed's state; tells of it when it changed. */
  check(): void {
    if (this.#retired) return;
    this.#chase();
    const [status, reason] = this.#judge();
    if (status === this.#status && reason === this.#reason) return;
    this.#status = status;
    this.#reason = reason;
    if (status === 'live') this.#wasLive = true;
    const nowUs = this.#parts.time.nowUs();
    this.#parts.emit({
      kind: 'feed',
      instrument: this.#parts.instrument.id,
      status,
      reason,
      tsEventUs: nowUs,
      tsInitUs: nowUs,
    });
  }

  #judge(): readonly [FeedStatus, string | null] {
    const { clock, config } = this.#parts;
    if (this.#ended !== null) return ['ended', this.#ended];
    if (this.#gap !== null && clock.monotonicMs() - this.#gap.sinceMs < GAP_SHOWN_MS) return ['gap', this.#gap.reason];
    const trouble = this.#trouble();
    if (!this.#wasLive && trouble !== null) return ['connecting', trouble];
    if (this.#ageMs() > config.staleAfterMs) {
      return [
        'stale',
        `no event for more than ${config.staleAfterMs} ms of the venue's time${trouble === null ? '' : `; ${trouble}`}`,
      ];
    }
    return trouble === null ? ['live', null] : ['repairing', trouble];
  }

  /** How long ago the venue told something of now; 0 before there was a connection. */
  #ageMs(): number {
    const { clock, time } = this.#parts;
    if (this.#lastEventMs === null) return 0;
    // By our clock too: the venue may tell its own wrong.
    const oursMs = (clock.monotonicMs() - this.#lastEventMs) * time.rate;
    return this.#lastEventUs === 0 ? oursMs : Math.max(oursMs, (time.nowUs() - this.#lastEventUs) / US_PER_MS);
  }

  #trouble(): string | null {
    if (!this.#connected) return `disconnected: ${this.#downReason ?? ''}`;
    if (this.#repairing !== null) return `fetching trades ${this.#repairing.from} to ${this.#repairing.to}`;
    if (!this.#synchroniser.inStep) return 'the order book is not in step yet';
    if (this.#quotesLate) return 'no best bid and ask come';
    return this.#proofNeeded ? 'nothing proves yet that no trade was missed' : null;
  }

  #seen(us: TimestampUs): void {
    this.#parts.time.observed(us);
    if (us <= this.#lastEventUs) return;
    this.#lastEventUs = us;
    this.#lastEventMs = this.#parts.clock.monotonicMs();
  }

  #best(): string {
    return `${this.#book.bestBid()?.[0]} ${this.#book.bestAsk()?.[0]}`;
  }

  /** Where the best bid and ask have changed, a quote has told so or is on its way. */
  #compareBest(before: string, updateId: number): void {
    const best = this.#best();
    const quote = this.#lastQuote;
    if (quote !== null && best === `${quote.bidPrice} ${quote.askPrice}`) this.#quotesDue.forget();
    else if (best !== before) this.#quotesDue.expect(updateId, this.#parts.clock.monotonicMs());
  }

  /** Goes after streams that have fallen silent while others show that there is more. */
  #chase(): void {
    const { clock, config } = this.#parts;
    if (!this.#connected || this.#ended !== null) return;
    const nowMs = clock.monotonicMs();
    const trade = this.#tradesDue.overdue(nowMs, config.streamLagMaxMs);
    if (trade !== null && this.#repairing === null) {
      this.#tradesDue.forget();
      this.#late('trade', nowMs);
      const lastId = this.#sequence.lastId ?? trade;
      if (trade > lastId) this.#repair(lastId + 1, trade);
    }
    const bookLate = [this.#bookDue, this.#bookTimeDue].some(
      (due) => due.overdue(nowMs, config.streamLagMaxMs) !== null,
    );
    if (bookLate && this.#synchroniser.inStep) {
      this.#bookDue.forget();
      this.#bookTimeDue.forget();
      this.#synchroniser.reset();
      this.#late('depth', nowMs);
      void this.#fetchSnapshot();
    }
    const quotesLate = this.#quotesDue.overdue(nowMs, config.streamLagMaxMs) !== null;
    if (quotesLate) this.#late('bookTicker', nowMs);
    this.#quotesLate = quotesLate;
  }

  #late(stream: string, nowMs: number): void {
    if (nowMs - this.#renewedMs < RENEW_EVERY_MS) return;
    this.#renewedMs = nowMs;
    const { instrument, logger, metrics } = this.#parts;
    metrics.silentStreams.add(1, { stream });
    logger.warn('a stream has fallen silent', { instrument: instrument.id, stream });
    this.#parts.renew(`${stream} of ${instrument.id} is silent`);
  }

  #give(trade: TradeTick): void {
    this.#sequence.accept(trade.tradeId);
    this.#tradesDue.came(trade.tradeId);
    this.#lastTradeUs = trade.tsEventUs;
    this.#parts.emit(trade);
  }

  #duplicate(trade: TradeTick): void {
    this.#parts.metrics.duplicates.add(1, { kind: 'trade' });
    if (this.#lastTradeUs === null || trade.tsEventUs <= this.#lastTradeUs) return;
    // An old id with a new time: the venue counts anew, and nothing proves any more what is missing.
    this.#declareGap(
      `trade ids went back from ${this.#sequence.lastId ?? 0} to ${trade.tradeId}; restart to collect anew`,
    );
  }

  #hold(trade: TradeTick): void {
    const last = this.#pending.at(-1)?.tradeId ?? this.#repairing?.to ?? 0;
    if (trade.tradeId <= last) {
      this.#parts.metrics.duplicates.add(1, { kind: 'trade' });
      return;
    }
    if (this.#pending.length < this.#parts.config.repairBufferMax) {
      this.#pending.push(trade);
      return;
    }
    // Full: nothing more can wait, so the missing trades are given up.
    const repair = this.#repairing;
    this.#repairing = null;
    if (repair !== null)
      this.#declareGap(
        `trades ${(this.#sequence.lastId ?? 0) + 1} to ${repair.to} are missing: too many live trades waited for them`,
      );
    this.#flush(repair?.to ?? 0);
    this.onTrade(trade);
  }

  #repair(from: number, to: number): void {
    const repair = { from, to };
    this.#repairing = repair;
    const { instrument, metrics, logger } = this.#parts;
    metrics.gaps.add(1, { outcome: 'found' });
    logger.warn('trades are missing; fetching them', { instrument: instrument.id, from, to });
    this.check();
    const onTrade = (trade: TradeTick): void => {
      if (this.#repairing !== repair) return;
      metrics.repairedTrades.add(1);
      this.#give(trade);
    };
    void repairTrades(
      { instrument, from, to, sinceUs: this.#lastTradeUs, signal: this.#stop.signal, onTrade },
      this.#parts,
    ).then((outcome) => {
      if (this.#repairing !== repair || this.#stop.signal.aborted) return;
      this.#repairing = null;
      this.#proofNeeded = false;
      if (outcome.ok) {
        metrics.gaps.add(1, { outcome: 'repaired' });
        logger.info('missing trades fetched', { instrument: instrument.id, from, to });
      } else this.#declareGap(outcome.fault.message);
      this.#flush(to);
      this.check();
    });
  }

  /** Gives out what waited, from after `id` on; a further hole in it starts the next repair. */
  #flush(id: number): void {
    this.#sequence.accept(id);
    const waiting = this.#pending;
    this.#pending = [];
    for (const trade of waiting) this.onTrade(trade);
  }

  #declareGap(reason: string): void {
    const { clock, instrument, logger, metrics } = this.#parts;
    metrics.gaps.add(1, { outcome: 'unrepaired' });
    logger.error('a gap in the trades remains', { instrument: instrument.id, reason });
    this.#gap = { reason, sinceMs: clock.monotonicMs() };
    this.check();
  }

  async #fetchSnapshot(): Promise<void> {
    if (this.#fetching || this.#synchroniser.inStep || !this.#connected || this.#stop.signal.aborted) return;
    this.#fetching = true;
    this.#snapshotTimer?.cancel();
    try {
      const backoff = new Backoff(SNAPSHOT_DELAYS, this.#parts.random);
      for (
        let again = false;
        !this.#synchroniser.inStep && this.#connected && !this.#stop.signal.aborted;
        again = true
      ) {
        if (again) await this.#parts.clock.sleep(backoff.next(), this.#stop.signal);
        await this.#trySnapshot();
      }
    } finally {
      this.#fetching = false;
    }
  }

  async #trySnapshot(): Promise<void> {
    const { config, instrument, logger, metrics, rest, time } = this.#parts;
    const generation = this.#generation;
    const snapshot = await rest.depth(instrument, config.depthLimit, this.#stop.signal);
    if (generation !== this.#generation || this.#stop.signal.aborted) return;
    if (!snapshot.ok) {
      metrics.snapshots.add(1, { outcome: snapshot.fault.code });
      logger.warn('no snapshot of the order book', {
        instrument: instrument.id,
        code: snapshot.fault.code,
        reason: snapshot.fault.message,
      });
      return;
    }
    const outcome = this.#synchroniser.onSnapshot(snapshot.value);
    metrics.snapshots.add(1, { outcome });
    if (outcome === 'synced') {
      const nowUs = time.nowUs();
      this.#parts.emit(this.#book.snapshot(Number.POSITIVE_INFINITY, { tsEventUs: nowUs, tsInitUs: nowUs }));
    } else logger.info('snapshot of the order book not usable', { instrument: instrument.id, why: outcome });
    this.check();
  }
}
