import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, type Result } from '@monsta/core';
import {
  trainBoostingSteps,
  trainForestSteps,
  treeExplainer,
  treePredictor,
  writeXgboostJson,
  type TreeEnsemble,
  type TreePredictor,
  type TreeTable,
} from '@monsta/models';
import { forestParams, lightgbmParams, xgboostParams } from '@monsta/models/parameters';
import type { BenchCase, BenchComparison, BenchOptions, BenchReport } from './report.ts';
import { pythonWith } from './train/boosting.ts';
import { sampleRows, WIDTH } from './train/data.ts';

const TRAIN_ROWS = 20_000;
const ROWS = 10_000;
const TREES = 100;

function finished<T>(steps: Generator<unknown, Result<{ readonly model: T }>>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return expectOk(step.value).model;
}

interface Times {
  readonly p50: number;
  readonly p99: number;
}

/** Microseconds of `ROWS` calls, each by itself. */
function one(work: (row: number) => unknown): Times {
  const times = new Float64Array(ROWS);
  for (let row = 0; row < ROWS; row += 1) {
    const started = performance.now();
    work(row);
    times[row] = (performance.now() - started) * 1_000;
  }
  times.sort();
  return { p50: times[ROWS / 2] ?? NaN, p99: times[Math.floor(ROWS * 0.99)] ?? NaN };
}

/** Microseconds a row of one call for `rows` rows. */
function all(rows: number, work: () => unknown): number {
  const started = performance.now();
  work();
  return ((performance.now() - started) * 1_000) / rows;
}

class Cases {
  readonly cases: BenchCase[] = [];
  add(name: string, samples: readonly number[], aimAtMost?: number): string {
    this.cases.push({
      name,
      unit: 'µs/row',
      better: 'lower',
      samples,
      ...(aimAtMost === undefined ? {} : { aimAtMost }),
    });
    return name;
  }

  /** One row at a time, with values missing and without, and all rows at once. */
  measure(name: string, predictor: TreePredictor, values: Float64Array, rounds: number, aim?: number): void {
    // One value in ten is missing.
    const holes = values.map((value, index) => ((index * 7919) % 10 === 0 ? NaN : value));
    const single = (rows: Float64Array): Times => one((row) => predictor.predictOne(rows, row * WIDTH));
    for (let warming = 0; warming < 2; warming += 1) {
      single(values);
      single(holes);
      predictor.predictRows(values, ROWS);
    }
    const times = Array.from({ length: rounds }, () => single(values));
    const missing = Array.from({ length: rounds }, () => single(holes));
    this.add(
      `${name}: one row, p50`,
      times.map(({ p50 }) => p50),
      aim,
    );
    this.add(
      `${name}: one row, p99`,
      times.map(({ p99 }) => p99),
    );
    this.add(
      `${name}: one row with missing values, p50`,
      missing.map(({ p50 }) => p50),
      aim,
    );
    this.add(
      `${name}: ${ROWS} rows`,
      Array.from({ length: rounds }, () => all(ROWS, () => predictor.predictRows(values, ROWS))),
    );
  }
}

interface XgboostSays {
  readonly version: string;
  readonly inplace50: readonly number[];
  readonly inplace99: readonly number[];
  readonly matrix50: readonly number[];
  readonly batch: readonly number[];
  readonly inplaceBatch: readonly number[];
  readonly contributions: readonly number[];
}

interface SklearnSays {
  readonly version: string;
  readonly single50: readonly number[];
  readonly batch: readonly number[];
}

/** Forecasts of trained trees, one row at a time and in batches on one thread. XGBoost loads the very model that MONSTA wrote; that both say the same is checked. */
export async function run({ rounds, seed, log }: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-bench-predict-'));
  try {
    const train = sampleRows(TRAIN_ROWS, seed);
    const columns = Array.from({ length: WIDTH }, (_, column) => `f${column}`);
    const table: TreeTable = {
      rows: TRAIN_ROWS,
      columns,
      values: train.values,
      labels: train.labels,
      weights: null,
      categorical: [],
    };
    const held = sampleRows(ROWS, seed + 1_000_003).values;
    const values = Float64Array.from(held);
    log('training the models');
    const depth: TreeEnsemble = finished(
      trainBoostingSteps(
        table,
        expectOk(xgboostParams({ objective: 'binary:logistic', num_boost_round: TREES, eta: 0.1, max_depth: 6 })),
      ),
    );
    const leaves = finished(
      trainBoostingSteps(
        table,
        expectOk(lightgbmParams({ objective: 'binary', num_iterations: TREES, num_leaves: 31 })),
      ),
    );
    // Every tenth column holds whole numbers from 0 to 7.
    const categorical = columns.flatMap((_, column) => (column % 10 === 9 ? [column] : []));
    const sets = [
      ['xgboost', xgboostParams({ objective: 'binary:logistic', num_boost_round: TREES, eta: 0.1, max_depth: 6 })],
      ['lightgbm', lightgbmParams({ objective: 'binary', num_iterations: TREES, num_leaves: 31, cat_smooth: 1 })],
    ] as const;
    const withSets = sets.map(
      ([name, params]) => [name, finished(trainBoostingSteps({ ...table, categorical }, expectOk(params)))] as const,
    );
    const forest = finished(
      trainForestSteps(table, expectOk(forestParams({ n_estimators: TREES, max_depth: 12, random_state: 7 }))),
    );
    const cases = new Cases();
    const predictor = treePredictor(depth);
    cases.measure('xgboost, depth 6', predictor, values, rounds, 5);
    cases.measure('lightgbm, 31 leaves', treePredictor(leaves), values, rounds, 5);
    for (const [name, model] of withSets)
      cases.measure(`${name}, five columns of categories`, treePredictor(model), values, rounds, 5);
    cases.measure('random forest, depth 12', treePredictor(forest), values, rounds);
    const explainer = expectOk(treeExplainer(depth));
    const few = values.subarray(0, 200 * WIDTH);
    cases.add(
      'xgboost, depth 6: contributions of 200 rows',
      Array.from({ length: rounds }, () => all(200, () => explainer.explainRows(few, 200))),
    );

    const comparisons: BenchComparison[] = [];
    const facts: Record<string, string | number | boolean | null> = {
      rows: ROWS,
      columns: WIDTH,
      trees: TREES,
      'nodes of the boosted trees': depth.feature.length,
      'nodes of the forest': forest.feature.length,
    };
    const python = pythonWith('xgboost');
    facts['XGBoost'] = python === null ? 'missing: no python3 that imports xgboost' : 'present';
    if (python !== null) {
      log('XGBoost');
      writeFileSync(join(folder, 'model.json'), expectOk(writeXgboostJson(depth)));
      writeFileSync(join(folder, 'values.f32'), held);
      const said = JSON.parse(runPython(python, 'xgboost-rows.py', folder, rounds)) as XgboostSays;
      const compare = (ours: string, name: string, samples: readonly number[]): void => {
        comparisons.push({
          case: `xgboost, depth 6: ${ours}`,
          baseline: cases.add(`XGBoost: ${name}`, samples),
          aimAtMost: 1,
        });
      };
      compare('one row, p50', 'one row by inplace_predict, p50', said.inplace50);
      compare('one row, p99', 'one row by inplace_predict, p99', said.inplace99);
      compare('one row, p50', 'one row by predict(DMatrix), p50', said.matrix50);
      compare(`${ROWS} rows`, `${ROWS} rows by predict, DMatrix made before`, said.batch);
      compare(`${ROWS} rows`, `${ROWS} rows by inplace_predict`, said.inplaceBatch);
      const explained = cases.add('XGBoost: contributions of 200 rows', said.contributions);
      comparisons.push({ case: 'xgboost, depth 6: contributions of 200 rows', baseline: explained });
      facts['XGBoost'] = said.version;
      facts['farthest prediction from XGBoost of the same model'] = farthest(
        predictor.predictRows(values, ROWS),
        join(folder, 'predictions.f32'),
      );
    }
    const sklearn = pythonWith('sklearn');
    facts['scikit-learn'] = sklearn === null ? 'missing: no python3 that imports sklearn' : 'present';
    if (sklearn !== null) {
      log('scikit-learn');
      writeFileSync(join(folder, 'train.f32'), train.values);
      writeFileSync(join(folder, 'labels.f32'), train.labels);
      writeFileSync(join(folder, 'values.f32'), held);
      const said = JSON.parse(runPython(sklearn, 'sklearn-rows.py', folder, rounds)) as SklearnSays;
      facts['scikit-learn'] = said.version;
      const single = cases.add('scikit-learn forest: one row by predict_proba, p50', said.single50);
      const batch = cases.add(`scikit-learn forest: ${ROWS} rows`, said.batch);
      comparisons.push({ case: 'random forest, depth 12: one row, p50', baseline: single, aimAtMost: 1 });
      comparisons.push({ case: `random forest, depth 12: ${ROWS} rows`, baseline: batch, aimAtMost: 1 });
    }
    return await Promise.resolve({
      title: 'forecasts of trees',
      cases: cases.cases,
      comparisons,
      facts,
      skipped: null,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runPython(python: string, script: string, folder: string, rounds: number): string {
  return execFileSync(python, [join(import.meta.dirname, 'predict', script), folder, String(rounds)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function farthest(ours: Float64Array, path: string): number {
  const bytes = readFileSync(path);
  const theirs = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  return ours.reduce((most, value, row) => Math.max(most, Math.abs(value - (theirs[row] ?? NaN))), 0);
}
