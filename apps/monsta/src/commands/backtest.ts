import { randomBytes } from 'node:crypto';
import { basename, join, resolve } from 'node:path';
import { systemClock } from '@monsta/clock-system';
import type { BacktestResult } from '@monsta/contracts';
import { fault, msFromUs, ok, type Fault, type Result } from '@monsta/core';
import type { ReportLanguage } from '@monsta/simulation';
import { documentOf } from '../backtest/document.ts';
import { ProgressLine } from '../backtest/progress-line.ts';
import type { RunFolder } from '../backtest/run-folder.ts';
import { specFromFlags, withPaths } from '../backtest/spec-from-flags.ts';
import { BacktestStore } from '../backtest/store.ts';
import { resultText } from '../backtest/summary-text.ts';
import { startRunThread, type RunThreadEnd } from '../backtest/thread.ts';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { configExitCode } from '../config/load.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { VERSION } from '../version.ts';
import { asksForChecks } from './check-flags.ts';
import { untilAsked } from '../runtime/signals.ts';
import { configurationFrom } from './configuration-flags.ts';
import { reportLanguage } from './kept-runs.ts';

const clock = systemClock();

/** A call of a strategy that takes longer never returns: also the first one, in which its file is read and compiled. */
const CALL_MS_MAX = 10_000;

/** Faults of the run itself; all others say that it can't be run as asked, which is bad usage. */
const RUN_FAULTS: ReadonlySet<string> = new Set([
  'backtest_broken',
  'backtest_changed',
  'backtest_damaged',
  'backtest_running',
  'backtest_store',
  'strategy_stuck',
]);

/** Which flag a fault of preparing is about, by the beginning of its code. */
const FLAGS_OF: readonly (readonly [start: string, flag: string])[] = [
  ['strategy_', '--strategy'],
  ['parameters_', '--params'],
  ['bars_', '--bars'],
  ['ticks_', '--ticks'],
  ['trades_', '--ticks'],
];

function withFlag(given: Fault): Fault {
  const flag = FLAGS_OF.find(([start]) => given.code.startsWith(start))?.[1];
  return flag === undefined || RUN_FAULTS.has(given.code) ? given : { ...given, message: `${flag}: ${given.message}` };
}

interface Asked {
  readonly folder: RunFolder;
  readonly createdMs: number;
  /** Begun before. */
  readonly resumed: boolean;
}

/** The folder of the run that is asked for: a new one, or that of `--resume`. */
function folderFor(flags: FlagValues, store: BacktestStore): Result<Asked> {
  const nowMs = msFromUs(clock.nowUs());
  const id = textOf(flags, 'resume');
  if (id !== null) {
    const given = Object.keys(flags).filter((name) => flags[name] !== undefined && !RESUME_FLAGS.has(name));
    if (given.length > 0)
      return {
        ok: false,
        fault: fault(
          'flag_invalid',
          `--resume goes on with a run as it was asked for: take ${given.map((name) => `--${name}`).join(', ')} away`,
        ),
      };
    const folder = store.open(id);
    if (!folder.ok) return folder;
    return ok({ folder: folder.value, createdMs: folder.value.summary()?.createdMs ?? nowMs, resumed: true });
  }
  const spec = specFromFlags(flags);
  if (!spec.ok) return spec;
  const folder = store.create(nowMs, randomBytes(3).toString('hex'));
  if (!folder.ok) return folder;
  folder.value.writeSpec({ version: VERSION, spec: withPaths(spec.value), records: flags['no-records'] !== true });
  return ok({ folder: folder.value, createdMs: nowMs, resumed: false });
}

const RESUME_FLAGS: ReadonlySet<string> = new Set([
  'resume',
  'out',
  'language',
  'config',
  'data-dir',
  'log-level',
  'json',
  'help',
  'argument',
]);

function ofTicks(folder: RunFolder): boolean {
  const stored = folder.spec();
  return stored.ok && stored.value.spec.data.kind === 'ticks';
}

/** Runs it on a thread of its own, shows how far it is, and lets the first Ctrl-C end it with its checkpoint kept. */
async function runShown(
  { folder, createdMs }: Asked,
  { dataDir, trading, catalog }: MonstaConfig,
): Promise<Result<RunThreadEnd>> {
  const line = new ProgressLine(process.stderr, ofTicks(folder) ? 'events' : 'bars', clock.monotonicMs());
  const thread = startRunThread({
    dataDir,
    folder,
    createdMs,
    role: trading.role,
    catalog,
    clock,
    callMsMax: Math.max(CALL_MS_MAX, trading.strategyCallMsMax),
    onProgress: (done, total) => line.show(done, total, clock.monotonicMs()),
  });
  if (!thread.ok) return thread;
  const ended = await untilAsked(
    () => thread.value.cancel(),
    () => thread.value.ended,
  );
  line.end();
  return ended;
}

/** `monsta backtest`: from a specification to a kept and printed result. */
export async function backtest(flags: FlagValues, output: Output): Promise<number> {
  if (asksForChecks(flags)) return (await import('./check-backtest.ts')).checkBacktest(flags, output);
  const failed = (given: Fault, status: number): number => {
    output.fault(withFlag(given));
    return status;
  };
  const { config: file, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const config = await configurationFrom({ config: file, 'data-dir': dataDir, 'log-level': level }, process.env);
  if (!config.ok) return failed(config.fault, configExitCode(config.fault));
  const language = reportLanguage(flags);
  if (!language.ok) return failed(language.fault, 2);
  const store = new BacktestStore(config.value.dataDir);
  const asked = folderFor(flags, store);
  if (!asked.ok) return failed(asked.fault, RUN_FAULTS.has(asked.fault.code) ? 1 : 2);
  const { folder, resumed } = asked.value;
  // Nothing is left to go on with.
  if (resumed && folder.summary()?.state === 'done') return handOut(folder, language.value, flags, output);
  const ended = await runShown(asked.value, config.value);
  if (!ended.ok) {
    const { code } = ended.fault;
    // What could not even begin leaves nothing behind.
    if (!RUN_FAULTS.has(code) && !resumed) store.remove(folder.id);
    return failed(ended.fault, RUN_FAULTS.has(code) ? 1 : 2);
  }
  if (ended.value.kind === 'canceled') {
    const { id } = folder;
    return failed(
      fault('backtest_canceled', `ended before it was done; monsta backtest --resume ${id} goes on`, {
        details: { id },
      }),
      1,
    );
  }
  const status = await handOut(folder, language.value, flags, output);
  if (status !== 0) return status;
  if (!ended.value.value.strategyFailed) return 0;
  output.note('error strategy_failed: the strategy threw and was stopped; the warnings say where');
  return 1;
}

/** Tables and, where the curve was kept, the report; the files. */
async function writeOut(
  folder: RunFolder,
  directory: string,
  language: ReportLanguage,
): Promise<Result<readonly string[]>> {
  const { exportResult } = await import('../backtest/export-result.ts');
  const tables = await exportResult(folder, directory);
  if (!tables.ok || folder.binary('equity.bin') === null) return tables;
  const { reportOf } = await import('../backtest/report.ts');
  const report = reportOf(folder, language);
  if (!report.ok) return report;
  const path = join(directory, 'report.html');
  writeFileWhole(path, report.value);
  return ok([path, ...tables.value]);
}

/** Writes the files that are asked for, and prints the result. */
async function handOut(
  folder: RunFolder,
  language: ReportLanguage,
  flags: FlagValues,
  output: Output,
): Promise<number> {
  const out = textOf(flags, 'out');
  const written = out === null ? ok([]) : await writeOut(folder, resolve(out), language);
  if (!written.ok) {
    output.fault(written.fault);
    return 1;
  }
  if (!printResult(folder, output)) return 1;
  if (out !== null)
    output.note(`Written to ${resolve(out)}: ${written.value.map((path) => basename(path)).join(', ')}`);
  return 0;
}

/** Prints a kept result; false where there is none. */
export function printResult(folder: RunFolder, output: Output): boolean {
  const document = documentOf(folder);
  if (!document.ok) {
    output.fault(document.fault);
    return false;
  }
  const [head = ''] = document.value;
  if (output.json) {
    // Too long, perhaps, to be put together first.
    for (const piece of document.value) process.stdout.write(piece);
    process.stdout.write('\n');
  } else output.document(null, resultText(JSON.parse(`${head}}`) as BacktestResult));
  return true;
}
