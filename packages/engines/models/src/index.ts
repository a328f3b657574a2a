export { type Estimate } from './block-bootstrap.ts';
export { calibrationSteps } from './calibration.ts';
export * from './comparison.ts';
export * from './evaluation.ts';
export * from './evaluation/index.ts';
export * from './executor.ts';
export * from './logistic-codec.ts';
export * from './logistic-model.ts';
export * from './logistic-regression.ts';
export { calibrate, type PlattCalibration } from './platt.ts';
export { importanceOf, type ImportanceKind } from './trees/importance.ts';
export { readLightgbmText } from './trees/lightgbm-text.ts';
export { writeLightgbmText } from './trees/lightgbm-writer.ts';
export { readTreeModel } from './trees/read-tree-model.ts';
export { treeExplainer, type TreeExplainer } from './trees/shap.ts';
export { decodeTreeModel, encodeTreeModel } from './trees/trees-codec.ts';
export { readXgboostJson } from './trees/xgboost-json.ts';
export { writeXgboostJson } from './trees/xgboost-writer.ts';
export { treePredictor, type RowValues, type TreePredictor } from './trees/predictor.ts';
export { linkOf, type TreeLink } from './trees/objective.ts';
export { forestExecutor, forestReturnExecutor } from './trees/forest-executor.ts';
export {
  forestGroundSteps,
  forestTaskOf,
  type ForestGround,
  type ForestLane,
  type ForestPlot,
} from './trees/forest-ground.ts';
export * from './preprocessed-executor.ts';
export * from './ridge-regression.ts';
export { ForestTreeGrower, type GrownTree } from './trees/forest-tree.ts';
export {
  forestOutcomeSteps,
  trainForestSteps,
  type ForestOutcome,
  type ForestProgress,
  type OutOfBagScore,
} from './trees/forest.ts';
export { tableScores, type TableScores } from './trees/table-scores.ts';
export * from './trees/boosting.ts';
export { serveTreeThread, type TreeShared, type TreeThreads } from './trees/tree-crew.ts';
export * from './trees/training-table.ts';
export * from './trees/tree-ensemble.ts';
export * from './trees/tree-executors.ts';
export { TreeMemory } from './trees/tree-memory.ts';
export * from './walk-forward.ts';
