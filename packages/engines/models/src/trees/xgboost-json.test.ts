import { expectOk } from '@monsta/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomEnsemble, randomRows } from './ensembles.test-support.ts';
import { treePredictor } from './predictor.ts';
import { MISSING, NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';
import { readXgboostJson } from './xgboost-json.ts';
import { writeXgboostJson } from './xgboost-writer.ts';

const COLUMNS = 4;

/** A tree as XGBoost writes it: column 0 below 0.5 → −1; else column 1 in {0, 2} goes right → 2, all else 1. */
const tree = (): Record<string, unknown> => ({
  base_weights: [0, -1, 0.5, 1, 2],
  categories: [0, 2],
  categories_nodes: [2],
  categories_segments: [0],
  categories_sizes: [2],
  default_left: [0, 0, 1, 0, 0],
  id: 0,
  left_children: [1, -1, 3, -1, -1],
  loss_changes: [4, 0, 2, 0, 0],
  parents: [2147483647, 0, 0, 2, 2],
  right_children: [2, -1, 4, -1, -1],
  split_conditions: [0.5, -1, 'NaN', 1, 2],
  split_indices: [0, 0, 1, 0, 0],
  split_type: [0, 0, 1, 0, 0],
  sum_hessian: [10, 4, 6, 5, 1],
  tree_param: { num_deleted: '0', num_feature: '2', num_nodes: '5', size_leaf_vector: '0' },
});

interface Parts {
  readonly booster?: string;
  readonly objective?: Record<string, unknown>;
  readonly parameters?: Record<string, unknown>;
  readonly attributes?: Record<string, unknown>;
  readonly names?: readonly string[];
  readonly tree?: Record<string, unknown>;
}

/** The file's text, with the bare `NaN` that the library writes. */
const file = (parts: Parts = {}): string =>
  JSON.stringify({
    learner: {
      attributes: parts.attributes ?? {},
      feature_names: parts.names ?? [],
      gradient_booster: {
        name: parts.booster ?? 'gbtree',
        model: {
          gbtree_model_param: { num_parallel_tree: '1', num_trees: '1', size_leaf_vector: '0' },
          tree_info: [0],
          trees: [{ ...tree(), ...parts.tree }],
        },
      },
      learner_model_param: {
        base_score: '5E-1',
        num_class: '0',
        num_feature: '2',
        num_target: '1',
        ...parts.parameters,
      },
      objective: parts.objective ?? { name: 'reg:squarederror' },
    },
    version: [1, 7, 4],
  }).replaceAll('"NaN"', 'NaN');

const read = (parts?: Parts): TreeEnsemble => expectOk(readXgboostJson(file(parts)));
const answer = (model: TreeEnsemble, ...row: readonly number[]): number =>
  treePredictor(model).predictOne(Float64Array.from(row), 0);
const faultOf = (text: string): string => {
  const result = readXgboostJson(text);
  return result.ok ? 'read' : `${result.fault.code}: ${result.fault.message}`;
};

describe('XGBoost JSON', () => {
  it('is walked as XGBoost walks it: less than goes left, listed categories right, all others and unseen ones left', () => {
    const model = read();
    expect(answer(model, 0.49, 0)).toBe(-0.5);
    // The greatest 32-bit float below 0.5 goes left; a 64-bit one nearer to 0.5 is rounded to it, and goes right.
    expect(answer(model, 0.5 - 2 ** -25, 1)).toBe(-0.5);
    expect(answer(model, 0.5 - 2 ** -40, 1)).toBe(1.5);
    expect([0, 1, 2, 3, 500, -1, NaN].map((category) => answer(model, 0.5, category))).toEqual([
      2.5, 1.5, 2.5, 1.5, 1.5, 1.5, 1.5,
    ]);
    expect(answer(model, NaN, 0)).toBe(2.5);
  });

  it('keeps gains, covers, and names, and calls columns without a name as XGBoost does', () => {
    const model = read({ names: ['a', 'b'] });
    expect(model.featureNames).toEqual(['a', 'b']);
    expect([...model.gain]).toEqual([4, 0, 2, 0, 0]);
    expect([...model.cover]).toEqual([10, 4, 6, 5, 1]);
    expect(read().featureNames).toEqual(['f0', 'f1']);
  });

  it.each([
    ['a number', 0.25],
    ['a text', '2.5E-1'],
    ['the text of a list', '[2.5E-1]'],
  ])('reads a base score given as %s', (_, score) => {
    const parameters = { base_score: score };
    expect(answer(read({ parameters }), 0, 0)).toBe(-0.75);
    const logistic = read({ parameters, objective: { name: 'binary:logistic' } });
    expect(logistic.baseMargins[0]).toBeCloseTo(Math.log(1 / 3), 6);
    expect(read({ parameters, objective: { name: 'reg:gamma' } }).baseMargins[0]).toBeCloseTo(Math.log(0.25), 6);
  });

  it('reads one base score a class, as version 3.1 writes them', () => {
    const model = read({
      objective: { name: 'multi:softprob' },
      parameters: { num_class: '2', base_score: '[1E-1,2E-1]' },
    });
    expect([...model.baseMargins]).toEqual([Math.fround(0.1), Math.fround(0.2)]);
    expect(model.task).toEqual({ kind: 'multiclass', classes: 2 });
  });

  it('reads the quantile of reg:quantileerror', () => {
    const objective = { name: 'reg:quantileerror', quantile_loss_param: { quantile_alpha: '[9E-1]' } };
    expect(read({ objective }).task).toEqual({ kind: 'quantile', alpha: 0.9 });
  });

  it('forecasts with the best round only, where the file names one', () => {
    expect(read({ attributes: { best_iteration: '0' } }).bestRounds).toBeNull();
    const two = randomEnsemble({ seed: 4, family: 'xgboost', columns: 2, rounds: 5, depth: 2, bestRounds: 2 });
    expect(expectOk(readXgboostJson(expectOk(writeXgboostJson(two)))).bestRounds).toBe(2);
  });

  it('leaves nodes out that were pruned, and takes children that stand before their parent', () => {
    const pruned = read({
      tree: {
        ...Object.fromEntries(
          ['base_weights', 'default_left', 'loss_changes', 'split_indices', 'split_type', 'sum_hessian'].map((name) => [
            name,
            [0, 0, 0, 0, 0],
          ]),
        ),
        categories: [],
        categories_nodes: [],
        categories_segments: [],
        categories_sizes: [],
        left_children: [4, -1, -1, -1, 1],
        right_children: [3, -1, -1, -1, 2],
        split_conditions: [0.5, 7, 8, 9, 0.25],
      },
    });
    expect(pruned.feature.length).toBe(5);
    expect([0.1, 0.3, 0.6].map((value) => answer(pruned, value, 0))).toEqual([7.5, 8.5, 9.5]);
    const stump = read({
      tree: { ...tree(), left_children: [-1, -1, -1, -1, -1], right_children: [-1, -1, -1, -1, -1] },
    });
    expect(stump.feature.length).toBe(1);
  });

  it('written and read again forecasts the same bit for bit', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(0, 2),
        fc.constantFrom(MISSING.nan, MISSING.none),
        fc.constantFrom<TreeEnsemble['task']>(
          { kind: 'binary' },
          { kind: 'regression' },
          { kind: 'multiclass', classes: 3 },
        ),
        fc.constantFrom(null, 1),
        (seed, rounds, categoricalColumns, missing, task, bestRounds) => {
          const model = {
            ...randomEnsemble({
              seed,
              family: 'xgboost',
              task,
              columns: COLUMNS,
              rounds,
              depth: 4,
              categoricalColumns,
              missing,
              bestRounds,
            }),
            // Neither alike nor to be had by a base score: they go into the leaves.
            ...(seed % 2 === 0
              ? {
                  baseMargins: Float64Array.from({ length: task.kind === 'multiclass' ? 3 : 1 }, (_, output) =>
                    Math.fround(output + 0.1),
                  ),
                }
              : {}),
          };
          const again = expectOk(readXgboostJson(expectOk(writeXgboostJson(model))));
          const rows = randomRows(seed, 20, COLUMNS);
          expect(treePredictor(again).marginRows(rows, 20)).toEqual(treePredictor(model).marginRows(rows, 20));
          expect(again.cover.length).toBe(model.cover.length);
          expect(again.task).toEqual(model.task);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is written with an exponent in every float, and the right child after the left one, as the library's reader wants", () => {
    const model = randomEnsemble({ seed: 8, family: 'xgboost', columns: COLUMNS, rounds: 1, depth: 4, fullness: 1 });
    const text = expectOk(writeXgboostJson(model));
    for (const name of ['base_weights', 'split_conditions', 'loss_changes', 'sum_hessian']) {
      const numbers = new RegExp(`"${name}":\\[([^\\]]*)\\]`, 'u').exec(text)?.[1]?.split(',') ?? [];
      expect(numbers.length).toBe(model.feature.length);
      expect(numbers.every((number) => /e/iu.test(number))).toBe(true);
    }
    const children = (name: string): readonly number[] =>
      JSON.parse(new RegExp(`"${name}":(\\[[^\\]]*\\])`, 'u').exec(text)?.[1] ?? '[]') as number[];
    const left = children('left_children');
    expect(children('right_children')).toEqual(left.map((child) => (child < 0 ? -1 : child + 1)));
  });

  it('is refused for models it cannot hold, with the way out', () => {
    const forest = randomEnsemble({ seed: 1, family: 'random-forest', columns: 2, rounds: 2, depth: 2 });
    const refused = writeXgboostJson(forest);
    expect(refused.ok ? '' : `${refused.fault.code}: ${refused.fault.message}`).toBe(
      "model_form_unsuitable: the model can't be written as XGBoost JSON: it was made by the rules of random-forest; write it as MONSTA's own JSON",
    );
    const zeros = randomEnsemble({
      seed: 1,
      family: 'xgboost',
      columns: 2,
      rounds: 2,
      depth: 2,
      fullness: 1,
      missing: MISSING.zero,
    });
    expect(writeXgboostJson(zeros).ok).toBe(false);
    const sets = randomEnsemble({
      seed: 1,
      family: 'xgboost',
      columns: 1,
      rounds: 1,
      depth: 1,
      fullness: 1,
      categoricalColumns: 1,
    });
    expect(writeXgboostJson(sets).ok).toBe(true);
    expect(writeXgboostJson({ ...sets, flags: sets.flags.map((flags) => flags & ~NODE_FLAG.setGoesRight) }).ok).toBe(
      false,
    );
  });

  it.each<[string, Parts]>([
    ['model_unsupported: .*booster is dart', { booster: 'dart' }],
    ['model_unsupported: .*booster is gblinear', { booster: 'gblinear' }],
    ["model_unsupported: .*objective 'binary:hinge'", { objective: { name: 'binary:hinge' } }],
    ['model_unsupported: .*3 targets', { parameters: { num_target: '3' } }],
    [
      'model_unsupported: .*several quantiles',
      { objective: { name: 'reg:quantileerror', quantile_loss_param: { quantile_alpha: '[0.1,0.9]' } } },
    ],
    ['model_unsupported: .*several outputs', { tree: { tree_param: { size_leaf_vector: '2' } } }],
    ['model_malformed: .*trees\\[0\\]: node 0 is reached twice', { tree: { left_children: [1, -1, 0, -1, -1] } }],
    ['model_malformed: .*trees\\[0\\]: node 3 is reached twice', { tree: { right_children: [2, -1, 3, -1, -1] } }],
    [
      'model_malformed: .*left_children\\[0\\]: .*whole number from -1 to 4',
      { tree: { left_children: [5, -1, 3, -1, -1] } },
    ],
    ['model_malformed: .*a child is node -1', { tree: { right_children: [-1, -1, 4, -1, -1] } }],
    ['model_malformed: .*splits at NaN', { tree: { split_conditions: ['NaN', 0, 0, 0, 0] } }],
    ['model_malformed: .*leaf 1 says Infinity', { tree: { split_conditions: [0, 1e39, 0, 0, 0] } }],
    ['model_malformed: .*splits by column 7', { tree: { split_indices: [7, 0, 1, 0, 0] } }],
    [
      'model_malformed: .*right_children: it holds 4 numbers instead of 5',
      { tree: { right_children: [2, -1, 4, -1] } },
    ],
    ['model_malformed: .*num_nodes', { tree: { tree_param: { num_nodes: '1000000000' } } }],
    ['model_malformed: .*num_feature', { parameters: { num_feature: '1000000000' } }],
    [
      'model_malformed: .*num_class',
      { parameters: { num_class: '1000000000' }, objective: { name: 'multi:softprob' } },
    ],
    [
      'model_malformed: .*the sets hold more',
      { tree: { categories_nodes: [2, 2, 2], categories_segments: [0, 0, 0], categories_sizes: [2, 2, 2] } },
    ],
    ['model_malformed: .*more memory than the file is worth', { tree: { categories: [16777215, 16777214] } }],
    [
      "model_malformed: .*base_score: binary:logistic can't begin there",
      { objective: { name: 'binary:logistic' }, parameters: { base_score: '1' } },
    ],
    ['model_malformed: .*feature_names', { names: ['a'] }],
  ])('answers %s', (expected, parts) => {
    expect(faultOf(file(parts))).toMatch(new RegExp(expected, 'u'));
  });

  it('answers what is no JSON, or JSON of something else, by a fault', () => {
    expect(faultOf('{"learner":')).toMatch(/^model_malformed: .*the file: it is no JSON/u);
    expect(faultOf('[]')).toMatch(/^model_malformed: .*the file: it is no object/u);
    expect(faultOf('{}')).toMatch(/^model_malformed: .*learner: it is no object/u);
    expect(faultOf(`${'['.repeat(200_000)}`)).toMatch(/^model_malformed/u);
  });
});
