import { err, ok, type Result } from '@monsta/core';
import type { LogisticModel } from './logistic-model.ts';

const FORMAT = 'monsta.logistic-regression';
const VERSION = 1;

/** The model as a JSON value; numbers keep every bit, so that the model read back predicts the same. */
export function encodeLogisticModel(model: LogisticModel): Readonly<Record<string, unknown>> {
  return {
    format: FORMAT,
    version: VERSION,
    featureNames: [...model.featureNames],
    means: [...model.means],
    scales: [...model.scales],
    weights: [...model.weights],
    intercept: model.intercept,
    trainedRows: model.trainedRows,
    iterations: model.iterations,
  };
}

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown): value is number => isFinite(value) && Number.isInteger(value) && value >= 0;
const isText = (value: unknown): value is string => typeof value === 'string';

function listOf<T>(value: unknown, is: (item: unknown) => item is T): readonly T[] | null {
  return Array.isArray(value) && value.every(is) ? value : null;
}

const broken = (what: string): Result<never> =>
  err('model_malformed', `this is no stored logistic regression: ${what}`);

/** The inverse of `encodeLogisticModel`. Faults: `model_malformed` (with the field), `model_version_unknown`. */
export function decodeLogisticModel(value: unknown): Result<LogisticModel> {
  if (typeof value !== 'object' || value === null) return broken('not an object');
  const stored: Readonly<Record<string, unknown>> = { ...value };
  if (stored['format'] !== FORMAT) return broken(`format is not '${FORMAT}'`);
  if (stored['version'] !== VERSION)
    return err(
      'model_version_unknown',
      `the stored model's version is not ${VERSION}, the one this program reads; train it anew`,
    );
  const featureNames = listOf(stored['featureNames'], isText);
  const means = listOf(stored['means'], isFinite);
  const scales = listOf(stored['scales'], isFinite);
  const weights = listOf(stored['weights'], isFinite);
  const { intercept, trainedRows, iterations } = stored;
  if (featureNames === null) return broken('featureNames is no list of names');
  if (means === null || scales === null || weights === null)
    return broken('means, scales and weights must be lists of finite numbers');
  if ([means, scales, weights].some((list) => list.length !== featureNames.length))
    return broken(`means, scales and weights must hold one number for each of the ${featureNames.length} features`);
  if (!scales.every((scale) => scale > 0)) return broken('scales must be above 0');
  if (!isFinite(intercept)) return broken('intercept is no finite number');
  if (!isCount(trainedRows) || !isCount(iterations)) return broken('trainedRows and iterations must be counts');
  return ok({
    kind: 'logistic-regression',
    featureNames,
    means: Float64Array.from(means),
    scales: Float64Array.from(scales),
    weights: Float64Array.from(weights),
    intercept,
    trainedRows,
    iterations,
  });
}
