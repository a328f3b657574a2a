export * from './bar-columns.ts';
export * from './dataset.ts';
export { FEATURE_COUNT, FEATURE_NAMES, LOOKBACK_BARS } from './feature-set.ts';
export * from './feature-stream.ts';
export * from './indicators/index.ts';
export * from './indicators.ts';
export * from './steps.ts';
