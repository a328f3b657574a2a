import { ok, type Result } from '@monsta/core';
import { bootstrapBlock, scoringFolds } from '../evaluation.ts';
import type { FitProgress, ReturnExecutor } from '../executor.ts';
import { conformalScoreSteps, type ConformalScore } from './conformal.ts';
import type { EvaluationData, EvaluationOptions } from './evaluate-direction.ts';
import { resampleSteps, type Judged, type Judgement } from './judgement.ts';
import { learningCurveSteps, type SizedForecasts } from './learning-curve.ts';
import { netOfCostsSteps, type NetOfCosts } from './net-of-costs.ts';
import { forecastSteps, type Forecaster } from './out-of-sample.ts';
import { returnScoreSteps, type ReturnScore, type ReturnsOutOfSample } from './return-score.ts';
import { judgedNet, mayVote, returnSignals } from './signals.ts';

/** Share of returns that prediction intervals are to hold. */
const COVERAGE = 0.9;
/** Horizons that the rolling intervals look back. */
const WINDOW_HORIZONS = 500;
const HORIZONS_MIN = 100;

/** Models fitted on so many rows, judged on the same newest tests. */
export interface ReturnLearningPoint {
  readonly trainRows: number;
  readonly share: number;
  readonly rows: number;
  readonly rmse: Judged;
}

export interface ReturnEvaluation {
  readonly score: ReturnScore;
  /** Null where too few forecasts were settled. */
  readonly conformal: { readonly split: ConformalScore | null; readonly rolling: ConformalScore | null };
  readonly net: NetOfCosts | null;
  readonly learningCurve: readonly ReturnLearningPoint[];
  /** Errors smaller than every baseline's and a net result above zero, both at the corrected level. */
  readonly isSkilled: boolean;
  readonly outOfSample: ReturnsOutOfSample;
}

/** `ln(close now / close a horizon ago)` of each row; 0 where the history does not reach back. */
function lastReturns({ close, barIndex, rows, horizonBars }: EvaluationData): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const bar = barIndex[row] ?? 0;
    return bar < horizonBars ? 0 : Math.log((close[bar] ?? Number.NaN) / (close[bar - horizonBars] ?? Number.NaN));
  });
}

function* learningPoint(
  data: EvaluationData,
  { first, forecasts, trainRows, share }: SizedForecasts,
  judgement: Judgement,
): Generator<void, ReturnLearningPoint | null> {
  const square = forecasts.map((expected, row) => ((data.logReturn[first + row] ?? Number.NaN) - expected) ** 2);
  const rows = forecasts.length;
  const sums = yield* resampleSteps({ square }, judgement);
  const rmse = sums.judge((totals) => Math.sqrt(totals.square / rows));
  return rmse === null ? null : { trainRows, share, rows, rmse };
}

/** What a model of log returns is worth out of sample, in steps. Faults: `rows_too_few`, and those of fitting. */
export function* evaluateReturnSteps<Model>(
  executor: ReturnExecutor<Model>,
  data: EvaluationData,
  options: EvaluationOptions,
  progress: FitProgress = () => {},
): Generator<void, Result<ReturnEvaluation>> {
  const { scoring, correctedLevel, costs } = options;
  const { level, resamples, seed } = scoring;
  const { horizonBars, close } = data;
  const judgement: Judgement = { level, correctedLevel, resamples, seed, horizonBars };
  const folds = scoringFolds(data, scoring);
  if (!folds.ok) return folds;
  const first = folds.value[0]?.test.from ?? data.rows;
  const forecaster: Forecaster<Model> = {
    fitSteps: (range, heard) => executor.fitSteps(data, range, heard),
    say: (model, row) => executor.expectedReturn(model, data.features, row * data.width),
  };
  const forecasts = yield* forecastSteps(forecaster, folds.value, (share) => progress(0.7 * share));
  if (!forecasts.ok) return forecasts;
  const expected = forecasts.value;
  const learningCurve: ReturnLearningPoint[] = [];
  if (options.learningCurve) {
    const sizes = yield* learningCurveSteps(forecaster, folds.value, { first, forecasts: expected }, (share) =>
      progress(0.7 + 0.25 * share),
    );
    if (!sizes.ok) return sizes;
    for (const size of sizes.value) {
      const point = yield* learningPoint(data, size, judgement);
      if (point !== null) learningCurve.push(point);
    }
  }
  progress(0.95);
  const outOfSample: ReturnsOutOfSample = { first, expected, folds: folds.value };
  const block = bootstrapBlock(expected.length, horizonBars);
  const score = yield* returnScoreSteps(data.logReturn, lastReturns(data), outOfSample, block, judgement);
  const barIndex = data.barIndex.subarray(first);
  const settled = { expected, came: data.logReturn.subarray(first), barIndex, horizonBars };
  const conformal = { coverage: COVERAGE, horizonsMin: HORIZONS_MIN };
  const split = yield* conformalScoreSteps(settled, { ...conformal, windowHorizons: null }, judgement);
  const rolling = yield* conformalScoreSteps(settled, { ...conformal, windowHorizons: WINDOW_HORIZONS }, judgement);
  const signals = returnSignals(expected, costs);
  const net = yield* netOfCostsSteps({ close, barIndex, signals, horizonBars }, costs, judgement);
  progress(1);
  return ok({
    score,
    conformal: { split, rolling },
    net,
    learningCurve,
    isSkilled: mayVote(score.skill.best.corrected, judgedNet(net)?.corrected ?? null),
    outOfSample,
  });
}
