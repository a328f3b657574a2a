import { seededRandom, type Random } from '@monsta/core';
import { MISSING, NODE_FLAG, type TreeEnsemble, type TreeTask } from './tree-ensemble.ts';

/** What a random ensemble is to look like. */
export interface EnsembleShape {
  readonly seed: number;
  readonly family: TreeEnsemble['family'];
  readonly task?: TreeTask;
  readonly columns: number;
  /** Trees an output. */
  readonly rounds: number;
  readonly depth: number;
  /** Share of the nodes above the greatest depth that are split. */
  readonly fullness?: number;
  /** The first so many columns hold categories: whatever splits by them splits by a set. */
  readonly categoricalColumns?: number;
  /** Share of nodes of other columns that split by a set all the same. */
  readonly categorical?: number;
  /** How nodes read missing values: one of `MISSING`, or one drawn a node. */
  readonly missing?: number | 'mixed';
  /** Values a leaf, for a forest. */
  readonly leafWidth?: number;
  readonly bestRounds?: number | null;
}

interface Growing {
  readonly feature: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly right: number[];
  readonly flags: number[];
  readonly categoryStart: number[];
  readonly categoryWords: number[];
  readonly categories: number[];
  readonly values: number[];
  readonly gain: number[];
  readonly cover: number[];
  readonly count: number[];
}

/** Values on a grid of quarters, so that rows meet thresholds exactly; now and then zero, tiny or missing. */
function randomValue(random: Random, missing: boolean): number {
  const kind = random.next();
  if (missing && kind < 0.15) return NaN;
  if (kind < 0.25) return kind < 0.2 ? 0 : (random.next() - 0.5) * 4e-35;
  return random.next() < 0.5 ? (random.integer(33) - 16) / 4 : random.gaussian() * 2;
}

/** Rows for such an ensemble, row-major. */
export function randomRows(seed: number, rows: number, columns: number, missing = true): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: rows * columns }, () => randomValue(random, missing));
}

function grow(
  out: Growing,
  shape: EnsembleShape,
  random: Random,
  single: boolean,
  level: number,
  count: number,
): number {
  const node = out.feature.length;
  const round = (value: number): number => (single ? Math.fround(value) : value);
  const leafWidth = shape.leafWidth ?? 1;
  const isLeaf = level >= shape.depth || count < 2 || random.next() > (shape.fullness ?? 0.85);
  const column = random.integer(shape.columns);
  const categorical = !isLeaf && (column < (shape.categoricalColumns ?? 0) || random.next() < (shape.categorical ?? 0));
  const missing =
    shape.missing === 'mixed'
      ? random.integer(3)
      : (shape.missing ?? (shape.family === 'lightgbm' ? MISSING.none : MISSING.nan));
  const category = { start: 0, words: 0, flag: 0 };
  if (categorical) {
    category.start = out.categories.length;
    category.words = 1 + random.integer(2);
    category.flag = NODE_FLAG.categorical | (shape.family === 'xgboost' ? NODE_FLAG.setGoesRight : 0);
    for (let word = 0; word < category.words; word += 1) out.categories.push(1 + random.integer(2 ** 32 - 1));
  }
  const defaultLeft = random.next() < 0.5 && !(categorical && shape.family === 'lightgbm') ? NODE_FLAG.defaultLeft : 0;
  out.feature.push(isLeaf ? -1 : column);
  out.threshold.push(isLeaf || categorical ? 0 : round(randomValue(random, false)));
  out.left.push(0);
  out.right.push(0);
  const reads = categorical && shape.family === 'lightgbm' ? MISSING.nan : missing;
  out.flags.push(isLeaf ? 0 : defaultLeft | (reads << NODE_FLAG.missingShift) | category.flag);
  out.categoryStart.push(category.start);
  out.categoryWords.push(category.words);
  if (leafWidth === 1) out.values.push(round(random.gaussian() * 0.3));
  else {
    const shares = Array.from({ length: leafWidth }, () => random.next() + 0.01);
    const sum = shares.reduce((left, right) => left + right, 0);
    out.values.push(...shares.map((share) => share / sum));
  }
  out.gain.push(isLeaf ? 0 : round(random.next() * 10));
  out.cover.push(round(count / 4));
  out.count.push(count);
  if (!isLeaf) {
    const half = 1 + random.integer(count - 1);
    out.left[node] = grow(out, shape, random, single, level + 1, half);
    out.right[node] = grow(out, shape, random, single, level + 1, count - half);
  }
  return node;
}

/** An ensemble of random trees that hangs together: counts add up, children come after parents. */
export function randomEnsemble(shape: EnsembleShape): TreeEnsemble {
  const random = seededRandom(shape.seed);
  const single = shape.family === 'xgboost';
  const task = shape.task ?? { kind: 'binary' };
  const leafWidth = shape.leafWidth ?? 1;
  const outputs = leafWidth > 1 ? leafWidth : task.kind === 'multiclass' ? task.classes : 1;
  const perRound = leafWidth > 1 ? 1 : outputs;
  const out: Growing = {
    feature: [],
    threshold: [],
    left: [],
    right: [],
    flags: [],
    categoryStart: [],
    categoryWords: [],
    categories: [],
    values: [],
    gain: [],
    cover: [],
    count: [],
  };
  const roots: number[] = [];
  const treeOutput: number[] = [];
  for (let tree = 0; tree < shape.rounds * perRound; tree += 1) {
    treeOutput.push(tree % perRound);
    roots.push(grow(out, shape, random, single, 0, 1000));
  }
  const base = (): number => (shape.family === 'random-forest' ? 0 : Math.fround(random.gaussian() * 0.5));
  const common = base();
  return {
    kind: 'trees',
    family: shape.family,
    task,
    objective: null,
    featureNames: Array.from({ length: shape.columns }, (_, column) => `column_${column}`),
    outputs,
    leafWidth,
    roots: Int32Array.from(roots),
    treeOutput: Int32Array.from(treeOutput),
    feature: Int32Array.from(out.feature),
    threshold: Float64Array.from(out.threshold),
    left: Int32Array.from(out.left),
    right: Int32Array.from(out.right),
    flags: Uint8Array.from(out.flags),
    categoryStart: Int32Array.from(out.categoryStart),
    categoryWords: Int32Array.from(out.categoryWords),
    categories: Uint32Array.from(out.categories),
    values: Float64Array.from(out.values),
    gain: Float64Array.from(out.gain),
    cover: Float64Array.from(out.cover),
    count: Float64Array.from(out.count),
    baseMargins: new Float64Array(outputs).fill(common),
    averaged: shape.family === 'random-forest',
    inputPrecision: single ? 'float32' : 'float64',
    bestRounds: shape.bestRounds ?? null,
  };
}
