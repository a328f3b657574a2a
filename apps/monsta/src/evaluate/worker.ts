/** The thread of one evaluation: nothing else waits for it, and it can be ended where a user's feature never returns. */
import { workerData } from 'node:worker_threads';
import { guardOf } from '../backtest/guarded-worker.ts';
import type { GuardData } from '../backtest/guarded-thread.ts';
import { Catalogs } from '../compose/catalog.ts';
import type { EvaluationDocument } from './document.ts';
import { runEvaluation } from './run.ts';
import type { EvaluationThreadData } from './thread.ts';

/** Progress is told in so many parts. */
const PARTS = 1_000;

async function run(data: EvaluationThreadData & GuardData): Promise<void> {
  const { dataDir, catalog, request } = data;
  const { watch, canceled, progress, tell, fail } = guardOf<EvaluationDocument>(data);
  const catalogs = new Catalogs(dataDir, catalog);
  const evaluated = await runEvaluation(request, {
    ...{ dataDir, catalogs, canceled },
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    progress: (share) => progress(Math.floor(PARTS * share), PARTS),
    guarded(work) {
      watch.enter(0, 'setup');
      try {
        return work();
      } finally {
        watch.leave();
      }
    },
    async guardedLoad(load) {
      watch.enter(0, 'setup');
      try {
        return await load();
      } finally {
        watch.leave();
      }
    },
  });
  await catalogs.close();
  if (evaluated.ok) tell({ kind: 'done', value: evaluated.value });
  else if (evaluated.fault.code === 'evaluation_canceled') tell({ kind: 'canceled' });
  else fail(evaluated.fault);
}

await run(workerData as EvaluationThreadData & GuardData);
