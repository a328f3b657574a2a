import { instrumentId, sameTerms, type Instrument, type Random, type Result } from '@monsta/core';
import type { Clock, Counter, Gauge, InstrumentsRead, Logger, Metrics, Timer } from '@monsta/ports';
import { Backoff } from './backoff.ts';
import type { BinanceMarketDataConfig } from './config.ts';
import type { ExchangeListing } from './symbol-rules-reader.ts';
import type { VenueTime } from './venue-time.ts';

export interface InstrumentWatchParts {
  readonly clock: Clock;
  readonly time: VenueTime;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly config: BinanceMarketDataConfig;
  /** Reads the whole list. */
  read(): Promise<Result<ExchangeListing>>;
  /** The collected instruments as they are known. */
  current(): readonly Instrument[];
  onRead(read: InstrumentsRead): void;
}

const FIRST_MS = 1_000;
const RETRY_DELAYS = { minMs: 5_000, maxMs: 600_000 };
/** Readings are spread by this share of their interval, so that many clients don't ask at once. */
const JITTER = 0.1;
/** Different things that were not understood and are logged, once each; more are counted only. */
const LOGGED_MAX = 1_000;

/** Reads the venue's list of instruments now and then, and soon whenever something says that what is known of them is old. */
export class InstrumentWatch {
  readonly #parts: InstrumentWatchParts;
  readonly #readings: Counter;
  readonly #changes: Counter;
  readonly #unknown: Gauge;
  readonly #leftOut: Gauge;
  readonly #logged = new Set<string>();
  #timer: Timer | null = null;
  #dueMs = 0;
  #readMs = Number.NEGATIVE_INFINITY;
  readonly #backoff: Backoff;
  #reading = false;
  #stopped = false;

  constructor(parts: InstrumentWatchParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(RETRY_DELAYS, parts.random);
    const { metrics } = parts;
    this.#readings = metrics.counter({
      name: 'monsta_binance_listings_read_total',
      help: 'Readings of the list of instruments by outcome',
      labels: ['outcome'],
    });
    this.#changes = metrics.counter({
      name: 'monsta_binance_instrument_changes_total',
      help: 'Changes of the terms of collected instruments',
    });
    this.#unknown = metrics.gauge({
      name: 'monsta_binance_listing_unknown_count',
      help: 'Filters, fields and values of the list of instruments that are not known and are passed over',
    });
    this.#leftOut = metrics.gauge({
      name: 'monsta_binance_listing_left_out_count',
      help: 'Listed instruments whose terms could not be read',
    });
  }

  /** Reads once the feeds have had their turn, then at the interval. */
  start(): void {
    this.#schedule(FIRST_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Reads as soon as the last reading is long enough ago. */
  doubt(reason: string): void {
    if (this.#stopped) return;
    const { clock, config, logger } = this.#parts;
    const nowMs = clock.monotonicMs();
    const delayMs = Math.max(0, this.#readMs + config.instrumentsDoubtedMs - nowMs);
    if (this.#reading || this.#dueMs <= nowMs + delayMs) return;
    logger.info('the terms of the instruments are read again', { reason, afterMs: delayMs });
    this.#schedule(delayMs);
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    this.#dueMs = this.#parts.clock.monotonicMs() + delayMs;
    this.#timer = this.#parts.clock.setTimer(delayMs, () => void this.#read());
  }

  async #read(): Promise<void> {
    const { clock, config, logger, random } = this.#parts;
    this.#reading = true;
    const listing = await this.#parts.read();
    this.#reading = false;
    if (this.#stopped) return;
    if (!listing.ok) {
      const { code, message } = listing.fault;
      this.#readings.add(1, { outcome: code });
      const delayMs = Math.max(this.#backoff.next(), listing.fault.retryAfterMs ?? 0);
      logger.warn('the list of instruments could not be read', { code, reason: message, againAfterMs: delayMs });
      this.#schedule(Math.min(delayMs, config.instrumentsRefreshMs));
      return;
    }
    this.#backoff.reset();
    this.#readMs = clock.monotonicMs();
    this.#readings.add(1, { outcome: 'read' });
    this.#schedule(config.instrumentsRefreshMs * (1 - JITTER / 2 + random.next() * JITTER));
    this.#take(listing.value);
  }

  #take({ symbols, leftOut, unknown }: ExchangeListing): void {
    const observedUs = this.#parts.time.nowUs();
    const unreadable = new Set(leftOut.map(({ symbol }) => instrumentId(symbol)));
    this.#report(leftOut, unknown);
    const changed = this.#parts.current().flatMap((before): readonly Instrument[] => {
      if (unreadable.has(before.id)) return [];
      const now: Instrument = symbols.get(before.id)?.instrument ?? { ...before, status: 'delisted' };
      return sameTerms(before, now) ? [] : [{ ...now, version: before.version + 1, validFromUs: observedUs }];
    });
    for (const { id, version, status } of changed) {
      this.#changes.add();
      this.#parts.logger.warn('the venue has changed the terms of an instrument', { instrument: id, version, status });
    }
    const listed = Array.from(symbols.values(), ({ instrument }) => instrument);
    this.#parts.onRead({ observedUs, listed, unreadable: [...unreadable], changed });
  }

  #report(leftOut: ExchangeListing['leftOut'], unknown: ExchangeListing['unknown']): void {
    this.#leftOut.set(leftOut.length);
    this.#unknown.set([...unknown.values()].reduce((sum, count) => sum + count, 0));
    const once = (key: string): boolean => {
      if (this.#logged.has(key) || this.#logged.size >= LOGGED_MAX) return false;
      this.#logged.add(key);
      return true;
    };
    for (const { symbol, reason } of leftOut) {
      if (once(reason)) this.#parts.logger.warn('a listed instrument is left out', { instrument: symbol, reason });
    }
    for (const [what, count] of unknown) {
      if (once(what)) this.#parts.logger.info('a part of the list of instruments is not known here', { what, count });
    }
  }
}
