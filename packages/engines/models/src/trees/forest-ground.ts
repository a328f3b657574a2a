import { err, ok, type Result } from '@monsta/core';
import type { SharedMemory } from '../kernels/web-assembly.ts';
import { binTableSteps, type BinnedTable } from './binning.ts';
import type { ForestParams, RowsOrShare } from './forest-params.ts';
import type { TreeMemory } from './tree-memory.ts';
import { checkTreeTable, type TreeTable } from './training-table.ts';
import type { TreeTask } from './tree-ensemble.ts';

/**
 * How the rows of a node are summed up (`kernels/forest.as.ts`): two classes that each row counts whole for, any classes with weights, or values.
 */
export type ForestMode = 'counts' | 'classes' | 'values';

/** Room of one thread in the shared memory, as pointers. */
export interface ForestLane {
  readonly rows: number;
  readonly stats: number;
  readonly spareRows: number;
  readonly spareStats: number;
  readonly histogram: number;
  readonly totals: number;
  readonly left: number;
  readonly marks: number;
  readonly out: number;
}

/** A forest's column, as growing a tree needs it. */
export interface ForestColumn {
  readonly bins: number;
  readonly missingBin: number | null;
}

/**
 * All that growing a tree needs, in numbers and one shared memory: it can be sent to a thread as it is. Trees grown on it depend on nothing else but their number.
 */
export interface ForestGround {
  readonly memory: SharedMemory;
  readonly rows: number;
  readonly mode: ForestMode;
  readonly classes: number;
  readonly entropy: boolean;
  readonly trees: number;
  readonly seed: number;
  readonly columns: readonly ForestColumn[];
  /** Bins of column c begin at `bins + c × stride`. */
  readonly bins: number;
  readonly stride: number;
  /** f64 a row: the class, or the label less `labelMean`; its weight, classes weighted. */
  readonly labels: number;
  readonly weights: number;
  readonly labelMean: number;
  readonly balancedBySample: boolean;
  readonly bootstrap: boolean;
  readonly sampleRows: number;
  readonly columnsAtOnce: number;
  readonly depthMax: number;
  readonly splitRowsMin: number;
  readonly leafRowsMin: number;
  readonly leafWeightShareMin: number;
  readonly impurityDecreaseMin: number;
  readonly lanes: readonly ForestLane[];
}

/** The ground, and what the forest's owner needs beside it. */
export interface ForestPlot {
  readonly ground: ForestGround;
  readonly binned: BinnedTable;
  readonly task: TreeTask;
  readonly names: readonly string[];
}

/** Two classes of whole weights are summed in fields of 21 bits. */
const COUNTED_ROWS_MAX = 2 ** 21 - 1;
const CLASSES_MAX = 1_000;

const rowsOf = (wanted: RowsOrShare, rows: number, least: number): number =>
  'rows' in wanted ? wanted.rows : Math.max(least, Math.ceil(wanted.share * rows));

function columnsOf(wanted: ForestParams['columns'], width: number, classify: boolean): number {
  if (wanted === 'sqrt' || (wanted === 'default' && classify)) return Math.max(1, Math.floor(Math.sqrt(width)));
  if (wanted === 'log2') return Math.max(1, Math.floor(Math.log2(width)));
  if (wanted === null || wanted === 'default') return width;
  return 'count' in wanted ? wanted.count : Math.max(1, Math.floor(wanted.share * width));
}

/**
 * What a forest learns from the labels where nobody says: classes, if they are whole numbers 0 … k − 1 of which each occurs, at most a hundred; else values.
 */
export function forestTaskOf(labels: Float64Array | Float32Array, criterion: ForestParams['criterion']): TreeTask {
  if (criterion === 'squared_error') return { kind: 'regression' };
  let classes = 0;
  const seen = new Set<number>();
  for (const label of labels) {
    if (Number.isInteger(label) && label >= 0 && label < CLASSES_MAX) {
      seen.add(label);
      classes = Math.max(classes, label + 1);
    } else if (criterion === null) return { kind: 'regression' };
  }
  // All of class 1: there is nothing to tell apart, and training says so.
  if (classes > 2 && criterion === null && (seen.size !== classes || classes > 100)) return { kind: 'regression' };
  return classes <= 2 ? { kind: 'binary' } : { kind: 'multiclass', classes };
}

function limitsOf(params: ForestParams, { rows, columns }: TreeTable, classify: boolean) {
  const width = columns.length;
  return {
    sampleRows: params.sample === null ? rows : rowsOf(params.sample, rows, 1),
    columnsAtOnce: columnsOf(params.columns, width, classify),
    splitRowsMin: rowsOf(params.splitRowsMin, rows, 2),
    leafRowsMin: rowsOf(params.leafRowsMin, rows, 1),
    depthMax: params.depthMax ?? rows,
  };
}

/** Weight of each class so that all weigh the same over the rows, as scikit-learn has it: all weight / (classes × that of the class). */
function balanced(labels: Float64Array, weights: Float64Array, classes: number): Float64Array {
  const sums = new Float64Array(classes);
  let all = 0;
  for (let row = 0; row < labels.length; row += 1) {
    const label = labels[row] as number;
    sums[label] = (sums[label] as number) + (weights[row] as number);
    all += weights[row] as number;
  }
  const filled = sums.filter((weight) => weight > 0).length;
  return sums.map((weight) => (weight > 0 ? all / (filled * weight) : 0));
}

function classWeightsOf(
  wanted: ForestParams['classWeight'],
  labels: Float64Array,
  weights: Float64Array,
  classes: number,
): Result<Float64Array | null> {
  if (wanted === null || wanted === 'balanced_subsample' || classes === 0) return ok(null);
  if (wanted === 'balanced') return ok(balanced(labels, weights, classes));
  const stray = [...wanted.keys()].find((label) => label >= classes);
  if (stray !== undefined)
    return err('params_invalid', `'class_weight' names the class ${stray}, and there are 0…${classes - 1}`);
  return ok(Float64Array.from({ length: classes }, (_, label) => wanted.get(label) ?? 1));
}

function laneIn(memory: TreeMemory, rows: number, stats: number, classes: number): ForestLane {
  // Zeroed: the kernels leave the histogram as they find it.
  const histogram = memory.bytes(256 * Math.max(32, (classes + 1) * 8));
  histogram.view.fill(0);
  return {
    rows: memory.words(rows).pointer,
    stats: memory.bytes(rows * stats).pointer,
    spareRows: memory.words(rows + 1).pointer,
    spareStats: memory.bytes((rows + 1) * stats).pointer,
    histogram: histogram.pointer,
    totals: memory.doubles(Math.max(4, classes)).pointer,
    left: memory.doubles(classes + 1).pointer,
    marks: memory.doubles(4).pointer,
    out: memory.doubles(4).pointer,
  };
}

/**
 * Bins a table and lays out what a forest grows on, with room for so many threads in `memory`. Faults: those of `checkTreeTable` and `binTableSteps`; `params_invalid` where a parameter does not
 * fit the table; `categorical_unsupported`.
 */
export function* forestGroundSteps(
  table: TreeTable,
  params: ForestParams,
  task: TreeTask,
  { memory, lanes }: { readonly memory: TreeMemory; readonly lanes: number },
): Generator<void, Result<ForestPlot>> {
  if (task.kind === 'quantile') return err('params_invalid', 'a random forest learns classes or values, no quantiles');
  const checked = checkTreeTable(table, task);
  if (!checked.ok) return checked;
  if (table.categorical.length > 0)
    return err(
      'categorical_unsupported',
      'a random forest takes no categorical columns: give them as numbers, or use xgboost or lightgbm',
    );
  const { rows, columns: names } = table;
  const classes = task.kind === 'binary' ? 2 : task.kind === 'multiclass' ? task.classes : 0;
  const limits = limitsOf(params, table, classes > 0);
  if (limits.columnsAtOnce > names.length)
    return err(
      'params_invalid',
      `'max_features' is ${limits.columnsAtOnce}, and the table has ${names.length} columns`,
    );
  if (limits.sampleRows > rows)
    return err('params_invalid', `'max_samples' is ${limits.sampleRows}, and the table has ${rows} rows`);
  if (classes === 0 && params.classWeight !== null)
    return err('params_invalid', `'class_weight' is for classes, and these labels are values`);
  if (classes === 0 && params.criterion !== null && params.criterion !== 'squared_error')
    return err('params_invalid', `the criterion ${params.criterion} is for classes, and these labels are values`);
  const binned = yield* binTableSteps(
    table,
    { binsMax: params.bins, binRowsMin: 1, weighted: false, method: 'quantiles' },
    memory,
  );
  if (!binned.ok) return binned;
  const labels = memory.doubles(rows);
  const weights = memory.doubles(rows);
  labels.view.set(table.labels);
  if (table.weights === null) weights.view.fill(1);
  else weights.view.set(table.weights);
  const byClass = classWeightsOf(params.classWeight, labels.view, weights.view, classes);
  if (!byClass.ok) return byClass;
  if (byClass.value !== null)
    for (let row = 0; row < rows; row += 1)
      weights.view[row] = (weights.view[row] as number) * (byClass.value[labels.view[row] as number] as number);
  let labelMean = 0;
  if (classes === 0) {
    let [sum, weight] = [0, 0];
    for (let row = 0; row < rows; row += 1) {
      sum += (weights.view[row] as number) * (labels.view[row] as number);
      weight += weights.view[row] as number;
    }
    // Sums of squares of labels far from zero would drown the differences that splits are judged by.
    labelMean = sum / weight;
    for (let row = 0; row < rows; row += 1) labels.view[row] = (labels.view[row] as number) - labelMean;
  }
  yield;
  const whole = table.weights === null && params.classWeight === null;
  const counts = classes === 2 && whole && Math.max(rows, limits.sampleRows) <= COUNTED_ROWS_MAX;
  const mode: ForestMode = classes === 0 ? 'values' : counts ? 'counts' : 'classes';
  const rowsOfTree = Math.min(rows, limits.sampleRows);
  return ok({
    binned: binned.value,
    task,
    names,
    ground: {
      ...{ memory: memory.memory, rows, mode, classes, entropy: params.criterion === 'entropy' },
      ...{ trees: params.trees, seed: params.seed, bins: binned.value.pointer, stride: binned.value.stride },
      columns: binned.value.columns.map(({ bins, missingBin }) => ({ bins, missingBin })),
      ...{ labels: labels.pointer, weights: weights.pointer, labelMean },
      balancedBySample: params.classWeight === 'balanced_subsample',
      bootstrap: params.bootstrap,
      ...limits,
      leafWeightShareMin: params.leafWeightShareMin,
      impurityDecreaseMin: params.impurityDecreaseMin,
      lanes: Array.from({ length: lanes }, () => laneIn(memory, rowsOfTree, mode === 'counts' ? 8 : 16, classes)),
    },
  });
}
