import type { InstrumentId, Interval, Result, TimestampUs } from '@monsta/core';

/** A measured quantity with its interval at `level` (0–1). */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
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
}

/** What a model says at a bar's close, or why it has nothing to say: then `probabilityUp` is null and `absence` tells. */
export interface Prediction {
  readonly instrument: InstrumentId;
  readonly model: string;
  readonly interval: Interval;
  readonly horizonMs: number;
  /** Close of the bar it was made at. */
  readonly tsEventUs: TimestampUs;
  readonly probabilityUp: number | null;
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
