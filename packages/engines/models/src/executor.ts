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
  /** Row-major, `rows × width`. */
  readonly features: Float64Array;
  /** 1: the price rose over the horizon; 0: it fell. */
  readonly up: Uint8Array;
}

/** A kind of model that learns the direction of the price. Fitting is done in steps, so that a caller can do other things in between. */
export interface Executor<Model> {
  readonly name: string;
  /** Faults: `rows_too_few`, `one_class`, `value_not_finite`, and the executor's own. Sees no row outside `range`. */
  fitSteps(data: TrainingData, range: RowRange): Generator<void, Result<Model>>;
  /** Probability in 0…1 that the price rises, for the row that starts at `offset` of `features`. */
  probabilityUp(model: Model, features: Float64Array, offset: number): number;
}
