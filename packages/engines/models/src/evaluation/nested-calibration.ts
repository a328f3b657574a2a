import { err, ok, type Result } from '@monsta/core';
import type { OutOfSample, ScoringData } from '../evaluation.ts';

export interface CalibrationOptions {
  /** Least forecasts to fit on that do not overlap: rows over the horizon in bars. */
  readonly horizonsMin: number;
  /** Bars between the forecasts that are fitted on and those that are judged, beyond the purge, in horizons. */
  readonly embargoHorizons: number;
}

/** With 1000 the share of rises is known to ±3 points (95 %). */
const DEFAULT_CALIBRATION_OPTIONS: CalibrationOptions = { horizonsMin: 1_000, embargoHorizons: 1 };

/** How raw probabilities are made to agree with what happened. */
export interface CalibrationMethod<Calibration> {
  /** Fits to the first `rows` forecasts. */
  fitSteps(rows: number): Generator<void, Result<Calibration>>;
  apply(calibration: Calibration, raw: number): number;
}

/** What calibrating by earlier forecasts alone made of each forecast. */
export interface NestedCalibration<Calibration> {
  /** Fitted on all forecasts. */
  readonly calibration: Calibration;
  /** Of each forecast; NaN where too few were settled before its fold, or where these could not be calibrated. */
  readonly probabilities: Float64Array;
  /** Forecasts and folds that have one. */
  readonly rows: number;
  readonly folds: number;
}

/** How many of the forecasts before the one at `index` had their outcome, and `distance` bars in all, behind them when it was made. */
function settledBefore(
  { barIndex }: Pick<ScoringData, 'barIndex'>,
  first: number,
  index: number,
  distance: number,
): number {
  const limit = (barIndex[first + index] ?? Number.NaN) - distance;
  let count = index;
  while (count > 0 && (barIndex[first + count - 1] ?? Number.NaN) > limit) count -= 1;
  return count;
}

/**
 * Calibrates forecasts made out of sample, in steps: each fold's with a calibration fitted on forecasts whose outcome was known an embargo before that fold; the calibration returned is
 * fitted on all. Faults: `rows_too_few`, `calibration_unjudged`, and those of fitting.
 */
export function* nestedCalibrationSteps<Calibration>(
  data: Pick<ScoringData, 'barIndex' | 'horizonBars'>,
  { first, probabilities, folds }: OutOfSample,
  method: CalibrationMethod<Calibration>,
  { horizonsMin, embargoHorizons }: CalibrationOptions = DEFAULT_CALIBRATION_OPTIONS,
): Generator<void, Result<NestedCalibration<Calibration>>> {
  const rowsMin = horizonsMin * data.horizonBars;
  const calibrated = new Float64Array(probabilities.length).fill(Number.NaN);
  let [rows, judged, known] = [0, 0, 0];
  for (const { test } of folds) {
    known = settledBefore(data, first, test.from - first, (1 + embargoHorizons) * data.horizonBars);
    if (known < rowsMin) continue;
    const fitted = yield* method.fitSteps(known);
    // Then nothing calibrated would have been said.
    if (!fitted.ok) continue;
    for (let row = test.from - first; row < test.to - first; row += 1)
      calibrated[row] = method.apply(fitted.value, probabilities[row] ?? Number.NaN);
    rows += test.to - test.from;
    judged += 1;
    yield;
  }
  if (known < rowsMin) {
    const message = `${probabilities.length} forecasts out of sample are too few to calibrate by and to judge it: ${rowsMin} are needed before the last fold`;
    return err('rows_too_few', message, { details: { rows: probabilities.length, needed: rowsMin } });
  }
  const whole = yield* method.fitSteps(probabilities.length);
  if (!whole.ok) return whole;
  if (judged === 0) return err('calibration_unjudged', 'no fold’s earlier forecasts could be calibrated');
  return ok({ calibration: whole.value, probabilities: calibrated, rows, folds: judged });
}
