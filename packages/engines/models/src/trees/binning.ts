import { err, invariant, ok, type Result } from '@monsta/core';
import { bindBinningKernels } from './binning-kernels.ts';
import { BINS_MAX, cutColumn, type CutMethod, type CutOptions, type CutOutcome, type SortScratch } from './bin-cuts.ts';
import { sketchScratch } from './quantile-sketch.ts';
import type { TreeMemory } from './tree-memory.ts';
import type { TreeTable } from './training-table.ts';

/** A column after binning. */
export interface BinnedColumn {
  readonly categorical: boolean;
  /** Bins of values, 0 … bins − 1; 0 where all values are missing, 1 where all are the same. */
  readonly bins: number;
  /** The bin of missing values, which is `bins`; null: none is missing. */
  readonly missingBin: number | null;
  /** Where the codes of its rows begin: a byte each, or two (u16) where `wide`: 256 bins and missing values are more than a byte tells apart. */
  readonly pointer: number;
  readonly wide: boolean;
  /** `bins − 1` cuts: bin b holds the values (as 32-bit floats) from `cuts[b − 1]` on, below `cuts[b]`. Categorical: the categories from the second on. */
  readonly cuts: Float32Array;
  /** The greatest value of the column that lies below the cut of the same index. */
  readonly below: Float32Array;
  /** Least and greatest value; NaN where all are missing. Of categories, `min` is that of bin 0. */
  readonly min: number;
  readonly max: number;
}

/** The bins of a table's columns, column after column. */
export interface BinnedTable {
  readonly memory: TreeMemory;
  readonly rows: number;
  readonly columns: readonly BinnedColumn[];
  /** Where the bins of column 0 begin, a byte each; those of column c begin `c × stride` bytes later. Wide columns lie elsewhere. */
  readonly pointer: number;
  readonly stride: number;
  /** All bins: `columns × stride`. */
  readonly bins: Uint8Array;
}

export interface BinningOptions {
  /** Most bins of a column's values: 2…256; for what missing values take of them see `CutMethod`. */
  readonly binsMax: number;
  /** LightGBM's `min_data_in_bin`, where cuts are made its way: fewest rows of a bin. */
  readonly binRowsMin: number;
  /** Whether the quantiles are those of the weighted rows (XGBoost) or of the rows (LightGBM). */
  readonly weighted: boolean;
  /** Where columns are cut: by `sketch` and `greedy` where XGBoost and LightGBM cut them, so that the same trees follow. */
  readonly method: CutMethod;
}

export const DEFAULT_BINNING: BinningOptions = {
  binsMax: BINS_MAX,
  binRowsMin: 1,
  weighted: true,
  method: 'quantiles',
};

/** As many 64-bit values as a cache line holds are read out of a row at once. */
const COLUMNS_AT_ONCE = 8;

function sortScratch(memory: TreeMemory, rows: number, sketchedBins: number | null): SortScratch {
  const values = memory.floats(rows + 1);
  const order = memory.words(rows + 1);
  const distinct = memory.floats(rows + 1);
  const before = memory.doubles(rows + 2);
  return {
    values: values.pointer,
    rows: order.pointer,
    spare: memory.floats(rows).pointer,
    spareRows: memory.words(rows).pointer,
    digits: memory.words(3 * 2_048).pointer,
    distinct: distinct.pointer,
    before: before.pointer,
    valuesView: values.view,
    rowsView: order.view,
    distinctView: distinct.view,
    beforeView: before.view,
    sketch: sketchedBins === null ? null : sketchScratch(memory, rows, sketchedBins),
  };
}

function describeColumn(
  categorical: boolean,
  { bins, hasMissing, fromZero }: CutOutcome,
  values: Float32Array,
  { cuts }: { readonly cuts: Float32Array },
  maxima: Float32Array,
): Omit<BinnedColumn, 'pointer' | 'wide'> {
  let min = Number.POSITIVE_INFINITY;
  for (let row = 0; row < values.length; row += 1) if ((values[row] as number) < min) min = values[row] as number;
  const below = maxima.slice(0, Math.max(0, bins - 1));
  // Bins of a sketch may be empty: what is below their end is then below their beginning, too.
  for (let bin = 1; bin < below.length; bin += 1) below[bin] = Math.max(below[bin] as number, below[bin - 1] as number);
  return {
    categorical,
    bins,
    missingBin: hasMissing ? bins : null,
    cuts: cuts.slice(0, Math.max(0, bins - 1)),
    below,
    min: bins === 0 ? Number.NaN : fromZero ? 0 : min,
    max: bins === 0 ? Number.NaN : maxima.subarray(0, bins).reduce((most, value) => Math.max(most, value)),
  };
}

/**
 * Bins the columns of a checked table into `memory`. Numeric columns are cut at quantiles of their values as 32-bit floats; columns of few distinct values keep each in a bin of its
 * own; categories have one each. Yields after every column. Fault: `categories_too_many`.
 */
export function* binTableSteps(
  table: TreeTable,
  options: BinningOptions,
  memory: TreeMemory,
): Generator<void, Result<BinnedTable>> {
  const { binsMax, binRowsMin, method } = options;
  invariant(
    Number.isInteger(binsMax) && binsMax >= 2 && binsMax <= BINS_MAX,
    `bins of a column: 2…256, not ${binsMax}`,
  );
  const { rows, columns: names, values } = table;
  const width = names.length;
  const stride = Math.ceil(rows / 64) * 64;
  const block = memory.bytes(width * stride);
  const used = memory.usedBytes;
  const kernels = bindBinningKernels(memory.memory);
  const scratch = sortScratch(memory, rows, method === 'sketch' ? binsMax : null);
  const cuts = memory.floats(BINS_MAX);
  const maxima = memory.floats(BINS_MAX);
  const target = { cuts: cuts.view };
  const weights = options.weighted && table.weights !== null ? memory.doubles(rows) : null;
  if (weights !== null && table.weights !== null) weights.view.set(table.weights);
  const isCategorical = new Set(table.categorical);
  const lanes = Array.from({ length: Math.min(width, COLUMNS_AT_ONCE) }, () => memory.floats(rows));
  const columns: Omit<BinnedColumn, 'pointer' | 'wide'>[] = [];
  const wideCodes = new Map<number, Uint16Array>();
  for (let from = 0; from < width; from += COLUMNS_AT_ONCE) {
    const count = Math.min(COLUMNS_AT_ONCE, width - from);
    for (let lane = 0; lane < count; lane += 1) {
      const { view } = lanes[lane] as { readonly view: Float32Array };
      // −0 becomes 0: they are the same value, and sorted as such.
      for (let row = 0, at = from + lane; row < rows; row += 1, at += width) view[row] = (values[at] as number) + 0;
    }
    for (let lane = 0; lane < count; lane += 1) {
      const column = from + lane;
      const { view, pointer } = lanes[lane] as { readonly view: Float32Array; readonly pointer: number };
      const categorical = isCategorical.has(column);
      const cutOptions: CutOptions = {
        binsMax,
        binRowsMin,
        categorical,
        method,
        weights: weights?.pointer ?? 0,
      };
      const outcome = cutColumn(kernels, scratch, view, cutOptions, target);
      if (outcome.bins < 0)
        return err(
          'categories_too_many',
          `${names[column] ?? column} has more than ${BINS_MAX - 1} categories; leave rare ones out or treat it as a number`,
        );
      const codes = column * stride;
      // What doesn't fit into a byte counts with the last bin until the column gets its wide codes.
      const missing = Math.min(outcome.bins, BINS_MAX - 1);
      kernels.assignBins(rows, pointer, cuts.pointer, missing, block.pointer + codes);
      kernels.binMaxima(rows, pointer, block.pointer + codes, outcome.bins, maxima.pointer);
      columns.push(describeColumn(categorical, outcome, view, target, maxima.view));
      if (outcome.hasMissing && outcome.bins === BINS_MAX) {
        const bytes = block.view.subarray(codes, codes + rows);
        const wide = new Uint16Array(bytes);
        for (let row = 0; row < rows; row += 1) if (Number.isNaN(view[row])) wide[row] = BINS_MAX;
        wideCodes.set(column, wide);
      }
      yield;
    }
  }
  memory.releaseTo(used);
  const placed = columns.map((column, index): BinnedColumn => {
    const wide = wideCodes.get(index);
    if (wide === undefined) return { ...column, pointer: block.pointer + index * stride, wide: false };
    const { pointer, view } = memory.bytes(2 * rows);
    view.set(new Uint8Array(wide.buffer));
    return { ...column, pointer, wide: true };
  });
  return ok({ memory, rows, columns: placed, pointer: block.pointer, stride, bins: block.view });
}
