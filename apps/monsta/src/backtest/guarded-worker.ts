/** For within a guarded thread: how it gives way, tells and is told to end. */
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { systemClock } from '@monsta/clock-system';
import { fault, type Fault } from '@monsta/core';
import type { MarketHistory } from '@monsta/ports';
import type { StrategyWatch } from '@monsta/trading/strategy-watch';
import { remoteMarketHistory } from '../runtime/history-bridge.ts';
import { strategyCallRecorder } from '../trading-thread/strategy-calls.ts';
import type { FromGuardedThread, GuardData } from './guarded-thread.ts';

const PROGRESS_EVERY_MS = 100;
const HISTORY_TIMEOUT_MS = 30_000;

/** What a guarded thread has for its work. */
export interface Guard<T> {
  /** What the running program collects; null where there is none. */
  readonly history: MarketHistory | null;
  readonly watch: StrategyWatch;
  readonly canceled: () => boolean;
  /** Told some times a second at most, and at the end. */
  readonly progress: (done: number, total: number) => void;
  readonly tell: (message: FromGuardedThread<T>) => void;
  readonly fail: (given: Fault) => void;
}

export function guardOf<T>({ cancel, strategyCalls, historyPort, background }: GuardData): Guard<T> {
  // Linux alone knows priorities of threads, which those that a thread begins have too: elsewhere this would slow the whole program down.
  if (background && process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  const flag = new Int32Array(cancel);
  const tell = (message: FromGuardedThread<T>): void => parentPort?.postMessage(message);
  let toldMs = -Infinity;
  return {
    history: historyPort === null ? null : remoteMarketHistory(historyPort, systemClock(), HISTORY_TIMEOUT_MS),
    watch: strategyCallRecorder(strategyCalls),
    canceled: () => Atomics.load(flag, 0) === 1,
    progress(done, total) {
      const nowMs = performance.now();
      if (nowMs - toldMs < PROGRESS_EVERY_MS && done < total) return;
      toldMs = nowMs;
      tell({ kind: 'progress', done, total });
    },
    tell,
    fail({ code, message, retry, details }) {
      // A cause may be anything, and need not survive the way between threads.
      tell({ kind: 'failed', fault: fault(code, message, { retry, ...(details === undefined ? {} : { details }) }) });
    },
  };
}
