export { createWorker, type JobKind, type WorkerOptions } from './worker.ts';
