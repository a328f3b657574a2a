import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchCase, BenchOptions } from '../report.ts';
import { pythonWith, type TrainingRows } from './boosting.ts';
import { quality, sampleRows } from './data.ts';

const TRAIN_ROWS = 20_000;
const HELD_ROWS = 50_000;
const PARAMS = { n_estimators: 100, max_depth: 12, min_samples_leaf: 5, max_features: 'sqrt', random_state: 1 };
/** Of scikit-learn's time, on one thread. */
const AIM = 0.2;

interface Run {
  readonly seconds: number;
  readonly auc: number;
  readonly logLoss: number;
  readonly version: string | null;
}

/**
 * Random forests beside scikit-learn's: 100 trees of depth 12, each run in a process of its own, in turn. Binning is part of the time, reading is not. `--set forest-rows=N`: rows to learn from.
 */
export function forestRows({ rounds, seed, settings, log }: BenchOptions): TrainingRows {
  const rows = Number(settings['forest-rows'] ?? TRAIN_ROWS);
  const folder = mkdtempSync(join(tmpdir(), 'monsta-bench-forest-'));
  try {
    const python = pythonWith('sklearn');
    const train = sampleRows(rows, seed);
    const held = sampleRows(HELD_ROWS, seed + 1_000_003);
    writeFileSync(join(folder, 'train-values.f32'), train.values);
    writeFileSync(join(folder, 'train-labels.f32'), train.labels);
    writeFileSync(join(folder, 'held-values.f32'), held.values);
    const run = (program: string, script: string, threads: number): Run => {
      const words = [join(import.meta.dirname, script), folder, JSON.stringify(PARAMS), String(threads)];
      const text = execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
      const { seconds, version = null } = JSON.parse(text) as { readonly seconds: number; readonly version?: string };
      const bytes = readFileSync(join(folder, 'predictions.f32'));
      const scores = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
      return { seconds, version, ...quality(scores, held.labels) };
    };
    const runs: { readonly one: Run[]; readonly two: Run[]; readonly peer: Run[] } = { one: [], two: [], peer: [] };
    for (let round = 0; round < rounds; round += 1) {
      runs.one.push(run(process.execPath, 'forest-run.ts', 1));
      runs.two.push(run(process.execPath, 'forest-run.ts', 2));
      if (python !== null) runs.peer.push(run(python, 'sklearn-run.py', 1));
      const told = (all: readonly Run[]): string => all.at(-1)?.seconds.toFixed(2) ?? 'missing';
      log(
        `forest, round ${round + 1}: ${told(runs.one)} s, 2 threads ${told(runs.two)} s, scikit-learn ${told(runs.peer)} s`,
      );
    }
    const timed = (name: string, all: readonly Run[]): BenchCase => ({
      ...{ name, unit: 's', better: 'lower' },
      samples: all.map(({ seconds }) => seconds),
    });
    const peer = 'random forest: scikit-learn, 1 thread';
    return {
      cases: [
        timed('random forest: MONSTA, 1 thread', runs.one),
        timed('random forest: MONSTA, 2 threads', runs.two),
        ...(python === null ? [] : [timed(peer, runs.peer)]),
      ],
      comparisons:
        python === null
          ? []
          : [
              { case: 'random forest: MONSTA, 1 thread', baseline: peer, aimAtMost: AIM },
              { case: 'random forest: MONSTA, 2 threads', baseline: peer },
            ],
      facts: {
        'random forest: rows': rows,
        'random forest: parameters': JSON.stringify(PARAMS),
        'random forest: AUC of MONSTA': runs.one[0]?.auc ?? null,
        'random forest: AUC of scikit-learn': runs.peer[0]?.auc ?? null,
        'random forest: log loss of MONSTA': runs.one[0]?.logLoss ?? null,
        'random forest: log loss of scikit-learn': runs.peer[0]?.logLoss ?? null,
        'random forest: scikit-learn': runs.peer[0]?.version ?? 'missing: no Python with sklearn',
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
