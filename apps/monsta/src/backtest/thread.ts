import type { AiTradingConfig } from '@monsta/ai-trading/config';
import { msFromUs, ok, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import type { CatalogConfig } from '../config/catalog.ts';
import {
  startGuardedThread,
  type GuardData,
  type GuardedEnd,
  type GuardedThread,
  type Within,
} from './guarded-thread.ts';
import type { RunDone, RunThreadData } from './protocol.ts';
import type { RunFolder } from './run-folder.ts';
import { fail } from './run-summary.ts';

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
  readonly within?: Within;
  onProgress(done: number, total: number): void;
}

/** How a run ended. Of one that was canceled the checkpoint is kept: the same folder run again goes on. */
export type RunThreadEnd = GuardedEnd<RunDone>;

/** Runs the backtest of a folder on a thread of its own; its faults are those of `executeBacktest` too. The folder's summary tells the same. Fault `backtest_running`: somebody else does already. */
export function startRunThread(options: RunThreadOptions): Result<GuardedThread<RunDone>> {
  const { dataDir, folder, createdMs, role, catalog, clock, callMsMax, within } = options;
  const taken = folder.take();
  if (!taken.ok) return taken;
  const stored = folder.spec();
  const data: Omit<RunThreadData, keyof GuardData> = { dataDir, id: folder.id, createdMs, role, catalog };
  return ok(
    startGuardedThread<RunDone>({
      ...{ url: new URL('./worker.ts', import.meta.url), kind: 'backtest', noun: 'backtest' },
      strategy: stored.ok ? stored.value.spec.strategy : 'the strategy',
      ...{ data, clock, callMsMax },
      ...(within === undefined ? {} : { within }),
      onProgress: (done, total) => options.onProgress(done, total),
      onLost(fault) {
        // Whoever removed it meanwhile wants to hear nothing more.
        const kept = folder.spec();
        if (kept.ok) fail({ folder, createdMs }, kept.value.spec, msFromUs(clock.nowUs()), fault);
      },
      onGone: () => taken.value.release(),
    }),
  );
}
