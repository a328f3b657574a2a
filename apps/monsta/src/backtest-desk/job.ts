import type { AiTradingConfig } from '@monsta/ai-trading/config';
import { err, ok, type Result } from '@monsta/core';
import type { Clock, MarketHistory } from '@monsta/ports';
import type { JobKind, JobRun } from '@monsta/worker';
import type { CatalogConfig } from '../config/catalog.ts';
import type { RunFolder } from '../backtest/run-folder.ts';
import type { BacktestStore } from '../backtest/store.ts';
import { startRunThread, type RunThreadEnd } from '../backtest/thread.ts';
import { endedJobThread } from './job-thread.ts';

export interface BacktestJobOptions {
  readonly dataDir: string;
  readonly store: BacktestStore;
  /** `trading.role` of the configuration. */
  readonly role: AiTradingConfig;
  /** `catalog` of the configuration. */
  readonly catalog: CatalogConfig;
  readonly history: MarketHistory;
  readonly clock: Clock;
  readonly memoryMbMax: number;
  /** A call of a strategy that takes longer is taken for one that never returns. */
  readonly callMsMax: number;
}

/** Backtests, each on a thread of its own. A job has the id of its run, whose folder holds the specification; one that was interrupted goes on from its checkpoint. */
export function backtestJob(options: BacktestJobOptions): JobKind {
  async function run(folder: RunFolder, job: JobRun): Promise<Result<RunThreadEnd>> {
    const { dataDir, role, catalog, history, clock, memoryMbMax, callMsMax } = options;
    const thread = startRunThread({
      ...{ dataDir, folder, role, catalog, clock, callMsMax },
      createdMs: folder.summary()?.createdMs ?? 0,
      within: { history, memoryMbMax },
      onProgress: (done, total) => job.progress({ share: total === 0 ? 0 : done / total, note: { done, total } }),
    });
    return thread.ok ? endedJobThread(thread.value, job) : thread;
  }

  return {
    name: 'backtest',
    async run(job) {
      const folder = options.store.open(job.id);
      if (!folder.ok) return folder;
      let ended = await run(folder.value, job);
      if (!ended.ok && ended.fault.code === 'backtest_changed') {
        // What it began on is gone: bars that were collected, a strategy file. It begins anew, on what is there now.
        folder.value.dropCheckpoint();
        ended = await run(folder.value, job);
      }
      if (!ended.ok) return ended;
      if (ended.value.kind === 'canceled') return err('backtest_canceled', 'it was ended before its last bar');
      return ok(folder.value.summary());
    },
  };
}
