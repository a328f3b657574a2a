import { floorToInterval, intervalUs, timestampUs, type Bar, type Interval } from '@monsta/core';

/** The bar under way; null before the first. */
export type LongerBarsState = Bar | null;

/** Puts bars of one interval together to bars of a longer one. */
export class LongerBars {
  readonly #interval: Interval;
  #bar: Bar | null = null;

  constructor(interval: Interval) {
    this.#interval = interval;
  }

  /** What is put together so far, for `goOn`. */
  state(): LongerBarsState {
    return this.#bar;
  }

  goOn(state: LongerBarsState): void {
    this.#bar = state;
  }

  /** The bar that closes with this one, if it holds all of its time; null otherwise. */
  push(bar: Bar): Bar | null {
    const openTimeUs = floorToInterval(bar.openTimeUs, this.#interval);
    const closeTimeUs = timestampUs(openTimeUs + intervalUs(this.#interval));
    if (this.#bar === null || this.#bar.openTimeUs !== openTimeUs) {
      // One that begins in its middle would not be the whole of it.
      if (bar.openTimeUs !== openTimeUs) return null;
      this.#bar = { ...bar, interval: this.#interval, closeTimeUs };
    } else {
      const { high, low, volume } = this.#bar;
      this.#bar = {
        ...this.#bar,
        high: bar.high > high ? bar.high : high,
        low: bar.low < low ? bar.low : low,
        close: bar.close,
        volume: volume + bar.volume,
      };
    }
    if (bar.closeTimeUs !== closeTimeUs) return null;
    return { ...this.#bar, tsEventUs: closeTimeUs, tsInitUs: closeTimeUs };
  }
}
