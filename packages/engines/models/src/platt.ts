import { err, ok, type Result } from '@monsta/core';
import { sigmoid, softplus } from './logistic-objective.ts';

/** Platt's calibration: `σ(slope · logit(raw) + intercept)`. The slope is above 0, so that the order of the probabilities stays. */
export interface PlattCalibration {
  readonly slope: number;
  readonly intercept: number;
  /** Forecasts that it was fitted on. */
  readonly rows: number;
}

/** A raw probability nearer to certain counts as this far from it, so that one forecast can't outweigh all others. */
const MARGIN = 1e-6;
const ITERATIONS_MAX = 100;
const HALVINGS_MAX = 40;
const SUFFICIENT_DECREASE = 1e-4;
/** The fit is done when the promised decrease a row falls below this. */
const DECREASE_PER_ROW = 1e-14;
const ROWS_PER_STEP = 16_000;

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** `ln(p / (1 − p))`, with `p` kept `MARGIN` away from 0 and 1. */
export function logit(probability: number): number {
  const inner = Math.min(Math.max(probability, MARGIN), 1 - MARGIN);
  return Math.log(inner / (1 - inner));
}

export const calibrate = ({ slope, intercept }: Pick<PlattCalibration, 'slope' | 'intercept'>, raw: number): number =>
  sigmoid(slope * logit(raw) + intercept);

interface Forecasts {
  readonly logits: Float64Array;
  readonly up: Uint8Array;
  /** The first so many are fitted on. */
  readonly rows: number;
  readonly targetUp: number;
  readonly targetDown: number;
}

/** The loss at a point, its gradient and the lower triangle of its Hessian. */
interface Objective {
  readonly loss: number;
  readonly slope: number;
  readonly intercept: number;
  readonly slopeSlope: number;
  readonly slopeIntercept: number;
  readonly interceptIntercept: number;
}

function* objective(data: Forecasts, slope: number, intercept: number): Generator<void, Objective> {
  let [loss, bySlope, byIntercept] = [0, 0, 0];
  let [slopeSlope, slopeIntercept, interceptIntercept] = [0, 0, 0];
  for (let row = 0; row < data.rows; row += 1) {
    const value = at(data.logits, row);
    const score = slope * value + intercept;
    const target = data.up[row] === 1 ? data.targetUp : data.targetDown;
    const probability = sigmoid(score);
    const curvature = probability * (1 - probability);
    // −t·ln p − (1 − t)·ln(1 − p)
    loss += softplus(score) - target * score;
    bySlope += (probability - target) * value;
    byIntercept += probability - target;
    slopeSlope += curvature * value * value;
    slopeIntercept += curvature * value;
    interceptIntercept += curvature;
    if ((row + 1) % ROWS_PER_STEP === 0) yield;
  }
  return { loss, slope: bySlope, intercept: byIntercept, slopeSlope, slopeIntercept, interceptIntercept };
}

/**
 * Fits slope and intercept to the first `rows` forecasts, in steps. The targets are (N₊ + 1) / (N₊ + 2) and 1 / (N₋ + 2) in the stead of 1 and 0 (J. Platt, Probabilistic outputs for
 * support vector machines, 1999), which keeps few rows from promising certainty; the method is Newton's with step halving (H.-T. Lin, C.-J. Lin, R. Weng, A note on Platt's probabilistic
 * outputs, 2007). `logits`: of raw probabilities that the model gave out of sample; `up`: 1 where the price rose afterwards.
 * Faults: `one_class`, `fit_not_converged` (forecasts that do not differ, too), `calibration_inverted` where higher forecasts were not followed by more rises.
 */
export function* fitPlattSteps(
  logits: Float64Array,
  up: Uint8Array,
  rows: number,
): Generator<void, Result<PlattCalibration>> {
  const risen = up.subarray(0, rows).reduce((count, each) => count + each, 0);
  if (risen === 0 || risen === rows)
    return err(
      'one_class',
      `all ${rows} forecasts were followed by the same direction: there is nothing to compare with`,
    );
  const data: Forecasts = { logits, up, rows, targetUp: (risen + 1) / (risen + 2), targetDown: 1 / (rows - risen + 2) };
  let slope = 0;
  let intercept = Math.log((risen + 1) / (rows - risen + 1));
  let now = yield* objective(data, slope, intercept);
  for (let iteration = 0; iteration < ITERATIONS_MAX; iteration += 1) {
    const determinant = now.slopeSlope * now.interceptIntercept - now.slopeIntercept * now.slopeIntercept;
    // Against rounding noise where all forecasts are the same.
    if (!(determinant > 1e-10 * now.interceptIntercept * now.interceptIntercept))
      return err('fit_not_converged', 'the forecasts do not differ from each other');
    const bySlope = (now.interceptIntercept * now.slope - now.slopeIntercept * now.intercept) / determinant;
    const byIntercept = (now.slopeSlope * now.intercept - now.slopeIntercept * now.slope) / determinant;
    const promised = bySlope * now.slope + byIntercept * now.intercept;
    if (promised <= DECREASE_PER_ROW * rows) return fitted(slope, intercept, rows);
    let step = 1;
    let next = now;
    let halvings = 0;
    for (; halvings < HALVINGS_MAX; halvings += 1) {
      next = yield* objective(data, slope - step * bySlope, intercept - step * byIntercept);
      if (next.loss <= now.loss - SUFFICIENT_DECREASE * step * promised) break;
      step /= 2;
    }
    // No step brings less: what remains is below what the sum of losses can resolve.
    if (halvings === HALVINGS_MAX) {
      return promised <= 1e-9 * Math.max(1, now.loss)
        ? fitted(slope, intercept, rows)
        : err('fit_not_converged', `no step lowers the loss of ${now.loss} any further`);
    }
    slope -= step * bySlope;
    intercept -= step * byIntercept;
    now = next;
  }
  return err('fit_not_converged', `the fit did not settle within ${ITERATIONS_MAX} iterations`);
}

function fitted(slope: number, intercept: number, rows: number): Result<PlattCalibration> {
  return slope > 0
    ? ok({ slope, intercept, rows })
    : err('calibration_inverted', `higher forecasts were not followed by more rises (slope ${slope.toPrecision(3)})`);
}
