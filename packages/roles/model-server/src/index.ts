export type { DeclaredSets } from './feature-sets.ts';
export { createModelServer, type ModelServerOptions } from './model-server.ts';
export { createMemoryShelf, type ModelShelf } from './model-shelf.ts';
export { trainingCanceled, type Trainer } from './trainer.ts';
export { trainingSteps, type TrainingResult, type TrainingTask } from './training.ts';
