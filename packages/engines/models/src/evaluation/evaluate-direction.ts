import { ok, type Result } from '@monsta/core';
import { calibrationSteps, isotonicCalibrationSteps, type CalibrationResult } from '../calibration.ts';
import { scoringFolds, type OutOfSample, type ScoringData, type ScoringOptions } from '../evaluation.ts';
import type { Executor, FitProgress, ReturnTrainingData } from '../executor.ts';
import type { PlattCalibration } from '../platt.ts';
import { logLossOf } from '../reliability.ts';
import { directionScoreSteps, type DirectionScore } from './direction-score.ts';
import type { IsotonicCalibration } from './isotonic.ts';
import { bootstrapBlock } from '../evaluation.ts';
import { resampleSteps, type Judged, type Judgement } from './judgement.ts';
import { learningCurveSteps, type SizedForecasts } from './learning-curve.ts';
import type { NetOfCosts, TradingCosts } from './net-of-costs.ts';
import { forecastSteps, type Forecaster } from './out-of-sample.ts';
import { breakEvenOfFolds, directionNetSteps, judgedNet, mayVote } from './signals.ts';

/** What is evaluated: rows in order of time with all their labels, and the closes of the bars that they count. */
export interface EvaluationData extends ScoringData, ReturnTrainingData {
  readonly close: Float64Array;
}

export interface EvaluationOptions {
  readonly scoring: ScoringOptions;
  /** See `levelOfLook`. */
  readonly correctedLevel: number;
  readonly costs: TradingCosts;
  /** Least forecasts that do not overlap, fewer of which calibrate nothing. */
  readonly calibrationHorizonsMin: number;
  /** Whether models are also fitted on parts of the training rows. */
  readonly learningCurve: boolean;
}

/** A calibration with its evidence, or why there is none. */
export type Calibrated<Calibration> =
  | { readonly found: CalibrationResult<Calibration>; readonly absence: null }
  | { readonly found: null; readonly absence: { readonly code: string; readonly reason: string } };

/** How models did on a fold. */
export interface FoldScore {
  readonly trainRows: number;
  readonly testRows: number;
  /** The bars of the first and the last row of the test. */
  readonly fromBar: number;
  readonly toBar: number;
  readonly accuracy: number;
  readonly logLoss: number;
  /** From what probability on a position was worth its costs; above 1: never. */
  readonly threshold: number;
}

/** Models fitted on so many rows, judged on the same newest tests. */
export interface LearningPoint {
  readonly trainRows: number;
  readonly share: number;
  readonly rows: number;
  readonly accuracy: Judged;
  readonly logLoss: Judged;
}

export interface DirectionEvaluation {
  readonly score: DirectionScore;
  readonly folds: readonly FoldScore[];
  readonly platt: Calibrated<PlattCalibration>;
  readonly isotonic: Calibrated<IsotonicCalibration>;
  /** By Platt's calibration; null where there is none. */
  readonly net: NetOfCosts | null;
  readonly learningCurve: readonly LearningPoint[];
  /** Skill over every baseline and a net result above zero, both at the corrected level. */
  readonly hasVote: boolean;
  readonly outOfSample: OutOfSample;
}

/** Shares of the whole work: forecasts out of sample, the learning curve, scores. */
const FORECAST_SHARE = 0.65;
const CURVE_SHARE = 0.25;

function calibrated<Calibration>(result: Result<CalibrationResult<Calibration>>): Calibrated<Calibration> {
  return result.ok
    ? { found: result.value, absence: null }
    : { found: null, absence: { code: result.fault.code, reason: result.fault.message } };
}

function foldScores(
  data: EvaluationData,
  { first, probabilities, folds }: OutOfSample,
  costs: TradingCosts,
): readonly FoldScore[] {
  const thresholds = breakEvenOfFolds(data.logReturn, folds, costs);
  return folds.map(({ train, test }, index) => {
    const testRows = test.to - test.from;
    let [hits, loss] = [0, 0];
    for (let row = test.from; row < test.to; row += 1) {
      const probability = probabilities[row - first] ?? Number.NaN;
      const rose = data.up[row] === 1;
      hits += probability >= 0.5 === rose ? 1 : 0;
      loss += logLossOf(rose ? probability : 1 - probability);
    }
    return {
      trainRows: train.to - train.from,
      testRows,
      fromBar: data.barIndex[test.from] ?? 0,
      toBar: data.barIndex[test.to - 1] ?? 0,
      accuracy: hits / testRows,
      logLoss: loss / testRows,
      threshold: thresholds[index] ?? Number.POSITIVE_INFINITY,
    };
  });
}

function* learningPoint(
  data: EvaluationData,
  { first, forecasts, trainRows, share }: SizedForecasts,
  judgement: Judgement,
): Generator<void, LearningPoint | null> {
  const hit = Int8Array.from(forecasts, (probability, row) =>
    probability >= 0.5 === (data.up[first + row] === 1) ? 1 : 0,
  );
  const loss = forecasts.map((probability, row) =>
    logLossOf(data.up[first + row] === 1 ? probability : 1 - probability),
  );
  const rows = forecasts.length;
  const sums = yield* resampleSteps({ hit, loss }, judgement);
  const accuracy = sums.judge((totals) => totals.hit / rows);
  const logLoss = sums.judge((totals) => totals.loss / rows);
  return accuracy === null || logLoss === null ? null : { trainRows, share, rows, accuracy, logLoss };
}

/** What a direction model is worth out of sample, in steps. Faults: `rows_too_few`, and those of fitting. */
export function* evaluateDirectionSteps<Model>(
  executor: Executor<Model>,
  data: EvaluationData,
  options: EvaluationOptions,
  progress: FitProgress = () => {},
): Generator<void, Result<DirectionEvaluation>> {
  const { scoring, correctedLevel, costs, calibrationHorizonsMin } = options;
  const { level, resamples, seed, embargoHorizons } = scoring;
  const { horizonBars } = data;
  const judgement: Judgement = { level, correctedLevel, resamples, seed, horizonBars };
  const folds = scoringFolds(data, scoring);
  if (!folds.ok) return folds;
  const first = folds.value[0]?.test.from ?? data.rows;
  const forecaster: Forecaster<Model> = {
    fitSteps: (range, heard) => executor.fitSteps(data, range, heard),
    say: (model, row) => executor.probabilityUp(model, data.features, row * data.width),
  };
  const forecasts = yield* forecastSteps(forecaster, folds.value, (share) => progress(FORECAST_SHARE * share));
  if (!forecasts.ok) return forecasts;
  const outOfSample: OutOfSample = { first, probabilities: forecasts.value, folds: folds.value };
  const learningCurve: LearningPoint[] = [];
  if (options.learningCurve) {
    const sizes = yield* learningCurveSteps(forecaster, folds.value, { first, forecasts: forecasts.value }, (share) =>
      progress(FORECAST_SHARE + CURVE_SHARE * share),
    );
    if (!sizes.ok) return sizes;
    for (const size of sizes.value) {
      const point = yield* learningPoint(data, size, judgement);
      if (point !== null) learningCurve.push(point);
    }
  }
  progress(FORECAST_SHARE + CURVE_SHARE);
  const block = bootstrapBlock(forecasts.value.length, horizonBars);
  const score = yield* directionScoreSteps(data, outOfSample, block, judgement);
  const nesting = { horizonsMin: calibrationHorizonsMin, embargoHorizons };
  const platt = calibrated(yield* calibrationSteps(data, outOfSample, nesting));
  const isotonic = calibrated(yield* isotonicCalibrationSteps(data, outOfSample, nesting));
  const net =
    platt.found === null
      ? null
      : yield* directionNetSteps(data, data.close, outOfSample, platt.found.probabilities, costs, judgement);
  progress(1);
  return ok({
    score,
    folds: foldScores(data, outOfSample, costs),
    platt,
    isotonic,
    net,
    learningCurve,
    hasVote: mayVote(score.skill.best.corrected, judgedNet(net)?.corrected ?? null),
    outOfSample,
  });
}
