/** A thread of an optimisation. */
import { workerData } from 'node:worker_threads';
import type { TrialThreadData } from './protocol.ts';
import { serveTrials } from './serve-trials.ts';

await serveTrials(workerData as TrialThreadData);
