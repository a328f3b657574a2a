/** The thread of one backtest: nothing else waits for it, and it can be ended from outside where a strategy never returns. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '@monsta/clock-system';
import { fault } from '@monsta/core';
import { Catalogs } from '../compose/catalog.ts';
import { remoteMarketHistory } from '../runtime/history-bridge.ts';
import { strategyCallRecorder } from '../trading-thread/strategy-calls.ts';
import { executeBacktest } from './execute.ts';
import type { FromRunThread, RunThreadData } from './protocol.ts';
import { BacktestStore } from './store.ts';

const PROGRESS_EVERY_MS = 100;
const HISTORY_TIMEOUT_MS = 30_000;

const tell = (message: FromRunThread): void => parentPort?.postMessage(message);

/** Linux alone knows priorities of threads: elsewhere this would slow the whole program down. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}

async function run(data: RunThreadData): Promise<void> {
  const { dataDir, id, createdMs, role, catalog: limits, cancel, strategyCalls, historyPort } = data;
  if (data.background) giveWay();
  const store = new BacktestStore(dataDir);
  const folder = store.open(id);
  if (!folder.ok) {
    tell({ kind: 'failed', fault: folder.fault });
    return;
  }
  const flag = new Int32Array(cancel);
  let toldMs = -Infinity;
  const catalogs = new Catalogs(dataDir, limits);
  const ended = await executeBacktest(
    {
      ...{ store, folder: folder.value, role, createdMs, catalogs },
      history: historyPort === null ? null : remoteMarketHistory(historyPort, systemClock(), HISTORY_TIMEOUT_MS),
    },
    {
      monotonicMs: () => performance.now(),
      nowMs: () => Date.now(),
      canceled: () => Atomics.load(flag, 0) === 1,
      watch: strategyCallRecorder(strategyCalls),
      progress(done, total) {
        const nowMs = performance.now();
        if (nowMs - toldMs < PROGRESS_EVERY_MS && done < total) return;
        toldMs = nowMs;
        tell({ kind: 'progress', done, total });
      },
    },
  );
  await catalogs.close();
  if (!ended.ok) {
    // A cause may be anything, and need not survive the way between threads.
    const { code, message, retry, details } = ended.fault;
    tell({ kind: 'failed', fault: fault(code, message, { retry, ...(details === undefined ? {} : { details }) }) });
  } else if (ended.value.canceled) tell({ kind: 'canceled' });
  else tell({ kind: 'done', strategyFailed: ended.value.kept.strategyFailed });
}

await run(workerData as RunThreadData);
(workerData as RunThreadData).historyPort?.close();
