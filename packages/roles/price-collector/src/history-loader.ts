import {
  BoundedQueue,
  floorToInterval,
  INTERVALS,
  intervalUs,
  sameSteps,
  timestampUs,
  type Bar,
  type Instrument,
  type Interval,
  type Random,
  type TimestampUs,
} from '@monsta/core';
import type { Clock, Gauge, Logger, MarketDataVenue } from '@monsta/ports';
import type { CollectedInstrument, CollectedSeries } from './collected-instrument.ts';
import type { PriceCollectorConfig } from './config.ts';

export interface HistoryLoaderParts {
  readonly venue: Pick<MarketDataVenue, 'history' | 'nowUs'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  readonly config: PriceCollectorConfig;
  readonly missingBars: Gauge;
  /** What is kept of bars from one time to another; it is not asked for again. */
  stored(instrument: Instrument, interval: Interval, fromUs: TimestampUs, toUs: TimestampUs): Promise<readonly Bar[]>;
  /** Bars that came from the venue, in steps of the instrument. */
  onFetched(instrument: Instrument, bars: readonly Bar[]): void;
  /** Bars that fill a hole before a live one: they are to be published. */
  onFilled(collected: CollectedInstrument, series: CollectedSeries, bars: readonly Bar[]): void;
}

/** Bars asked for at once: a page of the venue. */
const CHUNK_BARS = 1_000;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
/** Closed bars after a hole wait this long for the ones before them, which are then asked for beside them. */
const HOLE_TIMEOUT_MS = 15_000;
const HOLE_RETRY_MS = 1_000;
/** Holes that are asked for so; with more, the oldest stays until the next start. */
const HOLES_MAX = 10_000;

/** Of one span at most so many parts are asked for one by one. */
const SPANS_MAX = 8;

/** Bars that are missing between two that are there. */
interface Hole {
  readonly collected: CollectedInstrument;
  readonly series: CollectedSeries;
  readonly fromUs: TimestampUs;
  readonly toUs: TimestampUs;
}

/** The intervals that a newcomer looks at first. */
const LOOKED_AT: readonly Interval[] = ['1h', '1m', '5m', '15m', '4h', '1d'];
const ORDER: readonly Interval[] = [...new Set([...LOOKED_AT, ...INTERVALS])];

/**
 * Fetches older bars: first the newest of every series, then the rest backwards in time, one call after the other so
 * that live data and repairs keep their share of the venue's limits. Failures are retried for as long as the collector runs.
 */
export class HistoryLoader {
  readonly #parts: HistoryLoaderParts;
  readonly #stop = new AbortController();
  readonly #holes = new BoundedQueue<Hole>(HOLES_MAX, 'drop-oldest');
  #fillingHoles = false;

  constructor(parts: HistoryLoaderParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Resolves when everything wanted is in, or when stopped. */
  async load(instruments: readonly CollectedInstrument[]): Promise<void> {
    const { config, logger, venue } = this.#parts;
    const all = ORDER.flatMap((interval) =>
      instruments.flatMap((collected) => {
        const series = collected.series.get(interval);
        return series === undefined ? [] : [{ collected, series }];
      }),
    );
    const ends = new Map<CollectedSeries, TimestampUs>();
    const kept: { collected: CollectedInstrument; series: CollectedSeries; first: TimestampUs }[] = [];
    for (const { collected, series } of all) {
      // Up to the start of the bar that is forming now.
      const end = floorToInterval(venue.nowUs(), series.interval);
      const step = intervalUs(series.interval);
      const from = timestampUs(end - Math.min(config.newestBars, series.wanted) * step);
      const first = timestampUs(Math.max(0, end - series.wanted * step));
      if (await this.#fromStore(collected, series, first, end)) kept.push({ collected, series, first });
      if (!(await this.#fetchMissing(collected, series, from, end))) return;
      ends.set(series, from);
      series.newestLoaded = true;
      this.#report(instruments);
    }
    for (const { collected, series } of all) {
      const step = intervalUs(series.interval);
      let end = ends.get(series) ?? floorToInterval(venue.nowUs(), series.interval);
      let left = series.wanted - Math.min(config.newestBars, series.wanted);
      while (left > 0 && end > 0) {
        const count = Math.min(CHUNK_BARS, left);
        const from = timestampUs(Math.max(0, end - count * step));
        if (!(await this.#fetchMissing(collected, series, from, end))) return;
        end = from;
        left -= count;
      }
      series.complete = true;
      this.#report(instruments);
    }
    logger.info('history loaded', { bars: all.reduce((sum, { series }) => sum + series.closed.size, 0) });
    for (const { collected, series, first } of kept) if (!(await this.#completeKept(collected, series, first))) return;
  }

  /**
   * Of a bar that is kept, prices, volume and flow are known: its turnover, and its trades' ids, are asked of the venue, the newest first, once everything else is there. Where the venue has another bar, or none, ours stays;
   * the book's imbalance is ours in any case.
   * False when stopped.
   */
  async #completeKept(collected: CollectedInstrument, series: CollectedSeries, first: TimestampUs): Promise<boolean> {
    const step = intervalUs(series.interval);
    let newest = series.closed.newestWithoutTurnover(Infinity);
    while (newest !== null && newest >= first) {
      const fromUs = timestampUs(Math.max(first, newest - (CHUNK_BARS - 1) * step));
      const answer = await this.ask(collected, series.interval, fromUs, timestampUs(newest + step));
      if (answer === null) return false;
      for (const bar of answer.bars) {
        const ours = series.closed.before(timestampUs(bar.openTimeUs + 1));
        if (ours !== null && ours.quoteVolume === null && isSame(ours, bar))
          series.closed.put({ ...bar, bookImbalance: ours.bookImbalance });
      }
      newest = series.closed.newestWithoutTurnover(fromUs);
    }
    return true;
  }

  /** True when bars are missing between this one, which just closed, and the one before it, and the venue may have them. */
  hasHoleBefore(series: CollectedSeries, bar: Bar): boolean {
    const previous = series.closed.before(bar.openTimeUs);
    return previous !== null && previous.closeTimeUs < bar.openTimeUs && !series.knownHoles.has(previous.closeTimeUs);
  }

  /**
   * Fetches those missing bars; they go to `onFilled`. Where the venue has none (exchanges too have outages) they stay missing; where they don't come in time, live bars go on without them, and they
   * are asked for until they are there: kept then, but no longer told, since newer ones were.
   */
  async fillHoleBefore(collected: CollectedInstrument, series: CollectedSeries, bar: Bar): Promise<void> {
    const { clock, logger, venue } = this.#parts;
    const previous = series.closed.before(bar.openTimeUs);
    if (previous === null) return;
    const where = {
      instrument: collected.instrument.id,
      interval: series.interval,
      fromUs: previous.closeTimeUs,
      toUs: bar.openTimeUs,
    };
    const late = clock.sleep(HOLE_TIMEOUT_MS, this.#stop.signal).then(() => null);
    const endMs = clock.monotonicMs() + HOLE_TIMEOUT_MS;
    while (clock.monotonicMs() < endMs && !this.#stop.signal.aborted) {
      const { instrument } = collected;
      const fetched = await Promise.race([
        venue.history(instrument.id, series.interval, previous.closeTimeUs, bar.openTimeUs),
        late,
      ]);
      if (fetched === null) break;
      // Bars in steps of before: asked for again.
      if (!sameSteps(instrument, collected.instrument)) continue;
      if (fetched.ok) {
        const added = series.closed.addMissing(fetched.value);
        this.#parts.onFetched(instrument, added);
        this.#parts.onFilled(collected, series, added);
        logger.info('missing bars asked of the venue', { ...where, bars: added.length });
        series.knownHoles.add(previous.closeTimeUs);
        return;
      }
      logger.warn('missing bars not to be had yet', {
        ...where,
        code: fetched.fault.code,
        reason: fetched.fault.message,
      });
      await clock.sleep(HOLE_RETRY_MS, this.#stop.signal);
    }
    if (this.#stop.signal.aborted) return;
    logger.warn('missing bars did not come in time', where);
    this.#holes.push({ collected, series, fromUs: previous.closeTimeUs, toUs: bar.openTimeUs });
    void this.#fillHoles();
  }

  /** One hole after the other, each until the venue has answered. */
  async #fillHoles(): Promise<void> {
    if (this.#fillingHoles) return;
    this.#fillingHoles = true;
    for (let hole = this.#holes.shift(); hole !== undefined; hole = this.#holes.shift()) {
      const { collected, series, fromUs, toUs } = hole;
      if (!(await this.#fetch(collected, series, fromUs, toUs))) return;
      series.knownHoles.add(fromUs);
      const where = { instrument: collected.instrument.id, interval: series.interval, fromUs, toUs };
      this.#parts.logger.info('missing bars came late', where);
    }
    this.#fillingHoles = false;
  }

  /** Bars that are kept need not come from the venue. True where there were some. */
  async #fromStore(
    collected: CollectedInstrument,
    series: CollectedSeries,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<boolean> {
    for (;;) {
      const { instrument } = collected;
      const bars = await this.#parts.stored(instrument, series.interval, fromUs, toUs);
      // Bars in steps of before: read again.
      if (!sameSteps(instrument, collected.instrument)) continue;
      return series.closed.addMissing(bars).length > 0;
    }
  }

  /** Asks for what is not there of a span. False when stopped. */
  async #fetchMissing(
    collected: CollectedInstrument,
    series: CollectedSeries,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<boolean> {
    for (const missing of series.closed.missing(fromUs, toUs, intervalUs(series.interval), SPANS_MAX)) {
      if (!(await this.#fetch(collected, series, missing.fromUs, missing.toUs))) return false;
    }
    return !this.#stop.signal.aborted;
  }

  /** False when stopped. */
  async #fetch(
    collected: CollectedInstrument,
    series: CollectedSeries,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<boolean> {
    const answer = await this.ask(collected, series.interval, fromUs, toUs);
    if (answer === null) return false;
    this.#parts.onFetched(answer.instrument, series.closed.addMissing(answer.bars));
    return true;
  }

  /** Bars of a span as the venue has them, and in whose steps; asked for until it has answered. Null when stopped. */
  async ask(
    collected: CollectedInstrument,
    interval: Interval,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<{ readonly instrument: Instrument; readonly bars: readonly Bar[] } | null> {
    const { clock, logger, random, venue } = this.#parts;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      const { instrument } = collected;
      if (fromUs >= toUs) return { instrument, bars: [] };
      const bars = await venue.history(instrument.id, interval, fromUs, toUs);
      if (this.#stop.signal.aborted) return null;
      // Bars in steps of before: asked for again.
      if (!sameSteps(instrument, collected.instrument)) continue;
      if (bars.ok) return { instrument, bars: bars.value };
      const where = { instrument: instrument.id, interval, code: bars.fault.code, reason: bars.fault.message };
      if (bars.fault.retry === 'permanent') {
        // Asking again would change nothing, and the other series must not wait for this one.
        logger.error('history not to be had; this part stays missing', { ...where, fromUs, toUs });
        return { instrument, bars: [] };
      }
      const full = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(attempt, 10));
      const delayMs = Math.max(full / 2 + (random.next() * full) / 2, bars.fault.retryAfterMs ?? 0);
      logger.warn('history not to be had yet', { ...where, againAfterMs: delayMs });
      await clock.sleep(delayMs, this.#stop.signal);
    }
    return null;
  }

  #report(instruments: readonly CollectedInstrument[]): void {
    let missing = 0;
    for (const collected of instruments) {
      for (const series of collected.series.values()) {
        if (!series.complete) missing += Math.max(0, series.wanted - series.closed.size);
      }
    }
    this.#parts.missingBars.set(missing);
  }
}

const isSame = (one: Bar, other: Bar): boolean =>
  one.openTimeUs === other.openTimeUs &&
  one.open === other.open &&
  one.high === other.high &&
  one.low === other.low &&
  one.close === other.close &&
  one.volume === other.volume;
