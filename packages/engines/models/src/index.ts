export { type Estimate } from './block-bootstrap.ts';
export * from './evaluation.ts';
export * from './executor.ts';
export * from './logistic-codec.ts';
export * from './logistic-regression.ts';
export * from './walk-forward.ts';
