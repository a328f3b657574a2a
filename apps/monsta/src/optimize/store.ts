import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  backtestSummarySchema,
  optimizationResultSchema,
  optimizationSpecSchema,
  type BacktestSummary,
  type OptimizationResult,
  type OptimizationSpec,
} from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { isAlive, ownerOf, takeLock } from '../runtime/lock.ts';
import { TrialLog } from './trial-log.ts';

const ID = /^[a-z0-9][a-z0-9-]{0,79}$/;

/** What was asked for, by which version, and on what. */
export interface StoredOptimization {
  readonly version: string;
  readonly createdMs: number;
  readonly spec: OptimizationSpec;
  /** Of the bars and of the strategy's code: on others it can't go on. */
  readonly data: string;
  readonly strategy: string;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The folder of one optimisation: `spec.json`, `summary.json`, `trials.jsonl` as far as it has come, `result.json` and `report.html` at its end. */
export class OptimizationFolder {
  readonly id: string;
  readonly path: string;
  readonly log: TrialLog;

  constructor(path: string, id: string) {
    this.id = id;
    this.path = path;
    this.log = new TrialLog(join(path, 'trials.jsonl'));
  }

  /** Takes it for this process. Fault `optimization_running`: another one has it. */
  take(): Result<{ release(): void }> {
    const taken = takeLock(join(this.path, 'lock'));
    if ('release' in taken) return ok(taken);
    const who = taken.owner === null ? '' : `, process ${taken.owner.pid}`;
    return err('optimization_running', `the optimisation ${this.id} is being run${who}; wait for it`);
  }

  writeStored(stored: StoredOptimization): void {
    writeFileWhole(join(this.path, 'spec.json'), `${JSON.stringify(stored, null, 2)}\n`);
  }

  /** Fault `optimization_damaged`. */
  stored(): Result<StoredOptimization> {
    const read = readJson(join(this.path, 'spec.json')) as Partial<StoredOptimization> | null;
    const spec = optimizationSpecSchema.safeParse(read?.spec);
    if (!spec.success)
      return err(
        'optimization_damaged',
        `${join(this.path, 'spec.json')} holds no specification that this version can read`,
      );
    const { version = '', createdMs = 0, data = '', strategy = '' } = read ?? {};
    return ok({ version, createdMs, data, strategy, spec: spec.data });
  }

  writeSummary(summary: BacktestSummary): void {
    writeFileWhole(join(this.path, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  }

  /** Null where there is none that can be read. One that is told to run, and that nobody runs, was interrupted. */
  summary(): BacktestSummary | null {
    const read = backtestSummarySchema.safeParse(readJson(join(this.path, 'summary.json')));
    if (!read.success) return null;
    const owner = ownerOf(join(this.path, 'lock'));
    if (read.data.state !== 'running' || (owner !== null && isAlive(owner))) return read.data;
    const message = `the program ended while it ran; monsta optimize --resume ${this.id} goes on`;
    return { ...read.data, state: 'failed', fault: { code: 'optimization_interrupted', message } };
  }

  writeResult(result: OptimizationResult, report: string): void {
    writeFileWhole(join(this.path, 'report.html'), report);
    writeFileWhole(join(this.path, 'result.json'), JSON.stringify(result));
  }

  /** Null where it is not finished. */
  report(): string | null {
    try {
      return readFileSync(join(this.path, 'report.html'), 'utf8');
    } catch {
      return null;
    }
  }

  /** Null where it is not finished. */
  result(): OptimizationResult | null {
    const read = optimizationResultSchema.safeParse(readJson(join(this.path, 'result.json')));
    return read.success ? read.data : null;
  }
}

/** All optimisations of a data directory, each in a folder of its own below `optimizations`. */
export class OptimizationStore {
  readonly #root: string;

  constructor(dataDir: string) {
    this.#root = resolve(dataDir, 'optimizations');
  }

  /** A new folder, named by the time it was made and by chance. Fault `optimization_store`. */
  create(nowMs: number, random: string): Result<OptimizationFolder> {
    const stamp = new Date(nowMs)
      .toISOString()
      .replaceAll(/[-:]|\..*/g, '')
      .toLowerCase();
    const id = `${stamp}-${random}`;
    const path = join(this.#root, id);
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      return ok(new OptimizationFolder(path, id));
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      return err('optimization_store', `the result can't be kept in ${path}: ${why}; give another --data-dir`);
    }
  }

  /** Fault `optimization_unknown`. */
  open(id: string): Result<OptimizationFolder> {
    const path = join(this.#root, id);
    if (ID.test(id) && existsSync(join(path, 'spec.json'))) return ok(new OptimizationFolder(path, id));
    const there = this.list().map((each) => each.id);
    return err(
      'optimization_unknown',
      `there is no optimisation ${id.slice(0, 80)} in ${this.#root}; ${there.length === 0 ? 'there is none' : `there are ${there.slice(0, 5).join(', ')}`}`,
    );
  }

  /** Newest first. */
  ids(): readonly string[] {
    if (!existsSync(this.#root)) return [];
    return readdirSync(this.#root)
      .filter((id) => ID.test(id))
      .toSorted()
      .toReversed();
  }

  /** Newest first; what can't be read is left out. */
  list(): readonly BacktestSummary[] {
    return this.ids().flatMap((id) => new OptimizationFolder(join(this.#root, id), id).summary() ?? []);
  }
}
