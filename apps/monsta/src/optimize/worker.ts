/** A thread of an optimisation. */
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';
import type { TrialThreadData } from './protocol.ts';

// Each thread compiles hundreds of modules before its first bar. What that comes to is kept for those that follow, in the machine's folder for temporary files; not with NODE_DISABLE_COMPILE_CACHE=1.
enableCompileCache();
const { serveTrials } = await import('./serve-trials.ts');
await serveTrials(workerData as TrialThreadData);
