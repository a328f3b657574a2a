import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { backtestSpecSchema, backtestSummarySchema, type BacktestSpec, type BacktestSummary } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { isAlive, ownerOf, takeLock } from '../runtime/lock.ts';

const [SPEC, SUMMARY, CHECKPOINT, LOCK] = ['spec.json', 'summary.json', 'checkpoint.bin', 'lock'];

/** The parts of a result, each a file of its own: nobody has to read a million points to see ten figures. */
export type ResultPart = 'result' | 'trades' | 'orders' | 'fills' | 'prices';

/** What was asked for, and by which version. */
export interface StoredSpec {
  readonly version: string;
  readonly spec: BacktestSpec;
  /** False: only summary, statistics and trades are kept. */
  readonly records: boolean;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The folder of one run: `spec.json`, `summary.json`, the result once it is there, `checkpoint.bin` while it runs. Every file is written whole or not at all. */
export class RunFolder {
  readonly id: string;
  readonly path: string;

  constructor(path: string, id: string) {
    this.id = id;
    this.path = path;
  }

  /** Takes the run for this process. Fault `backtest_running`: another one has it. */
  take(): Result<{ release(): void }> {
    const taken = takeLock(join(this.path, LOCK));
    if ('release' in taken) return ok(taken);
    const who = taken.owner === null ? '' : `, process ${taken.owner.pid}`;
    return err('backtest_running', `the backtest ${this.id} is being run${who}; wait for it`);
  }

  writeSpec(stored: StoredSpec): void {
    writeFileWhole(join(this.path, SPEC), `${JSON.stringify(stored, null, 2)}\n`);
  }

  /** Fault `backtest_damaged`. */
  spec(): Result<StoredSpec> {
    const stored = readJson(join(this.path, SPEC)) as Partial<StoredSpec> | null;
    const spec = backtestSpecSchema.safeParse(stored?.spec);
    if (!spec.success)
      return err('backtest_damaged', `${join(this.path, SPEC)} holds no specification that this version can read`);
    return ok({ version: String(stored?.version), spec: spec.data, records: stored?.records !== false });
  }

  writeSummary(summary: BacktestSummary): void {
    writeFileWhole(join(this.path, SUMMARY), `${JSON.stringify(summary, null, 2)}\n`);
  }

  /** Null where there is none that can be read. One that is told to run, and that nobody runs, was interrupted. */
  summary(): BacktestSummary | null {
    const read = backtestSummarySchema.safeParse(readJson(join(this.path, SUMMARY)));
    if (!read.success) return null;
    const owner = ownerOf(join(this.path, LOCK));
    if (read.data.state !== 'running' || (owner !== null && isAlive(owner))) return read.data;
    const message = `the program ended while it ran; monsta backtest --resume ${this.id} goes on`;
    return { ...read.data, state: 'failed', fault: { code: 'backtest_interrupted', message } };
  }

  writePart(part: ResultPart, json: string): void {
    writeFileWhole(join(this.path, `${part}.json`), json);
  }

  /** The text of a part; null where it was not kept. */
  part(part: ResultPart): string | null {
    const path = join(this.path, `${part}.json`);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  writeBinary(name: 'equity.bin' | 'checkpoint.bin', ...parts: readonly Uint8Array[]): void {
    writeFileWhole(join(this.path, name), ...parts);
  }

  /** Null where there is none. */
  binary(name: 'equity.bin' | 'checkpoint.bin'): Uint8Array | null {
    const path = join(this.path, name);
    return existsSync(path) ? readFileSync(path) : null;
  }

  dropCheckpoint(): void {
    rmSync(join(this.path, CHECKPOINT), { force: true });
  }

  file(name: string): string {
    return join(this.path, name);
  }
}
