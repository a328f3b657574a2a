import { ok, type Result } from '@monsta/core';
import { checkEnsemble } from './ensemble-check.ts';
import { countAt, listAt, objectAt } from './loose-json.ts';
import { malformed, ModelFault, orFault } from './model-faults.ts';
import { decodeNumbers, encodeNumbers } from './number-codec.ts';
import type { TreeEnsemble, TreeTask } from './tree-ensemble.ts';

export const TREES_FORMAT = 'monsta.trees';
const VERSION = 1;

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
      roots: decodeNumbers(arrays['roots'], Int32Array, 'arrays.roots'),
      treeOutput: decodeNumbers(arrays['treeOutput'], Int32Array, 'arrays.treeOutput'),
      feature: decodeNumbers(arrays['feature'], Int32Array, 'arrays.feature'),
      threshold: decodeNumbers(arrays['threshold'], Float64Array, 'arrays.threshold'),
      left: decodeNumbers(arrays['left'], Int32Array, 'arrays.left'),
      right: decodeNumbers(arrays['right'], Int32Array, 'arrays.right'),
      flags: decodeNumbers(arrays['flags'], Uint8Array, 'arrays.flags'),
      categoryStart: decodeNumbers(arrays['categoryStart'], Int32Array, 'arrays.categoryStart'),
      categoryWords: decodeNumbers(arrays['categoryWords'], Int32Array, 'arrays.categoryWords'),
      categories: decodeNumbers(arrays['categories'], Uint32Array, 'arrays.categories'),
      values: decodeNumbers(arrays['values'], Float64Array, 'arrays.values'),
      gain: decodeNumbers(arrays['gain'], Float64Array, 'arrays.gain'),
      cover: decodeNumbers(arrays['cover'], Float64Array, 'arrays.cover'),
      count: decodeNumbers(arrays['count'], Float64Array, 'arrays.count'),
      baseMargins: decodeNumbers(arrays['baseMargins'], Float64Array, 'arrays.baseMargins'),
      averaged: averaged === true,
      inputPrecision: oneOf(stored['inputPrecision'], PRECISIONS, 'inputPrecision'),
      bestRounds: bestRounds === null ? null : countAt(bestRounds, 'bestRounds', 2 ** 31),
    };
    checkEnsemble(model);
    return ok(model);
  });
}
