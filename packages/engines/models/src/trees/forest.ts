import { ok, type Result } from '@monsta/core';
import { forestGroundSteps, forestTaskOf, type ForestPlot } from './forest-ground.ts';
import type { ForestParams } from './forest-params.ts';
import { drawRows, ForestTreeGrower, type GrownTree } from './forest-tree.ts';
import { tableScores, type TableScores } from './table-scores.ts';
import type { TreeTable } from './training-table.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble, type TreeTask } from './tree-ensemble.ts';
import { TreeMemory } from './tree-memory.ts';

/** How far a forest is: trees grown, and how many there will be. */
export interface ForestProgress {
  readonly round: number;
  readonly rounds: number;
}

/** The score on rows by the trees that did not see them. */
export interface OutOfBagScore {
  /** Rows that at least one tree did not see. */
  readonly rows: number;
  readonly scores: TableScores;
}

export interface ForestOutcome {
  readonly model: TreeEnsemble;
  /** Null where it was not asked for, or every tree saw every row. */
  readonly outOfBag: OutOfBagScore | null;
}

const FLOAT_MAX = 3.402_823_466_385_288_6e38;
const ROWS_PER_STEP = 20_000;

/** Values up to this go left: in the middle between the greatest of the bins on the left and the least on the right, which is where the rounding to 32 bits parts them, too. */
function thresholdOf({ binned }: ForestPlot, column: number, bin: number): number {
  const { below, cuts } = binned.columns[column] as ForestPlot['binned']['columns'][number];
  // The last bin: all that is not missing goes left.
  if (bin >= cuts.length) return FLOAT_MAX;
  return ((below[bin] as number) + (cuts[bin] as number)) / 2;
}

/** The forest of the trees, in the order of their numbers. */
function ensembleOf(plot: ForestPlot, trees: readonly GrownTree[]): TreeEnsemble {
  const { ground, task, names } = plot;
  const width = ground.classes > 2 ? ground.classes : 1;
  const nodes = trees.reduce((sum, tree) => sum + tree.nodes, 0);
  const model: TreeEnsemble = {
    kind: 'trees',
    family: 'random-forest',
    task,
    objective: null,
    featureNames: names,
    outputs: width,
    leafWidth: width,
    roots: new Int32Array(trees.length),
    treeOutput: new Int32Array(trees.length),
    feature: new Int32Array(nodes),
    threshold: new Float64Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    flags: new Uint8Array(nodes),
    categoryStart: new Int32Array(nodes),
    categoryWords: new Int32Array(nodes),
    categories: new Uint32Array(0),
    values: new Float64Array(nodes * width),
    gain: new Float64Array(nodes),
    cover: new Float64Array(nodes),
    count: new Float64Array(nodes),
    baseMargins: new Float64Array(width),
    averaged: true,
    inputPrecision: 'float64',
    bestRounds: null,
  };
  let root = 0;
  trees.forEach((tree, index) => {
    model.roots[index] = root;
    model.values.set(tree.values, root * width);
    model.gain.set(tree.gain, root);
    model.cover.set(tree.weight, root);
    model.count.set(tree.count, root);
    for (let node = 0; node < tree.nodes; node += 1) {
      const at = root + node;
      const column = tree.column[node] as number;
      model.feature[at] = column;
      if (column < 0) continue;
      model.threshold[at] = thresholdOf(plot, column, tree.bin[node] as number);
      model.left[at] = root + (tree.left[node] as number);
      model.right[at] = root + (tree.right[node] as number);
      const defaultLeft = tree.missingLeft[node] === 1 ? NODE_FLAG.defaultLeft : 0;
      model.flags[at] = (MISSING.nan << NODE_FLAG.missingShift) | defaultLeft;
    }
    root += tree.nodes;
  });
  return model;
}

/** The leaf of a grown tree that a row of the table comes to. */
function leafOf({ ground, binned }: ForestPlot, tree: GrownTree, row: number): number {
  let node = 0;
  for (let column = tree.column[0] as number; column >= 0; column = tree.column[node] as number) {
    const bin = binned.bins[column * ground.stride + row] as number;
    const missing = bin === ground.columns[column]?.missingBin;
    const goesLeft = missing ? tree.missingLeft[node] === 1 : bin <= (tree.bin[node] as number);
    node = (goesLeft ? tree.left[node] : tree.right[node]) as number;
  }
  return node;
}

/** Forecasts each row by the trees that did not see it, and scores them (Breiman 2001). */
function* outOfBagSteps(
  plot: ForestPlot,
  table: TreeTable,
  trees: readonly GrownTree[],
): Generator<void, OutOfBagScore | null> {
  const { rows } = table;
  const width = plot.ground.classes > 2 ? plot.ground.classes : 1;
  const sums = new Float64Array(rows * width);
  const votes = new Uint32Array(rows);
  const times = new Uint32Array(rows);
  for (const tree of trees) {
    drawRows(plot.ground, tree.tree, times);
    for (let row = 0; row < rows; row += 1) {
      if (times[row] !== 0) continue;
      votes[row] = (votes[row] as number) + 1;
      const leaf = leafOf(plot, tree, row) * width;
      for (let output = 0; output < width; output += 1)
        sums[row * width + output] = (sums[row * width + output] as number) + (tree.values[leaf + output] as number);
      if (row % ROWS_PER_STEP === ROWS_PER_STEP - 1) yield;
    }
    yield;
  }
  const seen = votes.reduce((count, vote) => count + (vote > 0 ? 1 : 0), 0);
  if (seen === 0) return null;
  const forecasts = new Float64Array(seen * width);
  const labels = new Float64Array(seen);
  const weights = table.weights === null ? null : new Float64Array(seen);
  let kept = 0;
  for (let row = 0; row < rows; row += 1) {
    const vote = votes[row] as number;
    if (vote === 0) continue;
    for (let output = 0; output < width; output += 1)
      forecasts[kept * width + output] = (sums[row * width + output] as number) / vote;
    labels[kept] = table.labels[row] as number;
    if (weights !== null && table.weights !== null) weights[kept] = table.weights[row] as number;
    kept += 1;
  }
  return { rows: seen, scores: tableScores(plot.task, { forecasts, labels, weights }) };
}

/** Puts the grown trees together, whatever order they come in, and scores the forest out of bag where that was asked for. */
export function* forestOutcomeSteps(
  plot: ForestPlot,
  table: TreeTable,
  grown: readonly GrownTree[],
  params: Pick<ForestParams, 'outOfBag'>,
): Generator<void, ForestOutcome> {
  const trees = grown.toSorted((left, right) => left.tree - right.tree);
  const outOfBag = params.outOfBag ? yield* outOfBagSteps(plot, table, trees) : null;
  return { model: ensembleOf(plot, trees), outOfBag };
}

/**
 * Trains a random forest (Breiman 2001) on histograms of binned columns: trees on rows drawn with replacement, each split the best among some columns drawn at random; classes vote with the
 * distributions of their leaves, values by their means, as scikit-learn's do. Missing values go the way that training found better at each split. One thread; see `forestGroundSteps` and `ForestTreeGrower` for several,
 * which grow the same forest. Faults: those of `forestGroundSteps`.
 */
export function* trainForestSteps(
  table: TreeTable,
  params: ForestParams,
  { memory = new TreeMemory(), task = null }: { readonly memory?: TreeMemory; readonly task?: TreeTask | null } = {},
): Generator<ForestProgress, Result<ForestOutcome>> {
  const progress = { round: 0, rounds: params.trees };
  memory.reset();
  const laying = forestGroundSteps(table, params, task ?? forestTaskOf(table.labels, params.criterion), {
    memory,
    lanes: 1,
  });
  let laid = laying.next();
  for (; laid.done !== true; laid = laying.next()) yield progress;
  if (!laid.value.ok) return laid.value;
  const plot = laid.value.value;
  const grower = new ForestTreeGrower(plot.ground, 0);
  const trees: GrownTree[] = [];
  for (let tree = 0; tree < params.trees; tree += 1) {
    const growing = grower.growSteps(tree);
    let step = growing.next();
    for (; step.done !== true; step = growing.next()) yield { round: tree, rounds: params.trees };
    trees.push(step.value);
    yield { round: tree + 1, rounds: params.trees };
  }
  const finishing = forestOutcomeSteps(plot, table, trees, params);
  let finished = finishing.next();
  for (; finished.done !== true; finished = finishing.next()) yield { round: params.trees, rounds: params.trees };
  return ok(finished.value);
}
