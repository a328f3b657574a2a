import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk, seededRandom } from '@monsta/core';
import { afterAll, describe, expect, it } from 'vitest';
import { trainBoostingSteps } from './boosting.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import type { TreeTable } from './training-table.ts';
import { TreeMemory } from './tree-memory.ts';
import { readXgboostJson } from './xgboost-json.ts';
import { xgboostParams } from './xgboost-params.ts';

/** Trains the cases of cases.json with the library, and saves each model beside it. */
const PROGRAM = `
import json, sys, numpy as np, xgboost
folder = sys.argv[1]
for index, case in enumerate(json.load(open(folder + "/cases.json"))):
    read = lambda name, kind: np.fromfile(f"{folder}/{index}.{name}", kind)
    values = read("values", np.float32).reshape(case["rows"], -1)
    weights = read("weights", np.float32) if case["weighted"] else None
    kinds = ["c" if column in case["categorical"] else "q" for column in range(values.shape[1])]
    data = xgboost.DMatrix(values, read("labels", np.float32), weight=weights, feature_types=kinds, enable_categorical=True)
    xgboost.train(case["params"], data, case["rounds"]).save_model(f"{folder}/{index}.json")
print(xgboost.__version__)
`;

const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import xgboost']).status === 0,
);

interface Case {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly kind: 'binary' | 'number' | 'classes';
  /** Share of the values that are missing, and of which columns: two, unless said. */
  readonly missing?: number;
  readonly missingIn?: readonly number[];
  readonly weighted?: boolean;
  readonly categorical?: readonly number[];
  /** Whole numbers that columns 4 and 5 hold: 9, unless said. */
  readonly categories?: number;
  /** They are multiples of this. */
  readonly gap?: number;
}

const BINARY = { objective: 'binary:logistic', base_score: 0.5 };
const NUMBER = { objective: 'reg:squarederror', base_score: 0.5 };

const CASES: readonly Case[] = [
  { name: 'plain, level by level', params: BINARY, kind: 'binary' },
  {
    name: 'best leaf first',
    params: { ...BINARY, grow_policy: 'lossguide', max_depth: 0, max_leaves: 15 },
    kind: 'binary',
  },
  { name: 'levels and leaves both limited', params: { ...BINARY, max_depth: 5, max_leaves: 11 }, kind: 'binary' },
  { name: 'missing values, few bins', params: { ...BINARY, max_bin: 64 }, kind: 'binary', missing: 0.3 },
  { name: 'missing values, a bin less than 256', params: { ...BINARY, max_bin: 255 }, kind: 'binary', missing: 0.3 },
  { name: 'missing values beside 256 bins', params: { ...BINARY, max_depth: 8 }, kind: 'binary', missing: 0.08 },
  {
    name: 'missing values in all columns beside 256 bins',
    params: { ...BINARY, max_delta_step: 1 },
    kind: 'binary',
    missing: 0.1,
    missingIn: [0, 1, 2, 3, 4, 5],
  },
  {
    name: 'missing values beside 256 bins, weighted, best leaf first',
    params: { ...BINARY, grow_policy: 'lossguide', max_depth: 0, max_leaves: 15 },
    kind: 'binary',
    missing: 0.3,
    weighted: true,
  },
  {
    name: 'missing values beside 256 bins, light children',
    params: { ...NUMBER, min_child_weight: 0 },
    kind: 'number',
    missing: 0.2,
  },
  { name: 'weights', params: { ...BINARY, scale_pos_weight: 3 }, kind: 'binary', weighted: true },
  { name: 'L1 and L2', params: { ...BINARY, alpha: 2, lambda: 5 }, kind: 'binary', missing: 0.2 },
  { name: 'no L2', params: { ...BINARY, lambda: 0, min_child_weight: 3 }, kind: 'binary' },
  { name: 'gamma', params: { ...BINARY, gamma: 4 }, kind: 'binary' },
  { name: 'bounded steps', params: { ...BINARY, max_delta_step: 0.4 }, kind: 'binary', missing: 0.2 },
  { name: 'bounded steps with L1', params: { ...BINARY, max_delta_step: 0.4, alpha: 1 }, kind: 'binary' },
  { name: 'heavy children', params: { ...BINARY, min_child_weight: 25 }, kind: 'binary' },
  { name: 'few bins', params: { ...BINARY, max_bin: 16 }, kind: 'binary' },
  {
    name: 'monotone columns',
    params: { ...BINARY, monotone_constraints: '(1,-1,1,0,-1,0)' },
    kind: 'binary',
    missing: 0.1,
  },
  { name: 'numbers', params: NUMBER, kind: 'number', missing: 0.1 },
  { name: 'numbers, weighted and deep', params: { ...NUMBER, max_depth: 9 }, kind: 'number', weighted: true },
  { name: 'classes', params: { objective: 'multi:softprob', num_class: 4, base_score: 0.5 }, kind: 'classes' },
  { name: 'categories one by one', params: { ...BINARY, max_cat_to_onehot: 100 }, kind: 'binary', categorical: [4, 5] },
  {
    name: 'categories one by one, missing values',
    params: { ...BINARY, max_cat_to_onehot: 100 },
    kind: 'binary',
    categorical: [4, 5],
    missing: 0.2,
  },
  { name: 'categories sorted', params: BINARY, kind: 'binary', categorical: [4, 5] },
  { name: 'many categories sorted', params: BINARY, kind: 'binary', categorical: [4, 5], categories: 60 },
  {
    name: 'many categories sorted, missing values',
    params: { ...NUMBER, lambda: 3 },
    kind: 'number',
    categorical: [4, 5],
    categories: 60,
    missing: 0.2,
  },
  {
    name: 'categories with gaps between them',
    params: { ...BINARY, max_cat_to_onehot: 12 },
    kind: 'binary',
    categorical: [4, 5],
    categories: 11,
    gap: 3,
    missing: 0.1,
  },
  {
    name: 'small sets of categories',
    params: { ...BINARY, max_cat_threshold: 5 },
    kind: 'binary',
    categorical: [4, 5],
    categories: 60,
  },
];

const ROWS = 6_000;
const WIDTH = 6;
const ROUNDS = 8;

function tableOf(test: Case, seed: number): TreeTable {
  const random = seededRandom(seed);
  const values = new Float32Array(ROWS * WIDTH);
  const labels = new Float32Array(ROWS);
  for (let row = 0; row < ROWS; row += 1) {
    const own = values.subarray(row * WIDTH, (row + 1) * WIDTH);
    for (let column = 0; column < WIDTH; column += 1)
      own[column] = column > 3 ? (test.gap ?? 1) * random.integer(test.categories ?? 9) : random.gaussian();
    const at = (column: number): number => own[column] ?? 0;
    const signal =
      at(0) + at(1) * at(2) - 0.5 * at(3) + (at(4) % 9 === 3 || at(4) % 9 === 7 ? 1 : 0) + random.gaussian();
    labels[row] =
      test.kind === 'number'
        ? signal
        : test.kind === 'binary'
          ? Number(signal > 0)
          : Math.max(0, Math.min(3, Math.floor(signal + 2)));
    for (const column of test.missingIn ?? [1, 4]) if (random.next() < (test.missing ?? 0)) own[column] = Number.NaN;
  }
  const weights = test.weighted === true ? Float32Array.from({ length: ROWS }, () => 0.5 + random.integer(4)) : null;
  const columns = Array.from({ length: WIDTH }, (_, column) => `f${column}`);
  return { rows: ROWS, columns, values, labels, weights, categorical: test.categorical ?? [] };
}

interface Node {
  readonly feature: number;
  readonly threshold: number;
  /** Categories, the words of their set. */
  readonly set: readonly number[];
  readonly gain: number;
  readonly cover: number;
  /** Of an inner node: what it would say as a leaf. */
  readonly value: number;
}

/** The words of a node's set of categories, no empty ones at the end. */
function setOf(model: TreeEnsemble, node: number): readonly number[] {
  const start = model.categoryStart[node] ?? 0;
  const words = [...model.categories.subarray(start, start + (model.categoryWords[node] ?? 0))];
  return words.slice(0, words.findLastIndex((word) => word !== 0) + 1);
}

/** The nodes of a tree from the root on, level by level, as far as they can be compared. */
function nodesOf(model: TreeEnsemble, tree: number): readonly Node[] {
  const queue = [model.roots[tree] ?? 0];
  const nodes: Node[] = [];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const feature = model.feature[at] ?? -1;
    const inner = feature >= 0;
    const single = (values: Float64Array): number => values[at ?? 0] ?? 0;
    const categorical = ((model.flags[at] ?? 0) & 8) !== 0;
    const threshold = inner && !categorical ? single(model.threshold) : 0;
    nodes.push({
      feature,
      threshold,
      set: inner && categorical ? setOf(model, at) : [],
      gain: single(model.gain),
      cover: single(model.cover),
      value: single(model.values),
    });
    if (inner) queue.push(model.left[at] ?? 0, model.right[at] ?? 0);
  }
  return nodes;
}

const close = (a: number, b: number, relative: number): boolean =>
  Math.abs(a - b) <= relative * Math.max(1e-3, Math.abs(a), Math.abs(b));

/** The library's default. */
const LEARNING_RATE = 0.3;

/**
 * How far gains may lie apart: the sums are added up in another order, and a gain is what both sides have, less what the node has, as 32-bit floats: four steps of that, however small the difference is.
 * A node of weight w has about w² (H + λ).
 */
function gainError({ gain, cover, value }: Node, index: number): number {
  const { lambda = 1 } = (CASES[index] as Case).params as { readonly lambda?: number };
  return 5e-6 * gain + 4 * 2 ** -23 * (value / LEARNING_RATE) ** 2 * (cover + lambda);
}

describe.skipIf(python === undefined)('boosting beside the library (skipped where no python3 imports xgboost)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-xgboost-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const memory = new TreeMemory();
  const tables = CASES.map((test, index) => tableOf(test, index + 1));
  tables.forEach((table, index) => {
    writeFileSync(join(folder, `${index}.values`), table.values);
    writeFileSync(join(folder, `${index}.labels`), table.labels);
    if (table.weights !== null) writeFileSync(join(folder, `${index}.weights`), table.weights);
  });
  const described = CASES.map(({ weighted = false, categorical = [], ...test }) => ({
    params: { tree_method: 'hist', nthread: 1, verbosity: 0, ...test.params },
    rows: ROWS,
    rounds: ROUNDS,
    weighted,
    categorical,
  }));
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(described));
  if (python !== undefined) {
    const trained = spawnSync(python, ['-c', PROGRAM, folder], { encoding: 'utf8' });
    if (trained.status !== 0) throw new Error(trained.stderr);
  }

  it.each(CASES.map((test, index) => [test.name, index] as const))('grows the same trees: %s', (_, index) => {
    const theirs = expectOk(readXgboostJson(readFileSync(join(folder, `${index}.json`), 'utf8')));
    const params = expectOk(xgboostParams({ num_boost_round: ROUNDS, ...CASES[index]?.params }));
    const steps = trainBoostingSteps(tables[index] as TreeTable, params, { memory });
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    const ours = expectOk(step.value).model;
    expect(ours.roots.length).toBe(theirs.roots.length);
    const different: string[] = [];
    for (let tree = 0; tree < ours.roots.length; tree += 1) {
      const own = nodesOf(ours, tree);
      const peer = nodesOf(theirs, tree);
      for (let at = 0; at < Math.max(own.length, peer.length); at += 1) {
        const a = own[at];
        const b = peer[at];
        const same =
          a !== undefined &&
          b !== undefined &&
          a.feature === b.feature &&
          close(a.threshold, b.threshold, 1e-6) &&
          a.set.join() === b.set.join() &&
          Math.abs(a.gain - b.gain) <= gainError(b, index) &&
          close(a.cover, b.cover, 1e-4) &&
          (a.feature >= 0 || close(a.value, b.value, 1e-3));
        if (!same) different.push(`tree ${tree} node ${at}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`);
      }
    }
    expect(different.slice(0, 3)).toEqual([]);
  });
});
