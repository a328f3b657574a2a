import { BOOSTING_METRICS, type BoostingMetric } from './boosting-params.ts';
import type { ObjectiveRows } from './boosting-objective.ts';
import type { TreeTask } from './tree-ensemble.ts';

/** Whether more of a metric is better. */
export const isGain = (metric: BoostingMetric): boolean => metric === 'auc';

/** What a task is watched by when nothing is said, as both libraries have it. */
export function usualMetric(task: TreeTask): BoostingMetric {
  switch (task.kind) {
    case 'binary':
      return 'logloss';
    case 'multiclass':
      return 'mlogloss';
    case 'regression':
      return 'rmse';
    case 'quantile':
      return 'quantile';
  }
}

const TASKS: Readonly<Record<BoostingMetric, readonly TreeTask['kind'][]>> = {
  logloss: ['binary'],
  auc: ['binary'],
  error: ['binary'],
  mlogloss: ['multiclass'],
  merror: ['multiclass'],
  rmse: ['regression', 'quantile'],
  mae: ['regression', 'quantile'],
  quantile: ['quantile'],
};

/** Metrics that a task has. */
export const metricsOf = (task: TreeTask): readonly BoostingMetric[] =>
  BOOSTING_METRICS.filter((metric) => TASKS[metric].includes(task.kind));

/** log(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Area under the ROC curve: the weighted share of pairs of a positive and a negative row that are in the right order, ties counted half. NaN where one class is missing. */
export function areaUnderCurve(scores: Float64Array, labels: Float64Array, weights: Float64Array): number {
  const order = Uint32Array.from(scores, (_, index) => index).sort(
    (a, b) => (scores[a] as number) - (scores[b] as number),
  );
  let below = 0;
  let positives = 0;
  let area = 0;
  for (let from = 0; from < order.length;) {
    const score = scores[order[from] as number] as number;
    let to = from;
    let positive = 0;
    let negative = 0;
    while (to < order.length && scores[order[to] as number] === score) {
      const row = order[to] as number;
      if ((labels[row] as number) === 1) positive += weights[row] as number;
      else negative += weights[row] as number;
      to += 1;
    }
    area += positive * (below + negative / 2);
    below += negative;
    positives += positive;
    from = to;
  }
  return area / (positives * below);
}

function rowLoss(metric: BoostingMetric, data: ObjectiveRows, row: number, alpha: number): number {
  const { labels, margins, outputs } = data;
  const label = labels[row] as number;
  const margin = margins[row * outputs] as number;
  switch (metric) {
    case 'logloss':
      return softplus(label === 1 ? -margin : margin);
    case 'error':
      return margin > 0 === (label === 1) ? 0 : 1;
    case 'rmse':
      return (margin - label) ** 2;
    case 'mae':
      return Math.abs(margin - label);
    case 'quantile':
      return margin >= label ? (1 - alpha) * (margin - label) : alpha * (label - margin);
    case 'merror':
    case 'mlogloss': {
      const mine = margins.subarray(row * outputs, (row + 1) * outputs);
      const greatest = mine.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
      if (metric === 'merror') return mine.indexOf(greatest) === label ? 0 : 1;
      const sum = mine.reduce((total, value) => total + Math.exp(value - greatest), 0);
      return greatest + Math.log(sum) - (mine[label] as number);
    }
    case 'auc':
      return 0;
  }
}

/** A metric of rows whose margins are known, weighted by row. */
export function boostingMetric(metric: BoostingMetric, data: ObjectiveRows, task: TreeTask): number {
  const { rows, labels, weights, margins } = data;
  if (metric === 'auc') return areaUnderCurve(margins, labels, weights);
  const alpha = task.kind === 'quantile' ? task.alpha : 0.5;
  let sum = 0;
  let weight = 0;
  for (let row = 0; row < rows; row += 1) {
    sum += rowLoss(metric, data, row, alpha) * (weights[row] as number);
    weight += weights[row] as number;
  }
  return metric === 'rmse' ? Math.sqrt(sum / weight) : sum / weight;
}
