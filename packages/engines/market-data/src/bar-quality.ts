import { intervalMs, MS_PER_HOUR, type BarSeries } from '@monsta/core';
import { priceJumps, type PriceJump } from './price-jumps.ts';

/** So many bars that repeat the one before them in all are no chance. */
const REPEATED_MIN = 3;
/** So many bars with volume at one and the same price are told of. */
const FLAT_MIN = 10;

/** Bars that are missing between two. */
export interface BarGap {
  /** Open times of the bars before and after. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly missing: number;
}

/** Bars one after the other that have something in common. */
export interface BarRun {
  readonly fromMs: number;
  readonly bars: number;
}

/** Runs of bars; the longest are the examples. */
export interface BarRuns {
  readonly runs: number;
  readonly bars: number;
  readonly examples: readonly BarRun[];
}

/** What there is to say of a series of bars that is whole and in order. Nothing of it is surely wrong. */
export interface BarQuality {
  readonly bars: number;
  /** Open times; null where there is no bar. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** The longest gaps are the examples. */
  readonly gaps: { readonly count: number; readonly missing: number; readonly examples: readonly BarGap[] };
  /** Runs of bars without volume. */
  readonly zeroVolume: BarRuns;
  /** Runs of at least three bars, with volume, that are the same in all: a feed that stood still repeats itself. The first of a run counts too. */
  readonly repeated: BarRuns;
  /** Runs of at least ten bars, with volume, at one price, which are not the same in all. */
  readonly flat: BarRuns;
  /** Prices five times or a fifth of those around them: a point that slipped, or a market that broke. The farthest are the examples. */
  readonly jumps: { readonly count: number; readonly examples: readonly PriceJump[] };
  /** Gaps of one hour in a Sunday's night of spring, as a local clock that is set forward leaves; the first are the examples. */
  readonly clockSetForward: { readonly count: number; readonly examples: readonly BarGap[] };
}

/** Where bars are missing, the oldest first. */
export function gapsOf(series: BarSeries): readonly BarGap[] {
  const { openTimeMs, length } = series;
  const step = intervalMs(series.interval);
  const gaps: BarGap[] = [];
  for (let index = 1; index < length; index += 1) {
    const [beforeMs, afterMs] = [openTimeMs[index - 1] ?? 0, openTimeMs[index] ?? 0];
    if (afterMs - beforeMs > step) gaps.push({ beforeMs, afterMs, missing: (afterMs - beforeMs) / step - 1 });
  }
  return gaps;
}

/** Runs of at least `min` bars, counted as they end. */
class Runs {
  readonly #min: number;
  readonly #found: BarRun[] = [];
  #fromMs = 0;
  #bars = 0;

  constructor(min: number) {
    this.#min = min;
  }

  /** The next bar: whether it is in a run; the run begins at `fromMs`, with `first` bars, if none has begun. */
  take(inside: boolean, fromMs: number, first: number): void {
    if (!inside) this.end();
    else if (this.#bars > 0) this.#bars += 1;
    else {
      this.#fromMs = fromMs;
      this.#bars = first;
    }
  }

  end(): void {
    if (this.#bars >= this.#min && this.#bars > 0) this.#found.push({ fromMs: this.#fromMs, bars: this.#bars });
    this.#bars = 0;
  }

  result(examplesMax: number): BarRuns {
    this.end();
    return {
      runs: this.#found.length,
      bars: this.#found.reduce((sum, { bars }) => sum + bars, 0),
      examples: this.#found.toSorted((left, right) => right.bars - left.bars).slice(0, examplesMax),
    };
  }
}

function runsOf(series: BarSeries, examplesMax: number): Pick<BarQuality, 'zeroVolume' | 'repeated' | 'flat'> {
  const { openTimeMs, open, high, low, close, volume, length } = series;
  const zeroVolume = new Runs(1);
  const repeated = new Runs(REPEATED_MIN);
  const flat = new Runs(FLAT_MIN);
  for (let index = 0; index < length; index += 1) {
    const openMs = openTimeMs[index] ?? 0;
    const beforeMs = openTimeMs[index - 1] ?? openMs;
    const traded = volume[index] !== 0;
    const level = traded && high[index] === low[index];
    const again =
      traded &&
      index > 0 &&
      open[index] === open[index - 1] &&
      high[index] === high[index - 1] &&
      low[index] === low[index - 1] &&
      close[index] === close[index - 1] &&
      volume[index] === volume[index - 1];
    zeroVolume.take(!traded, openMs, 1);
    repeated.take(again, beforeMs, 2);
    // A price that moves from one level bar to the next ends a run and begins another.
    if (level && index > 0 && high[index] !== high[index - 1]) flat.end();
    flat.take(level && !again, openMs, 1);
  }
  return {
    zeroVolume: zeroVolume.result(examplesMax),
    repeated: repeated.result(examplesMax),
    flat: flat.result(examplesMax),
  };
}

/** Counts what is missing and what is odd; `examplesMax` of each kind are named. */
export function barQuality(series: BarSeries, examplesMax: number): BarQuality {
  const { openTimeMs, length } = series;
  const gaps = gapsOf(series);
  const jumps = priceJumps(series);
  const forward = gaps.filter(isClockSetForward(intervalMs(series.interval)));
  return {
    bars: length,
    firstMs: openTimeMs[0] ?? null,
    lastMs: openTimeMs[length - 1] ?? null,
    gaps: {
      count: gaps.length,
      missing: gaps.reduce((sum, { missing }) => sum + missing, 0),
      examples: gaps.toSorted((left, right) => right.missing - left.missing).slice(0, examplesMax),
    },
    ...runsOf(series, examplesMax),
    jumps: {
      count: jumps.length,
      examples: jumps.toSorted((left, right) => away(right) - away(left)).slice(0, examplesMax),
    },
    clockSetForward: { count: forward.length, examples: forward.slice(0, examplesMax) },
  };
}

const away = ({ ratio }: PriceJump): number => Math.abs(Math.log(ratio));

/** Clocks are set forward by an hour between 00:00 and 03:00 of a Sunday: in March (Europe, America), or in September and October (south of the equator). */
const isClockSetForward =
  (step: number) =>
  ({ beforeMs, afterMs }: BarGap): boolean => {
    if (afterMs - beforeMs - step !== MS_PER_HOUR) return false;
    const missing = new Date(beforeMs + step);
    const month = missing.getUTCMonth() + 1;
    return missing.getUTCDay() === 0 && missing.getUTCHours() <= 2 && (month === 3 || month === 9 || month === 10);
  };
