import { mixSeed, seededRandom } from '@monsta/core';
import type { BoostingParams } from './boosting-params.ts';
import type { TreeTable } from './training-table.ts';
import { MISSING, NODE_FLAG } from './tree-ensemble.ts';

/** How much each row counts: its own weight, times that of its class (`scale_pos_weight`, `is_unbalance`, class weights). */
export function rowWeights(table: TreeTable, params: BoostingParams, out: Float64Array): void {
  const { rows, labels, weights } = table;
  const { task, positiveWeight, classWeights } = params;
  const classes = task.kind === 'binary' ? 2 : task.kind === 'multiclass' ? task.classes : 0;
  const own = (row: number): number => (weights === null ? 1 : (weights[row] as number));
  const counts = new Float64Array(classes);
  if (classes > 0)
    for (let row = 0; row < rows; row += 1) counts[labels[row] as number] = (counts[labels[row] as number] ?? 0) + 1;
  const byClass = Array.from({ length: classes }, (_, label) => {
    const count = counts[label] ?? 0;
    const given =
      classWeights === 'balanced' ? (count > 0 ? rows / (classes * count) : 1) : (classWeights?.[label] ?? 1);
    if (task.kind !== 'binary') return given;
    // LightGBM's is_unbalance: the rarer class weighs as much as the other.
    if (positiveWeight === null) return given * Math.max(1, (counts[1 - label] ?? 0) / Math.max(1, count));
    return label === 1 ? given * positiveWeight : given;
  });
  for (let row = 0; row < rows; row += 1)
    out[row] = own(row) * (classes > 0 ? (byClass[labels[row] as number] ?? 1) : 1);
}

/** Writes the rows a tree learns from, in their order, and then the others; returns how many the first are. Each row is drawn by its own chance (XGBoost), or as many as the share says (LightGBM). */
export function sampleRows(
  params: BoostingParams,
  rows: number,
  round: number,
  tree: number,
  out: Uint32Array,
): number {
  const { rowShare, rowRounds, family, seed } = params;
  if (rowShare >= 1) {
    for (let row = 0; row < rows; row += 1) out[row] = row;
    return rows;
  }
  const drawn = rowRounds > 0 ? round - (round % rowRounds) : 0;
  const random = seededRandom(mixSeed(seed, 0x5a, drawn, family === 'xgboost' ? tree : 0));
  const others = new Uint32Array(rows);
  const wanted = Math.max(1, Math.floor(rows * rowShare));
  let taken = 0;
  let left = 0;
  for (let row = 0; row < rows; row += 1) {
    const takes = family === 'xgboost' ? random.next() < rowShare : random.next() * (rows - row) < wanted - taken;
    if (takes) {
      out[taken] = row;
      taken += 1;
    } else {
      others[left] = row;
      left += 1;
    }
  }
  out.set(others.subarray(0, left), taken);
  return taken;
}

/** What of an ensemble a walk down a tree reads. */
export type TreeWalk = Readonly<
  Record<
    'feature' | 'threshold' | 'left' | 'right' | 'flags' | 'categoryStart' | 'categoryWords' | 'categories',
    ArrayLike<number>
  >
>;

function categoryGoesLeft(tree: TreeWalk, node: number, value: number): boolean {
  const flags = tree.flags[node] as number;
  if (Number.isNaN(value)) return (flags & NODE_FLAG.defaultLeft) !== 0;
  const category = Math.trunc(value);
  const word = category >> 5;
  const inSet =
    category >= 0 &&
    word < (tree.categoryWords[node] as number) &&
    (((tree.categories[(tree.categoryStart[node] as number) + word] as number) >>> (category & 31)) & 1) === 1;
  return inSet === ((flags & NODE_FLAG.setGoesRight) === 0);
}

/** The leaf that a row of raw values falls into. For watching a training by rows it doesn't learn from; forecasts are the predictor's. */
export function leafOf(
  tree: TreeWalk,
  root: number,
  values: Float64Array | Float32Array,
  offset: number,
  single: boolean,
): number {
  let node = root;
  for (;;) {
    const column = tree.feature[node] as number;
    if (column < 0) return node;
    const flags = tree.flags[node] as number;
    let value = values[offset + column] as number;
    let goesLeft = false;
    if ((flags & NODE_FLAG.categorical) !== 0) goesLeft = categoryGoesLeft(tree, node, value);
    else {
      const kind = (flags >> NODE_FLAG.missingShift) & 3;
      if (value !== value && kind === MISSING.none) value = 0;
      if (single) value = Math.fround(value);
      goesLeft = value !== value ? (flags & NODE_FLAG.defaultLeft) !== 0 : value <= (tree.threshold[node] as number);
    }
    node = (goesLeft ? tree.left[node] : tree.right[node]) as number;
  }
}
