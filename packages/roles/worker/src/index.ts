export { workerConfigSchema } from './config.ts';
export { createWorker, type JobKind, type JobRun } from './worker.ts';
