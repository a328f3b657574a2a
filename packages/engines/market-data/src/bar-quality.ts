import { intervalMs, MS_PER_HOUR, type BarSeries } from '@monsta/core';

/** So many of each kind are shown. */
const EXAMPLES_MAX = 5;
/** Clocks are at most so far apart. */
const SHIFT_HOURS_MAX = 14;
/** A shift is believed when so many bars that overlap are equal under it, of at least so many. */
const SHIFT_SHARE = 0.95;
const SHIFT_BARS_MIN = 24;

export interface GapExample {
  /** Open times of the bars before and after. */
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly missing: number;
}

export interface QuietExample {
  readonly fromMs: number;
  readonly bars: number;
}

/** What there is to say of a series of bars that is whole and in order. */
export interface BarQuality {
  readonly bars: number;
  /** Open times; null where there is no bar. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** The longest gaps are the examples. */
  readonly gaps: { readonly count: number; readonly missing: number; readonly examples: readonly GapExample[] };
  /** Runs of bars without volume; the longest are the examples. */
  readonly zeroVolume: { readonly runs: number; readonly bars: number; readonly examples: readonly QuietExample[] };
}

/** Counts gaps and bars without volume. */
export function barQuality(series: BarSeries): BarQuality {
  const { openTimeMs, volume, length } = series;
  const step = intervalMs(series.interval);
  const gaps: GapExample[] = [];
  const quiet: QuietExample[] = [];
  let missing = 0;
  let quietBars = 0;
  let run = 0;
  for (let index = 0; index < length; index += 1) {
    const openMs = openTimeMs[index] ?? 0;
    const beforeMs = openTimeMs[index - 1] ?? openMs - step;
    if (openMs - beforeMs > step) {
      const lost = (openMs - beforeMs) / step - 1;
      gaps.push({ beforeMs, afterMs: openMs, missing: lost });
      missing += lost;
    }
    if (volume[index] === 0) {
      quietBars += 1;
      run += 1;
    }
    if (run > 0 && (volume[index] !== 0 || index === length - 1)) {
      const last = volume[index] === 0 ? index : index - 1;
      quiet.push({ fromMs: openTimeMs[last - run + 1] ?? 0, bars: run });
      run = 0;
    }
  }
  return {
    bars: length,
    firstMs: openTimeMs[0] ?? null,
    lastMs: openTimeMs[length - 1] ?? null,
    gaps: {
      count: gaps.length,
      missing,
      examples: gaps.toSorted((left, right) => right.missing - left.missing).slice(0, EXAMPLES_MAX),
    },
    zeroVolume: {
      runs: quiet.length,
      bars: quietBars,
      examples: quiet.toSorted((left, right) => right.bars - left.bars).slice(0, EXAMPLES_MAX),
    },
  };
}

/** How two series of one instrument and interval agree where both have bars. */
export interface BarComparison {
  readonly same: number;
  readonly disagreeing: number;
  /** Open times of the first that disagree. */
  readonly examples: readonly number[];
  /** The hours by which `other`'s times would have to be moved so that almost all bars agree: it was written in another time zone. Null where none does that. */
  readonly shiftHours: number | null;
}

/** Compares prices and volumes bar by bar; both in the same ticks. */
export function compareBars(one: BarSeries, other: BarSeries): BarComparison {
  const straight = agreement(one, other, 0);
  let shiftHours: number | null = null;
  if (straight.disagreeing > straight.same) {
    for (let hours = 1; hours <= SHIFT_HOURS_MAX && shiftHours === null; hours += 1) {
      shiftHours = [hours, -hours].find((shift) => agrees(agreement(one, other, shift * MS_PER_HOUR))) ?? null;
    }
  }
  return { ...straight, shiftHours };
}

const agrees = ({ same, disagreeing }: Omit<BarComparison, 'shiftHours'>): boolean =>
  same >= SHIFT_BARS_MIN && same >= SHIFT_SHARE * (same + disagreeing);

function agreement(one: BarSeries, other: BarSeries, shiftMs: number): Omit<BarComparison, 'shiftHours'> {
  const examples: number[] = [];
  let [same, disagreeing, at] = [0, 0, 0];
  for (let index = 0; index < other.length; index += 1) {
    const openMs = (other.openTimeMs[index] ?? 0) + shiftMs;
    while (at < one.length && (one.openTimeMs[at] ?? 0) < openMs) at += 1;
    if (at >= one.length || one.openTimeMs[at] !== openMs) continue;
    if (sameBar(one, at, other, index)) same += 1;
    else {
      disagreeing += 1;
      if (examples.length < EXAMPLES_MAX) examples.push(openMs);
    }
  }
  return { same, disagreeing, examples };
}

function sameBar(one: BarSeries, at: number, other: BarSeries, index: number): boolean {
  return (
    one.open[at] === other.open[index] &&
    one.high[at] === other.high[index] &&
    one.low[at] === other.low[index] &&
    one.close[at] === other.close[index] &&
    one.volume[at] === other.volume[index]
  );
}
