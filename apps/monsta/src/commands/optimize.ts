import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { systemClock } from '@monsta/clock-system';
import type { OptimizationResult } from '@monsta/contracts';
import { err, msFromUs, ok, type Fault, type Result } from '@monsta/core';
import { ProgressLine } from '../backtest/progress-line.ts';
import { specFromFlags, withPaths } from '../backtest/spec-from-flags.ts';
import { BacktestStore } from '../backtest/store.ts';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { Catalogs } from '../compose/catalog.ts';
import { configExitCode } from '../config/load.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { executeOptimization, prepareOptimization } from '../optimize/execute.ts';
import { optimizationSpecFrom } from '../optimize/spec-from-flags.ts';
import { OptimizationStore, type OptimizationFolder } from '../optimize/store.ts';
import { optimizationText } from '../optimize/summary-text.ts';
import { untilAsked } from '../runtime/signals.ts';
import { configurationFrom } from './configuration-flags.ts';

const clock = systemClock();

/** Faults of the run itself; all others say that it can't be run as asked, which is bad usage. */
const RUN_FAULTS: ReadonlySet<string> = new Set([
  'optimization_broken',
  'optimization_canceled',
  'optimization_changed',
  'optimization_damaged',
  'optimization_running',
  'optimization_store',
]);

/** Memory of a strategy's objects in one thread. */
const HEAP_MB_MAX = 2_048;

/** Flags that may stand beside `--resume`. */
const RESUME_FLAGS: ReadonlySet<string> = new Set([
  ...['resume', 'workers', 'stuck-after-s', 'config', 'data-dir', 'log-level', 'json', 'help', 'argument'],
]);

function wholeNumber(flags: FlagValues, name: string, otherwise: number, most: number): Result<number> {
  const given = textOf(flags, name);
  if (given === null) return ok(otherwise);
  const value = Number(given);
  if (Number.isInteger(value) && value >= 1 && value <= most) return ok(value);
  return err('flag_invalid', `--${name} '${given}' is no whole number from 1 to ${most}`);
}

/** What it is run with. */
interface Means {
  readonly catalogs: Catalogs;
  readonly workers: number;
  readonly stuckAfterMs: number;
}

/** A new folder, once it is known that what is asked for can be done. */
async function begun(
  flags: FlagValues,
  store: OptimizationStore,
  { trading }: MonstaConfig,
  catalogs: Catalogs,
): Promise<Result<OptimizationFolder>> {
  const backtest = specFromFlags(flags);
  if (!backtest.ok) return backtest;
  const spec = optimizationSpecFrom(flags, withPaths(backtest.value));
  if (!spec.ok) return spec;
  const ready = await prepareOptimization(spec.value, { role: trading.role, catalogs });
  if (!ready.ok) return ready;
  const createdMs = msFromUs(clock.nowUs());
  const folder = store.create(createdMs, randomBytes(3).toString('hex'));
  if (!folder.ok) return folder;
  folder.value.writeStored({ createdMs, spec: spec.value, begun: null });
  return folder;
}

function resumed(flags: FlagValues, store: OptimizationStore, id: string): Result<OptimizationFolder> {
  const given = Object.keys(flags).filter((name) => flags[name] !== undefined && !RESUME_FLAGS.has(name));
  if (given.length === 0) return store.open(id);
  const extra = given.map((name) => `--${name}`).join(', ');
  return err('flag_invalid', `--resume goes on with an optimisation as it was asked for: take ${extra} away`);
}

/** Runs it on all cores, shows how far it is, and lets the first Ctrl-C end it with its trials kept. */
async function runShown(
  folder: OptimizationFolder,
  { dataDir, trading }: MonstaConfig,
  { catalogs, workers, stuckAfterMs }: Means,
): Promise<Result<OptimizationResult | null>> {
  const taken = folder.take();
  if (!taken.ok) return taken;
  const line = new ProgressLine(process.stderr, 'trials', clock.monotonicMs());
  const canceled = new AbortController();
  const work = (): Promise<Result<OptimizationResult | null>> =>
    executeOptimization({
      ...{ folder, role: trading.role, catalogs, workers, clock, stuckAfterMs, heapMbMax: HEAP_MB_MAX },
      backtests: new BacktestStore(dataDir),
      signal: canceled.signal,
      onProgress({ trials, trialsMax, best, bars, elapsedMs }) {
        const rate = `${(bars / Math.max(1, elapsedMs) / 1_000).toFixed(1)}M bars/s`;
        const note =
          best === null ? rate : `${rate}, best ${best.value.toPrecision(4)} by ${JSON.stringify(best.values)}`;
        line.show(trials, trialsMax, clock.monotonicMs(), note);
      },
    });
  try {
    return await untilAsked(() => canceled.abort(), work);
  } finally {
    line.end();
    taken.value.release();
  }
}

/** `monsta optimize`: from a specification and a space to parameters, and what they are worth on what had not been seen. */
export async function optimize(flags: FlagValues, output: Output): Promise<number> {
  const failed = (given: Fault): number => {
    output.fault(given);
    return RUN_FAULTS.has(given.code) ? 1 : 2;
  };
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const workers = wholeNumber(flags, 'workers', availableParallelism(), 256);
  if (!workers.ok) return failed(workers.fault);
  const stuckAfterS = wholeNumber(flags, 'stuck-after-s', 30, 86_400);
  if (!stuckAfterS.ok) return failed(stuckAfterS.fault);
  const catalogs = new Catalogs(config.value.dataDir, config.value.catalog);
  try {
    const stuckAfterMs = 1_000 * stuckAfterS.value;
    const ended = await optimized(flags, config.value, { catalogs, workers: workers.value, stuckAfterMs });
    if (!ended.ok) return failed(ended.fault);
    const { result, report } = ended.value;
    output.document(result, optimizationText(result, report));
    return 0;
  } finally {
    await catalogs.close();
  }
}

/** The result, and where its report is. Faults: those of preparing and running it, `optimization_canceled`. */
async function optimized(
  flags: FlagValues,
  config: MonstaConfig,
  means: Means,
): Promise<Result<{ readonly result: OptimizationResult; readonly report: string }>> {
  const store = new OptimizationStore(config.dataDir);
  const id = textOf(flags, 'resume');
  const folder = id === null ? await begun(flags, store, config, means.catalogs) : resumed(flags, store, id);
  if (!folder.ok) return folder;
  const ended = await runShown(folder.value, config, means);
  if (!ended.ok) return ended;
  if (ended.value !== null) return ok({ result: ended.value, report: resolve(folder.value.path, 'report.html') });
  const message = `ended before it was done; monsta optimize --resume ${folder.value.id} goes on`;
  return err('optimization_canceled', message, { details: { id: folder.value.id } });
}
