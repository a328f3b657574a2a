/** What executors are told, without the executors: a configuration is checked by it, and loads nothing that trains. */
export { DEFAULT_LOGISTIC_OPTIONS, type LogisticOptions } from './logistic-options.ts';
export { LIGHTGBM_DEFAULTS, XGBOOST_DEFAULTS, type BoostingParams } from './trees/boosting-params.ts';
export { FOREST_DEFAULTS, forestParams, type ForestParams } from './trees/forest-params.ts';
export { lightgbmParams } from './trees/lightgbm-params.ts';
export { nearestName } from './trees/nearest-name.ts';
export * from './trees/parameters-of-prices.ts';
export { xgboostParams } from './trees/xgboost-params.ts';
