import type { BoostingParams } from './boosting-params.ts';

/** Labels and weights of the rows, and their margins (`outputs` a row). */
export interface ObjectiveRows {
  readonly rows: number;
  readonly outputs: number;
  readonly labels: Float64Array;
  readonly weights: Float64Array;
  readonly margins: Float64Array;
}

const XGBOOST_HESSIAN_MIN = 1e-16;
/** LightGBM's kEpsilon. */
const PROBABILITY_MIN = 1e-15;

const clamped = (share: number): number => Math.min(1 - PROBABILITY_MIN, Math.max(PROBABILITY_MIN, share));
const logit = (probability: number): number => Math.log(probability / (1 - probability));

/** Least hessian of a row, as the library has it. */
export const hessianFloor = (params: BoostingParams): number => (params.family === 'xgboost' ? XGBOOST_HESSIAN_MIN : 0);

const weightedMean = (labels: Float64Array, weights: Float64Array): number => {
  let sum = 0;
  let weight = 0;
  for (let row = 0; row < labels.length; row += 1) {
    sum += (labels[row] as number) * (weights[row] as number);
    weight += weights[row] as number;
  }
  return weight > 0 ? sum / weight : 0;
};

/** The quantile `alpha` of values of equal weight in order: between the order statistics around alpha · (n + 1), as XGBoost's `common::Quantile` has it. */
function plainQuantile(values: Float64Array, alpha: number): number {
  const count = values.length;
  const position = alpha * (count + 1);
  if (position <= 1) return values[0] as number;
  if (position >= count) return values[count - 1] as number;
  const lower = Math.floor(position);
  const from = values[lower - 1] as number;
  return from + (position - lower) * ((values[lower] as number) - from);
}

/** The same as LightGBM's `PercentileFun` has it: between those around alpha · (n − 1), counted down from the greatest. */
function plainPercentile(values: Float64Array, alpha: number): number {
  const last = values.length - 1;
  const position = last * (1 - alpha);
  const above = Math.floor(position);
  if (above >= last) return values[0] as number;
  const from = values[last - above] as number;
  return from - (from - (values[last - above - 1] as number)) * (position - above);
}

/** Values in order, and how much weight lies up to each. */
interface Weighted {
  readonly values: Float64Array;
  readonly upTo: Float64Array;
}

/** The least value up to which at least `alpha` of the weight lies (XGBoost). */
function weightedQuantile({ values, upTo }: Weighted, alpha: number): number {
  const wanted = alpha * (upTo.at(-1) as number);
  return (values[upTo.findIndex((sum) => sum >= wanted)] ?? values.at(-1)) as number;
}

/**
 * LightGBM's `WeightedPercentileFun`: the least value up to which more than `alpha` of the weight lies, or, where the next one weighs 1 or more, what the library makes of it and the one before.
 */
function weightedPercentile({ values, upTo }: Weighted, alpha: number): number {
  const last = values.length - 1;
  const wanted = alpha * (upTo[last] as number);
  const found = upTo.findIndex((sum) => sum > wanted);
  const at = found < 0 ? last : found;
  const here = values[at] as number;
  if (at === 0 || at === last) return here;
  const next = (upTo[at + 1] as number) - (upTo[at] as number);
  if (next < 1) return here;
  const before = values[at - 1] as number;
  return ((wanted - (upTo[at] as number)) / next) * (here - before) + before;
}

/** The quantile of weighted values, as the library has it; where all weigh the same, as it has it without weights. */
export function quantileOf(
  values: Float64Array,
  weights: Float64Array,
  alpha: number,
  family: BoostingParams['family'],
): number {
  const xgboost = family === 'xgboost';
  const first = weights[0] ?? 1;
  if (weights.every((weight) => weight === first))
    return xgboost ? plainQuantile(values.toSorted(), alpha) : plainPercentile(values.toSorted(), Math.fround(alpha));
  const order = Array.from(values, (_, index) => index).toSorted(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  let sum = 0;
  const weighted = {
    values: Float64Array.from(order, (index) => values[index] as number),
    upTo: Float64Array.from(order, (index) => (sum += weights[index] as number)),
  };
  return xgboost ? weightedQuantile(weighted, alpha) : weightedPercentile(weighted, Math.fround(alpha));
}

/**
 * Margins that outputs begin with. Given: `baseScore`, a probability for `binary`. From the data: LightGBM's `BoostFromScore` (log-odds of the weighted share, mean, quantile, log of
 * the class shares); XGBoost ≥ 2's one Newton step from 0 for `binary` (`FitStump`), mean or quantile for numbers, and 0.5 for every class.
 */
export function startMargins(params: BoostingParams, { labels, weights, outputs }: ObjectiveRows): Float64Array {
  const { task, family, baseScore } = params;
  const xgboost = family === 'xgboost';
  const margins = new Float64Array(outputs);
  if (baseScore !== null) return margins.fill(task.kind === 'binary' ? logit(baseScore) : baseScore);
  if (!params.baseFromData) return margins;
  switch (task.kind) {
    case 'binary': {
      const share = weightedMean(labels, weights);
      // Gradients at 0 are 0.5 − y, hessians 1/4.
      return margins.fill(xgboost ? logit(clamped(1 / (1 + Math.exp(-4 * (share - 0.5))))) : logit(clamped(share)));
    }
    case 'regression':
      return margins.fill(weightedMean(labels, weights));
    case 'quantile':
      return margins.fill(quantileOf(labels, weights, task.alpha, family));
    case 'multiclass': {
      if (xgboost) return margins.fill(0.5);
      for (let output = 0; output < outputs; output += 1) {
        const isClass = labels.map((label) => (label === output ? 1 : 0));
        margins[output] = Math.log(clamped(weightedMean(isClass, weights)));
      }
      return margins;
    }
  }
}

/** Gradient pairs of the softmax's log loss: class k's at `pairs[k × rows × 2 …]`. XGBoost: 2 p (1 − p); LightGBM: K / (K − 1) · p (1 − p). */
function softmaxPairs(
  params: BoostingParams,
  data: ObjectiveRows,
  from: number,
  to: number,
  pairs: Float32Array,
): void {
  const { rows, outputs, labels, weights, margins } = data;
  const xgboost = params.family === 'xgboost';
  const factor = xgboost ? 2 : outputs / (outputs - 1);
  const floor = hessianFloor(params);
  const shares = new Float64Array(outputs);
  for (let row = from; row < to; row += 1) {
    const at = row * outputs;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let output = 0; output < outputs; output += 1) greatest = Math.max(greatest, margins[at + output] as number);
    let sum = 0;
    for (let output = 0; output < outputs; output += 1) {
      const share = Math.exp((margins[at + output] as number) - greatest);
      shares[output] = share;
      sum += share;
    }
    const weight = weights[row] as number;
    const label = labels[row] as number;
    for (let output = 0; output < outputs; output += 1) {
      const share = (shares[output] as number) / sum;
      const place = 2 * (output * rows + row);
      pairs[place] = (share - (output === label ? 1 : 0)) * weight;
      pairs[place + 1] = Math.max(factor * share * (1 - share), floor) * weight;
    }
  }
}

/** Gradient pairs (gradient, hessian as 32-bit floats) of rows `from … to − 1`; those of `binary` are a kernel's. */
export function objectivePairs(
  params: BoostingParams,
  data: ObjectiveRows,
  from: number,
  to: number,
  pairs: Float32Array,
): void {
  const { task } = params;
  if (task.kind === 'multiclass') return softmaxPairs(params, data, from, to, pairs);
  const { labels, weights, margins } = data;
  // LightGBM's alpha is a 32-bit float.
  const given = task.kind === 'quantile' ? task.alpha : null;
  const alpha = given !== null && params.family === 'lightgbm' ? Math.fround(given) : given;
  for (let row = from; row < to; row += 1) {
    const distance = (margins[row] as number) - (labels[row] as number);
    const weight = weights[row] as number;
    pairs[2 * row] = (alpha === null ? distance : distance >= 0 ? 1 - alpha : -alpha) * weight;
    pairs[2 * row + 1] = weight;
  }
}
