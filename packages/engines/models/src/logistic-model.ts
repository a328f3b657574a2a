/** A fitted logistic regression: `P(up) = σ(intercept + Σ weight · (value − mean) / scale)`. */
export interface LogisticModel {
  readonly kind: 'logistic-regression';
  readonly featureNames: readonly string[];
  readonly means: Float64Array;
  /** Standard deviations of the training rows; 1 for a column that never changed. */
  readonly scales: Float64Array;
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly trainedRows: number;
  readonly iterations: number;
}
