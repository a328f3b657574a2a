import type { AiTradingConfig } from '@monsta/ai-trading/config';
import { err, ok, type Result } from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import type { JobKind, JobRun } from '@monsta/worker';
import type { GuardedEnd } from '../backtest/guarded-thread.ts';
import type { CatalogConfig } from '../config/catalog.ts';
import type { OptimizationFolder, OptimizationStore } from '../optimize/store.ts';
import { startOptimizationThread } from '../optimize/thread.ts';
import { endedJobThread } from './job-thread.ts';

export interface OptimizationJobOptions {
  readonly dataDir: string;
  readonly store: OptimizationStore;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** `catalog` of the configuration. */
  readonly catalog: CatalogConfig;
  readonly history: MarketHistory;
  readonly clock: Clock;
  readonly memoryMbMax: number;
  /** A call of a strategy that takes longer is taken for one that never returns. */
  readonly callMsMax: number;
  /** Threads that run trials. */
  readonly workers: number;
}

/** Optimisations, each led from a thread of its own. A job has the id of its folder; one that was interrupted goes on with the trials that it has. */
export function optimizationJob(options: OptimizationJobOptions): JobKind {
  async function run(folder: OptimizationFolder, job: JobRun): Promise<Result<GuardedEnd<null>>> {
    const { history, memoryMbMax, dataDir, role, catalog, clock, callMsMax, workers } = options;
    const thread = startOptimizationThread({
      ...{ dataDir, folder, role, catalog, clock, callMsMax, workers },
      within: { history, memoryMbMax },
      onProgress: (done, total) => job.progress({ share: total === 0 ? 0 : done / total, note: { done, total } }),
    });
    return thread.ok ? endedJobThread(thread.value, job) : thread;
  }

  return {
    name: 'optimization',
    async run(job) {
      const folder = options.store.open(job.id);
      if (!folder.ok) return folder;
      let ended = await run(folder.value, job);
      const stored = folder.value.stored();
      if (!ended.ok && ended.fault.code === 'optimization_changed' && stored.ok) {
        // What it began on is gone: bars that were collected, a strategy file. It begins anew, on what is there now.
        folder.value.beginAnew(stored.value);
        ended = await run(folder.value, job);
      }
      if (!ended.ok) return ended;
      if (ended.value.kind === 'canceled') return err('optimization_canceled', 'it was ended before its last trial');
      return ok(folder.value.summary());
    },
  };
}
