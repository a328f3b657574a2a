/** `node boosting-run.ts FOLDER depth|leaf|lightgbm THREADS`: trains on the files in FOLDER in a process of its own, as its peer does, writes predictions of the held-out rows, and prints the seconds. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { trainBoostingSteps, treePredictor, type TreeTable } from '@monsta/models';
import { lightgbmParams, xgboostParams } from '@monsta/models/parameters';
import { WIDTH } from './data.ts';
import { spawnTreeThreads } from './tree-threads.ts';

const [folder = '.', mode = 'depth', threads = '1'] = process.argv.slice(2);
const floats = (name: string): Float32Array => {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
};
const labels = floats('train-labels.f32');
const table: TreeTable = {
  rows: labels.length,
  columns: Array.from({ length: WIDTH }, (_, column) => `f${column}`),
  values: floats('train-values.f32'),
  labels,
  weights: null,
  categorical: [],
};
const shape = mode === 'leaf' ? { max_depth: 0, max_leaves: 31, grow_policy: 'lossguide' } : { max_depth: 6 };
const params = expectOk(
  mode === 'lightgbm'
    ? lightgbmParams({ objective: 'binary', num_iterations: 100, num_leaves: 31 })
    : xgboostParams({ objective: 'binary:logistic', num_boost_round: 100, eta: 0.1, base_score: 0.5, ...shape }),
);
const started = performance.now();
const helpers = Number(threads) - 1;
const steps = trainBoostingSteps(table, params, helpers > 0 ? { threads: spawnTreeThreads(helpers) } : {});
let step = steps.next();
let longestMs = 0;
for (let before = performance.now(); step.done !== true;) {
  step = steps.next();
  const now = performance.now();
  longestMs = Math.max(longestMs, now - before);
  before = now;
}
const seconds = (performance.now() - started) / 1_000;
const { model } = expectOk(step.value);
const held = floats('held-values.f32');
writeFileSync(
  join(folder, 'predictions.f32'),
  Float32Array.from(treePredictor(model).predictRows(held, held.length / WIDTH)),
);
process.stdout.write(`${JSON.stringify({ seconds, longestMs })}\n`, () => process.exit(0));
