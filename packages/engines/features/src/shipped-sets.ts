import { expectOk } from '@monsta/core';
import { featureSet, type FeatureDeclaration, type FeatureSet } from './feature-set.ts';

const each = (feature: string, parameter: string, values: readonly number[]): readonly FeatureDeclaration[] =>
  values.map((value) => ({ feature, [parameter]: value }));

const CORE: readonly FeatureDeclaration[] = [
  ...each('log_return', 'bars', [1, 3, 6, 12, 24]),
  ...each('realized_volatility', 'bars', [12, 48]),
  { feature: 'relative_strength', period: 14 },
  ...each('ema_distance', 'period', [12, 24]),
  { feature: 'volume_ratio', bars: 24 },
  { feature: 'range_position', bars: 24 },
  { feature: 'hour_sine' },
  { feature: 'hour_cosine' },
];

const STANDARD: readonly FeatureDeclaration[] = [
  ...each('log_return', 'bars', [1, 2, 3, 6, 12, 24, 48, 96]),
  { feature: 'return_z', bars: 1, over: 48 },
  { feature: 'body_share' },
  ...each('realized_volatility', 'bars', [6, 24, 96]),
  { feature: 'volatility_ratio', short: 12, long: 96 },
  { feature: 'parkinson_volatility', bars: 24 },
  { feature: 'garman_klass_volatility', bars: 24 },
  ...each('relative_strength', 'period', [14, 48]),
  ...each('sma_distance', 'period', [20, 50, 100]),
  ...each('ema_distance', 'period', [12, 24, 48]),
  { feature: 'macd_line' },
  { feature: 'macd_histogram' },
  { feature: 'bollinger_position' },
  { feature: 'bollinger_width' },
  { feature: 'rsi' },
  { feature: 'atr_ratio' },
  { feature: 'adx' },
  { feature: 'directional_balance' },
  { feature: 'stochastic_k' },
  { feature: 'stochastic_d' },
  ...each('range_position', 'bars', [24, 96]),
  { feature: 'volume_ratio', bars: 24 },
  { feature: 'volume_z', bars: 48 },
  { feature: 'obv_change', bars: 24 },
  { feature: 'vwap_distance', bars: 24 },
  { feature: 'illiquidity' },
  { feature: 'hour_sine' },
  { feature: 'hour_cosine' },
  { feature: 'weekday_sine' },
  { feature: 'weekday_cosine' },
  { feature: 'realized_volatility', bars: 12, times: 4 },
  { feature: 'rsi', period: 7, times: 4 },
  { feature: 'range_position', bars: 14, times: 24 },
];

const FLOW: readonly FeatureDeclaration[] = [
  ...STANDARD,
  ...each('taker_imbalance', 'bars', [1, 12]),
  { feature: 'trade_count_ratio', bars: 24 },
  { feature: 'trade_size_ratio', bars: 24 },
  ...each('book_imbalance', 'bars', [1, 12]),
];

/** Fourteen columns of prices, volume and time of day: for models that need complete rows. */
export const CORE_SET: FeatureSet = expectOk(featureSet({ id: 'core', version: 1, features: CORE }));

/** Prices and volume over many windows, longer bars and the calendar: for tree models, which take what is missing. */
export const STANDARD_SET: FeatureSet = expectOk(featureSet({ id: 'standard', version: 1, features: STANDARD }));

/** The standard set with trade flow and the book, missing where they are not known. */
export const FLOW_SET: FeatureSet = expectOk(featureSet({ id: 'flow', version: 1, features: FLOW }));

/** The sets that ship, by id. */
export const FEATURE_SETS: ReadonlyMap<string, FeatureSet> = new Map(
  [CORE_SET, STANDARD_SET, FLOW_SET].map((set) => [set.id, set]),
);
