import { expectOk, invariant, ok, type Result } from '@monsta/core';
import type { Executor, FitProgress, ReturnExecutor, ReturnTrainingData, RowRange, TrainingData } from '../executor.ts';
import type { BoostingParams } from './boosting-params.ts';
import { trainBoostingSteps } from './boosting.ts';
import { lightgbmParams } from './lightgbm-params.ts';
import { LIGHTGBM_OF_PRICES, XGBOOST_OF_PRICES } from './parameters-of-prices.ts';
import { treePredictor, type TreePredictor } from './predictor.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { TreeMemory } from './tree-memory.ts';
import { decodeTreeModel, encodeTreeModel } from './trees-codec.ts';
import { xgboostParams } from './xgboost-params.ts';
import type { TreeTable } from './training-table.ts';

/** Of directions of prices. */
const XGBOOST_DIRECTION = expectOk(xgboostParams({ objective: 'binary:logistic', ...XGBOOST_OF_PRICES }));
const LIGHTGBM_DIRECTION = expectOk(lightgbmParams({ objective: 'binary', ...LIGHTGBM_OF_PRICES }));

const RETURN = { task: { kind: 'regression' } } as const;
/** The same for log returns. Hessians are 1 a row there: a leaf holds at least 20 rows. */
const XGBOOST_RETURN: BoostingParams = {
  ...XGBOOST_DIRECTION,
  ...RETURN,
  objective: 'reg:squarederror',
  hessianMin: 20,
};
const LIGHTGBM_RETURN: BoostingParams = { ...LIGHTGBM_DIRECTION, ...RETURN, objective: 'regression' };

/** Rows of the range, without copying their values. */
function tableOf(data: TrainingData, { from, to }: RowRange, labels: Float64Array): TreeTable {
  invariant(from >= 0 && to <= data.rows, `rows ${from}…${to} lie outside the ${data.rows} there are`);
  return {
    rows: to - from,
    columns: data.featureNames,
    values: data.features.subarray(from * data.width, to * data.width),
    labels,
    weights: null,
    categorical: [],
  };
}

/** Predictors by model: made once, as long as the model is in use. */
class Predictors {
  readonly #made = new WeakMap<TreeEnsemble, TreePredictor>();

  of(model: TreeEnsemble): TreePredictor {
    const known = this.#made.get(model);
    if (known !== undefined) return known;
    const made = treePredictor(model);
    this.#made.set(model, made);
    return made;
  }
}

/** The memory of fits that ended, for those to come; two at the same time have one each. */
class Memories {
  readonly #idle: TreeMemory[] = [];

  take(): TreeMemory {
    return this.#idle.pop() ?? new TreeMemory();
  }

  giveBack(memory: TreeMemory): void {
    if (this.#idle.length === 0) this.#idle.push(memory);
  }
}

/** Fits in steps, with memory that is used again. */
function fitSteps(params: BoostingParams, memories: Memories) {
  return function* fit(table: TreeTable, progress: FitProgress | undefined): Generator<void, Result<TreeEnsemble>> {
    const memory = memories.take();
    try {
      const steps = trainBoostingSteps(table, params, { memory });
      let step = steps.next();
      while (step.done !== true) {
        progress?.(step.value.round / step.value.rounds);
        yield;
        step = steps.next();
      }
      return step.value.ok ? ok(step.value.value.model) : step.value;
    } finally {
      memories.giveBack(memory);
    }
  };
}

/** What executors of both tasks have in common. */
function common(name: string, params: BoostingParams) {
  return { name, parameters: { ...params }, acceptsMissing: true, encode: encodeTreeModel, decode: decodeTreeModel };
}

function directionExecutor(name: string, params: BoostingParams): Executor<TreeEnsemble> {
  invariant(
    params.task.kind === 'binary',
    `${name} tells two directions apart: its task is binary, not ${params.task.kind}`,
  );
  const fit = fitSteps(params, new Memories());
  const predictors = new Predictors();
  return {
    ...common(name, params),
    fitSteps: (data, range, progress) =>
      fit(tableOf(data, range, Float64Array.from(data.up.subarray(range.from, range.to))), progress),
    probabilityUp: (model, features, offset) => predictors.of(model).predictOne(features, offset),
  };
}

function returnExecutor(name: string, params: BoostingParams): ReturnExecutor<TreeEnsemble> {
  const { kind } = params.task;
  invariant(kind === 'regression' || kind === 'quantile', `${name} forecasts returns: its task is no ${kind}`);
  const fit = fitSteps(params, new Memories());
  const predictors = new Predictors();
  return {
    ...common(name, params),
    fitSteps: (data: ReturnTrainingData, range, progress) =>
      fit(tableOf(data, range, data.logReturn.subarray(range.from, range.to)), progress),
    expectedReturn: (model, features, offset) => predictors.of(model).predictOne(features, offset),
  };
}

/** Boosted trees with XGBoost's semantics that learn the direction of the price; `params` by `xgboostParams`, task `binary`, without early stopping. */
export const xgboostExecutor = (params: BoostingParams = XGBOOST_DIRECTION): Executor<TreeEnsemble> =>
  directionExecutor('xgboost', params);

/** Boosted trees with LightGBM's semantics that learn the direction of the price; `params` by `lightgbmParams`, task `binary`, without early stopping. */
export const lightgbmExecutor = (params: BoostingParams = LIGHTGBM_DIRECTION): Executor<TreeEnsemble> =>
  directionExecutor('lightgbm', params);

/** Boosted trees with XGBoost's semantics that learn how far the price goes. */
export const xgboostReturnExecutor = (params: BoostingParams = XGBOOST_RETURN): ReturnExecutor<TreeEnsemble> =>
  returnExecutor('xgboost', params);

/** Boosted trees with LightGBM's semantics that learn how far the price goes. */
export const lightgbmReturnExecutor = (params: BoostingParams = LIGHTGBM_RETURN): ReturnExecutor<TreeEnsemble> =>
  returnExecutor('lightgbm', params);
