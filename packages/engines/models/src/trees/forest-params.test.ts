import { expectOk } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { FOREST_DEFAULTS, forestParams } from './forest-params.ts';

describe('parameters of a random forest', () => {
  it('have scikit-learn’s names and defaults', () => {
    expect(expectOk(forestParams({}))).toEqual(FOREST_DEFAULTS);
    const given = {
      ...{ n_estimators: 20, criterion: 'log_loss', max_depth: null, min_samples_split: 0.1, min_samples_leaf: 3 },
      ...{ min_weight_fraction_leaf: 0.01, max_features: 'log2', min_impurity_decrease: 1e-4, bootstrap: true },
      ...{ oob_score: true, n_jobs: -1, random_state: 7, class_weight: { 0: 1, 1: 2.5 }, max_samples: 0.5, verbose: 0 },
      ...{ max_leaf_nodes: null, ccp_alpha: 0, warm_start: false, max_bins: 64 },
    };
    expect(expectOk(forestParams(given))).toEqual({
      ...{ trees: 20, criterion: 'entropy', depthMax: null, splitRowsMin: { share: 0.1 }, leafRowsMin: { rows: 3 } },
      ...{ leafWeightShareMin: 0.01, columns: 'log2', impurityDecreaseMin: 1e-4, bootstrap: true, outOfBag: true },
      ...{ threads: -1, seed: 7, sample: { share: 0.5 }, bins: 64 },
      classWeight: new Map([
        [0, 1],
        [1, 2.5],
      ]),
    });
    expect(expectOk(forestParams({ max_features: null })).columns).toBeNull();
    expect(expectOk(forestParams({ max_features: 5 })).columns).toEqual({ count: 5 });
  });

  it.each([
    [{ n_estimator: 5 }, 'params_unknown', /'n_estimator'; did you mean 'n_estimators'/],
    [{ maxDepth: 5 }, 'params_unknown', /did you mean 'max_depth'/],
    [{ constructor: 5 }, 'params_unknown', /'constructor'/],
    [{ max_leaf_nodes: 5 }, 'params_invalid', /'max_leaf_nodes' of scikit-learn is not supported/],
    [{ n_estimators: 0 }, 'params_invalid', /'n_estimators' is 0; it must be a whole number from 1/],
    [{ n_estimators: '5' }, 'params_invalid', /'n_estimators' is "5"/],
    [{ max_depth: 2.5 }, 'params_invalid', /'max_depth' is 2.5/],
    [{ min_samples_split: 1 }, 'params_invalid', /'min_samples_split' is 1; .* at least 2/],
    [{ max_features: 'auto' }, 'params_invalid', /'max_features' is "auto"/],
    [{ criterion: 'poisson' }, 'params_invalid', /which scikit-learn has and MONSTA has not/],
    [{ class_weight: { up: 1 } }, 'params_invalid', /'class_weight' has "up"/],
    [{ bootstrap: false, oob_score: true }, 'params_invalid', /'oob_score' needs rows/],
    [{ bootstrap: false, max_samples: 5 }, 'params_invalid', /'max_samples' says how many/],
    [[], 'params_invalid', /must be a JSON object/],
    [null, 'params_invalid', /must be a JSON object/],
  ])('%j are refused, with what is wrong', (json, code, message) => {
    expect(forestParams(json)).toMatchObject({
      ok: false,
      fault: { code, message: expect.stringMatching(message) as string },
    });
  });
});
