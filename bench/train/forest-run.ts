/** `node forest-run.ts FOLDER PARAMS THREADS`: grows a forest on the files in FOLDER in a process of its own, as its peer does, writes predictions of the held-out rows, and prints the seconds. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { treePredictor } from '@monsta/models';
import { forestParams } from '@monsta/models/parameters';
import { trainForest } from '../../apps/monsta/src/train/train-forest.ts';
import { WIDTH } from './data.ts';

const [folder = '.', params = '{}', threads = '1'] = process.argv.slice(2);
const floats = (name: string): Float32Array => {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
};
const labels = floats('train-labels.f32');
const columns = Array.from({ length: WIDTH }, (_, column) => `f${column}`);
const table = {
  rows: labels.length,
  columns,
  values: floats('train-values.f32'),
  labels,
  weights: null,
  categorical: [],
};
const wanted = expectOk(forestParams(JSON.parse(params)));
const { outcome, trainSeconds } = expectOk(await trainForest(table, wanted, Number(threads), () => undefined));
const held = floats('held-values.f32');
const predictions = treePredictor(outcome.model).predictRows(held, held.length / WIDTH);
writeFileSync(join(folder, 'predictions.f32'), Float32Array.from(predictions));
process.stdout.write(`${JSON.stringify({ seconds: trainSeconds })}\n`);
