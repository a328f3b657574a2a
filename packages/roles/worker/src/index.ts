export { createWorker, type JobKind, type JobRun } from './worker.ts';
