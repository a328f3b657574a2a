import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { ok, type Result } from '@monsta/core';
import { openLocalJobs } from '@monsta/jobs-local';
import type { Clock, EventStream, MarketHistory, Role, Telemetry } from '@monsta/ports';
import { createWorker } from '@monsta/worker';
import { Desk } from '../backtest-desk/desk.ts';
import { backtestJob } from '../backtest-desk/job.ts';
import { OptimizationsDesk } from '../backtest-desk/optimization-desk.ts';
import { optimizationJob } from '../backtest-desk/optimization-job.ts';
import { Places } from '../backtest-desk/places.ts';
import { ShelfThread } from '../backtest-desk/shelf-thread.ts';
import { SpecResolver } from '../backtest-desk/spec-resolver.ts';
import { BacktestStore } from '../backtest/store.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { strategyEntries } from '../config/strategies.ts';
import { StoredData } from '../data-desk/desk.ts';
import { OptimizationStore } from '../optimize/store.ts';
import { measureParityDaily, parityJob } from '../parity/parity-job.ts';
import type { DataDirectory } from '../runtime/data-directory.ts';

export interface BacktestParts {
  readonly config: MonstaConfig;
  readonly directory: DataDirectory;
  readonly history: MarketHistory;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Whose trades are held against a backtest each day; null where nothing is traded here. */
  readonly account: { readonly id: string; readonly journal: string } | null;
}

export interface OpenedBacktests {
  readonly desk: Desk;
  readonly optimizations: OptimizationsDesk;
  readonly data: StoredData;
  /** Does the jobs; null where the program runs without that role. */
  readonly worker: Role | null;
  close(): Promise<void>;
}

/** Reading results and looking at strategy files. */
const SHELF_CALL_MS_MAX = 15_000;
/** Also the first call of a strategy, in which its file is read and compiled. */
const STRATEGY_CALL_MS_MAX = 10_000;

/** The queue of long jobs, the worker that does them, and the desk that the API asks. Fault `jobs_unavailable`. */
export function openBacktests(parts: BacktestParts): Result<OpenedBacktests> {
  const { config, directory, history, stream, clock, telemetry } = parts;
  const { dataDir, worker, backtests, trading, catalog } = config;
  const jobs = openLocalJobs({ path: directory.file('jobs.sqlite'), clock, ...worker });
  if (!jobs.ok) return jobs;
  const takesJobs = config.roles.includes('worker');
  const logger = telemetry.logger.child({ role: 'worker' });
  const store = new BacktestStore(dataDir);
  const shelf = new ShelfThread({ dataDir, clock, logger, callMsMax: SHELF_CALL_MS_MAX });
  const configured = strategyEntries(trading.strategies).map(({ id, strategy }) => ({
    // Where its file has it, the name is known only once that is loaded: the file's own stands for it.
    id: id ?? basename(strategy),
    strategy,
  }));
  const places = new Places({ ...backtests, configured });
  const { attemptsMax, memoryMbMax } = backtests;
  const resolver = new SpecResolver({ places, shelf, history });
  const optimizationStore = new OptimizationStore(dataDir);
  const asked = { shelf, places, resolver, takesJobs, clock, attemptsMax, jobs: jobs.value };
  const desk = new Desk({ ...asked, store, history, stream, logger });
  const optimizations = new OptimizationsDesk({ ...asked, store: optimizationStore });
  const data = new StoredData({ dataDir, shelf, clock, catalog, config: config.description });
  const runs = {
    ...{ dataDir, history, clock, memoryMbMax, catalog },
    role: trading.role,
    callMsMax: Math.max(STRATEGY_CALL_MS_MAX, trading.strategyCallMsMax),
  };
  const spareCores = Math.max(1, availableParallelism() - 1);
  const long = [
    backtestJob({ ...runs, store }),
    optimizationJob({ ...runs, store: optimizationStore, workers: backtests.optimizationThreads ?? spareCores }),
  ];
  const parity =
    parts.account === null
      ? null
      : parityJob({
          journal: parts.account.journal,
          directory: directory.file('parity'),
          logger,
          metrics: telemetry.metrics,
        });
  const daily =
    parts.account === null || !takesJobs
      ? null
      : measureParityDaily(jobs.value, { accountId: parts.account.id, clock, logger });
  const role = takesJobs
    ? createWorker({
        jobs: jobs.value,
        kinds: parity === null ? long : [...long, parity],
        clock,
        telemetry: { ...telemetry, logger },
        config: { ...worker, jobsAtOnce: worker.jobsAtOnce ?? spareCores },
      })
    : null;
  return ok({
    desk,
    optimizations,
    data,
    worker: role,
    async close() {
      daily?.close();
      desk.close();
      optimizations.close();
      await data.close();
      await shelf.close();
      await jobs.value.close();
    },
  });
}
