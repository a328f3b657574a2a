import type { InstrumentId, Interval, Result, TimestampUs } from '@monsta/core';

/** A measured quantity with its interval at `level` (0–1). */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** Neighbouring forecasts taken together: what they said on average, and the share of them after which the price rose. */
export interface ReliabilityBin {
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

/** How good probabilities are. A coin's log loss is 0.693, its Brier score 0.25. */
export interface ForecastQuality {
  readonly logLoss: number;
  readonly brier: number;
  /** Mean distance of `predicted` and `observed` over the bins, weighted by their rows; 0–1. */
  readonly calibrationError: number;
  /** Of equally many rows, lowest probabilities first. */
  readonly bins: readonly ReliabilityBin[];
}

/** How raw probabilities are made to agree with what happened: `σ(slope · logit(raw) + intercept)`. */
export interface CalibrationScore {
  readonly method: 'platt';
  readonly slope: number;
  readonly intercept: number;
  /** Out-of-sample rows that the calibration in force was fitted on. */
  readonly fittedRows: number;
  /** Rows on which calibrating was judged: each fold by a calibration that was fitted on earlier folds alone. */
  readonly rows: number;
  readonly folds: number;
  /** The raw and the calibrated probabilities of those rows. */
  readonly before: ForecastQuality;
  readonly after: ForecastQuality;
}

/** Out-of-sample walk-forward scores of a model beside its baselines. Accuracies are 0–1. */
export interface ModelScore {
  readonly rows: number;
  readonly folds: number;
  readonly accuracy: Estimate;
  readonly logLoss: number;
  readonly brier: number;
  readonly baselines: { readonly majority: number; readonly lastSign: number };
  /** Accuracy minus the best baseline's. */
  readonly skill: Estimate;
  /** Null: the probabilities are not calibrated; `uncalibrated` says why. */
  readonly calibration: CalibrationScore | null;
  readonly uncalibrated: string | null;
}

/** What a model says at a bar's close, or why it has nothing to say: then `probabilityUp` is null and `absence` tells. */
export interface Prediction {
  readonly instrument: InstrumentId;
  readonly model: string;
  readonly interval: Interval;
  readonly horizonMs: number;
  /** Close of the bar it was made at. */
  readonly tsEventUs: TimestampUs;
  /** Calibrated where `calibrated` says so, as the model said it otherwise. */
  readonly probabilityUp: number | null;
  /** As the model said it; null with `probabilityUp`. */
  readonly rawProbabilityUp: number | null;
  readonly calibrated: boolean;
  readonly score: ModelScore | null;
  /** True only when the skill's interval lies above zero. */
  readonly hasVote: boolean;
  readonly trainedAtUs: TimestampUs | null;
  readonly absence: { readonly code: string; readonly reason: string } | null;
}

export interface ModelServer {
  /** The newest prediction (or stated absence) of each model for an instrument. Faults: `instrument_unknown`, `not_ready` (retryable) before the instruments are known. */
  latest(instrument: InstrumentId): Promise<Result<readonly Prediction[]>>;
}
