import { mixSeed, seededRandom } from '@monsta/core';
import type { BoostingParams } from './boosting-params.ts';
import type { TreeTable } from './training-table.ts';

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
