import {
  barAt,
  msFromUs,
  US_PER_MS,
  type Bar,
  type Instrument,
  type InstrumentTerms,
  type Interval,
  type Random,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { AppendOutcome, Catalog, Clock, Logger } from '@monsta/ports';
import type { CollectorMetrics } from './collector-metrics.ts';
import type { Retention, StoreConfig } from './config.ts';
import { keptFromMs } from './retention.ts';
import { partOf, WaitingRows, type Batch, type StoredPart } from './waiting-rows.ts';

export interface MarketStoreParts {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: CollectorMetrics;
  /** Spreads retries. */
  readonly random: Random;
  readonly config: StoreConfig & { readonly intervals: readonly Interval[] };
  readonly retention: Retention;
  /** Now at the venue. */
  nowUs(): TimestampUs;
}

/** Rows of one append. */
const APPEND_ROWS_MAX = 50_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
/** The first tidying comes so long after the start. */
const FIRST_TIDY_MS = 60_000;
const LOGGED_EVERY_MS = 60_000;

const termsOf = ({ id, tick, lot, quote }: Instrument): InstrumentTerms => ({ id, tick, lot, quote });

/**
 * Stores what the collector takes in: rows wait in memory, at most so many, and go into the catalogue together. What can't be stored now waits and is tried again; what had to go is counted and told, and is asked of the
 * venue again at the next start, as a bar that is missing in the catalogue.
 */
export class MarketStore {
  readonly #parts: MarketStoreParts;
  readonly #waiting: WaitingRows;
  readonly #intervals: ReadonlySet<Interval>;
  readonly #stop = new AbortController();
  #wake = new AbortController();
  #failures = 0;
  #ended = false;
  #flushing: Promise<boolean> | null = null;
  #lostLoggedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: MarketStoreParts) {
    this.#parts = parts;
    this.#waiting = new WaitingRows(parts.config.bufferRowsMax);
    this.#intervals = new Set(parts.config.intervals);
  }

  /** A closed bar, in steps of the instrument. */
  bar(instrument: Instrument, bar: Bar): void {
    if (this.#intervals.has(bar.interval)) this.#took(this.#waiting.addBar(instrument, bar));
  }

  trade(instrument: Instrument, trade: TradeTick): void {
    if (this.#parts.config.trades) this.#took(this.#waiting.addTrade(instrument, trade));
  }

  keeps(interval: Interval): boolean {
    return this.#intervals.has(interval);
  }

  #took(whole: boolean): void {
    const { config, metrics } = this.#parts;
    metrics.waitingRows.set(this.#waiting.size);
    if (!whole) this.#lost('full', 1);
    if (this.#waiting.size >= config.flushRows && this.#failures === 0) this.#wake.abort();
  }

  /** Begins to store, and to tidy up. */
  start(): void {
    void this.#storeAgainAndAgain();
    void this.#tidyAgainAndAgain();
  }

  async #storeAgainAndAgain(): Promise<void> {
    const { clock, config, random } = this.#parts;
    while (!this.#stop.signal.aborted) {
      const full = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(this.#failures - 1, 10));
      const pauseMs = this.#failures === 0 ? config.flushIntervalMs : full / 2 + (random.next() * full) / 2;
      this.#wake = new AbortController();
      await clock.sleep(pauseMs, this.#wake.signal);
      if (!this.#stop.signal.aborted) this.#failures = (await this.flush()) ? 0 : this.#failures + 1;
    }
  }

  /** Stores what waits; false where some of it still does. */
  flush(): Promise<boolean> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #flush(): Promise<boolean> {
    let stored = true;
    if (this.#ended) return this.#waiting.size === 0;
    for (const batch of this.#waiting.batches()) {
      while (batch.rows.size > 0 && !this.#ended) {
        const part = partOf(batch, APPEND_ROWS_MAX);
        if (await this.#append(batch, part)) continue;
        stored = false;
        break;
      }
    }
    this.#parts.metrics.waitingRows.set(this.#waiting.size);
    return stored;
  }

  /** False where it has to wait. */
  async #append(batch: Batch, part: StoredPart): Promise<boolean> {
    const { catalog, logger, metrics } = this.#parts;
    const appended: Result<AppendOutcome> =
      part.kind === 'bars' ? await catalog.appendBars(part.series) : await catalog.appendTrades(part.series);
    if (appended.ok) {
      this.#waiting.remove(batch, part.keys);
      metrics.storedRows.add(appended.value.added, { kind: part.kind });
      return true;
    }
    const { code, message } = appended.fault;
    metrics.storeFaults.add(1, { code });
    if (code === 'catalog_disagrees') return this.#leaveOutStored(batch, part);
    if (code === 'catalog_refused') {
      // Trying again would change nothing.
      this.#waiting.remove(batch, part.keys);
      this.#lost('refused', part.keys.length, message);
      return true;
    }
    logger.warn('the catalogue takes nothing now; it is tried again', {
      instrument: batch.instrument.id,
      rows: part.keys.length,
      code,
      reason: message,
    });
    return false;
  }

  /** What the catalogue has stays as it is: of rows that it has too, none is stored. */
  async #leaveOutStored(batch: Batch, part: StoredPart): Promise<boolean> {
    const { catalog } = this.#parts;
    const instrument = termsOf(batch.instrument);
    const there = new Set<number>();
    if (part.kind === 'bars') {
      const { openTimeMs, interval, length } = part.series;
      const span = { fromMs: openTimeMs[0] ?? 0, toMs: (openTimeMs[length - 1] ?? 0) + 1 };
      const stored = await catalog.bars({ instrument: { ...instrument, tick: null }, interval, ...span });
      if (!stored.ok) return false;
      for (const ms of stored.value.openTimeMs) there.add(ms * US_PER_MS);
    } else {
      const { timeUs, length } = part.series;
      const span = {
        fromMs: Math.floor((timeUs[0] ?? 0) / US_PER_MS),
        toMs: Math.floor((timeUs[length - 1] ?? 0) / US_PER_MS) + 1,
      };
      const stored = await catalog.trades({ instrument: { ...instrument, tick: null }, ...span });
      if (!stored.ok) return false;
      for (const id of stored.value.tradeId) there.add(id);
    }
    const known = part.keys.filter((key) => there.has(key));
    this.#waiting.remove(batch, known);
    this.#lost('disagrees', known.length, `the catalogue of ${instrument.id} has other rows for their times`);
    return known.length > 0;
  }

  #lost(reason: 'full' | 'disagrees' | 'refused', rows: number, why?: string): void {
    const { clock, logger, metrics } = this.#parts;
    metrics.lostRows.add(rows, { reason });
    const nowMs = clock.monotonicMs();
    if (reason === 'full' && nowMs - this.#lostLoggedMs < LOGGED_EVERY_MS) return;
    this.#lostLoggedMs = nowMs;
    logger.warn('rows do not go into the catalogue', { reason, rows, waiting: this.#waiting.size, why });
  }

  /** Bars that the catalogue has of a span, in the instrument's steps; none where it can't be read, which is logged. */
  async stored(
    instrument: Instrument,
    interval: Interval,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<readonly Bar[]> {
    if (!this.keeps(interval) || fromUs >= toUs) return [];
    const { catalog, logger } = this.#parts;
    const span = { fromMs: msFromUs(fromUs), toMs: msFromUs(toUs) };
    const read = await catalog.bars({ instrument: termsOf(instrument), interval, ...span, shared: true, flow: true });
    if (!read.ok) {
      const { code, message } = read.fault;
      logger.warn('bars of the catalogue can’t be read; the venue is asked', {
        instrument: instrument.id,
        interval,
        code,
        reason: message,
      });
      return [];
    }
    const series = { ...read.value, instrument };
    return Array.from({ length: series.length }, (_, index) => barAt(series, index));
  }

  async #tidyAgainAndAgain(): Promise<void> {
    const { clock, config } = this.#parts;
    await clock.sleep(Math.min(FIRST_TIDY_MS, config.tidyIntervalMs), this.#stop.signal);
    while (!this.#stop.signal.aborted) {
      await this.#tidy();
      await clock.sleep(config.tidyIntervalMs, this.#stop.signal);
    }
  }

  /** Removes what is too old, and makes one file of each past month. What can't be done now is done the next time. */
  async #tidy(): Promise<void> {
    const { catalog, logger, metrics, retention } = this.#parts;
    const nowMs = msFromUs(this.#parts.nowUs());
    const failed = (fault: { readonly code: string; readonly message: string }): void =>
      logger.warn('the catalogue could not be tidied', { code: fault.code, reason: fault.message });
    const listed = await catalog.list();
    if (!listed.ok) {
      failed(listed.fault);
      return;
    }
    for (const entry of listed.value) {
      const beforeMs = keptFromMs(retention, entry, nowMs);
      if (beforeMs === null || this.#stop.signal.aborted) continue;
      const { kind, instrument, interval } = entry;
      const pruned = await catalog.prune({ kind, instrument, interval, beforeMs });
      if (!pruned.ok) failed(pruned.fault);
      else if (pruned.value.rows > 0) {
        metrics.prunedRows.add(pruned.value.rows, { kind });
        logger.info('rows that were too old removed', { kind, instrument, interval, beforeMs, ...pruned.value });
      }
    }
    if (this.#stop.signal.aborted) return;
    const compacted = await catalog.compact(nowMs);
    if (!compacted.ok) failed(compacted.fault);
  }

  /** Begins no other append. */
  stop(): void {
    this.#stop.abort();
    this.#ended = true;
  }

  /** Stores what waits, once; what can't be is told. */
  async drain(): Promise<void> {
    this.#stop.abort();
    this.#wake.abort();
    // One that was under way began before the last rows came.
    await this.#flushing;
    if (await this.flush()) return;
    this.#parts.logger.error('rows are not stored; they are asked of the venue again at the next start', {
      rows: this.#waiting.size,
    });
  }
}
