import { ZERO_DISTANCE } from './tree-walk.ts';

/** Distinct values ascending, and how many rows lie before each, one more than there are values. */
export interface DistinctRows {
  readonly distinctView: Float32Array;
  readonly beforeView: Float64Array;
}

/** Values `from … to − 1` of them. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** First values of the bins after the first of a stretch of few values: one begins as soon as the one before has `rowsMin` rows. */
function startsOfFew({ beforeView }: DistinctRows, { from, to }: Stretch, rowsMin: number): number[] {
  const starts: number[] = [];
  let begun = from;
  for (let index = from + 1; index < to; index += 1) {
    if ((beforeView[index] as number) - (beforeView[begun] as number) < rowsMin) continue;
    starts.push(index);
    begun = index;
  }
  return starts;
}

/**
 * The same of a stretch of more values than bins: a bin is full with its share of the rows that are left. Values of more rows than the mean have a bin to themselves, and the others share
 * what is left; a bin before such a value may be half full.
 */
function startsOfMany({ beforeView }: DistinctRows, { from, to }: Stretch, most: number, rowsMin: number): number[] {
  const rowsBefore = (index: number): number => beforeView[index] as number;
  const rowsAt = (index: number): number => rowsBefore(index + 1) - rowsBefore(index);
  const all = rowsBefore(to) - rowsBefore(from);
  const bins = Math.max(1, rowsMin > 0 ? Math.min(most, Math.floor(all / rowsMin)) : most);
  const isBig = (index: number): boolean => rowsAt(index) >= all / bins;
  let binsLeft = bins;
  let rowsLeft = all;
  for (let index = from; index < to; index += 1) {
    if (!isBig(index)) continue;
    binsLeft -= 1;
    rowsLeft -= rowsAt(index);
  }
  let share = rowsLeft / binsLeft;
  const starts: number[] = [];
  let begun = from;
  for (let index = from; index + 1 < to && starts.length < bins - 1; index += 1) {
    const big = isBig(index);
    if (!big) rowsLeft -= rowsAt(index);
    const rows = rowsBefore(index + 1) - rowsBefore(begun);
    if (!big && rows < share && !(isBig(index + 1) && rows >= Math.max(1, share * 0.5))) continue;
    starts.push(index + 1);
    begun = index + 1;
    if (big) continue;
    binsLeft -= 1;
    share = rowsLeft / binsLeft;
  }
  return starts;
}

function startsWithin(rows: DistinctRows, stretch: Stretch, most: number, rowsMin: number): readonly number[] {
  return stretch.to - stretch.from <= most
    ? startsOfFew(rows, stretch, rowsMin)
    : startsOfMany(rows, stretch, most, rowsMin);
}

/**
 * Cuts `count` distinct values as LightGBM does (`BinMapper::FindBin`, 4.1): zero has a bin to itself, and what lies below and above it is gone through from the least value on. At most
 * `most` bins of at least `rowsMin` rows, as far as values allow. Writes the first value of each bin after the first to `cuts` and returns how many bins there are. (The library keeps a bin for
 * zero where no value is; it holds no row, and is left out here.)
 */
export function cutGreedily(
  rows: DistinctRows,
  count: number,
  most: number,
  rowsMin: number,
  cuts: Float32Array,
): number {
  const { distinctView, beforeView } = rows;
  const below = (index: number): boolean => (distinctView[index] as number) <= -ZERO_DISTANCE;
  const above = (index: number): boolean => (distinctView[index] as number) > ZERO_DISTANCE;
  let zero = 0;
  while (zero < count && below(zero)) zero += 1;
  let positive = zero;
  while (positive < count && !above(positive)) positive += 1;
  const starts: number[] = [];
  let negativeBins = 0;
  if (zero > 0 && most > 1) {
    const all = beforeView[count] as number;
    const zeros = (beforeView[positive] as number) - (beforeView[zero] as number);
    const share = Math.floor(((beforeView[zero] as number) / (all - zeros)) * (most - 1));
    starts.push(...startsWithin(rows, { from: 0, to: zero }, Math.max(1, share), rowsMin));
    negativeBins = starts.length + 1;
    if (zero < count) starts.push(zero);
  }
  const rest = most - 1 - negativeBins;
  if (positive < count && rest > 0) {
    if (positive > zero) starts.push(positive);
    starts.push(...startsWithin(rows, { from: positive, to: count }, rest, rowsMin));
  }
  starts.forEach((index, place) => (cuts[place] = distinctView[index] as number));
  return starts.length + 1;
}
