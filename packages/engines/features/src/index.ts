import { CORE_SET } from './shipped-sets.ts';

export * from './bar-columns.ts';
export { FEATURE_FAMILIES } from './catalogue/index.ts';
export * from './dataset.ts';
export type { FeatureDefinition, FeatureFamily, FeatureKind } from './feature-definition.ts';
export * from './feature-matrix.ts';
export * from './feature-set.ts';
export * from './feature-stream.ts';
export * from './indicators.ts';
export * from './labels.ts';
export * from './leak-gate.ts';
export type { MissingPolicy } from './missing.ts';
export * from './preprocessing/index.ts';
export * from './shipped-sets.ts';
export * from './steps.ts';
export * from './unknown-flow.ts';

/** Contiguous closed bars that a row of the core set is made of. */
export const LOOKBACK_BARS = CORE_SET.warmUpBars;
