/** What the trees were made to forecast. */
export type TreeTask =
  | { readonly kind: 'binary' }
  /** One output a class, softmax over them; class labels are 0 … classes − 1. */
  | { readonly kind: 'multiclass'; readonly classes: number }
  | { readonly kind: 'regression' }
  /** The `alpha` quantile (0–1) of the label. */
  | { readonly kind: 'quantile'; readonly alpha: number };

/** How a node reads a missing value, in bits 1–2 of its flags. */
export const MISSING = {
  /** NaN counts as zero (LightGBM's `None`). */
  none: 0,
  /** Zero and NaN go the default way (LightGBM's `Zero`). */
  zero: 1,
  /** NaN goes the default way. */
  nan: 2,
} as const;

/**
 * Bits of a node's flags; bits 1–2 hold one of `MISSING`. A categorical node sends the categories of its set to the left and all others, those never seen too, to the right; with `setGoesRight` it is
 * the other way round (XGBoost's). A missing value always goes the default way there.
 */
export const NODE_FLAG = { defaultLeft: 1, missingShift: 1, categorical: 8, setGoesRight: 16 } as const;

/**
 * Trained trees in flat arrays, whoever trained them: MONSTA, XGBoost or LightGBM. Node 0 … nodes − 1 of all trees lie one after the other; every tree's nodes are contiguous, children come
 * after their parent, and so no walk can go round in a circle.
 */
export interface TreeEnsemble {
  readonly kind: 'trees';
  /** Whose semantics it was trained by, and so whose file format can hold it. */
  readonly family: 'xgboost' | 'lightgbm' | 'random-forest';
  readonly task: TreeTask;
  /**
   * The objective in the words of the family's library, with its parameters (`binary:logitraw`, `reg:gamma`; `binary sigmoid:2`, `poisson`), where it isn't the usual one of the task; null: the usual one.
   * `linkOf` says what it makes of a margin.
   */
  readonly objective: string | null;
  readonly featureNames: readonly string[];
  /** Outputs a row: the classes of `multiclass` for boosting, else 1. Tree `t` adds to output `treeOutput[t]`. */
  readonly outputs: number;
  /** Values a leaf: the classes of a forest that votes by distribution, else 1; then `outputs` equals it and `treeOutput` is 0. */
  readonly leafWidth: number;
  /** First node of each tree. */
  readonly roots: Int32Array;
  readonly treeOutput: Int32Array;
  /** Column that a node splits by; −1: a leaf. */
  readonly feature: Int32Array;
  /** Goes left when the value, after rounding to `inputPrecision`, is ≤ this. Categorical: not used. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly flags: Uint8Array;
  /** Categorical nodes: where in `categories` the node's set begins, and how many 32-bit words it has; bit c of the set stands for category c. Otherwise 0. */
  readonly categoryStart: Int32Array;
  readonly categoryWords: Int32Array;
  readonly categories: Uint32Array;
  /**
   * `nodes × leafWidth`: what a leaf says (learning rate included), finite. Inner nodes hold what their trainer or file noted there (XGBoost's base weight, LightGBM's internal value), else 0; no forecast
   * reads it.
   */
  readonly values: Float64Array;
  /** What the split gained; 0 in leaves and where unknown. */
  readonly gain: Float64Array;
  /** Sum of the hessians (XGBoost's cover, LightGBM's weight) and number of the rows that came through a node; 0 where unknown. */
  readonly cover: Float64Array;
  readonly count: Float64Array;
  /** Where each output begins, in margins (log-odds for `binary`). */
  readonly baseMargins: Float64Array;
  /** True: the mean over an output's trees instead of their sum. The leaves of the family `random-forest` hold probabilities or means, which no link changes. */
  readonly averaged: boolean;
  /** XGBoost compares, keeps and adds up 32-bit floats (thresholds and leaves hold nothing finer), LightGBM 64-bit ones. */
  readonly inputPrecision: 'float32' | 'float64';
  /** Trees an output that early stopping found best; null: all. Predictions use these only. */
  readonly bestRounds: number | null;
}
