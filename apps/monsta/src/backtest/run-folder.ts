import { existsSync, readFileSync, rmSync } from 'node:fs';
import { backtestSpecSchema, type BacktestSpec } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { KeptFolder, readJson, SPEC, type KeptKind } from './kept-folder.ts';

const CHECKPOINT = 'checkpoint.bin';

export const BACKTEST: KeptKind = { kind: 'backtest', noun: 'backtest', command: 'monsta backtest' };

/** The parts of a result, each a file of its own: nobody has to read a million points to see ten figures. */
export type ResultPart = 'result' | 'trades' | 'orders' | 'fills' | 'prices';

/** What was asked for, and by which version. */
export interface StoredSpec {
  readonly version: string;
  readonly spec: BacktestSpec;
  /** False: only summary, statistics and trades are kept. */
  readonly records: boolean;
}

/** The folder of one backtest: beside what all have, the result once it is there, and `checkpoint.bin` while it runs. */
export class RunFolder extends KeptFolder {
  constructor(path: string, id: string) {
    super(path, id, BACKTEST);
  }

  writeSpec(stored: StoredSpec): void {
    writeFileWhole(this.file(SPEC), `${JSON.stringify(stored, null, 2)}\n`);
  }

  /** Fault `backtest_damaged`. */
  spec(): Result<StoredSpec> {
    const stored = readJson(this.file(SPEC)) as Partial<StoredSpec> | null;
    const spec = backtestSpecSchema.safeParse(stored?.spec);
    if (!spec.success)
      return err('backtest_damaged', `${this.file(SPEC)} holds no specification that this version can read`);
    return ok({ version: String(stored?.version), spec: spec.data, records: stored?.records !== false });
  }

  writePart(part: ResultPart, json: string): void {
    writeFileWhole(this.file(`${part}.json`), json);
  }

  /** The text of a part; null where it was not kept. */
  part(part: ResultPart): string | null {
    const path = this.file(`${part}.json`);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  }

  writeBinary(name: 'equity.bin' | 'checkpoint.bin', ...parts: readonly Uint8Array[]): void {
    writeFileWhole(this.file(name), ...parts);
  }

  /** Null where there is none. */
  binary(name: 'equity.bin' | 'checkpoint.bin'): Uint8Array | null {
    const path = this.file(name);
    return existsSync(path) ? readFileSync(path) : null;
  }

  dropCheckpoint(): void {
    rmSync(this.file(CHECKPOINT), { force: true });
  }
}
