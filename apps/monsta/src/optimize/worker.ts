/** A thread of an optimisation. */
import { workerData } from 'node:worker_threads';
import { keepCompiledCode } from '../runtime/compiled-code.ts';
import type { TrialThreadData } from './protocol.ts';

keepCompiledCode();
const { serveTrials } = await import('./serve-trials.ts');
await serveTrials(workerData as TrialThreadData);
