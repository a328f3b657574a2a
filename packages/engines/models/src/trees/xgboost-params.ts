import { err, ok, type Result } from '@monsta/core';
import { metricsOf } from './boosting-metrics.ts';
import { XGBOOST_DEFAULTS, type BoostingMetric, type BoostingParams } from './boosting-params.ts';
import {
  directions,
  finite,
  oneOf,
  readParameters,
  ReadParameters,
  refuseValue,
  whole,
  within,
  words,
  type ParameterNames,
} from './parameter-reader.ts';
import type { TreeTask } from './tree-ensemble.ts';

const SEED_MAX = 2 ** 32 - 1;
const ROUNDS_MAX = 100_000;
const LEAVES_MAX = 131_072;
const CLASSES_MAX = 10_000;

const OBJECTIVES = {
  'binary:logistic': 'binary',
  'binary:logitraw': 'binary',
  'reg:squarederror': 'regression',
  'reg:linear': 'regression',
  'reg:quantileerror': 'quantile',
  'multi:softprob': 'multiclass',
  'multi:softmax': 'multiclass',
} as const satisfies Readonly<Record<string, TreeTask['kind']>>;

const objective = (value: unknown): keyof typeof OBJECTIVES => {
  if (typeof value === 'string' && Object.hasOwn(OBJECTIVES, value)) return value as keyof typeof OBJECTIVES;
  return refuseValue(value, `one of ${Object.keys(OBJECTIVES).join(', ')} (other objectives are not trained here)`);
};

const NAMES: ParameterNames = {
  library: 'XGBoost',
  readers: {
    objective,
    num_class: whole(0, CLASSES_MAX),
    quantile_alpha: within(0, 1, true),
    num_boost_round: whole(1, ROUNDS_MAX),
    eta: within(0, 1, true),
    gamma: within(0, Number.MAX_VALUE),
    max_depth: whole(0, 1_000),
    max_leaves: whole(0, LEAVES_MAX),
    min_child_weight: within(0, Number.MAX_VALUE),
    max_delta_step: within(0, Number.MAX_VALUE),
    subsample: within(0, 1, true),
    colsample_bytree: within(0, 1, true),
    colsample_bylevel: within(0, 1, true),
    colsample_bynode: within(0, 1, true),
    lambda: within(0, Number.MAX_VALUE),
    alpha: within(0, Number.MAX_VALUE),
    scale_pos_weight: within(0, Number.MAX_VALUE, true),
    grow_policy: oneOf({ depthwise: 'depth', lossguide: 'leaf' } as const),
    max_bin: whole(2, 256),
    monotone_constraints: directions,
    max_cat_to_onehot: whole(1, 65_536),
    max_cat_threshold: whole(1, 65_536),
    base_score: (value) => (value === null ? null : finite(value)),
    eval_metric: words,
    early_stopping_rounds: (value) => (value === null ? null : whole(1, ROUNDS_MAX)(value)),
    seed: (value) => (value === null ? 0 : whole(0, SEED_MAX)(value)),
    nthread: (value) => (value === null ? null : whole(-1, 256)(value)),
  },
  aliases: {
    num_boost_round: ['num_round', 'n_estimators'],
    eta: ['learning_rate'],
    gamma: ['min_split_loss'],
    lambda: ['reg_lambda'],
    alpha: ['reg_alpha'],
    seed: ['random_state'],
    nthread: ['n_jobs'],
  },
  absent: {
    booster: ['gbtree', null],
    tree_method: ['hist', 'auto', null],
    device: ['cpu', null],
    sampling_method: ['uniform', null],
    process_type: ['default'],
    multi_strategy: ['one_output_per_tree', null],
    num_parallel_tree: [1, null],
    interaction_constraints: ['', null],
    seed_per_iteration: [false],
    updater: [],
    refresh_leaf: [],
    predictor: ['auto', 'cpu_predictor', null],
    feature_weights: [],
    gpu_id: [-1, null],
    rate_drop: [0],
    skip_drop: [0],
    one_drop: [0],
    sample_type: [],
    normalize_type: [],
    feature_selector: [],
    top_k: [],
    tweedie_variance_power: [],
    huber_slope: [],
    aft_loss_distribution: [],
    max_cached_hist_node: [],
    importance_type: [null],
  },
  withoutEffect: ['verbosity', 'silent', 'validate_parameters', 'disable_default_eval_metric', 'enable_categorical'],
};

const METRICS: Readonly<Record<string, BoostingMetric>> = {
  logloss: 'logloss',
  auc: 'auc',
  error: 'error',
  mlogloss: 'mlogloss',
  merror: 'merror',
  rmse: 'rmse',
  mae: 'mae',
  quantile: 'quantile',
};

function taskOf(name: keyof typeof OBJECTIVES, read: ReadParameters): Result<TreeTask> {
  const kind = OBJECTIVES[name];
  const classes = read.get<number>('num_class', 0);
  if (kind === 'multiclass') {
    if (classes < 2)
      return err('params_invalid', `'num_class' must say how many classes ${name} tells apart, at least 2`);
    return ok({ kind, classes });
  }
  if (classes > 1) return err('params_invalid', `'num_class' is ${classes}, and ${name} tells no such classes apart`);
  if (kind !== 'quantile') return ok({ kind });
  if (!read.has('quantile_alpha'))
    return err('params_invalid', `'quantile_alpha' must say which quantile ${name} is after, above 0 and below 1`);
  const alpha = read.get<number>('quantile_alpha', 0.5);
  return alpha < 1 ? ok({ kind, alpha }) : err('params_invalid', `'quantile_alpha' is ${alpha}; it must be below 1`);
}

/** The metrics of a task by their names in a library. */
export function namedMetrics(
  names: readonly string[],
  known: Readonly<Record<string, BoostingMetric>>,
  task: TreeTask,
  parameter: string,
): Result<readonly BoostingMetric[]> {
  const metrics: BoostingMetric[] = [];
  for (const name of names) {
    const metric = Object.hasOwn(known, name) ? known[name] : undefined;
    if (metric === undefined || !metricsOf(task).includes(metric)) {
      const possible = Object.keys(known).filter((each) => metricsOf(task).includes(known[each] as BoostingMetric));
      return err(
        'params_invalid',
        `'${parameter}' is ${name}; this objective can be watched by ${possible.join(', ')}`,
      );
    }
    if (!metrics.includes(metric)) metrics.push(metric);
  }
  return ok(metrics);
}

/**
 * Parameters by XGBoost's names (documentation of 1.7 to 3.0), with its defaults; `num_boost_round`, `early_stopping_rounds` and the names of its scikit-learn interface may stand among them.
 * Differences: `tree_method` is `hist`, `max_bin` at most 256. Faults: `params_invalid`, `params_unknown`.
 */
export function xgboostParams(json: unknown): Result<BoostingParams> {
  const parsed = readParameters(json, NAMES);
  if (!parsed.ok) return parsed;
  const read = new ReadParameters(parsed.value);
  const usual = XGBOOST_DEFAULTS;
  const name = read.get<keyof typeof OBJECTIVES>('objective', 'reg:squarederror');
  const task = taskOf(name, read);
  if (!task.ok) return task;
  const metrics = namedMetrics(read.get<readonly string[]>('eval_metric', []), METRICS, task.value, 'eval_metric');
  if (!metrics.ok) return metrics;
  const baseScore = read.get<number | null>('base_score', null);
  if (baseScore !== null && task.value.kind === 'binary' && (baseScore <= 0 || baseScore >= 1))
    return err('params_invalid', `'base_score' is ${baseScore}; for ${name} it is a probability above 0 and below 1`);
  const depth = read.get('max_depth', usual.depthMax ?? 0);
  const leaves = read.get<number>('max_leaves', 0);
  const rounds = read.get<number | null>('early_stopping_rounds', null);
  const threads = read.get<number | null>('nthread', null);
  return ok({
    ...usual,
    task: task.value,
    objective: name === 'reg:linear' ? 'reg:squarederror' : name,
    rounds: read.get('num_boost_round', usual.rounds),
    learningRate: read.get('eta', usual.learningRate),
    growth: read.get('grow_policy', usual.growth),
    depthMax: depth === 0 ? null : depth,
    leavesMax: leaves === 0 ? null : leaves,
    binsMax: read.get('max_bin', usual.binsMax),
    lambda: read.get('lambda', usual.lambda),
    alpha: read.get('alpha', usual.alpha),
    gainMin: read.get('gamma', usual.gainMin),
    hessianMin: read.get('min_child_weight', usual.hessianMin),
    weightMax: read.get('max_delta_step', usual.weightMax),
    rowShare: read.get<number>('subsample', 1),
    columnShareTree: read.get<number>('colsample_bytree', 1),
    columnShareLevel: read.get<number>('colsample_bylevel', 1),
    columnShareNode: read.get<number>('colsample_bynode', 1),
    positiveWeight: read.get<number>('scale_pos_weight', 1),
    monotone: read.get<BoostingParams['monotone']>('monotone_constraints', []),
    categories: {
      ...usual.categories,
      oneHotMax: read.get('max_cat_to_onehot', usual.categories.oneHotMax),
      setMax: read.get('max_cat_threshold', usual.categories.setMax),
    },
    baseScore,
    metrics: metrics.value,
    earlyStopping: rounds === null ? null : { rounds, deltaMin: 0, metric: 'last' },
    seed: read.get<number>('seed', 0),
    threads: threads === null || threads < 1 ? null : threads,
  });
}
