import { MessageChannel, Worker } from 'node:worker_threads';
import type { AiTradingConfig } from '@monsta/ai-trading';
import { err, msFromUs, ok, type Result } from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import { serveMarketHistory } from '../runtime/history-bridge.ts';
import type { CatalogConfig } from '../config/catalog.ts';
import { sharedStrategyCalls, StrategyCallWatch, type StuckCall } from '../trading-thread/strategy-calls.ts';
import { fail } from './execute.ts';
import type { FromRunThread, RunThreadData } from './protocol.ts';
import type { RunFolder } from './run-folder.ts';

export interface RunThreadOptions {
  readonly dataDir: string;
  /** A folder of that data directory, with its specification; what is begun in it goes on. */
  readonly folder: RunFolder;
  readonly createdMs: number;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** `catalog` of the configuration. */
  readonly catalog: CatalogConfig;
  readonly clock: Clock;
  /** A call of the strategy that takes longer is taken for one that never returns. */
  readonly callMsMax: number;
  /** For a run within a program that does other things: it gives way to them, reads what they collect, and may take so much memory for its objects. */
  readonly within?: { readonly history: MarketHistory; readonly memoryMbMax: number };
  onProgress(done: number, total: number): void;
}

/** How a run ended. */
export type RunThreadEnd =
  | {
      readonly kind: 'done';
      /** The strategy threw on the way: the result is that of a part. */ readonly strategyFailed: boolean;
    }
  /** Its checkpoint is kept: the same folder run again goes on. */
  | { readonly kind: 'canceled' };

/** A backtest on a thread of its own. */
export interface RunThread {
  /** Faults: those of `executeBacktest`; `strategy_stuck`: the strategy did not return; `backtest_broken`: the thread died. The folder's summary tells the same. */
  readonly ended: Promise<Result<RunThreadEnd>>;
  /** Ends it at the next look, some times a second. */
  cancel(): void;
}

/** Runs the backtest of a folder. Fault `backtest_running`: somebody else does already. */
export function startRunThread(options: RunThreadOptions): Result<RunThread> {
  const { dataDir, folder, createdMs, role, catalog, clock, callMsMax } = options;
  const taken = folder.take();
  if (!taken.ok) return taken;
  const cancel = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const strategyCalls = sharedStrategyCalls();
  const { within } = options;
  const bridge = within === undefined ? null : new MessageChannel();
  if (within !== undefined && bridge !== null) serveMarketHistory(bridge.port1, within.history);
  const data: RunThreadData = {
    ...{ dataDir, id: folder.id, createdMs, role, catalog, cancel, strategyCalls },
    historyPort: bridge?.port2 ?? null,
    background: within !== undefined,
  };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: data,
    transferList: bridge === null ? [] : [bridge.port2],
    name: 'backtest',
    ...(within === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: within.memoryMbMax } }),
  });
  const ended = new Promise<Result<RunThreadEnd>>((resolve) => {
    let over = false;
    const end = (result: Result<RunThreadEnd>, told: boolean): void => {
      if (over) return;
      over = true;
      watch.stop();
      bridge?.port1.close();
      void worker.terminate().then(() => {
        const spec = folder.spec();
        if (!result.ok && !told && spec.ok)
          fail({ folder, createdMs }, spec.value.spec, { nowMs: () => msFromUs(clock.nowUs()) }, result.fault);
        taken.value.release();
        resolve(result);
      });
    };
    const watch = new StrategyCallWatch(strategyCalls, {
      clock,
      callMsMax,
      onStuck: (call) => end(stuck(call, folder), false),
    });
    worker.on('message', (message: FromRunThread) => {
      switch (message.kind) {
        case 'progress':
          options.onProgress(message.done, message.total);
          return;
        case 'failed':
          end({ ok: false, fault: message.fault }, true);
          return;
        case 'done':
        case 'canceled':
          end(ok(message), true);
      }
    });
    const died = (why: string): void => end(err('backtest_broken', `the thread of the backtest died: ${why}`), false);
    worker.on('error', (error) => {
      const outOfMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (outOfMemory)
        end(err('backtest_memory', `the backtest wanted more than its ${within?.memoryMbMax} MB`), false);
      else died(error instanceof Error ? (error.stack ?? error.message) : String(error));
    });
    worker.on('exit', (code) => died(`it exited with code ${code}`));
  });
  return ok({
    ended,
    cancel: () => {
      Atomics.store(new Int32Array(cancel), 0, 1);
    },
  });
}

function stuck({ handler, call, ranMs }: StuckCall, folder: RunFolder): Result<never> {
  const spec = folder.spec();
  const name = spec.ok ? spec.value.spec.strategy : 'the strategy';
  const where = handler === 'setup' ? 'while it was loaded or set up' : `in ${handler}, its call number ${call}`;
  return err(
    'strategy_stuck',
    `${name} did not return ${where}: it had run for ${(ranMs / 1_000).toFixed(1)} s, and was cut off. Look for a loop without an end there`,
  );
}
