import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomEnsemble, randomRows } from './ensembles.test-support.ts';
import { readLightgbmText } from './lightgbm-text.ts';
import { writeLightgbmText } from './lightgbm-writer.ts';
import { treePredictor } from './predictor.ts';
import { treeExplainer } from './shap.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';

const COLUMNS = 4;
const FIXTURES = join(import.meta.dirname, 'fixtures/lightgbm');
const NAMES = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => name.replace('.txt', ''));

interface Expected {
  readonly rows: readonly (readonly (number | null)[])[];
  readonly margins: readonly (readonly number[])[];
  readonly predictions: readonly (readonly number[])[];
  readonly contributions: readonly (readonly number[])[];
}

const fixture = (name: string): string => readFileSync(join(FIXTURES, `${name}.txt`), 'utf8');
const expectedOf = (name: string): Expected =>
  JSON.parse(readFileSync(join(FIXTURES, `${name}.expected`), 'utf8')) as Expected;
const farthest = (found: ArrayLike<number>, wanted: readonly number[]): number =>
  found.length === wanted.length
    ? wanted.reduce((most, value, index) => Math.max(most, Math.abs((found[index] ?? NaN) - value)), 0)
    : Infinity;

/** One round: column 0 up to 0.5 → −1 (missing ones left); else column 1 in {1, 33} goes left → 1, all else → 2. */
const TREE = {
  num_leaves: '3',
  num_cat: '1',
  split_feature: '0 1',
  split_gain: '4 2',
  threshold: '0.5 0',
  decision_type: '10 1',
  left_child: '-1 -2',
  right_child: '1 -3',
  leaf_value: '-1 1 2',
  leaf_weight: '4 1 1',
  leaf_count: '40 10 10',
  internal_value: '0 1.5',
  internal_weight: '6 2',
  internal_count: '60 20',
  cat_boundaries: '0 2',
  cat_threshold: '2 2',
  is_linear: '0',
  shrinkage: '1',
};
const HEAD = {
  version: 'v4',
  num_class: '1',
  num_tree_per_iteration: '1',
  label_index: '0',
  max_feature_idx: '1',
  objective: 'regression',
  feature_names: 'a b',
  feature_infos: '[0:1] 0:1:33',
  tree_sizes: '300',
};

interface Parts {
  readonly head?: Readonly<Record<string, string | null>>;
  readonly tree?: Readonly<Record<string, string | null>>;
  readonly end?: string;
}

const linesOf = (fields: Readonly<Record<string, string | null>>): readonly string[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [value === '' ? name : `${name}=${value}`]));

const file = ({ head = {}, tree = {}, end = 'end of trees' }: Parts = {}): string =>
  ['tree', ...linesOf({ ...HEAD, ...head }), '', 'Tree=0', ...linesOf({ ...TREE, ...tree }), '', '', end, ''].join(
    '\n',
  );

const read = (parts?: Parts): TreeEnsemble => expectOk(readLightgbmText(file(parts)));
const answer = (model: TreeEnsemble, ...row: readonly number[]): number =>
  treePredictor(model).predictOne(Float64Array.from(row), 0);
const faultOf = (text: string): string => {
  const result = readLightgbmText(text);
  return result.ok ? 'read' : `${result.fault.code}: ${result.fault.message}`;
};

describe('LightGBM text', () => {
  it('of the library is at hand for these cases', () => {
    expect(NAMES.toSorted()).toEqual([
      'binary-missing',
      'categorical',
      'forest',
      'multiclass',
      'quantile',
      'zero-missing',
    ]);
  });

  it.each(NAMES)('%s of the library: its margins bit for bit, its predictions and contributions to 1e-12', (name) => {
    const model = expectOk(readLightgbmText(fixture(name)));
    const { rows, margins, predictions, contributions } = expectedOf(name);
    const values = Float64Array.from(rows.flat(), (value) => value ?? NaN);
    const predictor = treePredictor(model);
    // The library's raw score of a forest is the sum over its trees, its contributions are of that sum.
    const sum = model.averaged ? model.roots.length : 1;
    const found = predictor.marginRows(values, rows.length).map((margin) => margin * sum);
    expect(farthest(found, margins.flat())).toBeLessThanOrEqual(model.averaged ? 1e-14 : 0);
    expect(farthest(predictor.predictRows(values, rows.length), predictions.flat())).toBeLessThanOrEqual(1e-12);
    const explained = expectOk(treeExplainer(model)).explainRows(values, rows.length);
    expect(
      farthest(
        explained.map((value) => value * sum),
        contributions.flat(),
      ),
    ).toBeLessThanOrEqual(1e-12);
  });

  it.each(NAMES)('%s of the library: written again, holds the same trees', (name) => {
    const model = expectOk(readLightgbmText(fixture(name)));
    const again = expectOk(readLightgbmText(expectOk(writeLightgbmText(model))));
    expect(again).toEqual(model);
  });

  it('is walked as LightGBM walks it: up to the threshold goes left, listed categories left, all others right', () => {
    const model = read();
    expect([0.5, NaN, -1].map((value) => answer(model, value, 1))).toEqual([-1, -1, -1]);
    expect([1, 33, 1.9, 0, 32, 64, 1e9, -1, NaN].map((category) => answer(model, 0.6, category))).toEqual([
      1, 1, 1, 2, 2, 2, 2, 2, 2,
    ]);
  });

  it.each([
    ['NaN is zero', MISSING.none, [-1, -1, -1]],
    ['zero and NaN go the default way', MISSING.zero, [2, 2, -1]],
    ['NaN goes the default way', MISSING.nan, [2, -1, -1]],
  ])('reads missing values so that %s', (_, missing, wanted) => {
    const model = read({ tree: { decision_type: `${missing << 2} 1` } });
    expect([NaN, 1e-36, 0.4].map((value) => answer(model, value, 0))).toEqual(wanted);
  });

  it('keeps gains, weights, counts and names', () => {
    const model = read();
    expect(model.featureNames).toEqual(['a', 'b']);
    expect([...model.gain]).toEqual([4, 0, 2, 0, 0]);
    expect([...model.cover]).toEqual([6, 4, 2, 1, 1]);
    expect([...model.count]).toEqual([60, 40, 20, 10, 10]);
  });

  it('knows the objective, its sigmoid and its quantile', () => {
    expect(read({ head: { objective: 'binary sigmoid:2' } }).objective).toBe('binary sigmoid:2');
    expect(answer(read({ head: { objective: 'binary sigmoid:2' } }), 0, 0)).toBeCloseTo(1 / (1 + Math.exp(2)), 14);
    expect(answer(read({ head: { objective: 'poisson' } }), 0, 0)).toBeCloseTo(Math.exp(-1), 14);
    expect(answer(read({ head: { objective: 'regression sqrt' } }), 0.6, 0)).toBe(4);
    expect(read({ head: { objective: null } }).objective).toBe('custom');
    const alpha = 'end of trees\n\nparameters:\n[alpha: 0.8]\nend of parameters';
    expect(read({ head: { objective: 'quantile' }, end: alpha }).task).toEqual({ kind: 'quantile', alpha: 0.8 });
    expect(read({ head: { objective: 'quantile' } }).task).toEqual({ kind: 'regression' });
  });

  it('takes line ends of Windows, and a version 2 without an end mark', () => {
    expect(answer(expectOk(readLightgbmText(file().replaceAll('\n', '\r\n'))), 0, 0)).toBe(-1);
    expect(answer(read({ head: { version: 'v2' }, end: '' }), 0, 0)).toBe(-1);
  });

  it('written and read again forecasts the same bit for bit, whatever the margins begin with', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(0, 2),
        fc.constantFrom(MISSING.none, MISSING.zero, MISSING.nan, 'mixed' as const),
        fc.constantFrom<TreeEnsemble['task']>(
          { kind: 'binary' },
          { kind: 'quantile', alpha: 0.3 },
          { kind: 'multiclass', classes: 3 },
        ),
        fc.constantFrom(null, 1),
        (seed, rounds, categoricalColumns, missing, task, bestRounds) => {
          const model = randomEnsemble({
            seed,
            family: 'lightgbm',
            task,
            columns: COLUMNS,
            rounds,
            depth: 5,
            categoricalColumns,
            missing,
            bestRounds,
          });
          const again = expectOk(readLightgbmText(expectOk(writeLightgbmText(model))));
          const rows = randomRows(seed, 20, COLUMNS);
          expect(treePredictor(again).marginRows(rows, 20)).toEqual(treePredictor(model).marginRows(rows, 20));
          expect(again.task).toEqual(model.task);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('states the size of each tree in bytes, by which the library finds it', () => {
    const model = randomEnsemble({ seed: 3, family: 'lightgbm', columns: COLUMNS, rounds: 4, depth: 4 });
    const text = expectOk(writeLightgbmText(model));
    const sizes = (/tree_sizes=(.*)/u.exec(text)?.[1] ?? '').split(' ').map(Number);
    let at = text.indexOf('Tree=0');
    for (const [index, size] of sizes.entries()) {
      expect(text.slice(at, at + 20)).toContain(`Tree=${index}\n`);
      at += size;
    }
    expect(text.slice(at).startsWith('end of trees\n')).toBe(true);
  });

  it('is refused for models it cannot hold', () => {
    expect(writeLightgbmText(randomEnsemble({ seed: 1, family: 'xgboost', columns: 2, rounds: 2, depth: 2 })).ok).toBe(
      false,
    );
    const sets = randomEnsemble({
      seed: 1,
      family: 'lightgbm',
      columns: 1,
      rounds: 1,
      depth: 1,
      fullness: 1,
      categoricalColumns: 1,
    });
    expect(writeLightgbmText({ ...sets, flags: sets.flags.map((flags) => flags | NODE_FLAG.defaultLeft) }).ok).toBe(
      false,
    );
    const alike = { ...sets, featureNames: ['a b', 'a_b'] };
    expect(writeLightgbmText(alike).ok).toBe(false);
    expect(expectOk(writeLightgbmText({ ...sets, featureNames: ['a b'] }))).toContain('feature_names=a_b\n');
  });

  it.each<[string, Parts]>([
    ['model_version_unknown: .*v9', { head: { version: 'v9' } }],
    ["model_unsupported: .*objective 'mystery'", { head: { objective: 'mystery' } }],
    ['model_unsupported: .*linear models', { tree: { is_linear: '1' } }],
    [
      "model_unsupported: .*'binary' has 3 outputs",
      { head: { objective: 'binary sigmoid:1', num_tree_per_iteration: '3' }, tree: {} },
    ],
    ['model_malformed: .*tree 0, leaf_value: it holds 2 numbers instead of 3', { tree: { leaf_value: '1 2' } }],
    [
      'model_malformed: .*tree 0, leaf_value: it holds 3 numbers instead of 1000000000',
      { tree: { num_leaves: '1000000000' } },
    ],
    ["model_malformed: .*tree 0, leaf_value: 'x' is no number", { tree: { leaf_value: '1 x 2' } }],
    ['model_malformed: .*tree 0: leaf 4 says NaN', { tree: { leaf_value: '1 2 nan' } }],
    ['model_malformed: .*splits at NaN', { tree: { threshold: 'nan 0' } }],
    ['model_malformed: .*node 0 is reached twice', { tree: { left_child: '0 -2' } }],
    ['model_malformed: .*left_child: 2 is no whole number from -3 to 1', { tree: { left_child: '2 -2' } }],
    ['model_malformed: .*tree 0: node 0 splits by column 2', { tree: { split_feature: '2 1' } }],
    ['model_malformed: .*node 1 has the set 1 of 1', { tree: { threshold: '0.5 1' } }],
    ['model_malformed: .*num_cat: it is 0', { tree: { num_cat: '0' } }],
    [
      'model_malformed: .*cat_threshold: it holds 2 numbers instead of 1000000000',
      { tree: { cat_boundaries: '0 1000000000' } },
    ],
    ['model_malformed: .*set 0 goes from 2 to 0', { tree: { cat_boundaries: '2 0', cat_threshold: '' } }],
    ['model_malformed: .*tree 0, threshold: it is missing', { tree: { threshold: null } }],
    ['model_malformed: .*decision_type', { tree: { decision_type: '12 1' } }],
    ['model_malformed: .*max_feature_idx', { head: { max_feature_idx: '1000000000' } }],
    ['model_malformed: .*num_class', { head: { num_class: '1000000000' } }],
    [
      'model_malformed: .*no whole rounds of 2',
      { head: { num_tree_per_iteration: '2', objective: 'multiclass num_class:2' } },
    ],
    ['model_malformed: .*cut off', { end: '' }],
    ['model_malformed: .*tree_sizes: it names 2 trees', { head: { tree_sizes: '300 300' } }],
  ])('answers %s', (expected, parts) => {
    expect(faultOf(file(parts))).toMatch(new RegExp(expected, 'u'));
  });
});
