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

/** What trading a model's calibrated forecasts naively brought out of sample, after costs. All returns are in basis points of the capital. */
export interface NetScore {
  /** Fee and slippage of one side of a trade. */
  readonly sideCostBps: number;
  /** Mean return of a bar after costs: the lesser of trading long or flat and long or short. */
  readonly perBarBps: Estimate;
  /** Purchases and sales of the whole capital, half their number; the lesser of both ways. */
  readonly roundTrips: number;
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
  /** Null: nothing was calibrated, or too little traded to tell; `untraded` says which. */
  readonly net: NetScore | null;
  readonly untraded: string | null;
}

/** How a newly trained model did beside the one that served, on the newest rows that neither had learnt from. Log losses are means. */
export interface ModelComparison {
  readonly rows: number;
  readonly servingLogLoss: number;
  readonly challengerLogLoss: number;
  /** The new model's log loss less the serving one's: above zero it is worse. */
  readonly difference: Estimate;
  /** True when the whole interval lies above zero. */
  readonly worse: boolean;
}

/** What became of a model: `challenger` was not good enough to serve, `replaced` served until another took its place. */
export type ModelState = 'serving' | 'challenger' | 'replaced' | 'retired';

/** A model that is kept. */
export interface ModelRecord {
  readonly id: string;
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly horizonMs: number;
  /** Name of its executor, with the parameters it was trained with. */
  readonly model: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Name of the set of features that it reads. */
  readonly features: string;
  readonly state: ModelState;
  /** Why it serves or does not: a stable code, and words. */
  readonly decision: { readonly code: string; readonly reason: string };
  readonly comparison: ModelComparison | null;
  readonly score: ModelScore;
  readonly hasVote: boolean;
  readonly bars: number;
  readonly rows: number;
  /** Open of the oldest and close of the newest bar that it learnt from. */
  readonly trainedFromUs: TimestampUs;
  readonly trainedToUs: TimestampUs;
  readonly trainedAtUs: TimestampUs;
}

/** A training that is under way. */
export interface TrainingUnderWay {
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  readonly model: string;
  /** How much of it is done, 0–1. */
  readonly share: number;
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
  /** True only when the intervals of the skill and of the result after costs lie above zero. */
  readonly hasVote: boolean;
  readonly trainedAtUs: TimestampUs | null;
  readonly absence: { readonly code: string; readonly reason: string } | null;
}

export interface ModelServer {
  /** The newest prediction (or stated absence) of each model for an instrument. Faults: `instrument_unknown`, `not_ready` (retryable) before the instruments are known. */
  latest(instrument: InstrumentId): Promise<Result<readonly Prediction[]>>;
}

/** The models that are kept, and which of them serve. */
export interface ModelDesk {
  /** All that are kept, with the training under way. Fault: `not_ready` (retryable) before the instruments are known. */
  models(): Promise<Result<{ readonly models: readonly ModelRecord[]; readonly training: TrainingUnderWay | null }>>;
  /** Lets a kept model serve in the place of the one that does. Faults: `not_ready`, `model_unknown`, `state_conflict` (it serves), `model_unreadable`. */
  promote(id: string): Promise<Result<ModelRecord>>;
  /** Lets a serving model serve no more; none does until the next training, or another is promoted. Faults: `not_ready`, `model_unknown`, `state_conflict` (it does not serve). */
  retire(id: string): Promise<Result<ModelRecord>>;
}
