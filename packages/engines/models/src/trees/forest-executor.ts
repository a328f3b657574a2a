import { err, ok, type Result } from '@monsta/core';
import type { Executor, FitProgress, ReturnExecutor, RowRange, TrainingData } from '../executor.ts';
import { trainForestSteps } from './forest.ts';
import type { ForestParams } from './forest-params.ts';
import { treePredictor, type TreePredictor } from './predictor.ts';
import type { TreeEnsemble, TreeTask } from './tree-ensemble.ts';
import { TreeMemory } from './tree-memory.ts';
import { decodeTreeModel, encodeTreeModel } from './trees-codec.ts';

/** Fewest rows that a forest of forecasts is grown on. */
const ROWS_MIN = 100;

/** The parameters that make a difference to the forest, as plain JSON. */
function plain(params: ForestParams): Readonly<Record<string, unknown>> {
  const { classWeight } = params;
  const weights: unknown = classWeight instanceof Map ? Object.fromEntries(classWeight) : classWeight;
  const same = Object.entries(params).filter(([name]) => name !== 'threads' && name !== 'outOfBag');
  return { ...Object.fromEntries(same), classWeight: weights };
}

/** What both kinds of forecast have in common. */
class ForestForecaster {
  readonly #params: ForestParams;
  readonly #task: TreeTask;
  readonly #memory = new TreeMemory();
  /** A predictor's buffers are made once for a model. */
  readonly #predictors = new WeakMap<TreeEnsemble, TreePredictor>();

  constructor(params: ForestParams, task: TreeTask) {
    this.#params = params;
    this.#task = task;
  }

  *fit(
    { features, featureNames, width }: TrainingData,
    { from, to }: RowRange,
    labels: Float64Array,
    progress?: FitProgress,
  ): Generator<void, Result<TreeEnsemble>> {
    const rows = to - from;
    if (rows < ROWS_MIN)
      return err('rows_too_few', `${rows} rows are too few to learn from; at least ${ROWS_MIN} are needed`);
    const values = features.subarray(from * width, to * width);
    const table = { rows, columns: featureNames, values, labels, weights: null, categorical: [] };
    const params = { ...this.#params, outOfBag: false };
    const steps = trainForestSteps(table, params, { memory: this.#memory, task: this.#task });
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) {
      progress?.(step.value.round / step.value.rounds);
      yield;
    }
    return step.value.ok ? ok(step.value.value.model) : step.value;
  }

  forecast(model: TreeEnsemble, features: Float64Array, offset: number): number {
    let predictor = this.#predictors.get(model);
    if (predictor === undefined) {
      predictor = treePredictor(model);
      this.#predictors.set(model, predictor);
    }
    return predictor.predictOne(features, offset);
  }

  /** A model of another kind, or of other columns, is no model of this executor. */
  decode(value: unknown): Result<TreeEnsemble> {
    const model = decodeTreeModel(value);
    if (!model.ok) return model;
    const { family, task } = model.value;
    return family === 'random-forest' && task.kind === this.#task.kind
      ? model
      : err('model_malformed', `the model is a ${family} of ${task.kind}, and no random-forest of ${this.#task.kind}`);
  }
}

/** A random forest that learns the direction of the price; rows may lack values. Faults beside those of the interface: those of `trainForestSteps`. */
export function forestExecutor(params: ForestParams): Executor<TreeEnsemble> {
  const forecaster = new ForestForecaster(params, { kind: 'binary' });
  return {
    name: 'random-forest',
    parameters: plain(params),
    acceptsMissing: true,
    fitSteps: (data, range, progress) =>
      forecaster.fit(data, range, Float64Array.from(data.up.subarray(range.from, range.to)), progress),
    encode: encodeTreeModel,
    decode: (value) => forecaster.decode(value),
    probabilityUp: (model, features, offset) => forecaster.forecast(model, features, offset),
  };
}

/** A random forest that learns how far the price goes. */
export function forestReturnExecutor(params: ForestParams): ReturnExecutor<TreeEnsemble> {
  const forecaster = new ForestForecaster(params, { kind: 'regression' });
  return {
    name: 'random-forest',
    parameters: plain(params),
    acceptsMissing: true,
    fitSteps: (data, range, progress) =>
      forecaster.fit(data, range, data.logReturn.slice(range.from, range.to), progress),
    encode: encodeTreeModel,
    decode: (value) => forecaster.decode(value),
    expectedReturn: (model, features, offset) => forecaster.forecast(model, features, offset),
  };
}
