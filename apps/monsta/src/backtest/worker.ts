/** The thread of one backtest: nothing else waits for it, and it can be ended from outside where a strategy never returns. */
import { workerData } from 'node:worker_threads';
import { Catalogs } from '../compose/catalog.ts';
import { executeBacktest } from './execute.ts';
import { guardOf } from './guarded-worker.ts';
import type { RunDone, RunThreadData } from './protocol.ts';
import { BacktestStore } from './store.ts';

async function run(data: RunThreadData): Promise<void> {
  const { dataDir, id, createdMs, role, catalog: limits } = data;
  const { history, watch, canceled, progress, tell, fail } = guardOf<RunDone>(data);
  const store = new BacktestStore(dataDir);
  const folder = store.open(id);
  if (!folder.ok) {
    fail(folder.fault);
    return;
  }
  const catalogs = new Catalogs(dataDir, limits);
  const ended = await executeBacktest(
    { store, folder: folder.value, role, createdMs, catalogs, history },
    { monotonicMs: () => performance.now(), nowMs: () => Date.now(), canceled, watch, progress },
  );
  await catalogs.close();
  if (!ended.ok) fail(ended.fault);
  else if (ended.value.canceled) tell({ kind: 'canceled' });
  else tell({ kind: 'done', value: { strategyFailed: ended.value.kept.strategyFailed } });
}

await run(workerData as RunThreadData);
(workerData as RunThreadData).historyPort?.close();
