export { decodePipeline } from './decode.ts';
export {
  applyPipeline,
  fitPipeline,
  pipelineDeclaration,
  pipelineRow,
  trainingRows,
  type FittedPipeline,
  type StepDeclaration,
} from './pipeline.ts';
export type { LabelledTable, Table } from './step.ts';
