import { describe, expect, it } from 'vitest';
import { LIGHTGBM_DEFAULTS, XGBOOST_DEFAULTS } from './boosting-params.ts';
import { lightgbmParams } from './lightgbm-params.ts';
import { xgboostParams } from './xgboost-params.ts';

const message = (result: ReturnType<typeof xgboostParams>): string => (result.ok ? '' : result.fault.message);

describe('parameters by XGBoost’s names', () => {
  it('have the library’s defaults', () => {
    expect(xgboostParams({ objective: 'binary:logistic' })).toEqual({ ok: true, value: XGBOOST_DEFAULTS });
  });

  it('are read by any name that the documentation gives them', () => {
    const read = xgboostParams({
      objective: 'multi:softprob',
      num_class: 3,
      learning_rate: 0.1,
      reg_lambda: 2,
      reg_alpha: '0.5',
      min_split_loss: 1,
      n_estimators: 7,
      max_depth: 0,
      max_leaves: 31,
      grow_policy: 'lossguide',
      monotone_constraints: '(1,0,-1)',
      eval_metric: ['merror', 'mlogloss'],
      early_stopping_rounds: 5,
      random_state: 3,
      n_jobs: 2,
      verbosity: 0,
      tree_method: 'hist',
    });
    expect(read.ok && read.value).toMatchObject({
      task: { kind: 'multiclass', classes: 3 },
      learningRate: 0.1,
      lambda: 2,
      alpha: 0.5,
      gainMin: 1,
      rounds: 7,
      depthMax: null,
      leavesMax: 31,
      growth: 'leaf',
      monotone: [1, 0, -1],
      metrics: ['merror', 'mlogloss'],
      earlyStopping: { rounds: 5, metric: 'last' },
      seed: 3,
      threads: 2,
    });
  });

  it.each([
    [{ max_dept: 3 }, "has no parameter 'max_dept'; did you mean 'max_depth'?"],
    [{ eta: 0 }, 'a number above 0, up to 1'],
    [{ eta: 0.1, learning_rate: 0.2 }, "'learning_rate' says what 'eta' has said already"],
    [{ max_bin: 512 }, 'a whole number from 2 to 256'],
    [{ tree_method: 'exact' }, 'is supported as "hist" or "auto" or null only'],
    [{ booster: 'dart' }, "'booster' of XGBoost is supported as"],
    [{ updater: 'grow_colmaker' }, "'updater' of XGBoost is not supported"],
    [{ objective: 'rank:ndcg' }, 'other objectives are not trained here'],
    [{ objective: 'multi:softprob' }, "'num_class' must say how many classes"],
    [{ objective: 'reg:quantileerror' }, "'quantile_alpha' must say which quantile"],
    [{ objective: 'binary:logistic', base_score: 1 }, 'a probability above 0 and below 1'],
    [{ objective: 'binary:logistic', eval_metric: 'rmse' }, 'can be watched by logloss, auc, error'],
    [{ monotone_constraints: [2] }, 'a list of −1, 0 and 1'],
    [{ subsample: 'half' }, 'above 0, up to 1'],
    [{ __proto__x: 1 }, 'has no parameter'],
    [{ toString: 1 }, 'has no parameter'],
    [[], 'must be a JSON object'],
    [null, 'must be a JSON object'],
  ])('refuse %j', (given, part) => {
    expect(message(xgboostParams(given))).toContain(part);
  });
});

describe('parameters by LightGBM’s names', () => {
  it('have the library’s defaults', () => {
    expect(lightgbmParams({ objective: 'binary' })).toEqual({ ok: true, value: LIGHTGBM_DEFAULTS });
  });

  it('are read by any alias', () => {
    const read = lightgbmParams({
      application: 'quantile',
      alpha: 0.2,
      shrinkage_rate: 0.05,
      max_leaf: 7,
      min_child_samples: 5,
      sub_row: 0.5,
      subsample_freq: 2,
      mc: { b: -1 },
      n_iter_no_change: 4,
      first_metric_only: true,
      metric: 'l1,quantile',
      nthread: -1,
    });
    expect(read.ok && read.value).toMatchObject({
      task: { kind: 'quantile', alpha: 0.2 },
      learningRate: 0.05,
      leavesMax: 7,
      rowsMin: 5,
      rowShare: 0.5,
      rowRounds: 2,
      monotone: { b: -1 },
      earlyStopping: { rounds: 4, metric: 'first' },
      metrics: ['mae', 'quantile'],
      threads: null,
    });
  });

  it('sample rows only where both the share and how often are given', () => {
    const read = lightgbmParams({ objective: 'binary', bagging_fraction: 0.5 });
    expect(read.ok && read.value.rowShare).toBe(1);
  });

  it.each([
    [{ num_leafs: 3 }, "did you mean 'num_leaf'?"],
    [{ boosting: 'dart' }, "'boosting' of LightGBM is supported as"],
    [{ objective: 'lambdarank' }, 'others are not trained here'],
    [{ is_unbalance: true, scale_pos_weight: 2 }, 'give one of them'],
    [{ objective: 'binary', class_weight: { 2: 1 } }, 'names class 2 of 2'],
    [{ class_weight: 'balanced' }, 'goes with classes'],
    [{ linear_tree: true }, 'is supported as false only'],
    [{ num_leaves: 1 }, 'a whole number from 2 to 131072'],
  ])('refuse %j', (given, part) => {
    expect(message(lightgbmParams(given))).toContain(part);
  });
});
