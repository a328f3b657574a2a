import { sketchColumn, type SketchScratch } from './quantile-sketch.ts';
import type { BinningKernels } from './binning-kernels.ts';

/** Most bins of a column's values. */
export const BINS_MAX = 256;

/** Where a column is cut, written by `cutColumn` into arrays of `BINS_MAX`. */
export interface CutTarget {
  /** Ascending; a bin holds the values from one cut on up to the next. The rest is +infinity. */
  readonly cuts: Float32Array;
}

/** Room to sort a column in: views of the same memory as the pointers. */
export interface SortScratch {
  readonly values: number;
  readonly rows: number;
  readonly spare: number;
  readonly spareRows: number;
  readonly digits: number;
  readonly distinct: number;
  readonly before: number;
  readonly valuesView: Float32Array;
  readonly rowsView: Uint32Array;
  readonly distinctView: Float32Array;
  readonly beforeView: Float64Array;
  /** Room for XGBoost's sketch; null: columns are not cut by it. */
  readonly sketch: SketchScratch | null;
}

/** What was found of a column. */
export interface CutOutcome {
  /** Bins of values; 0 where all are missing; −1: more categories than `BINS_MAX − 1`. */
  readonly bins: number;
  readonly hasMissing: boolean;
}

export interface CutOptions {
  /** Most bins of values, 2…256. */
  readonly binsMax: number;
  /** Whether missing values take one of `BINS_MAX` codes, so that 255 bins are left where some are missing. */
  readonly missingTakesCode: boolean;
  /** Fewest rows (or weight) of a bin; 0: any. */
  readonly binWeightMin: number;
  readonly categorical: boolean;
  /** Cut as XGBoost's sketch does, which is off the quantiles by up to an eighth of a bin, instead of at the quantiles themselves. */
  readonly sketched: boolean;
  /** Where the rows' weights (f64) lie, or 0. */
  readonly weights: number;
}

/**
 * Picks quantiles out of `count` distinct values as XGBoost's weighted quantile summary is pruned (`WQSummary::SetPrune`): for each of `size − 1` equal shares of the weight the value
 * whose middle rank is nearest. Returns how many indexes were written.
 */
export function pruneQuantiles(count: number, before: Float64Array, size: number, picked: Uint32Array): number {
  if (count <= size) {
    for (let index = 0; index < count; index += 1) picked[index] = index;
    return count;
  }
  const begin = before[1] as number;
  const range = (before[count - 1] as number) - begin;
  const shares = size - 1;
  picked[0] = 0;
  let found = 1;
  let last = 0;
  let at = 1;
  for (let share = 1; share < shares; share += 1) {
    const wanted = 2 * ((share * range) / shares + begin);
    while (at < count - 1 && wanted >= (before[at + 2] as number) + (before[at + 1] as number)) at += 1;
    if (at === count - 1) break;
    const nearest = wanted < 2 * (before[at + 1] as number) ? at : at + 1;
    if (nearest !== last) {
      picked[found] = nearest;
      found += 1;
      last = nearest;
    }
  }
  if (last !== count - 1) {
    picked[found] = count - 1;
    found += 1;
  }
  return found;
}

const picked = new Uint32Array(BINS_MAX + 1);

/** Copies what is not missing to where it is sorted; returns how much that is. */
function gather(column: Float32Array, { valuesView, rowsView }: SortScratch, weighted: boolean): number {
  let present = 0;
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row] as number;
    valuesView[present] = value;
    if (weighted) rowsView[present] = row;
    // A missing value is written over by the next one.
    if (value === value) present += 1;
  }
  return present;
}

/** Cuts at the quantiles of what was gathered; returns how many bins there are. */
function cutAtQuantiles(
  kernels: BinningKernels,
  scratch: SortScratch,
  present: number,
  most: number,
  options: CutOptions,
  { cuts }: CutTarget,
): number {
  const { distinctView, beforeView } = scratch;
  const rows = options.weights === 0 ? 0 : scratch.rows;
  kernels.sortFloats(present, scratch.values, rows, scratch.spare, scratch.spareRows, scratch.digits);
  const count = kernels.distinctValues(
    present,
    scratch.values,
    rows,
    options.weights,
    scratch.distinct,
    scratch.before,
  );
  if (options.categorical) {
    if (count > BINS_MAX - 1) return -1;
    for (let index = 1; index < count; index += 1) {
      cuts[index - 1] = distinctView[index] as number;
    }
    return count;
  }
  const found = Math.min(pruneQuantiles(count, beforeView, most + 1, picked), most);
  const whole = beforeView[count] as number;
  let bins = 1;
  let begun = 0;
  for (let index = 1; index < found; index += 1) {
    const at = picked[index] as number;
    const here = beforeView[at] as number;
    if (here - begun < options.binWeightMin || whole - here < options.binWeightMin) continue;
    begun = here;
    cuts[bins - 1] = distinctView[at] as number;
    bins += 1;
  }
  return bins;
}

/**
 * Cuts one column of `rows` floats (NaN: missing). A numeric column becomes at most `binsMax` bins of about equal weight; a categorical one a bin for each category.
 */
export function cutColumn(
  kernels: BinningKernels,
  scratch: SortScratch,
  column: Float32Array,
  options: CutOptions,
  target: CutTarget,
): CutOutcome {
  const present = gather(column, scratch, options.weights !== 0);
  const hasMissing = present < column.length;
  target.cuts.fill(Number.POSITIVE_INFINITY);
  if (present === 0) return { bins: 0, hasMissing };
  const most = Math.min(options.binsMax, BINS_MAX - (hasMissing && options.missingTakesCode ? 1 : 0));
  const { sketch } = scratch;
  const bins =
    options.sketched && !options.categorical && sketch !== null
      ? sketchColumn(kernels, scratch, sketch, present, most, options.weights, target.cuts)
      : cutAtQuantiles(kernels, scratch, present, most, options, target);
  return { bins, hasMissing };
}
