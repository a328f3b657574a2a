import type { CategoryRules } from './categorical-scan.ts';
import type { TreeTask } from './tree-ensemble.ts';

/** Metrics that training can be watched by; the names of both libraries mean one of these. */
export const BOOSTING_METRICS = ['logloss', 'auc', 'error', 'mlogloss', 'merror', 'rmse', 'mae', 'quantile'] as const;
export type BoostingMetric = (typeof BOOSTING_METRICS)[number];

/** When training ends before its rounds: none of the watched metrics has become better by more than `deltaMin` for so many rounds. */
export interface EarlyStopping {
  readonly rounds: number;
  readonly deltaMin: number;
  /** Which metric decides: XGBoost's last, LightGBM's any (the first that stalls) or only its first. */
  readonly metric: 'last' | 'any' | 'first';
}

/** How boosted trees are grown, whichever library's names it was said in. Names in brackets are XGBoost's and LightGBM's. */
export interface BoostingParams {
  readonly family: 'xgboost' | 'lightgbm';
  readonly task: TreeTask;
  /** The objective as the library names it, for example `binary:logistic` or `binary`. */
  readonly objective: string;
  /** Trees an output (`num_boost_round`, `num_iterations`). */
  readonly rounds: number;
  readonly learningRate: number;
  /** Level by level, or the best leaf first (`grow_policy`). */
  readonly growth: 'depth' | 'leaf';
  /** Levels under the root (`max_depth`); null: any. */
  readonly depthMax: number | null;
  /** Leaves of a tree (`max_leaves`, `num_leaves`); null: any. */
  readonly leavesMax: number | null;
  /** Bins of a column (`max_bin`), 2–256. */
  readonly binsMax: number;
  /** Fewest rows of a bin (`min_data_in_bin`). */
  readonly binRowsMin: number;
  /** L2 penalty of weights (`lambda`, `lambda_l2`). */
  readonly lambda: number;
  /** L1 penalty of weights (`alpha`, `lambda_l1`). */
  readonly alpha: number;
  /** What a split must gain (`gamma`, `min_gain_to_split`). */
  readonly gainMin: number;
  /** Least hessian of a child (`min_child_weight`, `min_sum_hessian_in_leaf`). */
  readonly hessianMin: number;
  /** Fewest rows of a child (`min_data_in_leaf`). */
  readonly rowsMin: number;
  /** Greatest size of a weight before the learning rate (`max_delta_step`); 0: any. */
  readonly weightMax: number;
  /** Share of the rows that a tree sees (`subsample`, `bagging_fraction`). */
  readonly rowShare: number;
  /** The rows are drawn anew every so many rounds (`bagging_freq`). XGBoost: each tree. */
  readonly rowRounds: number;
  readonly columnShareTree: number;
  readonly columnShareLevel: number;
  readonly columnShareNode: number;
  /** Weight of rows of class 1 (`scale_pos_weight`); null: so that both classes weigh the same (`is_unbalance`). */
  readonly positiveWeight: number | null;
  /** Weights by class (`class_weight`); null: 1. `balanced`: rows ÷ (classes × rows of the class). */
  readonly classWeights: readonly number[] | 'balanced' | null;
  /** −1, 0, 1 by column, or by column name (`monotone_constraints`); columns that aren't named are free. */
  readonly monotone: readonly number[] | Readonly<Record<string, number>>;
  readonly categories: CategoryRules;
  /** Where outputs begin (`base_score`, in the label's own terms; a probability for `binary`); null: from the data. */
  readonly baseScore: number | null;
  /** Begin at the best constant (`boost_from_average`; XGBoost: when `base_score` isn't given); else at 0. */
  readonly baseFromData: boolean;
  readonly metrics: readonly BoostingMetric[];
  readonly earlyStopping: EarlyStopping | null;
  readonly seed: number;
  /** Threads wanted; null: not said. The model is the same for any number. */
  readonly threads: number | null;
}

const UNUSED_BY_XGBOOST = { smooth: 0, lambdaMore: 0, groupRowsMin: 0 };

/** XGBoost's defaults, for `binary:logistic`. */
export const XGBOOST_DEFAULTS: BoostingParams = {
  family: 'xgboost',
  task: { kind: 'binary' },
  objective: 'binary:logistic',
  rounds: 100,
  learningRate: 0.3,
  growth: 'depth',
  depthMax: 6,
  leavesMax: null,
  binsMax: 256,
  binRowsMin: 1,
  lambda: 1,
  alpha: 0,
  gainMin: 0,
  hessianMin: 1,
  rowsMin: 0,
  weightMax: 0,
  rowShare: 1,
  rowRounds: 1,
  columnShareTree: 1,
  columnShareLevel: 1,
  columnShareNode: 1,
  positiveWeight: 1,
  classWeights: null,
  monotone: [],
  categories: { oneHotMax: 4, setMax: 64, ...UNUSED_BY_XGBOOST },
  baseScore: null,
  baseFromData: true,
  metrics: [],
  earlyStopping: null,
  seed: 0,
  threads: null,
};

/** LightGBM's defaults, for `binary`. */
export const LIGHTGBM_DEFAULTS: BoostingParams = {
  ...XGBOOST_DEFAULTS,
  family: 'lightgbm',
  objective: 'binary',
  learningRate: 0.1,
  growth: 'leaf',
  depthMax: null,
  leavesMax: 31,
  binsMax: 255,
  binRowsMin: 3,
  lambda: 0,
  hessianMin: 1e-3,
  rowsMin: 20,
  categories: { oneHotMax: 4, setMax: 32, smooth: 10, lambdaMore: 10, groupRowsMin: 100 },
};
