import { barAt, isMadeOf, msFromUs, type Bar, type BarSeries, type InstrumentId, type Interval } from '@monsta/core';

/** Shorter bars of the instruments of a backtest, by which the path inside its bars is decided. */
export class FinerBars {
  readonly #series: ReadonlyMap<InstrumentId, BarSeries>;
  readonly #interval: Interval;

  /** `finer`: one of each of `series`, in its order, all of one interval of which theirs is a multiple. Throws `RangeError` for others. */
  constructor(series: readonly BarSeries[], finer: readonly BarSeries[]) {
    const [first] = finer;
    if (first === undefined || finer.length !== series.length)
      throw new RangeError('finer bars are given of each instrument');
    for (const [index, each] of finer.entries()) {
      const coarse = series[index];
      if (coarse === undefined || each.instrument.id !== coarse.instrument.id)
        throw new RangeError('finer bars are given in the order of the bars that they explain');
      if (each.interval !== first.interval || !isMadeOf(coarse.interval, each.interval))
        throw new RangeError(`bars of ${each.interval} do not explain bars of ${coarse.interval}`);
    }
    this.#interval = first.interval;
    this.#series = new Map(finer.map((each) => [each.instrument.id, each]));
  }

  /** The one that opens with a bar. */
  firstOf(bar: Bar): Bar {
    return this.#of(bar)[0] ?? bar;
  }

  /** Those of all bars, in the order of their times and within one that of `bars`. */
  partsOf(bars: readonly Bar[]): readonly Bar[] {
    return bars.flatMap((bar) => this.#of(bar)).sort((left, right) => left.closeTimeUs - right.closeTimeUs);
  }

  /** Throws `RangeError` where they go beyond the bar that they explain: they are of another market, or of another time. */
  #of(bar: Bar): readonly Bar[] {
    const series = this.#series.get(bar.instrument);
    // In the words of the rules, which know one interval.
    const whole = [{ ...bar, interval: this.#interval }];
    if (series === undefined) return whole;
    const from = firstFrom(series.openTimeMs, msFromUs(bar.openTimeUs));
    const until = firstFrom(series.openTimeMs, msFromUs(bar.closeTimeUs));
    if (series.openTimeMs[from] !== msFromUs(bar.openTimeUs)) return whole;
    const parts = Array.from({ length: until - from }, (_, index) => barAt(series, from + index));
    const beyond = parts.find(({ low, high }) => low < bar.low || high > bar.high);
    if (beyond === undefined) return parts;
    const when = new Date(msFromUs(beyond.openTimeUs)).toISOString();
    throw new RangeError(
      `the finer bar of ${bar.instrument} at ${when} goes beyond the bar of ${bar.interval} that it is part of`,
    );
  }
}

/** Index of the first time that is not earlier. */
function firstFrom(sorted: Float64Array, ms: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
