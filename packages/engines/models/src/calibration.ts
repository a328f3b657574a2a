import { ok, type Result } from '@monsta/core';
import type { OutOfSample, ScoringData } from './evaluation.ts';
import { calibrateIsotonic, fitIsotonic, type IsotonicCalibration } from './evaluation/isotonic.ts';
import {
  nestedCalibrationSteps,
  type CalibrationMethod,
  type CalibrationOptions,
} from './evaluation/nested-calibration.ts';
import { calibrate, fitPlattSteps, logit, type PlattCalibration } from './platt.ts';
import { forecastQualitySteps, type ForecastQuality } from './reliability.ts';

/** The calibration fitted on all out-of-sample forecasts, and what calibrating that way did to forecasts it had not seen. */
export interface CalibrationResult<Calibration = PlattCalibration> {
  readonly calibration: Calibration;
  /** Rows and folds that were judged. */
  readonly rows: number;
  readonly folds: number;
  readonly before: ForecastQuality;
  readonly after: ForecastQuality;
  /** Calibrated, of each forecast out of sample, by earlier ones alone; NaN where nothing calibrated would have been said. */
  readonly probabilities: Float64Array;
}

function plattMethod(raw: Float64Array, up: Uint8Array): CalibrationMethod<PlattCalibration> {
  const logits = raw.map(logit);
  return { fitSteps: (rows) => fitPlattSteps(logits, up, rows), apply: calibrate };
}

function isotonicMethod(raw: Float64Array, up: Uint8Array): CalibrationMethod<IsotonicCalibration> {
  return {
    *fitSteps(rows) {
      yield;
      return fitIsotonic(raw, up, rows);
    },
    apply: calibrateIsotonic,
  };
}

function* judgedSteps<Calibration>(
  data: ScoringData,
  forecasts: OutOfSample,
  methodOf: (raw: Float64Array, up: Uint8Array) => CalibrationMethod<Calibration>,
  options?: CalibrationOptions,
): Generator<void, Result<CalibrationResult<Calibration>>> {
  const { first, probabilities: raw } = forecasts;
  const up = data.up.subarray(first, first + raw.length);
  const method = methodOf(raw, up);
  yield;
  const nested = yield* nestedCalibrationSteps(data, forecasts, method, options);
  if (!nested.ok) return nested;
  const { calibration, probabilities, rows, folds } = nested.value;
  const judged = (_: number, row: number): boolean => !Number.isNaN(probabilities[row]);
  const seen = up.filter(judged);
  const before = yield* forecastQualitySteps(raw.filter(judged), seen);
  const after = yield* forecastQualitySteps(probabilities.filter(judged), seen);
  return ok({ calibration, rows, folds, before, after, probabilities });
}

/**
 * Calibrates a model after Platt by what it forecast out of sample, in steps, and by nothing else. Nested: each fold's forecasts are judged with a calibration fitted on forecasts whose
 * outcome was known an embargo before that fold; the calibration returned is fitted on all.
 * Faults: `rows_too_few`, `calibration_unjudged`, and those of fitting.
 */
export const calibrationSteps = (
  data: ScoringData,
  forecasts: OutOfSample,
  options?: CalibrationOptions,
): Generator<void, Result<CalibrationResult>> => judgedSteps(data, forecasts, plattMethod, options);

/** The same with isotonic calibration. Faults: the same. */
export const isotonicCalibrationSteps = (
  data: ScoringData,
  forecasts: OutOfSample,
  options?: CalibrationOptions,
): Generator<void, Result<CalibrationResult<IsotonicCalibration>>> =>
  judgedSteps(data, forecasts, isotonicMethod, options);
