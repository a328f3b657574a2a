import { rmSync } from 'node:fs';
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

const TRIALS = 'trials.jsonl';
const OPTIMIZATION: KeptKind = { kind: 'optimization', noun: 'optimisation', command: 'monsta optimize' };

/** What an optimisation was begun by and on: by or on anything else it can't go on. */
export interface OptimizationMark {
  readonly version: string;
  /** Of the bars, and of the strategy's code. */
  readonly data: string;
  readonly strategy: string;
}

/** What was asked for. */
export interface StoredOptimization {
  readonly createdMs: number;
  readonly spec: OptimizationSpec;
  /** Null: no trial was run yet. */
  readonly begun: OptimizationMark | null;
}

/** The folder of one optimisation: beside what all have, `trials.jsonl` as far as it has come, `result.json` and `report.html` at its end. */
export class OptimizationFolder extends KeptFolder {
  readonly log: TrialLog;

  constructor(path: string, id: string) {
    super(path, id, OPTIMIZATION);
    this.log = new TrialLog(this.file(TRIALS));
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
    return ok({ createdMs: read?.createdMs ?? 0, spec: spec.data, begun: read?.begun ?? null });
  }

  /** Forgets the trials that were run, so that it begins anew on what is there now. */
  beginAnew(stored: StoredOptimization): void {
    rmSync(this.file(TRIALS), { force: true });
    this.writeStored({ ...stored, begun: null });
  }

  writeResult(result: OptimizationResult, report: string): void {
    writeFileWhole(this.file('report.html'), report);
    writeFileWhole(this.file('result.json'), JSON.stringify(result));
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
