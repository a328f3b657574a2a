/** The thread that an optimisation within the running program is led from: bars are loaded, trials chosen and results reckoned here, and trials run on threads of its own. */
import { workerData } from 'node:worker_threads';
import { systemClock } from '@monsta/clock-system';
import { guardOf } from '../backtest/guarded-worker.ts';
import { BacktestStore } from '../backtest/store.ts';
import { Catalogs } from '../compose/catalog.ts';
import { executeOptimization } from './execute.ts';
import { OptimizationStore } from './store.ts';
import type { OptimizationThreadData } from './thread-protocol.ts';

const LOOK_EVERY_MS = 100;

async function run(data: OptimizationThreadData): Promise<void> {
  const { dataDir, id, role, catalog: limits, workers, stuckAfterMs, heapMbMax } = data;
  const { history, watch, canceled, progress, tell, fail } = guardOf<null>(data);
  const folder = new OptimizationStore(dataDir).open(id);
  if (!folder.ok) {
    fail(folder.fault);
    return;
  }
  const stop = new AbortController();
  const look = setInterval(() => {
    if (canceled()) stop.abort();
  }, LOOK_EVERY_MS);
  const catalogs = new Catalogs(dataDir, limits);
  const ended = await executeOptimization({
    ...{ folder: folder.value, role, catalogs, workers, stuckAfterMs, heapMbMax, watch },
    ...(history === null ? {} : { history }),
    backtests: new BacktestStore(dataDir),
    clock: systemClock(),
    signal: stop.signal,
    onProgress: ({ trials, trialsMax }) => progress(trials, trialsMax),
  });
  clearInterval(look);
  await catalogs.close();
  if (!ended.ok) fail(ended.fault);
  else tell(ended.value === null ? { kind: 'canceled' } : { kind: 'done', value: null });
}

await run(workerData as OptimizationThreadData);
(workerData as OptimizationThreadData).historyPort?.close();
