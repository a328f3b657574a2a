import {
  hashText,
  intervalMs,
  mixSeed,
  ok,
  timestampUs,
  type Bar,
  type Instrument,
  type Interval,
  type Result,
  type TimestampUs,
} from '@monsta/core';
import { barColumnsSteps, datasetSteps, LOOKBACK_BARS } from '@monsta/features';
import {
  calibrationSteps,
  DEFAULT_LOGISTIC_OPTIONS,
  DEFAULT_SCORING_OPTIONS,
  logisticRegression,
  walkForwardSteps,
  type Executor,
  type LogisticModel,
  type OutOfSample,
  type PlattCalibration,
  type ScoringData,
} from '@monsta/models';
import type { ModelScore } from '@monsta/ports';
import type { ModelServerConfig } from './config.ts';

/** A model fitted on all rows there were, and how models fitted the same way did on rows they had not seen. */
export interface TrainedModel {
  readonly executor: Executor<LogisticModel>;
  readonly model: LogisticModel;
  /** Null: what the model says is not calibrated; the score says why. */
  readonly calibration: PlattCalibration | null;
  readonly score: ModelScore;
  readonly hasVote: boolean;
  readonly bars: number;
  readonly oldestOpenTimeUs: TimestampUs;
}

/**
 * Trains and scores on closed bars, oldest first, in steps.
 * Faults: `rows_too_few` (details: `bars`, `barsNeeded`), and those of features and fitting.
 */
export function* trainingSteps(
  bars: readonly Bar[],
  instrument: Instrument,
  interval: Interval,
  config: ModelServerConfig,
): Generator<void, Result<TrainedModel>> {
  const columns = yield* barColumnsSteps(bars, interval, instrument);
  if (!columns.ok) return columns;
  yield;
  const horizonBars = config.horizonMs / intervalMs(interval);
  const dataset = yield* datasetSteps(columns.value, horizonBars);
  if (!dataset.ok) return dataset;
  yield;
  const executor = logisticRegression({ ...DEFAULT_LOGISTIC_OPTIONS, l2: config.l2 });
  const scored = yield* walkForwardSteps(executor, dataset.value, {
    ...DEFAULT_SCORING_OPTIONS,
    folds: config.folds,
    trainRowsMin: config.trainRowsMin,
    testRowsMin: config.testRowsMin,
    resamples: config.resamples,
    // The same history gives the same score wherever and whenever it is computed.
    seed: mixSeed(hashText(instrument.id), hashText(interval)),
  });
  if (!scored.ok) {
    const rowsNeeded = scored.fault.details?.['needed'];
    if (typeof rowsNeeded !== 'number') return scored;
    const withoutRow = Math.max(bars.length - dataset.value.rows, LOOKBACK_BARS - 1 + horizonBars);
    return {
      ok: false,
      fault: { ...scored.fault, details: { bars: bars.length, barsNeeded: rowsNeeded + withoutRow } },
    };
  }
  yield;
  const calibrated = yield* calibrating(dataset.value, scored.value.outOfSample, config);
  const fitted = yield* executor.fitSteps(dataset.value, { from: 0, to: dataset.value.rows });
  if (!fitted.ok) return fitted;
  const { rows, folds, accuracy, logLoss, brier, baselines, skill, hasVote } = scored.value;
  return ok({
    executor,
    model: fitted.value,
    calibration: calibrated.calibration,
    score: {
      rows,
      folds,
      accuracy,
      logLoss,
      brier,
      baselines,
      skill,
      ...calibrated.score,
    },
    hasVote,
    bars: bars.length,
    oldestOpenTimeUs: bars[0]?.openTimeUs ?? timestampUs(0),
  });
}

/** Calibrates by what was forecast out of sample; where that can not be done, the model serves as it is. */
function* calibrating(
  data: ScoringData,
  outOfSample: OutOfSample,
  config: ModelServerConfig,
): Generator<
  void,
  {
    readonly calibration: PlattCalibration | null;
    readonly score: Pick<ModelScore, 'calibration' | 'uncalibrated'>;
  }
> {
  const found = yield* calibrationSteps(data, outOfSample, {
    horizonsMin: config.calibrationHorizonsMin,
    embargoHorizons: DEFAULT_SCORING_OPTIONS.embargoHorizons,
  });
  if (!found.ok) return { calibration: null, score: { calibration: null, uncalibrated: found.fault.message } };
  const { calibration, rows, folds, before, after } = found.value;
  const { slope, intercept, rows: fittedRows } = calibration;
  const score = { method: 'platt', slope, intercept, fittedRows, rows, folds, before, after } as const;
  return { calibration, score: { calibration: score, uncalibrated: null } };
}
