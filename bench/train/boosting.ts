import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchCase, BenchComparison, BenchOptions } from '../report.ts';
import { quality, sampleRows } from './data.ts';

/** What one kind of model adds to `bench train`. */
export interface TrainingRows {
  readonly cases: readonly BenchCase[];
  readonly comparisons: readonly BenchComparison[];
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

const TRAIN_ROWS = 100_000;
const HELD_ROWS = 50_000;
const MODES = [
  ['depth', 'depth 6', 'XGBoost'],
  ['leaf', '31 leaves', 'XGBoost'],
  ['lightgbm', "LightGBM's, 31 leaves", 'LightGBM'],
] as const;
const THREADS = [
  [1, 0.9],
  [2, 1],
] as const;

/** The first Python that can import a module; null: none. */
export function pythonWith(module: string): string | null {
  const candidates = ['python3', '/usr/bin/python3'];
  return candidates.find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0) ?? null;
}

interface Run {
  readonly seconds: number;
  readonly auc: number;
  readonly logLoss: number;
  readonly longestMs: number | null;
  readonly version: string | null;
}

/** Boosted trees beside XGBoost's `hist` and LightGBM, 100 trees, learning rate 0.1, 256 bins: each run in a process of its own, in turn. Binning and DMatrix are part of the time, reading is not. */
export function boostingRows({ rounds, seed, log }: BenchOptions): TrainingRows {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-bench-train-'));
  try {
    const pythons = { XGBoost: pythonWith('xgboost'), LightGBM: pythonWith('lightgbm') };
    const train = sampleRows(TRAIN_ROWS, seed);
    const held = sampleRows(HELD_ROWS, seed + 1_000_003);
    writeFileSync(join(folder, 'train-values.f32'), train.values);
    writeFileSync(join(folder, 'train-labels.f32'), train.labels);
    writeFileSync(join(folder, 'held-values.f32'), held.values);
    const run = (program: string, script: string, mode: string, threads: number): Run => {
      const text = execFileSync(program, [join(import.meta.dirname, script), folder, mode, String(threads)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const said = JSON.parse(text) as { seconds: number; longestMs?: number; version?: string };
      const bytes = readFileSync(join(folder, 'predictions.f32'));
      const scores = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      const { seconds, longestMs = null, version = null } = said;
      return { seconds, longestMs, version, ...quality(scores, held.labels) };
    };
    const cases: BenchCase[] = [];
    const comparisons: BenchComparison[] = [];
    const facts: Record<string, string | number | boolean | null> = {
      'boosting: rows': TRAIN_ROWS,
      'boosting: held-out rows': HELD_ROWS,
      'boosting: columns': train.width,
      'boosting: XGBoost': pythons.XGBoost === null ? 'missing: no python3 that imports xgboost' : 'present',
      'boosting: LightGBM': pythons.LightGBM === null ? 'missing: no python3 that imports lightgbm' : 'present',
    };
    for (const [mode, label, library] of MODES) {
      const python = pythons[library];
      for (const [threads, aimAtMost] of THREADS) {
        const ours: Run[] = [];
        const theirs: Run[] = [];
        for (let round = 0; round < rounds; round += 1) {
          ours.push(run(process.execPath, 'boosting-run.ts', mode, threads));
          if (python !== null) theirs.push(run(python, `${library.toLowerCase()}-run.py`, mode, threads));
          log(
            `${label}, ${threads} thread(s), round ${round + 1}: ${ours.at(-1)?.seconds.toFixed(2)} s, ${library} ${theirs.at(-1)?.seconds.toFixed(2) ?? '-'} s`,
          );
        }
        const name = `boosting ${label}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
        const timed = (who: string, runs: readonly Run[]): BenchCase => ({
          name: who,
          unit: 's',
          better: 'lower',
          samples: runs.map(({ seconds }) => seconds),
        });
        cases.push(timed(name, ours));
        const [own] = ours;
        const [peer] = theirs;
        facts[`${name}: AUC`] = own?.auc ?? null;
        facts[`${name}: log loss`] = own?.logLoss ?? null;
        facts[`${name}: longest step, ms`] = Math.max(...ours.map(({ longestMs }) => longestMs ?? 0));
        if (own === undefined || peer === undefined) continue;
        cases.push(timed(`${name}, ${library}`, theirs));
        comparisons.push({ case: name, baseline: `${name}, ${library}`, aimAtMost });
        facts[`boosting: ${library}`] = peer.version;
        facts[`${name}: AUC of ${library}`] = peer.auc;
        facts[`${name}: log loss of ${library}`] = peer.logLoss;
        const short = (unit: string, what: string, samples: readonly number[], aim: number): BenchCase => ({
          name: `${name}: ${what}`,
          unit,
          better: 'lower',
          samples,
          aimAtMost: aim,
        });
        cases.push(short('AUC', `AUC below ${library}`, [peer.auc - own.auc], 0.002));
        cases.push(short('%', `log loss above ${library}`, [100 * (own.logLoss / peer.logLoss - 1)], 0.3));
      }
    }
    return { cases, comparisons, facts };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
