import { encodeBar, topics } from '@monsta/contracts';
import { intervalUs, timestampUs, type Bar, type Instrument, type Interval } from '@monsta/core';
import type { Clock, EventStream, Logger, MarketDataVenue } from '@monsta/ports';
import { BarStore } from './bar-store.ts';

export interface BarSeriesOptions {
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly capacity: number;
  readonly venue: MarketDataVenue;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly repairTimeoutMs: number;
  /** Closed bars that wait for missing ones before them; with more, the oldest goes out as it is. */
  readonly waitingMax: number;
}

/**
 * The bars of one instrument and interval: kept, and published once each, in order. When a closed bar does not follow the one before it, the missing
 * ones are asked of the venue first; bars in which nothing was traded may stay missing, and are then not invented.
 */
export class BarSeries {
  readonly store: BarStore;
  readonly instrument: Instrument;
  readonly interval: Interval;
  readonly #options: BarSeriesOptions;
  #waiting: Bar[] = [];
  #repairing = false;

  constructor(options: BarSeriesOptions) {
    this.#options = options;
    this.instrument = options.instrument;
    this.interval = options.interval;
    this.store = new BarStore(options.capacity);
  }

  /** A bar has closed live. */
  onClosed(bar: Bar): void {
    if (this.#repairing) {
      this.#waiting.push(bar);
      if (this.#waiting.length > this.#options.waitingMax) this.#release();
      return;
    }
    const newest = this.store.newest;
    if (newest === null || bar.openTimeUs <= newest.openTimeUs + intervalUs(this.interval)) {
      this.#give(bar);
      return;
    }
    this.#repairing = true;
    this.#waiting = [bar];
    void this.#repair(newest, bar);
  }

  async #repair(newest: Bar, bar: Bar): Promise<void> {
    const { venue, clock, logger, repairTimeoutMs, instrument, interval } = this.#options;
    const fromUs = timestampUs(newest.openTimeUs + intervalUs(interval));
    const late = clock.sleep(repairTimeoutMs).then(() => null);
    const found = await Promise.race([venue.history(instrument.id, interval, fromUs, bar.openTimeUs), late]);
    const where = { instrument: instrument.id, interval, fromUs, toUs: bar.openTimeUs };
    if (found === null) logger.warn('missing bars did not come in time and stay missing', where);
    else if (!found.ok)
      logger.warn('missing bars could not be read and stay missing', {
        ...where,
        code: found.fault.code,
        reason: found.fault.message,
      });
    else {
      for (const missing of found.value) this.#give(missing);
      if (found.value.length > 0) logger.info('missing bars repaired', { ...where, bars: found.value.length });
    }
    this.#release();
  }

  #release(): void {
    this.#repairing = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bar of waiting) this.#give(bar);
  }

  #give(bar: Bar): void {
    if (!bar.closed || !this.store.put(bar)) return;
    this.publish(bar);
  }

  publish(bar: Bar): void {
    const { stream, logger, instrument } = this.#options;
    const sent = stream.publish(topics.bars(instrument.id, bar.interval), encodeBar(bar, instrument), {
      tsEventUs: bar.tsEventUs,
    });
    if (!sent.ok) logger.error('a bar could not be published', { code: sent.fault.code, reason: sent.fault.message });
  }
}
