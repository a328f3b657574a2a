import { parentPort } from 'node:worker_threads';
import { serveCrew, serveTreeThread, type TreeShared } from './tree-crew.ts';
import { scattered, stressTask, type StressShared } from './tree-stress.test-support.ts';

/** The file that test threads run. It is not imported: a thread of the test runner would answer, too. */
parentPort?.on('message', (shared: TreeShared | StressShared) => {
  if ('memory' in shared) return parentPort?.postMessage(serveTreeThread(shared));
  const { control, words, seed } = shared;
  return parentPort?.postMessage(serveCrew(scattered(control, seed), stressTask(words, seed + 1)));
});
parentPort?.postMessage('ready');
