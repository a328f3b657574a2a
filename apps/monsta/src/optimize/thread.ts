import type { AiTradingConfig } from '@monsta/ai-trading/config';
import { ok, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { startGuardedThread, type GuardData, type GuardedThread, type Within } from '../backtest/guarded-thread.ts';
import type { CatalogConfig } from '../config/catalog.ts';
import { failOptimization } from './execute.ts';
import type { OptimizationFolder } from './store.ts';
import type { OptimizationThreadData } from './thread-protocol.ts';

export interface OptimizationThreadOptions {
  readonly dataDir: string;
  /** A folder of that data directory, with its specification; trials that are in it are not run again. */
  readonly folder: OptimizationFolder;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** `catalog` of the configuration. */
  readonly catalog: CatalogConfig;
  readonly clock: Clock;
  readonly callMsMax: number;
  /** Threads that run trials, beside the one that leads them. */
  readonly workers: number;
  readonly within: Within;
  onProgress(done: number, total: number): void;
}

/** Runs the optimisation of a folder from a thread of its own; its faults are those of `executeOptimization` too. The folder's summary tells the same. Faults `optimization_running`, `optimization_damaged`. */
export function startOptimizationThread(options: OptimizationThreadOptions): Result<GuardedThread<null>> {
  const { dataDir, folder, role, catalog, clock, callMsMax, workers, within } = options;
  const stored = folder.stored();
  if (!stored.ok) return stored;
  const taken = folder.take();
  if (!taken.ok) return taken;
  const data: Omit<OptimizationThreadData, keyof GuardData> = {
    ...{ dataDir, id: folder.id, role, catalog, workers },
    ...{ stuckAfterMs: callMsMax, heapMbMax: within.memoryMbMax },
  };
  return ok(
    startGuardedThread<null>({
      ...{ url: new URL('./thread-worker.ts', import.meta.url), kind: 'optimization', noun: 'optimisation' },
      ...{ strategy: stored.value.spec.backtest.strategy, data, clock, callMsMax, within },
      onProgress: (done, total) => options.onProgress(done, total),
      onLost(fault) {
        // Whoever removed it meanwhile wants to hear nothing more.
        const kept = folder.stored();
        if (kept.ok) failOptimization({ folder, clock }, kept.value, fault);
      },
      onGone: () => taken.value.release(),
    }),
  );
}
