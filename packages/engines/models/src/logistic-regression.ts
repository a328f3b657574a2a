import { err, invariant, ok, type Result } from '@monsta/core';
import { solvePositiveDefinite } from './cholesky.ts';
import type { Executor, RowRange, TrainingData } from './executor.ts';
import { decodeLogisticModel, encodeLogisticModel } from './logistic-codec.ts';
import type { LogisticModel } from './logistic-model.ts';
import { DEFAULT_LOGISTIC_OPTIONS, type LogisticOptions } from './logistic-options.ts';
import { standardise } from './standardise.ts';
import { addLogLoss, addPenalty, sigmoid, type LogisticDerivatives, type LogisticRows } from './logistic-objective.ts';

const ITERATIONS_MAX = 50;
const HALVINGS_MAX = 40;
/** Share of the promised decrease that a step must bring (Armijo). */
const SUFFICIENT_DECREASE = 1e-4;
/** The fit is done when the promised decrease a row falls below this. */
const DECREASE_PER_ROW = 1e-14;
const ROWS_PER_STEP = 16_000;

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** The penalised loss, in steps; derivatives are written where asked for. */
function* objective(
  data: LogisticRows,
  parameters: Float64Array,
  l2: number,
  derivatives: LogisticDerivatives | null,
): Generator<void, number> {
  derivatives?.gradient.fill(0);
  derivatives?.hessian.fill(0);
  let total = addPenalty(data.width, parameters, l2, derivatives);
  for (let from = 0; from < data.rows; from += ROWS_PER_STEP) {
    total += addLogLoss(data, from, Math.min(data.rows, from + ROWS_PER_STEP), parameters, derivatives);
    yield;
  }
  return total;
}

/**
 * Newton's method with step halving; the penalty makes the optimum unique and finite even where the classes are separable.
 * Fault `fit_not_converged`.
 */
function* newton(
  data: LogisticRows,
  l2: number,
): Generator<void, Result<{ readonly parameters: Float64Array; readonly iterations: number }>> {
  const size = data.width + 1;
  const derivatives = { gradient: new Float64Array(size), hessian: new Float64Array(size * size) };
  let parameters = new Float64Array(size);
  let loss = yield* objective(data, parameters, l2, derivatives);
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration += 1) {
    const direction = solvePositiveDefinite(derivatives.hessian, derivatives.gradient, size);
    if (direction === null) return err('fit_not_converged', 'the curvature of the loss is not positive definite');
    const promised = direction.reduce((sum, value, index) => sum + value * at(derivatives.gradient, index), 0);
    if (promised <= DECREASE_PER_ROW * data.rows) return ok({ parameters, iterations: iteration });
    let step = 1;
    let next = parameters;
    let nextLoss = Number.POSITIVE_INFINITY;
    let halvings = 0;
    for (; halvings < HALVINGS_MAX; halvings += 1) {
      next = parameters.map((value, index) => value - step * at(direction, index));
      nextLoss = yield* objective(data, next, l2, null);
      if (nextLoss <= loss - SUFFICIENT_DECREASE * step * promised) break;
      step /= 2;
    }
    // No step brings less: what remains is below what the sum of losses can resolve.
    if (halvings === HALVINGS_MAX) {
      return promised <= 1e-9 * Math.max(1, loss)
        ? ok({ parameters, iterations: iteration })
        : err('fit_not_converged', `no step lowers the loss of ${loss} any further`);
    }
    parameters = next;
    loss = yield* objective(data, parameters, l2, derivatives);
  }
  return err('fit_not_converged', `the fit did not settle within ${ITERATIONS_MAX} iterations`);
}

function* fit(data: TrainingData, range: RowRange, options: LogisticOptions): Generator<void, Result<LogisticModel>> {
  const rows = range.to - range.from;
  invariant(
    range.from >= 0 && range.to <= data.rows,
    `rows ${range.from}…${range.to} lie outside the ${data.rows} there are`,
  );
  if (rows < options.rowsMin)
    return err('rows_too_few', `${rows} rows are too few to learn from; at least ${options.rowsMin} are needed`);
  const risen = data.up.subarray(range.from, range.to).reduce((count, up) => count + up, 0);
  if (risen === 0 || risen === rows)
    return err('one_class', `all ${rows} rows are ${risen === 0 ? 'down' : 'up'}: there is nothing to tell apart`);
  const standardised = yield* standardise(data, range);
  if (!standardised.ok) return standardised;
  const { width, means, scales, values } = standardised.value;
  const up = data.up.subarray(range.from, range.to);
  const fitted = yield* newton({ rows, width, values, up }, options.l2);
  if (!fitted.ok) return fitted;
  const { parameters, iterations } = fitted.value;
  return ok({
    kind: 'logistic-regression',
    featureNames: data.featureNames,
    means,
    scales,
    weights: parameters.slice(0, width),
    intercept: at(parameters, width),
    trainedRows: rows,
    iterations,
  });
}

/** Logistic regression with an L2 penalty, fitted by Newton's method on columns standardised over the training rows. */
export function logisticRegression(options: LogisticOptions = DEFAULT_LOGISTIC_OPTIONS): Executor<LogisticModel> {
  invariant(options.l2 > 0 && Number.isFinite(options.l2), `l2 must be above 0, not ${options.l2}`);
  return {
    name: 'logistic-regression',
    parameters: { ...options },
    acceptsMissing: false,
    fitSteps: (data, range) => fit(data, range, options),
    encode: encodeLogisticModel,
    decode: decodeLogisticModel,
    probabilityUp(model, features, offset) {
      const { means, scales, weights } = model;
      let score = model.intercept;
      for (let column = 0; column < weights.length; column += 1)
        score += (at(weights, column) * (at(features, offset + column) - at(means, column))) / at(scales, column);
      return sigmoid(score);
    },
  };
}
