import {
  intervalMs,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  sliceBarSeries,
  type BarFlow,
  type BarSeries,
} from '@monsta/core';

/** Clocks are at most so far apart, in quarters of an hour. */
const SHIFT_MAX_MS = 14 * MS_PER_HOUR;
const SHIFT_STEP_MS = 15 * MS_PER_MINUTE;
/** A shift is believed when so many bars that overlap are equal under it, of at least so many. */
const SHIFT_SHARE = 0.95;
const SHIFT_BARS_MIN = 24;

/** Bars whose times would have to be moved for almost all to agree. */
export interface ShiftedSpan {
  /** Open times of the first and the last, as they are told. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: number;
  /** By how much they would have to be moved: the clock that told them was so far behind UTC, or ahead if below zero. */
  readonly minutes: number;
}

/** How two series of one instrument and interval agree where both have bars. */
export interface BarComparison {
  /** Equal as far as both say something of them. */
  readonly same: number;
  /** Of those, such as `other` says more of: takers, trades or the book. */
  readonly fuller: number;
  readonly disagreeing: number;
  /** Open times of the first that disagree. */
  readonly examples: readonly number[];
  /** Parts of `other` that were written in another time zone: one for a zone, several where its clock was changed in spring and autumn. */
  readonly shifts: readonly ShiftedSpan[];
}

/** Compares prices, volumes and flow bar by bar; both in the same ticks. `examplesMax` of those that disagree are named. */
export function compareBars(one: BarSeries, other: BarSeries, examplesMax: number): BarComparison {
  const straight = agreement(one, other, 0, examplesMax);
  const doubtful = straight.disagreeing > 0 || straight.same < other.length;
  return { ...straight, shifts: doubtful && one.length > 0 ? shiftedSpans(one, other) : [] };
}

/** Day by day (of long bars: by two dozen) the shift under which the bars agree. */
function shiftedSpans(one: BarSeries, other: BarSeries): readonly ShiftedSpan[] {
  const size = Math.max(SHIFT_BARS_MIN, Math.round(MS_PER_DAY / intervalMs(other.interval)));
  const spans: ShiftedSpan[] = [];
  let latest = 0;
  for (let from = 0, to = 0; from < other.length; from = to) {
    // What is left at the end is too little to be judged alone.
    to = other.length - from < 2 * size ? other.length : from + size;
    const block = sliceBarSeries(other, from, to);
    const shift = shiftOf(one, block, latest);
    if (shift === null || shift === 0) continue;
    latest = shift;
    const minutes = shift / MS_PER_MINUTE;
    const span = {
      fromMs: block.openTimeMs[0] ?? 0,
      toMs: block.openTimeMs[block.length - 1] ?? 0,
      bars: block.length,
      minutes,
    };
    const before = spans.at(-1);
    if (before?.minutes === minutes)
      spans[spans.length - 1] = { ...span, fromMs: before.fromMs, bars: before.bars + span.bars };
    else spans.push(span);
  }
  return spans;
}

/** The shift, ms, under which almost all of a block's bars agree; the smallest, but first that of the block before. Null where there is none. */
function shiftOf(one: BarSeries, block: BarSeries, latest: number): number | null {
  const straight = agreement(one, block, 0, 0);
  if (straight.same > straight.disagreeing) return 0;
  if (latest !== 0 && agrees(agreement(one, block, latest, 0))) return latest;
  for (let size = SHIFT_STEP_MS; size <= SHIFT_MAX_MS; size += SHIFT_STEP_MS) {
    const shift = [size, -size].find((each) => agrees(agreement(one, block, each, 0)));
    if (shift !== undefined) return shift;
  }
  return null;
}

type Agreement = Omit<BarComparison, 'shifts'>;

const agrees = ({ same, disagreeing }: Agreement): boolean =>
  same >= SHIFT_BARS_MIN && same >= SHIFT_SHARE * (same + disagreeing);

/** The first bar that opens at `openMs` or later. */
function firstFrom({ openTimeMs, length }: BarSeries, openMs: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openTimeMs[middle] ?? 0) < openMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function agreement(one: BarSeries, other: BarSeries, shiftMs: number, examplesMax: number): Agreement {
  const examples: number[] = [];
  let [same, fuller, disagreeing] = [0, 0, 0];
  let at = firstFrom(one, (other.openTimeMs[0] ?? 0) + shiftMs);
  for (let index = 0; index < other.length && at < one.length; index += 1) {
    const openMs = (other.openTimeMs[index] ?? 0) + shiftMs;
    while (at < one.length && (one.openTimeMs[at] ?? 0) < openMs) at += 1;
    if (one.openTimeMs[at] !== openMs) continue;
    // In quiet times one bar is as good as the next.
    if (shiftMs !== 0 && other.volume[index] === 0) continue;
    if (sameBar(one, at, other, index)) {
      same += 1;
      if (saysMore(one, at, other, index)) fuller += 1;
    } else {
      disagreeing += 1;
      if (examples.length < examplesMax) examples.push(openMs);
    }
  }
  return { same, fuller, disagreeing, examples };
}

function sameBar(one: BarSeries, at: number, other: BarSeries, index: number): boolean {
  return (
    one.open[at] === other.open[index] &&
    one.high[at] === other.high[index] &&
    one.low[at] === other.low[index] &&
    one.close[at] === other.close[index] &&
    one.volume[at] === other.volume[index] &&
    FLOW.every((name) => {
      const [ours = Number.NaN, theirs = Number.NaN] = [one.flow?.[name][at], other.flow?.[name][index]];
      return ours === theirs || Number.isNaN(ours) || Number.isNaN(theirs);
    })
  );
}

const FLOW = ['takerBuyVolume', 'trades', 'bookImbalance'] as const satisfies readonly (keyof BarFlow)[];

const saysMore = (one: BarSeries, at: number, other: BarSeries, index: number): boolean =>
  FLOW.some(
    (name) =>
      Number.isNaN(one.flow?.[name][at] ?? Number.NaN) && !Number.isNaN(other.flow?.[name][index] ?? Number.NaN),
  );
