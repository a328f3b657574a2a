import { ok, type Result } from '@monsta/core';
import { checkEnsemble } from './ensemble-check.ts';
import { countAt, listAt, objectAt } from './loose-json.ts';
import { malformed, ModelFault, orFault } from './model-faults.ts';
import type { TreeEnsemble, TreeTask } from './tree-ensemble.ts';

export const TREES_FORMAT = 'monsta.trees';
const VERSION = 1;

type Numbers = Uint8Array | Int32Array | Uint32Array | Float64Array;

/** Base64 of the numbers' bytes, little-endian as on every machine that MONSTA runs on: no bit of them is lost, and they are read fast. */
function encodeNumbers(numbers: Numbers): string {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice().toBase64();
}

/** The model as a JSON value, whatever its family; every bit is kept. */
export function encodeTreeModel(model: TreeEnsemble): Readonly<Record<string, unknown>> {
  const { family, task, objective, featureNames, outputs, leafWidth, averaged, inputPrecision, bestRounds } = model;
  return {
    format: TREES_FORMAT,
    version: VERSION,
    family,
    task,
    objective,
    featureNames: [...featureNames],
    outputs,
    leafWidth,
    averaged,
    inputPrecision,
    bestRounds,
    arrays: {
      roots: encodeNumbers(model.roots),
      treeOutput: encodeNumbers(model.treeOutput),
      feature: encodeNumbers(model.feature),
      threshold: encodeNumbers(model.threshold),
      left: encodeNumbers(model.left),
      right: encodeNumbers(model.right),
      flags: encodeNumbers(model.flags),
      categoryStart: encodeNumbers(model.categoryStart),
      categoryWords: encodeNumbers(model.categoryWords),
      categories: encodeNumbers(model.categories),
      values: encodeNumbers(model.values),
      gain: encodeNumbers(model.gain),
      cover: encodeNumbers(model.cover),
      count: encodeNumbers(model.count),
      baseMargins: encodeNumbers(model.baseMargins),
    },
  };
}

function bytesAt(arrays: Readonly<Record<string, unknown>>, name: string, unit: number): ArrayBuffer {
  const text = arrays[name];
  if (typeof text !== 'string') return malformed(`arrays.${name}`, 'it is no text');
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch {
    return malformed(`arrays.${name}`, 'it is no base64');
  }
  if (bytes.length % unit !== 0) malformed(`arrays.${name}`, `${bytes.length} bytes are no whole numbers of ${unit}`);
  return bytes.buffer;
}

function taskAt(value: unknown): TreeTask {
  const task = objectAt(value, 'task');
  switch (task['kind']) {
    case 'binary':
      return { kind: 'binary' };
    case 'regression':
      return { kind: 'regression' };
    case 'multiclass':
      return { kind: 'multiclass', classes: countAt(task['classes'], 'task.classes', 2 ** 31) };
    case 'quantile': {
      const { alpha } = task;
      if (typeof alpha !== 'number' || !(alpha > 0 && alpha < 1))
        return malformed('task.alpha', 'it is no number between 0 and 1');
      return { kind: 'quantile', alpha };
    }
    default:
      return malformed('task.kind', 'it is none of binary, multiclass, regression, quantile');
  }
}

const FAMILIES: readonly TreeEnsemble['family'][] = ['xgboost', 'lightgbm', 'random-forest'];
const PRECISIONS: readonly TreeEnsemble['inputPrecision'][] = ['float32', 'float64'];

function oneOf<T extends string>(value: unknown, of: readonly T[], where: string): T {
  return of.find((item) => item === value) ?? malformed(where, `it is none of ${of.join(', ')}`);
}

/** The inverse of `encodeTreeModel`. Faults: `model_malformed` (with the place), `model_version_unknown`. */
export function decodeTreeModel(value: unknown): Result<TreeEnsemble> {
  return orFault('model of trees', () => {
    const stored = objectAt(value, 'the file');
    if (stored['format'] !== TREES_FORMAT) malformed('format', `it is not '${TREES_FORMAT}'`);
    if (stored['version'] !== VERSION)
      throw new ModelFault(
        'model_version_unknown',
        `its version is not ${VERSION}, the one this program reads; train it anew`,
      );
    const arrays = objectAt(stored['arrays'], 'arrays');
    const names = listAt(stored['featureNames'], 'featureNames');
    const { objective, averaged, bestRounds } = stored;
    if (objective !== null && typeof objective !== 'string') malformed('objective', 'it is neither text nor null');
    if (typeof averaged !== 'boolean') malformed('averaged', 'it is neither true nor false');
    const model: TreeEnsemble = {
      kind: 'trees',
      family: oneOf(stored['family'], FAMILIES, 'family'),
      task: taskAt(stored['task']),
      objective: typeof objective === 'string' ? objective : null,
      featureNames: names.map((name, column) =>
        typeof name === 'string' ? name : malformed(`featureNames[${column}]`, 'it is no text'),
      ),
      outputs: countAt(stored['outputs'], 'outputs', 2 ** 31),
      leafWidth: countAt(stored['leafWidth'], 'leafWidth', 2 ** 31),
      roots: new Int32Array(bytesAt(arrays, 'roots', 4)),
      treeOutput: new Int32Array(bytesAt(arrays, 'treeOutput', 4)),
      feature: new Int32Array(bytesAt(arrays, 'feature', 4)),
      threshold: new Float64Array(bytesAt(arrays, 'threshold', 8)),
      left: new Int32Array(bytesAt(arrays, 'left', 4)),
      right: new Int32Array(bytesAt(arrays, 'right', 4)),
      flags: new Uint8Array(bytesAt(arrays, 'flags', 1)),
      categoryStart: new Int32Array(bytesAt(arrays, 'categoryStart', 4)),
      categoryWords: new Int32Array(bytesAt(arrays, 'categoryWords', 4)),
      categories: new Uint32Array(bytesAt(arrays, 'categories', 4)),
      values: new Float64Array(bytesAt(arrays, 'values', 8)),
      gain: new Float64Array(bytesAt(arrays, 'gain', 8)),
      cover: new Float64Array(bytesAt(arrays, 'cover', 8)),
      count: new Float64Array(bytesAt(arrays, 'count', 8)),
      baseMargins: new Float64Array(bytesAt(arrays, 'baseMargins', 8)),
      averaged: averaged === true,
      inputPrecision: oneOf(stored['inputPrecision'], PRECISIONS, 'inputPrecision'),
      bestRounds: bestRounds === null ? null : countAt(bestRounds, 'bestRounds', 2 ** 31),
    };
    checkEnsemble(model);
    return ok(model);
  });
}
