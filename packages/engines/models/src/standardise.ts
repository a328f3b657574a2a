import { err, ok, type Result } from '@monsta/core';
import type { RowRange, TrainingData } from './executor.ts';

const ROWS_PER_STEP = 16_000;

const endsStep = (row: number): boolean => (row + 1) % ROWS_PER_STEP === 0;

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** Rows of a range, each column less its mean and over its deviation. */
export interface Standardised {
  readonly rows: number;
  readonly width: number;
  /** Row-major. */
  readonly values: Float64Array;
  readonly means: Float64Array;
  /** Standard deviations; 1 for a column that never changed. */
  readonly scales: Float64Array;
}

/** Means and scales of the range's own rows, and those rows standardised. Faults: `value_not_finite`. */
export function* standardise(data: TrainingData, { from, to }: RowRange): Generator<void, Result<Standardised>> {
  const { width, features, featureNames } = data;
  const rows = to - from;
  const means = new Float64Array(width);
  const scales = new Float64Array(width);
  for (let row = from; row < to; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const value = at(features, row * width + column);
      if (!Number.isFinite(value))
        return err(
          'value_not_finite',
          `row ${row}: ${featureNames[column] ?? `column ${column}`} is ${value}; drop such rows`,
        );
      means[column] = at(means, column) + value / rows;
    }
    if (endsStep(row - from)) yield;
  }
  for (let row = from; row < to; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const distance = at(features, row * width + column) - at(means, column);
      scales[column] = at(scales, column) + (distance * distance) / rows;
    }
    if (endsStep(row - from)) yield;
  }
  for (let column = 0; column < width; column += 1) {
    const deviation = Math.sqrt(at(scales, column));
    // A constant column's deviation is rounding noise: dividing by it would blow the noise up.
    scales[column] = deviation > 1e-12 * Math.abs(at(means, column)) ? deviation : 1;
  }
  yield;
  const values = new Float64Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1)
      values[row * width + column] =
        (at(features, (from + row) * width + column) - at(means, column)) / at(scales, column);
    if (endsStep(row)) yield;
  }
  return ok({ rows, width, values, means, scales });
}
