import { INTERVALS, floorToInterval, intervalUs, timestampUs, type Interval } from '@monsta/core';
import type { Clock, Logger, MarketDataVenue } from '@monsta/ports';
import type { InstrumentDesk } from './instrument-desk.ts';
import type { PriceCollectorConfig } from './config.ts';

/** The newest bars of every series come before the rest of any, so that the page is useful at once. */
const FIRST_BARS = 500;
const RETRY_MS_MAX = 60_000;

interface Step {
  readonly desk: InstrumentDesk;
  readonly interval: Interval;
  readonly bars: number;
  /** Bars nearer to now than this are there already. */
  readonly skip: number;
}

/** Reads the history that every series begins with. Faults of the venue are tried again for as long as it takes; `missing` tells what is not there yet. */
export class Backfill {
  readonly #steps: Step[];
  readonly #total: number;
  readonly #venue: MarketDataVenue;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #retryMs: number;
  readonly #stop = new AbortController();

  constructor(
    desks: readonly InstrumentDesk[],
    config: PriceCollectorConfig,
    venue: MarketDataVenue,
    clock: Clock,
    logger: Logger,
  ) {
    const steps = (skip: (bars: number) => number, take: (bars: number) => number): Step[] =>
      INTERVALS.flatMap((interval) =>
        desks.map((desk) => ({
          desk,
          interval,
          skip: skip(config.historyBars[interval]),
          bars: take(config.historyBars[interval]),
        })),
      ).filter((step) => step.bars > 0);
    this.#steps = [
      ...steps(
        () => 0,
        (bars) => Math.min(bars, FIRST_BARS),
      ),
      ...steps(
        (bars) => Math.min(bars, FIRST_BARS),
        (bars) => Math.max(0, bars - FIRST_BARS),
      ),
    ];
    this.#total = this.#steps.length;
    this.#venue = venue;
    this.#clock = clock;
    this.#logger = logger;
    this.#retryMs = config.retryMs;
  }

  get missing(): readonly string[] {
    return this.#steps.length === 0
      ? []
      : [`history (${this.#total - this.#steps.length} of ${this.#total} parts read)`];
  }

  stop(): void {
    this.#stop.abort();
  }

  async run(): Promise<void> {
    let waitMs = this.#retryMs;
    while (this.#steps.length > 0 && !this.#stop.signal.aborted) {
      const step = this.#steps[0];
      if (step === undefined) return;
      if (await this.#read(step)) {
        this.#steps.shift();
        waitMs = this.#retryMs;
        continue;
      }
      await this.#clock.sleep(waitMs, this.#stop.signal);
      waitMs = Math.min(RETRY_MS_MAX, waitMs * 2);
    }
  }

  async #read({ desk, interval, bars, skip }: Step): Promise<boolean> {
    const series = desk.series.get(interval);
    if (series === undefined) return true;
    const step = intervalUs(interval);
    const openUs = floorToInterval(this.#venue.nowUs(), interval);
    const toUs = timestampUs(openUs - skip * step);
    const fromUs = timestampUs(Math.max(0, toUs - bars * step));
    const found = await this.#venue.history(desk.instrument.id, interval, fromUs, toUs);
    if (this.#stop.signal.aborted) return true;
    if (!found.ok) {
      this.#logger.warn('history could not be read; it is tried again', {
        instrument: desk.instrument.id,
        interval,
        code: found.fault.code,
        reason: found.fault.message,
      });
      return false;
    }
    series.store.merge(found.value);
    return true;
  }
}
