import { err, ok, type Result } from '@monsta/core';
import type { OutOfSample, ScoringData } from './evaluation.ts';
import { calibrate, fitPlattSteps, logit, type PlattCalibration } from './platt.ts';
import { forecastQualitySteps, type ForecastQuality } from './reliability.ts';

export interface CalibrationOptions {
  /** Least forecasts to fit on that do not overlap: rows over the horizon in bars. */
  readonly horizonsMin: number;
  /** Bars between the forecasts that are fitted on and those that are judged, beyond the purge, in horizons. */
  readonly embargoHorizons: number;
}

/** With 1000 the share of rises is known to ±3 points (95 %). */
const DEFAULT_CALIBRATION_OPTIONS: CalibrationOptions = { horizonsMin: 1_000, embargoHorizons: 1 };

/** The calibration fitted on all out-of-sample forecasts, and what calibrating that way did to forecasts it had not seen. */
export interface CalibrationResult {
  readonly calibration: PlattCalibration;
  /** Rows and folds that were judged. */
  readonly rows: number;
  readonly folds: number;
  readonly before: ForecastQuality;
  readonly after: ForecastQuality;
}

/** How many of the forecasts before the one at `index` had their outcome, and `embargo` bars more, behind them when it was made. */
function settledBefore({ barIndex }: ScoringData, { first }: OutOfSample, index: number, distance: number): number {
  const limit = (barIndex[first + index] ?? Number.NaN) - distance;
  let count = index;
  while (count > 0 && (barIndex[first + count - 1] ?? Number.NaN) > limit) count -= 1;
  return count;
}

/**
 * Calibrates a model by what it forecast out of sample, in steps, and by nothing else. Nested: each fold's forecasts are judged with a calibration fitted on forecasts whose outcome
 * was known an embargo before that fold; the calibration returned is fitted on all.
 * Faults: `rows_too_few`, `calibration_unjudged`, and those of fitting.
 */
export function* calibrationSteps(
  data: ScoringData,
  forecasts: OutOfSample,
  { horizonsMin, embargoHorizons }: CalibrationOptions = DEFAULT_CALIBRATION_OPTIONS,
): Generator<void, Result<CalibrationResult>> {
  const { first, probabilities, folds } = forecasts;
  const rowsMin = horizonsMin * data.horizonBars;
  const logits = probabilities.map(logit);
  const up = data.up.subarray(first, first + probabilities.length);
  yield;
  const { length } = probabilities;
  const judged = {
    raw: new Float64Array(length),
    calibrated: new Float64Array(length),
    up: new Uint8Array(length),
    rows: 0,
    folds: 0,
  };
  let known = 0;
  for (const { test } of folds) {
    known = settledBefore(data, forecasts, test.from - first, (1 + embargoHorizons) * data.horizonBars);
    if (known < rowsMin) continue;
    const fitted = yield* fitPlattSteps(logits, up, known);
    // Then nothing calibrated would have been said.
    if (!fitted.ok) continue;
    for (let row = test.from - first; row < test.to - first; row += 1) {
      const raw = probabilities[row] ?? Number.NaN;
      judged.raw[judged.rows] = raw;
      judged.calibrated[judged.rows] = calibrate(fitted.value, raw);
      judged.up[judged.rows] = up[row] ?? Number.NaN;
      judged.rows += 1;
    }
    judged.folds += 1;
    yield;
  }
  if (known < rowsMin) {
    const message = `${probabilities.length} forecasts out of sample are too few to calibrate by and to judge it: ${rowsMin} are needed before the last fold`;
    return err('rows_too_few', message, { details: { rows: probabilities.length, needed: rowsMin } });
  }
  const whole = yield* fitPlattSteps(logits, up, probabilities.length);
  if (!whole.ok) return whole;
  if (judged.folds === 0) return err('calibration_unjudged', 'no fold’s earlier forecasts could be calibrated');
  const seen = judged.up.subarray(0, judged.rows);
  const before = yield* forecastQualitySteps(judged.raw.subarray(0, judged.rows), seen);
  const after = yield* forecastQualitySteps(judged.calibrated.subarray(0, judged.rows), seen);
  return ok({ calibration: whole.value, rows: seen.length, folds: judged.folds, before, after });
}
