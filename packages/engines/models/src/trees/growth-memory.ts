import { mixSeed } from '@monsta/core';
import type { BinnedTable } from './binning.ts';
import type { BoostingParams } from './boosting-params.ts';
import { HistogramPool } from './histogram-pool.ts';
import { RULE, RULES } from './split-rules.ts';
import type { MemoryBlock, TreeMemory } from './tree-memory.ts';
import {
  COLUMN,
  COLUMN_INFO,
  COUNTS_BYTES,
  CUT_NUMBERS,
  ENTRY_NUMBERS,
  GOES_LEFT_BYTES,
  HISTOGRAM_BYTES,
  PLAN,
  PLAN_NUMBERS,
  SET_WORDS,
  SPLIT_NUMBERS,
} from './tree-work.ts';

/** Nodes that are split in one go. */
export const BATCH = 32;
/** Histograms together take no more than this; beyond it some are built again instead of kept. */
const HISTOGRAMS_BYTES_MAX = 512 * 1024 * 1024;
/** So small a least hessian can't keep apart a bin without rows and the rounding left over from a subtraction: rows are counted then. */
const HESSIAN_TOLD_APART = 1e-4;

/** All that growing trees of one table needs of shared memory, taken once. */
export interface GrowthMemory {
  readonly plan: MemoryBlock<Float64Array>;
  readonly rules: Float64Array;
  readonly active: Int32Array;
  readonly entries: MemoryBlock<Float64Array>;
  readonly cuts: MemoryBlock<Float64Array>;
  readonly goesLeft: MemoryBlock<Uint8Array>;
  readonly masks: MemoryBlock<Uint8Array>;
  readonly splits: Float64Array;
  readonly sets: Uint32Array;
  /** The list of rows, by node. */
  readonly rows: MemoryBlock<Uint32Array>;
  readonly ordered: MemoryBlock<Float32Array>;
  readonly withCounts: boolean;
  readonly pool: HistogramPool;
  /** Columns that can be split by at all. */
  readonly usable: readonly number[];
}

const directionsOf = (params: BoostingParams, names: readonly string[]): readonly number[] => {
  const { monotone } = params;
  if (Array.isArray(monotone)) return names.map((_, index) => (monotone as readonly number[])[index] ?? 0);
  const named = monotone as Readonly<Record<string, number>>;
  return names.map((name) => (Object.hasOwn(named, name) ? (named[name] ?? 0) : 0));
};

/** Most histograms that are held at the same time: one a leaf that can still be split, and those of the batch. */
function slotsWanted(params: BoostingParams, rows: number): number {
  const byDepth = params.depthMax === null ? Number.POSITIVE_INFINITY : 2 ** Math.max(0, params.depthMax - 1);
  const byLeaves = params.leavesMax ?? Number.POSITIVE_INFINITY;
  return Math.max(2, Math.min(byDepth, byLeaves, rows)) + BATCH;
}

export function growthMemory(
  memory: TreeMemory,
  binned: BinnedTable,
  names: readonly string[],
  params: BoostingParams,
): GrowthMemory {
  const width = names.length;
  const { rows } = binned;
  const directions = directionsOf(params, names);
  const xgboost = params.family === 'xgboost';
  const someCategorical = binned.columns.some(({ categorical }) => categorical);
  const bounded = params.weightMax > 0 || directions.some((direction) => direction !== 0);
  const withCounts = xgboost && params.hessianMin < HESSIAN_TOLD_APART;
  const plan = memory.doubles(PLAN_NUMBERS);
  const rules = memory.doubles(RULES);
  const columns = memory.integers(COLUMN_INFO * width);
  const active = memory.integers(width);
  const entries = memory.doubles(ENTRY_NUMBERS * 2 * BATCH);
  const cuts = memory.doubles(CUT_NUMBERS * 2 * BATCH);
  const goesLeft = memory.bytes(GOES_LEFT_BYTES * BATCH);
  const masks = memory.bytes(width * 4 * BATCH);
  const splits = memory.doubles(SPLIT_NUMBERS * width * 4 * BATCH);
  const sets = memory.words(someCategorical ? SET_WORDS * width * 4 * BATCH : 0);
  const rowList = memory.words(rows);
  const spare = memory.words(rows);
  const ordered = memory.floats(2 * rows);
  rules.view.fill(0);
  rules.view[RULE.lambda] = params.lambda;
  rules.view[RULE.alpha] = params.alpha;
  rules.view[RULE.weightMax] = params.weightMax;
  rules.view[RULE.hessianMin] = params.hessianMin;
  rules.view[RULE.countMin] = Math.max(1, params.rowsMin);
  rules.view[RULE.single] = xgboost ? 1 : 0;
  rules.view[RULE.byWeights] = bounded ? 1 : 0;
  rules.view[RULE.thresholded] = xgboost ? 0 : 1;
  const usable: number[] = [];
  for (const [index, column] of binned.columns.entries()) {
    columns.view[index * COLUMN_INFO + COLUMN.bins] = column.bins;
    columns.view[index * COLUMN_INFO + COLUMN.hasMissing] = column.missingBin === null ? 0 : 1;
    columns.view[index * COLUMN_INFO + COLUMN.categorical] = column.categorical ? 1 : 0;
    columns.view[index * COLUMN_INFO + COLUMN.direction] = directions[index] ?? 0;
    columns.view[index * COLUMN_INFO + COLUMN.pointer] = column.pointer;
    columns.view[index * COLUMN_INFO + COLUMN.wide] = column.wide ? 1 : 0;
    if (column.bins + (column.missingBin === null ? 0 : 1) > 1) usable.push(index);
  }
  const slotBytes = width * (HISTOGRAM_BYTES + (withCounts ? COUNTS_BYTES : 0));
  const count = Math.max(2, Math.min(slotsWanted(params, rows), Math.floor(HISTOGRAMS_BYTES_MAX / slotBytes)));
  const slots = Array.from({ length: count }, () => memory.bytes(slotBytes).pointer);
  const numbers = plan.view;
  numbers.fill(0);
  numbers[PLAN.width] = width;
  numbers[PLAN.columns] = columns.pointer;
  numbers[PLAN.rules] = rules.pointer;
  numbers[PLAN.active] = active.pointer;
  numbers[PLAN.entries] = entries.pointer;
  numbers[PLAN.splits] = splits.pointer;
  numbers[PLAN.sets] = sets.pointer;
  numbers[PLAN.withCounts] = withCounts ? 1 : 0;
  numbers[PLAN.leftFirst] = xgboost ? 1 : 0;
  numbers[PLAN.plain] = xgboost && !bounded && params.alpha === 0 && !withCounts ? 1 : 0;
  numbers[PLAN.cuts] = cuts.pointer;
  numbers[PLAN.ordered] = ordered.pointer;
  numbers[PLAN.spare] = spare.pointer;
  numbers[PLAN.rows] = rows;
  numbers[PLAN.oneHotMax] = params.categories.oneHotMax;
  numbers[PLAN.setMax] = params.categories.setMax;
  numbers[PLAN.smooth] = params.categories.smooth;
  numbers[PLAN.lambdaMore] = params.categories.lambdaMore;
  numbers[PLAN.groupRowsMin] = params.categories.groupRowsMin;
  return {
    plan,
    rules: rules.view,
    active: active.view,
    entries,
    cuts,
    goesLeft,
    masks,
    splits: splits.view,
    sets: sets.view,
    rows: rowList,
    ordered,
    withCounts,
    pool: new HistogramPool(slots),
    usable,
  };
}

/** The seed of a tree. */
export const treeSeed = (params: BoostingParams, round: number, output: number): number =>
  mixSeed(params.seed, 0x7e, round, output);
