/*
 * Parameters of trees that forecast prices, in their libraries' own names: what is evaluated and what is served where nothing else is said. The signal is faint, and the libraries' defaults would
 * learn noise: few levels or leaves, leaves of many rows, small steps, samples of rows and columns.
 */

/** Over XGBoost's defaults. Its hessians are ¼ a row of a direction; of a return, where they are 1, `min_child_weight` is 20 (`XGBOOST_RETURN`). */
export const XGBOOST_OF_PRICES = {
  num_boost_round: 120,
  max_depth: 3,
  eta: 0.05,
  min_child_weight: 5,
  subsample: 0.7,
  colsample_bytree: 0.7,
  seed: 1,
} as const;

/** Over LightGBM's defaults. */
export const LIGHTGBM_OF_PRICES = {
  num_iterations: 120,
  num_leaves: 8,
  learning_rate: 0.05,
  min_data_in_leaf: 50,
  lambda_l2: 1,
  bagging_fraction: 0.7,
  bagging_freq: 1,
  feature_fraction: 0.7,
  seed: 1,
} as const;

/** Over scikit-learn's defaults. */
export const FOREST_OF_PRICES = {
  max_depth: 8,
  min_samples_leaf: 50,
  max_features: 0.5,
  max_samples: 0.5,
  random_state: 1,
} as const;
