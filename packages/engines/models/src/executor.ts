import type { Result } from '@monsta/core';

/** Rows `from … to − 1` of a dataset. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** What an executor learns from: rows in order of time. */
export interface TrainingData {
  readonly featureNames: readonly string[];
  readonly rows: number;
  readonly width: number;
  /** Row-major, `rows × width`. NaN is a missing value: only for executors that accept it. */
  readonly features: Float64Array;
  /** 1: the price rose over the horizon; 0: it fell. */
  readonly up: Uint8Array;
}

/** With how far the price went. */
export interface ReturnTrainingData extends TrainingData {
  /** `ln(close after the horizon / close now)` of each row. */
  readonly logReturn: Float64Array;
}

/** Hears how much of a fit is done, 0–1, never falling; called between steps. */
export type FitProgress = (share: number) => void;

/** What executors of every task have in common. Fitting is done in steps of some milliseconds, so that a caller can do other things in between, or stop. */
interface ForecastExecutor<Model, Data> {
  readonly name: string;
  /** Declared hyper-parameters with their defaults filled in; plain JSON. Two executors of the same name and parameters fit the same model to the same rows. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether rows may hold NaN for a missing value. */
  readonly acceptsMissing: boolean;
  /** Faults: `rows_too_few`, `one_class` (directions), `value_not_finite`, and the executor's own. Sees no row outside `range`. */
  fitSteps(data: Data, range: RowRange, progress?: FitProgress): Generator<void, Result<Model>>;
  /** The model as a JSON value; numbers keep every bit. */
  encode(model: Model): unknown;
  /** The inverse of `encode`. Faults: `model_malformed`, `model_version_unknown`. */
  decode(value: unknown): Result<Model>;
}

/** A kind of model that learns the direction of the price. */
export interface Executor<Model> extends ForecastExecutor<Model, TrainingData> {
  /** Probability in 0…1 that the price rises, for the row that starts at `offset` of `features`. */
  probabilityUp(model: Model, features: Float64Array, offset: number): number;
}

/** A kind of model that learns how far the price goes. */
export interface ReturnExecutor<Model> extends ForecastExecutor<Model, ReturnTrainingData> {
  /** Expected log return over the horizon, for the row that starts at `offset` of `features`. */
  expectedReturn(model: Model, features: Float64Array, offset: number): number;
}
