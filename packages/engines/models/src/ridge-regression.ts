import { err, invariant, ok, type Result } from '@monsta/core';
import { solvePositiveDefinite } from './cholesky.ts';
import type { ReturnExecutor, ReturnTrainingData, RowRange } from './executor.ts';
import { decodeRidgeModel, encodeRidgeModel, type RidgeModel } from './ridge-codec.ts';
import { standardise } from './standardise.ts';

export interface RidgeOptions {
  /** Added to the sums of squares of the standardised columns: so many further rows that say nothing; above 0. */
  readonly l2: number;
  /** Fewest rows to learn from. */
  readonly rowsMin: number;
}

export const DEFAULT_RIDGE_OPTIONS: RidgeOptions = { l2: 1, rowsMin: 100 };

const ROWS_PER_STEP = 8_000;

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** Mean of the range's returns. Faults: `value_not_finite`. */
function meanReturn(logReturn: Float64Array, { from, to }: RowRange): Result<number> {
  let sum = 0;
  for (let row = from; row < to; row += 1) {
    const value = at(logReturn, row);
    if (!Number.isFinite(value)) return err('value_not_finite', `row ${row}: the return is ${value}; drop such rows`);
    sum += value;
  }
  return ok(sum / (to - from));
}

function* fit(data: ReturnTrainingData, range: RowRange, options: RidgeOptions): Generator<void, Result<RidgeModel>> {
  const rows = range.to - range.from;
  invariant(
    range.from >= 0 && range.to <= data.rows,
    `rows ${range.from}…${range.to} lie outside the ${data.rows} there are`,
  );
  if (rows < options.rowsMin)
    return err('rows_too_few', `${rows} rows are too few to learn from; at least ${options.rowsMin} are needed`);
  const mean = meanReturn(data.logReturn, range);
  if (!mean.ok) return mean;
  const standardised = yield* standardise(data, range);
  if (!standardised.ok) return standardised;
  const { width, values, means, scales } = standardised.value;
  const products = new Float64Array(width * width);
  const moments = new Float64Array(width);
  for (let row = 0; row < rows; row += 1) {
    const distance = at(data.logReturn, range.from + row) - mean.value;
    const offset = row * width;
    for (let one = 0; one < width; one += 1) {
      const value = values[offset + one] as number;
      moments[one] = (moments[one] as number) + value * distance;
      for (let other = 0; other <= one; other += 1)
        products[one * width + other] =
          (products[one * width + other] as number) + value * (values[offset + other] as number);
    }
    if ((row + 1) % ROWS_PER_STEP === 0) yield;
  }
  for (let column = 0; column < width; column += 1)
    products[column * width + column] = at(products, column * width + column) + options.l2;
  const weights = solvePositiveDefinite(products, moments, width);
  if (weights === null) return err('fit_not_converged', 'the columns can not be told apart: raise l2');
  return ok({
    kind: 'ridge-regression',
    featureNames: data.featureNames,
    means,
    scales,
    weights,
    intercept: mean.value,
    trainedRows: rows,
  });
}

/** Least squares of the log return with an L2 penalty (Hoerl and Kennard 1970) on columns standardised over the training rows; the linear model beside `logisticRegression`. */
export function ridgeRegression(options: RidgeOptions = DEFAULT_RIDGE_OPTIONS): ReturnExecutor<RidgeModel> {
  invariant(options.l2 > 0 && Number.isFinite(options.l2), `l2 must be above 0, not ${options.l2}`);
  return {
    name: 'ridge-regression',
    parameters: { ...options },
    acceptsMissing: false,
    fitSteps: (data, range) => fit(data, range, options),
    expectedReturn({ means, scales, weights, intercept }, features, offset) {
      let sum = intercept;
      for (let column = 0; column < weights.length; column += 1)
        sum += (at(weights, column) * (at(features, offset + column) - at(means, column))) / at(scales, column);
      return sum;
    },
    encode: encodeRidgeModel,
    decode: decodeRidgeModel,
  };
}
