import type { TreeTask } from './tree-ensemble.ts';

/** How well forecasts met the labels of a table; null where a score has no meaning (one class only, no spread). */
export type TableScores = Readonly<Record<string, number | null>>;

interface Scored {
  /** Row-major: the probability of class 1 (binary), of every class (multiclass), else the value. */
  readonly forecasts: Float64Array;
  readonly labels: Float64Array | Float32Array;
  /** Null: each row counts the same. */
  readonly weights: Float64Array | Float32Array | null;
}

/** Probabilities are kept this far from 0 and 1 in the log loss, as scikit-learn 1.2 does; a forest says 0 and 1. */
const PROBABILITY_MIN = 1e-15;

const bounded = (probability: number): number => Math.min(1 - PROBABILITY_MIN, Math.max(PROBABILITY_MIN, probability));

/** Area under the receiver operating characteristic: the share of pairs of rows of both classes that are put into the right order, ties counted half (Mann–Whitney); null without both classes. */
function areaUnderCurve({ forecasts, labels, weights }: Scored): number | null {
  const order = Uint32Array.from({ length: labels.length }, (_, row) => row).sort(
    (left, right) => (forecasts[left] as number) - (forecasts[right] as number),
  );
  let [negatives, positives, area] = [0, 0, 0];
  for (let at = 0; at < order.length;) {
    const value = forecasts[order[at] as number];
    let [up, down] = [0, 0];
    for (; at < order.length && forecasts[order[at] as number] === value; at += 1) {
      const row = order[at] as number;
      const weight = weights === null ? 1 : (weights[row] as number);
      if (labels[row] === 1) up += weight;
      else down += weight;
    }
    area += up * (negatives + down / 2);
    negatives += down;
    positives += up;
  }
  return negatives > 0 && positives > 0 ? area / (negatives * positives) : null;
}

function binaryScores(scored: Scored): TableScores {
  const { forecasts, labels, weights } = scored;
  let [sum, right, loss, brier] = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    const weight = weights === null ? 1 : (weights[row] as number);
    const probability = forecasts[row] as number;
    const up = labels[row] === 1;
    sum += weight;
    if (probability > 0.5 === up) right += weight;
    loss -= weight * Math.log(bounded(up ? probability : 1 - probability));
    brier += weight * ((up ? 1 : 0) - probability) ** 2;
  }
  return { auc: areaUnderCurve(scored), logLoss: loss / sum, accuracy: right / sum, brier: brier / sum };
}

function classScores({ forecasts, labels, weights }: Scored, classes: number): TableScores {
  let [sum, right, loss] = [0, 0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    const weight = weights === null ? 1 : (weights[row] as number);
    const offset = row * classes;
    let best = 0;
    for (let label = 1; label < classes; label += 1)
      if ((forecasts[offset + label] as number) > (forecasts[offset + best] as number)) best = label;
    const label = labels[row] as number;
    sum += weight;
    if (best === label) right += weight;
    loss -= weight * Math.log(bounded(forecasts[offset + label] as number));
  }
  return { logLoss: loss / sum, accuracy: right / sum };
}

function valueScores({ forecasts, labels, weights }: Scored): TableScores {
  let [sum, squares, distances, mean] = [0, 0, 0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    const weight = weights === null ? 1 : (weights[row] as number);
    const miss = (labels[row] as number) - (forecasts[row] as number);
    sum += weight;
    squares += weight * miss * miss;
    distances += weight * Math.abs(miss);
    mean += weight * (labels[row] as number);
  }
  mean /= sum;
  let spread = 0;
  for (let row = 0; row < labels.length; row += 1)
    spread += (weights === null ? 1 : (weights[row] as number)) * ((labels[row] as number) - mean) ** 2;
  return {
    rmse: Math.sqrt(squares / sum),
    mae: distances / sum,
    r2: spread > 0 ? 1 - squares / spread : null,
  };
}

function quantileScores({ forecasts, labels, weights }: Scored, alpha: number): TableScores {
  let [sum, loss, below] = [0, 0, 0];
  for (let row = 0; row < labels.length; row += 1) {
    const weight = weights === null ? 1 : (weights[row] as number);
    const miss = (labels[row] as number) - (forecasts[row] as number);
    sum += weight;
    loss += weight * (miss >= 0 ? alpha * miss : (alpha - 1) * miss);
    if (miss <= 0) below += weight;
  }
  return { quantileLoss: loss / sum, coverage: below / sum };
}

/**
 * Scores of forecasts: `auc`, `logLoss` (nats), `accuracy`, `brier` for two classes; `logLoss`, `accuracy` for more; `rmse`, `mae`, `r2` for values; `quantileLoss` (pinball) and `coverage` (share of
 * labels not above the forecast) for a quantile. Rows with a label outside the classes are a broken invariant: check them first.
 */
export function tableScores(task: TreeTask, scored: Scored): TableScores {
  switch (task.kind) {
    case 'binary':
      return binaryScores(scored);
    case 'multiclass':
      return classScores(scored, task.classes);
    case 'regression':
      return valueScores(scored);
    case 'quantile':
      return quantileScores(scored, task.alpha);
  }
}
