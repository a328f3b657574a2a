import { sketchColumn, type SketchScratch } from './quantile-sketch.ts';
import type { BinningKernels } from './binning-kernels.ts';
import { cutGreedily } from './greedy-cuts.ts';

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
  /** Categories have a bin each from 0 on, whether a row has them or not. */
  readonly fromZero: boolean;
}

/**
 * At the quantiles themselves; as XGBoost's sketch has them, off by up to an eighth of a bin; or as LightGBM goes through the values one by one. Missing values take one of LightGBM's bins, none of
 * a sketch's, and one of 256 else.
 */
export type CutMethod = 'quantiles' | 'sketch' | 'greedy';

export interface CutOptions {
  /** Most bins of values, 2…256. */
  readonly binsMax: number;
  /** Fewest rows of a bin, where cuts are LightGBM's. */
  readonly binRowsMin: number;
  readonly categorical: boolean;
  readonly method: CutMethod;
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

/** Sorts what was gathered; returns how many distinct values there are. */
function sortDistinct(kernels: BinningKernels, scratch: SortScratch, present: number, weights: number): number {
  const { values, spare, spareRows, digits, distinct, before } = scratch;
  const rows = weights === 0 ? 0 : scratch.rows;
  kernels.sortFloats(present, values, rows, spare, spareRows, digits);
  return kernels.distinctValues(present, values, rows, weights, distinct, before);
}

/** Each of `count` categories its own bin; −1: they are too many. */
function cutCategories({ distinctView }: SortScratch, count: number, { cuts }: CutTarget): number {
  if (count > BINS_MAX - 1) return -1;
  cuts.set(distinctView.subarray(1, count));
  return count;
}

/** Cuts at the quantiles of `count` distinct values; returns how many bins there are. */
function cutAtQuantiles(
  { distinctView, beforeView }: SortScratch,
  count: number,
  most: number,
  { cuts }: CutTarget,
): number {
  const bins = Math.min(pruneQuantiles(count, beforeView, most + 1, picked), most);
  for (let index = 1; index < bins; index += 1) cuts[index - 1] = distinctView[picked[index] as number] as number;
  return bins;
}

/**
 * Makes missing what LightGBM gives no bin: categories of fewer than `rowsMin` rows, except the two that come most often (of equal ones the least). Returns how many rows they had.
 */
function dropRareCategories(
  column: Float32Array,
  { distinctView, beforeView }: SortScratch,
  count: number,
  rowsMin: number,
): number {
  const rowsOf = (index: number): number => (beforeView[index + 1] as number) - (beforeView[index] as number);
  const byRows = Array.from({ length: count }, (_, index) => index).toSorted((a, b) => rowsOf(b) - rowsOf(a) || a - b);
  const rare = byRows.filter((index, place) => place > 1 && rowsOf(index) < rowsMin);
  const values = new Set(rare.map((index) => distinctView[index] as number));
  if (values.size === 0) return 0;
  for (let row = 0; row < column.length; row += 1) if (values.has(column[row] as number)) column[row] = Number.NaN;
  return rare.reduce((sum, index) => sum + rowsOf(index), 0);
}

/**
 * Cuts one column of `rows` floats (NaN: missing). A numeric column becomes at most `binsMax` bins of about equal weight; a categorical one a bin for each category: as in XGBoost also
 * for those in between that no row has, as far as bins go. LightGBM's rare categories become missing values of `column`.
 */
export function cutColumn(
  kernels: BinningKernels,
  scratch: SortScratch,
  column: Float32Array,
  options: CutOptions,
  target: CutTarget,
): CutOutcome {
  const { method, binsMax, binRowsMin, categorical, weights } = options;
  let present = gather(column, scratch, weights !== 0);
  target.cuts.fill(Number.POSITIVE_INFINITY);
  if (present === 0) return { bins: 0, hasMissing: true, fromZero: false };
  if (method === 'greedy' && categorical) {
    const count = sortDistinct(kernels, scratch, present, weights);
    if (dropRareCategories(column, scratch, count, binRowsMin) > 0) present = gather(column, scratch, weights !== 0);
  }
  const hasMissing = present < column.length;
  const { sketch } = scratch;
  if (!categorical && sketch !== null)
    return {
      bins: sketchColumn(kernels, scratch, sketch, present, binsMax, weights, target.cuts),
      hasMissing,
      fromZero: false,
    };
  const count = sortDistinct(kernels, scratch, present, weights);
  if (categorical) {
    const greatest = scratch.distinctView[count - 1] as number;
    const fromZero = method === 'sketch' && greatest < BINS_MAX - 1;
    if (!fromZero) return { bins: cutCategories(scratch, count, target), hasMissing, fromZero };
    for (let category = 1; category <= greatest; category += 1) target.cuts[category - 1] = category;
    return { bins: greatest + 1, hasMissing, fromZero };
  }
  if (method === 'greedy') {
    const most = Math.max(1, binsMax - (hasMissing ? 1 : 0));
    return { bins: cutGreedily(scratch, count, most, binRowsMin, target.cuts), hasMissing, fromZero: false };
  }
  return {
    bins: cutAtQuantiles(scratch, count, Math.min(binsMax, BINS_MAX - (hasMissing ? 1 : 0)), target),
    hasMissing,
    fromZero: false,
  };
}
