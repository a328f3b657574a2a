import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  optimizationResultSchema,
  optimizationSpecSchema,
  type OptimizationResult,
  type OptimizationSpec,
} from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { KeptFolder, KeptFolders, readJson, SPEC, type KeptKind } from '../backtest/kept-folder.ts';
import { writeFileWhole } from '../runtime/atomic-file.ts';
import { TrialLog } from './trial-log.ts';

const OPTIMIZATION: KeptKind = { kind: 'optimization', noun: 'optimisation', command: 'monsta optimize' };

/** What was asked for, by which version, and on what. */
export interface StoredOptimization {
  readonly version: string;
  readonly createdMs: number;
  readonly spec: OptimizationSpec;
  /** Of the bars and of the strategy's code: on others it can't go on. */
  readonly data: string;
  readonly strategy: string;
}

/** The folder of one optimisation: beside what all have, `trials.jsonl` as far as it has come, `result.json` and `report.html` at its end. */
export class OptimizationFolder extends KeptFolder {
  readonly log: TrialLog;

  constructor(path: string, id: string) {
    super(path, id, OPTIMIZATION);
    this.log = new TrialLog(this.file('trials.jsonl'));
  }

  writeStored(stored: StoredOptimization): void {
    writeFileWhole(this.file(SPEC), `${JSON.stringify(stored, null, 2)}\n`);
  }

  /** Fault `optimization_damaged`. */
  stored(): Result<StoredOptimization> {
    const read = readJson(this.file(SPEC)) as Partial<StoredOptimization> | null;
    const spec = optimizationSpecSchema.safeParse(read?.spec);
    if (!spec.success)
      return err('optimization_damaged', `${this.file(SPEC)} holds no specification that this version can read`);
    const { version = '', createdMs = 0, data = '', strategy = '' } = read ?? {};
    return ok({ version, createdMs, data, strategy, spec: spec.data });
  }

  writeResult(result: OptimizationResult, report: string): void {
    writeFileWhole(this.file('report.html'), report);
    writeFileWhole(this.file('result.json'), JSON.stringify(result));
  }

  /** Null where it is not finished. */
  report(): string | null {
    try {
      return readFileSync(this.file('report.html'), 'utf8');
    } catch {
      return null;
    }
  }

  /** Null where it is not finished. */
  result(): OptimizationResult | null {
    const read = optimizationResultSchema.safeParse(readJson(this.file('result.json')));
    return read.success ? read.data : null;
  }
}

/** All optimisations of a data directory, below `optimizations`. */
export class OptimizationStore extends KeptFolders<OptimizationFolder> {
  constructor(dataDir: string) {
    super(join(dataDir, 'optimizations'), OPTIMIZATION, (path, id) => new OptimizationFolder(path, id));
  }
}
