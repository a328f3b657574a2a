import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { sharedStrategyCalls, StrategyCallWatch } from '../../trading-thread/strategy-calls.ts';
import type { ChecksReport, ChecksThreadData, FromChecksThread } from './protocol.ts';

export interface ChecksOptions extends Omit<ChecksThreadData, 'strategyCalls'> {
  readonly clock: Clock;
  /** A call of the strategy that takes longer is taken for one that never returns. */
  readonly callMsMax: number;
  onProgress(this: void, done: number, total: number): void;
}

/**
 * Runs a strategy again and again on altered data, on a thread of its own, and tells what came out otherwise. Faults: those of `prepareBacktest`; `backtest_data`: too little of it;
 * `strategy_stuck`: the strategy did not return; `backtest_broken`: the thread died.
 */
export function runChecks({ clock, callMsMax, onProgress, ...given }: ChecksOptions): Promise<Result<ChecksReport>> {
  const strategyCalls = sharedStrategyCalls();
  const data: ChecksThreadData = { ...given, strategyCalls };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: data, name: 'checks' });
  return new Promise((resolve) => {
    let over = false;
    const end = (result: Result<ChecksReport>): void => {
      if (over) return;
      over = true;
      watch.stop();
      void worker.terminate().then(() => resolve(result));
    };
    const watch = new StrategyCallWatch(strategyCalls, {
      clock,
      callMsMax,
      onStuck: ({ handler, ranMs }) =>
        end(
          err(
            'strategy_stuck',
            `${given.spec.strategy} did not return from ${handler} within ${(ranMs / 1_000).toFixed(1)} s, and was cut off. Look for a loop without an end there`,
          ),
        ),
    });
    worker.on('message', (message: FromChecksThread) => {
      if (message.kind === 'progress') onProgress(message.done, message.total);
      else end(message.kind === 'done' ? ok(message.report) : { ok: false, fault: message.fault });
    });
    const died = (why: string): void => end(err('backtest_broken', `the thread of the checks died: ${why}`));
    worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    worker.on('exit', (code) => died(`it exited with code ${code}`));
  });
}
