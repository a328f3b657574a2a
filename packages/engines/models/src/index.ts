export { type Estimate } from './block-bootstrap.ts';
export { calibrationSteps } from './calibration.ts';
export * from './evaluation.ts';
export * from './executor.ts';
export * from './logistic-codec.ts';
export * from './logistic-regression.ts';
export { calibrate, type PlattCalibration } from './platt.ts';
export * from './trees/tree-ensemble.ts';
export * from './walk-forward.ts';
