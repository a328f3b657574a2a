import { err, ok, type Result } from '@monsta/core';
import { LIGHTGBM_DEFAULTS, type BoostingMetric, type BoostingParams } from './boosting-params.ts';
import {
  directions,
  flag,
  readParameters,
  ReadParameters,
  refuseValue,
  whole,
  within,
  words,
  type ParameterNames,
} from './parameter-reader.ts';
import type { TreeTask } from './tree-ensemble.ts';
import { namedMetrics } from './xgboost-params.ts';

const SEED_MAX = 2 ** 31 - 1;
const ROUNDS_MAX = 100_000;
const LEAVES_MAX = 131_072;
const CLASSES_MAX = 10_000;

type Objective = 'regression' | 'quantile' | 'binary' | 'multiclass';

const OBJECTIVES: Readonly<Record<string, Objective>> = {
  regression: 'regression',
  regression_l2: 'regression',
  l2: 'regression',
  mean_squared_error: 'regression',
  mse: 'regression',
  l2_root: 'regression',
  root_mean_squared_error: 'regression',
  rmse: 'regression',
  quantile: 'quantile',
  binary: 'binary',
  multiclass: 'multiclass',
  softmax: 'multiclass',
};

const objective = (value: unknown): Objective => {
  const known = typeof value === 'string' && Object.hasOwn(OBJECTIVES, value) ? OBJECTIVES[value] : undefined;
  return known ?? refuseValue(value, 'regression, quantile, binary or multiclass (others are not trained here)');
};

const classWeight = (value: unknown): 'balanced' | null | ReadonlyMap<number, number> => {
  if (value === null || value === 'balanced') return value;
  const wanted = 'null, "balanced" or an object of weights above 0, such as {"0": 1, "1": 3}';
  if (typeof value !== 'object' || Array.isArray(value)) return refuseValue(value, wanted);
  const weights = new Map<number, number>();
  for (const [label, weight] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    if (!/^\d{1,5}$/.test(label) || typeof weight !== 'number' || !(weight > 0) || !Number.isFinite(weight))
      return refuseValue(value, wanted);
    weights.set(Number(label), weight);
  }
  return weights;
};

const seed = (value: unknown): number => (value === null ? 0 : whole(0, SEED_MAX)(value));
const share = within(0, 1, true);
const positive = within(0, Number.MAX_VALUE);

const NAMES: ParameterNames = {
  library: 'LightGBM',
  readers: {
    objective,
    num_class: whole(1, CLASSES_MAX),
    alpha: within(0, 1, true),
    num_iterations: whole(1, ROUNDS_MAX),
    learning_rate: within(0, Number.MAX_VALUE, true),
    num_leaves: whole(2, LEAVES_MAX),
    max_depth: whole(-1_000, 1_000),
    min_data_in_leaf: whole(0, 2 ** 31 - 1),
    min_sum_hessian_in_leaf: positive,
    bagging_fraction: share,
    bagging_freq: whole(0, ROUNDS_MAX),
    feature_fraction: share,
    feature_fraction_bynode: share,
    early_stopping_round: (value) => (value === null ? 0 : whole(0, ROUNDS_MAX)(value)),
    early_stopping_min_delta: positive,
    first_metric_only: flag,
    max_delta_step: within(-Number.MAX_VALUE, Number.MAX_VALUE),
    lambda_l1: positive,
    lambda_l2: positive,
    min_gain_to_split: positive,
    min_data_per_group: whole(1, 2 ** 31 - 1),
    max_cat_threshold: whole(1, 65_536),
    cat_l2: positive,
    cat_smooth: positive,
    max_cat_to_onehot: whole(1, 65_536),
    monotone_constraints: directions,
    max_bin: whole(2, 256),
    min_data_in_bin: whole(1, 2 ** 31 - 1),
    is_unbalance: flag,
    scale_pos_weight: within(0, Number.MAX_VALUE, true),
    boost_from_average: flag,
    metric: words,
    class_weight: classWeight,
    seed,
    num_threads: (value) => (value === null ? null : whole(-1, 256)(value)),
  },
  aliases: {
    objective: ['objective_type', 'app', 'application', 'loss'],
    num_class: ['num_classes'],
    num_iterations: [
      'num_iteration',
      'n_iter',
      'num_tree',
      'num_trees',
      'num_round',
      'num_rounds',
      'nrounds',
      'num_boost_round',
      'n_estimators',
      'max_iter',
    ],
    learning_rate: ['shrinkage_rate', 'eta'],
    num_leaves: ['num_leaf', 'max_leaves', 'max_leaf', 'max_leaf_nodes'],
    min_data_in_leaf: ['min_data_per_leaf', 'min_data', 'min_child_samples', 'min_samples_leaf'],
    min_sum_hessian_in_leaf: ['min_sum_hessian_per_leaf', 'min_sum_hessian', 'min_hessian', 'min_child_weight'],
    bagging_fraction: ['sub_row', 'subsample', 'bagging'],
    bagging_freq: ['subsample_freq'],
    feature_fraction: ['sub_feature', 'colsample_bytree'],
    feature_fraction_bynode: ['sub_feature_bynode', 'colsample_bynode'],
    early_stopping_round: ['early_stopping_rounds', 'early_stopping', 'n_iter_no_change'],
    max_delta_step: ['max_tree_output', 'max_leaf_output'],
    lambda_l1: ['reg_alpha', 'l1_regularization'],
    lambda_l2: ['reg_lambda', 'lambda', 'l2_regularization'],
    min_gain_to_split: ['min_split_gain'],
    monotone_constraints: ['mc', 'monotone_constraint', 'monotonic_cst'],
    max_bin: ['max_bins'],
    is_unbalance: ['unbalance', 'unbalanced_sets'],
    metric: ['metrics', 'metric_types'],
    seed: ['random_seed', 'random_state'],
    num_threads: ['num_thread', 'nthread', 'nthreads', 'n_jobs'],
  },
  absent: {
    boosting: ['gbdt', 'gbrt'],
    boosting_type: ['gbdt', 'gbrt'],
    boost: ['gbdt', 'gbrt'],
    data_sample_strategy: ['bagging'],
    tree_learner: ['serial'],
    device_type: ['cpu'],
    device: ['cpu'],
    pos_bagging_fraction: [1],
    neg_bagging_fraction: [1],
    bagging_by_query: [false],
    extra_trees: [false],
    extra_tree: [false],
    linear_tree: [false],
    linear_lambda: [0],
    monotone_constraints_method: ['basic'],
    monotone_penalty: [0],
    feature_contri: [null, ''],
    forcedsplits_filename: [null, ''],
    forcedbins_filename: [null, ''],
    interaction_constraints: [null, ''],
    path_smooth: [0],
    max_bin_by_feature: [null, ''],
    use_missing: [true],
    zero_as_missing: [false],
    use_quantized_grad: [false],
    reg_sqrt: [false],
    sigmoid: [1],
    categorical_feature: [null, '', 'auto'],
    drop_rate: [],
    max_drop: [],
    skip_drop: [],
    xgboost_dart_mode: [false],
    uniform_drop: [false],
    drop_seed: [],
    top_rate: [],
    other_rate: [],
    top_k: [],
    refit_decay_rate: [],
    cegb_tradeoff: [1],
    cegb_penalty_split: [0],
    tweedie_variance_power: [],
    poisson_max_delta_step: [],
    fair_c: [],
    importance_type: ['split'],
  },
  // How LightGBM gets to its bins and threads; here all rows are binned, and any number of threads makes the same model.
  withoutEffect: [
    'verbosity',
    'verbose',
    'deterministic',
    'force_col_wise',
    'force_row_wise',
    'histogram_pool_size',
    'bin_construct_sample_cnt',
    'subsample_for_bin',
    'data_random_seed',
    'bagging_seed',
    'feature_fraction_seed',
    'extra_seed',
    'is_enable_sparse',
    'enable_bundle',
    'feature_pre_filter',
    'metric_freq',
    'is_provide_training_metric',
  ],
};

const METRICS: Readonly<Record<string, BoostingMetric>> = {
  binary_logloss: 'logloss',
  auc: 'auc',
  binary_error: 'error',
  multi_logloss: 'mlogloss',
  multi_error: 'merror',
  rmse: 'rmse',
  root_mean_squared_error: 'rmse',
  l2_root: 'rmse',
  l1: 'mae',
  mae: 'mae',
  mean_absolute_error: 'mae',
  quantile: 'quantile',
};

/** A metric may be named as the objective that it belongs to. */
const metricNames = (names: readonly string[]): readonly string[] =>
  names.map(
    (name) =>
      ({ binary: 'binary_logloss', multiclass: 'multi_logloss', softmax: 'multi_logloss', regression_l1: 'l1' })[
        name
      ] ?? name,
  );

function taskOf(kind: Objective, read: ReadParameters): Result<TreeTask> {
  const classes = read.get<number>('num_class', 1);
  if (kind === 'multiclass')
    return classes >= 2
      ? ok({ kind, classes })
      : err('params_invalid', `'num_class' must say how many classes are told apart, at least 2`);
  if (classes !== 1) return err('params_invalid', `'num_class' is ${classes}, and the objective ${kind} takes 1`);
  if (kind !== 'quantile') return ok({ kind });
  const alpha = read.get<number>('alpha', 0.9);
  return alpha < 1 ? ok({ kind, alpha }) : err('params_invalid', `'alpha' is ${alpha}; a quantile is below 1`);
}

function classWeightsOf(read: ReadParameters, task: TreeTask): Result<BoostingParams['classWeights']> {
  const given = read.get<ReturnType<typeof classWeight>>('class_weight', null);
  if (given === null) return ok(null);
  if (task.kind !== 'binary' && task.kind !== 'multiclass')
    return err('params_invalid', `'class_weight' goes with classes, and the objective has none`);
  if (given === 'balanced') return ok(given);
  const classes = task.kind === 'binary' ? 2 : task.classes;
  const stray = [...given.keys()].find((label) => label >= classes);
  if (stray !== undefined) return err('params_invalid', `'class_weight' names class ${stray} of ${classes}`);
  return ok(Array.from({ length: classes }, (_, label) => given.get(label) ?? 1));
}

/**
 * Parameters by LightGBM's names and aliases (documentation of 4.x), with its defaults, and `class_weight` of its scikit-learn interface. Differences: `max_bin` is at most 256, and all rows are
 * binned. Faults: `params_invalid`, `params_unknown`.
 */
export function lightgbmParams(json: unknown): Result<BoostingParams> {
  const parsed = readParameters(json, NAMES);
  if (!parsed.ok) return parsed;
  const read = new ReadParameters(parsed.value);
  const usual = LIGHTGBM_DEFAULTS;
  const kind = read.get<Objective>('objective', 'regression');
  const task = taskOf(kind, read);
  if (!task.ok) return task;
  const metrics = namedMetrics(metricNames(read.get<readonly string[]>('metric', [])), METRICS, task.value, 'metric');
  if (!metrics.ok) return metrics;
  const classWeights = classWeightsOf(read, task.value);
  if (!classWeights.ok) return classWeights;
  const unbalanced = read.get<boolean>('is_unbalance', false);
  if (unbalanced && read.get<number>('scale_pos_weight', 1) !== 1)
    return err('params_invalid', `'is_unbalance' and 'scale_pos_weight' both weigh the classes: give one of them`);
  const depth = read.get<number>('max_depth', -1);
  const bagged = read.get<number>('bagging_freq', 0);
  const stopping = read.get<number>('early_stopping_round', 0);
  const threads = read.get<number | null>('num_threads', null);
  const { categories } = usual;
  return ok({
    ...usual,
    task: task.value,
    objective: kind,
    rounds: read.get('num_iterations', usual.rounds),
    learningRate: read.get('learning_rate', usual.learningRate),
    depthMax: depth <= 0 ? null : depth,
    leavesMax: read.get('num_leaves', usual.leavesMax),
    binsMax: read.get('max_bin', usual.binsMax),
    binRowsMin: read.get('min_data_in_bin', usual.binRowsMin),
    lambda: read.get('lambda_l2', usual.lambda),
    alpha: read.get('lambda_l1', usual.alpha),
    gainMin: read.get('min_gain_to_split', usual.gainMin),
    hessianMin: read.get('min_sum_hessian_in_leaf', usual.hessianMin),
    rowsMin: read.get('min_data_in_leaf', usual.rowsMin),
    weightMax: Math.max(0, read.get<number>('max_delta_step', 0)),
    // LightGBM samples rows only where both are given.
    rowShare: bagged > 0 ? read.get<number>('bagging_fraction', 1) : 1,
    rowRounds: Math.max(1, bagged),
    columnShareTree: read.get<number>('feature_fraction', 1),
    columnShareNode: read.get<number>('feature_fraction_bynode', 1),
    positiveWeight: unbalanced ? null : read.get<number>('scale_pos_weight', 1),
    classWeights: classWeights.value,
    monotone: read.get<BoostingParams['monotone']>('monotone_constraints', []),
    categories: {
      oneHotMax: read.get('max_cat_to_onehot', categories.oneHotMax),
      setMax: read.get('max_cat_threshold', categories.setMax),
      smooth: read.get('cat_smooth', categories.smooth),
      lambdaMore: read.get('cat_l2', categories.lambdaMore),
      groupRowsMin: read.get('min_data_per_group', categories.groupRowsMin),
    },
    baseFromData: read.get<boolean>('boost_from_average', true),
    metrics: metrics.value,
    earlyStopping:
      stopping === 0
        ? null
        : {
            rounds: stopping,
            deltaMin: read.get<number>('early_stopping_min_delta', 0),
            metric: read.get<boolean>('first_metric_only', false) ? 'first' : 'any',
          },
    seed: read.get('seed', usual.seed),
    threads: threads === null || threads < 1 ? null : threads,
  });
}
