import { Worker } from 'node:worker_threads';
import type { TreeThreads } from '@monsta/models';

/** Worker threads that help training; they sleep when nothing is trained, and end with the process. */
export function spawnTreeThreads(helpers: number): TreeThreads {
  const workers = Array.from({ length: helpers }, () => {
    const worker = new Worker(new URL('tree-thread.ts', import.meta.url));
    worker.unref();
    return worker;
  });
  return {
    helpers,
    join(shared) {
      for (const worker of workers) worker.postMessage(shared);
    },
  };
}
