import { err, ok, type Result } from '@monsta/core';

/** A fitted linear regression: `E(return) = intercept + Σ weight · (value − mean) / scale`. */
export interface RidgeModel {
  readonly kind: 'ridge-regression';
  readonly featureNames: readonly string[];
  readonly means: Float64Array;
  /** Standard deviations of the training rows; 1 for a column that never changed. */
  readonly scales: Float64Array;
  readonly weights: Float64Array;
  readonly intercept: number;
  readonly trainedRows: number;
}

const FORMAT = 'monsta.ridge-regression';
const VERSION = 1;

/** The model as a JSON value; numbers keep every bit. */
export function encodeRidgeModel(model: RidgeModel): Readonly<Record<string, unknown>> {
  const { featureNames, means, scales, weights, intercept, trainedRows } = model;
  return {
    format: FORMAT,
    version: VERSION,
    featureNames: [...featureNames],
    means: [...means],
    scales: [...scales],
    weights: [...weights],
    intercept,
    trainedRows,
  };
}

const broken = (what: string): Result<never> => err('model_malformed', `this is no stored ridge regression: ${what}`);

function numbersIn(value: unknown, length: number): Float64Array | null {
  if (!Array.isArray(value) || value.length !== length) return null;
  const list: readonly unknown[] = value;
  return list.every((each) => typeof each === 'number' && Number.isFinite(each))
    ? Float64Array.from(list, Number)
    : null;
}

/** The inverse of `encodeRidgeModel`. Faults: `model_malformed` (with the field), `model_version_unknown`. */
export function decodeRidgeModel(value: unknown): Result<RidgeModel> {
  if (typeof value !== 'object' || value === null) return broken('not an object');
  const stored: Readonly<Record<string, unknown>> = { ...value };
  if (stored['format'] !== FORMAT) return broken(`format is not '${FORMAT}'`);
  if (stored['version'] !== VERSION)
    return err(
      'model_version_unknown',
      `the stored model's version is not ${VERSION}, the one this program reads; train it anew`,
    );
  const names: unknown = stored['featureNames'];
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
    return broken('featureNames is no list of names');
  const featureNames: readonly string[] = names.map(String);
  const means = numbersIn(stored['means'], names.length);
  const scales = numbersIn(stored['scales'], names.length);
  const weights = numbersIn(stored['weights'], names.length);
  if (means === null || scales === null || weights === null)
    return broken(`means, scales and weights must hold one finite number for each of the ${names.length} features`);
  if (!scales.every((scale) => scale > 0)) return broken('scales must be above 0');
  const { intercept, trainedRows } = stored;
  if (typeof intercept !== 'number' || !Number.isFinite(intercept)) return broken('intercept is no finite number');
  if (typeof trainedRows !== 'number' || !Number.isInteger(trainedRows) || trainedRows < 0)
    return broken('trainedRows must be a count');
  return ok({ kind: 'ridge-regression', featureNames, means, scales, weights, intercept, trainedRows });
}
