import { expectOk, seededRandom, type Result } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forestGroundSteps, forestTaskOf } from './forest-ground.ts';
import { forestParams } from './forest-params.ts';
import { ForestTreeGrower, type GrownTree } from './forest-tree.ts';
import { forestOutcomeSteps, trainForestSteps, type ForestOutcome } from './forest.ts';
import { tableScores } from './table-scores.ts';
import type { TreeTable } from './training-table.ts';
import { NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';
import { TreeMemory } from './tree-memory.ts';

const memory = new TreeMemory();

function drained<T>(steps: Generator<unknown, T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

const params = (json: object) => expectOk(forestParams(json));
const train = (table: TreeTable, json: object): Result<ForestOutcome> =>
  drained(trainForestSteps(table, params(json), { memory }));
const grow = (table: TreeTable, json: object): ForestOutcome => expectOk(train(table, json));

/** Rows of three columns: the label depends on the first two and on whether the first is missing. */
function tableOf(rows: number, seed: number, label: (a: number, b: number, noise: number) => number): TreeTable {
  const random = seededRandom(seed);
  const values = new Float64Array(rows * 3);
  const labels = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const [a, b] = [random.gaussian(), random.gaussian()];
    values.set([random.next() < 0.1 ? Number.NaN : a, b, random.gaussian()], row * 3);
    labels[row] = label(values[row * 3] ?? 0, b, random.next());
  }
  return { rows, columns: ['a', 'b', 'noise'], values, labels, weights: null, categorical: [] };
}

const exclusive = (rows: number, seed: number): TreeTable =>
  tableOf(rows, seed, (a, b, noise) => (noise < 0.1 ? 1 : 0) ^ (a > 0 === b > 0 ? 1 : 0));

/** What the model says of a row, by walking its nodes: a reference to hold other things against. */
function forecast(model: TreeEnsemble, row: Float64Array): number[] {
  const { leafWidth, roots } = model;
  const sums = new Array<number>(leafWidth).fill(0);
  for (const root of roots) {
    let node = root;
    for (let column = model.feature[node] ?? -1; column >= 0; column = model.feature[node] ?? -1) {
      const value = row[column] ?? 0;
      const left = Number.isNaN(value)
        ? ((model.flags[node] ?? 0) & NODE_FLAG.defaultLeft) !== 0
        : value <= (model.threshold[node] ?? 0);
      node = (left ? model.left[node] : model.right[node]) ?? -1;
    }
    sums.forEach((sum, output) => (sums[output] = sum + (model.values[node * leafWidth + output] ?? 0)));
  }
  return sums.map((sum) => sum / roots.length);
}

const rowOf = (table: TreeTable, row: number): Float64Array =>
  Float64Array.from(table.values.subarray(row * table.columns.length, (row + 1) * table.columns.length));
const forecasts = (model: TreeEnsemble, table: TreeTable): Float64Array =>
  Float64Array.from(Array.from({ length: table.rows }, (_, row) => forecast(model, rowOf(table, row))).flat());
const scoresOf = (model: TreeEnsemble, table: TreeTable) =>
  tableScores(model.task, { forecasts: forecasts(model, table), labels: table.labels, weights: null });

const leaves = (model: TreeEnsemble): number[] =>
  [...model.feature.keys()].filter((node) => model.feature[node] === -1);

describe('a random forest', () => {
  it('learns what no single column tells, and scores itself out of bag as on rows it never saw', () => {
    const { model, outOfBag } = grow(exclusive(2_000, 1), { n_estimators: 60, oob_score: true, min_samples_leaf: 5 });
    expect(model.task).toEqual({ kind: 'binary' });
    const unseen = scoresOf(model, exclusive(2_000, 2));
    // A tenth of the labels are flipped, and a tenth of one column is missing: 0.85 is what can be known.
    expect(unseen['accuracy']).toBeGreaterThan(0.82);
    expect(outOfBag?.rows).toBe(2_000);
    for (const name of ['accuracy', 'auc', 'logLoss'])
      expect(Math.abs((outOfBag?.scores[name] ?? 0) - (unseen[name] ?? 1))).toBeLessThan(0.03);
  });

  it('is the same whatever lanes its trees were grown in, and in whatever order', () => {
    const table = exclusive(600, 3);
    const given = params({ n_estimators: 9, oob_score: true, max_features: 2, random_state: 5 });
    const whole = grow(table, { n_estimators: 9, oob_score: true, max_features: 2, random_state: 5 });
    const other = new TreeMemory();
    const plot = expectOk(drained(forestGroundSteps(table, given, { kind: 'binary' }, { memory: other, lanes: 3 })));
    const growers = [0, 1, 2].map((lane) => new ForestTreeGrower(plot.ground, lane));
    // All lanes at once, step by step.
    const running = growers.map((grower, lane) => ({ grower, tree: 8 - lane, steps: grower.growSteps(8 - lane) }));
    const grown: GrownTree[] = [];
    while (grown.length < 9) {
      for (const lane of running) {
        if (lane.tree < 0) continue;
        const step = lane.steps.next();
        if (step.done !== true) continue;
        grown.push(step.value);
        lane.tree -= 3;
        if (lane.tree >= 0) lane.steps = lane.grower.growSteps(lane.tree);
      }
    }
    expect(drained(forestOutcomeSteps(plot, table, grown, given))).toEqual(whole);
    expect(grow(table, { n_estimators: 9, max_features: 2, random_state: 6 }).model).not.toEqual(whole.model);
  });

  it('learns several classes, values far from zero, and weights', () => {
    const classes = tableOf(900, 4, (a, b) => (Number.isNaN(a) ? 3 : a > 0 ? 0 : b > 0 ? 1 : 2));
    const three = grow(classes, { n_estimators: 20, criterion: 'entropy' }).model;
    expect(three).toMatchObject({ task: { kind: 'multiclass', classes: 4 }, leafWidth: 4, outputs: 4 });
    expect(scoresOf(three, classes)['accuracy']).toBeGreaterThan(0.97);
    for (let row = 0; row < 50; row += 1)
      expect(forecast(three, rowOf(classes, row)).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);

    const values = tableOf(900, 5, (a, b) => 1e6 + 1e-3 * ((a > 0 ? 2 : 0) + b));
    const { model } = grow(values, { n_estimators: 20, min_samples_leaf: 2 });
    expect(model.task).toEqual({ kind: 'regression' });
    expect(scoresOf(model, values)['r2']).toBeGreaterThan(0.95);

    const rare = tableOf(900, 6, (_, b, noise) => (b > 1 && noise < 0.3 ? 1 : 0));
    const mean = (json: object, weights: Float64Array | null): number => {
      const said = forecasts(grow({ ...rare, weights }, { n_estimators: 20, max_depth: 3, ...json }).model, rare);
      return said.reduce((sum, value) => sum + value, 0) / said.length;
    };
    // A third of the sixth of rows with b > 1 are of class 1.
    const plain = mean({}, null);
    const heavier = rare.labels.map((label) => (label === 1 ? 20 : 1));
    for (const raised of [
      mean({ class_weight: 'balanced' }, null),
      mean({ class_weight: 'balanced_subsample' }, null),
      mean({ class_weight: { 1: 20 } }, null),
      mean({}, Float64Array.from(heavier)),
    ])
      expect(raised).toBeGreaterThan(2.5 * plain);
  });

  it('gives the same for rows counted whole and for rows that weigh one', () => {
    const table = exclusive(500, 7);
    const json = { n_estimators: 5, min_samples_leaf: 3, random_state: 2 };
    const counted = grow(table, json).model;
    expect(grow({ ...table, weights: new Float64Array(500).fill(1) }, json).model).toEqual(counted);
  });

  it('keeps the limits that it is given, on distinct rows', () => {
    fc.assert(
      fc.property(
        fc.record({
          leaf: fc.integer({ min: 1, max: 30 }),
          split: fc.integer({ min: 2, max: 80 }),
          depth: fc.integer({ min: 1, max: 6 }),
          features: fc.constantFrom('sqrt', 'log2', null, 1, 3, 0.7),
          share: fc.constantFrom(0, 0.05),
          bootstrap: fc.boolean(),
          seed: fc.integer({ min: 0, max: 1_000 }),
        }),
        ({ leaf, split, depth, features, share, bootstrap, seed }) => {
          const { model } = grow(exclusive(300, seed), {
            ...{ n_estimators: 2, min_samples_leaf: leaf, min_samples_split: split, max_depth: depth, bootstrap },
            ...{ max_features: features, min_weight_fraction_leaf: share, random_state: seed },
          });
          const deepness = new Int32Array(model.feature.length);
          for (let node = 0; node < model.feature.length; node += 1) {
            const whole = model.cover[[...model.roots].findLast((root) => root <= node) ?? 0] ?? 0;
            expect(whole).toBe(300);
            if (model.feature[node] === -1) continue;
            const [left, right] = [model.left[node] ?? 0, model.right[node] ?? 0];
            expect(left).toBeGreaterThan(node);
            expect(model.count[node]).toBeGreaterThanOrEqual(split);
            expect((model.count[left] ?? 0) + (model.count[right] ?? 0)).toBe(model.count[node]);
            expect((model.cover[left] ?? 0) + (model.cover[right] ?? 0)).toBe(model.cover[node]);
            for (const child of [left, right]) {
              expect(model.count[child]).toBeGreaterThanOrEqual(leaf);
              expect(model.cover[child]).toBeGreaterThanOrEqual(share * whole);
              deepness[child] = (deepness[node] ?? 0) + 1;
              expect(deepness[child]).toBeLessThanOrEqual(depth);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('grows the tree of a whole table until each leaf is pure, and so knows its rows by heart', () => {
    const table = tableOf(400, 8, (_, b, noise) => (noise + b > 0.5 ? 1 : 0));
    const { model } = grow(table, { n_estimators: 1, bootstrap: false, max_features: null, max_bins: 256 });
    // Up to 255 bins tell 400 rows apart by three columns.
    expect(scoresOf(model, table)).toMatchObject({ accuracy: 1, auc: 1 });
    for (const leaf of leaves(model)) expect([0, 1]).toContain(model.values[leaf]);
    const stopped = grow(table, { n_estimators: 1, bootstrap: false, min_impurity_decrease: 0.01 }).model;
    expect(leaves(stopped).length).toBeLessThan(leaves(model).length / 3);
    for (const [node, gain] of stopped.gain.entries())
      if (stopped.feature[node] !== -1) expect(gain / 400).toBeGreaterThanOrEqual(0.01);
  });

  it('never splits by what is constant or missing throughout, and says one thing where nothing varies', () => {
    const table = tableOf(50, 9, (_, b) => (b > 0 ? 1 : 0));
    const values = table.values.map((value, at) => (at % 3 === 0 ? 7 : at % 3 === 2 ? Number.NaN : value));
    const { model } = grow({ ...table, values }, { n_estimators: 10, max_features: 1 });
    expect(new Set(model.feature)).toEqual(new Set([-1, 1]));
    const flat = grow({ ...table, values: values.map((value, at) => (at % 3 === 1 ? 2 : value)) }, { n_estimators: 3 });
    expect(flat.model.feature.every((column) => column === -1)).toBe(true);
  });

  it('yields often enough to let others have a turn, and tells how far it is', () => {
    const rounds: number[] = [];
    const steps = trainForestSteps(exclusive(5_000, 10), params({ n_estimators: 4 }), { memory });
    for (let step = steps.next(); step.done !== true; step = steps.next()) rounds.push(step.value.round);
    expect(rounds.at(-1)).toBe(4);
    expect(rounds).toEqual(rounds.toSorted((left, right) => left - right));
    expect(rounds.length).toBeGreaterThan(8);
  });

  it.each([
    [{ labels: [0, Number.NaN] }, {}, 'label_not_finite'],
    [{ labels: [1, Number.POSITIVE_INFINITY] }, {}, 'label_not_finite'],
    [{ labels: [1, 1] }, {}, 'one_class'],
    [{ labels: [0, 2] }, { criterion: 'gini' }, null],
    [{ labels: [0, 0.5] }, { criterion: 'gini' }, 'label_not_a_class'],
    [{ labels: [0, -1] }, { criterion: 'entropy' }, 'label_not_a_class'],
    [{ labels: [0, 0.5] }, { class_weight: 'balanced' }, 'params_invalid'],
    [{}, { class_weight: { 7: 1 } }, 'params_invalid'],
    [{}, { max_features: 4 }, 'params_invalid'],
    [{}, { max_samples: 3 }, 'params_invalid'],
    [{ values: [1, 2, Number.POSITIVE_INFINITY, 1, 2, 3] }, {}, 'value_infinite'],
    [{ categorical: [1] }, {}, 'categorical_unsupported'],
    [{ rows: 1, labels: [0], values: [1, 2, 3] }, {}, 'rows_too_few'],
  ])('of %j with %j ends as %s', (change, json, code) => {
    const {
      labels = [0, 1],
      values = [1, 2, 3, 4, 5, 6],
      categorical = [],
      rows = 2,
    } = change as {
      labels?: number[];
      values?: number[];
      categorical?: number[];
      rows?: number;
    };
    const table: TreeTable = {
      ...{ rows, columns: ['a', 'b', 'c'], values: Float64Array.from(values), labels: Float64Array.from(labels) },
      ...{ weights: null, categorical },
    };
    const trained = train(table, { n_estimators: 2, ...json });
    expect(trained.ok ? null : trained.fault.code).toBe(code);
  });

  it.each([
    [[0, 1, 1], null, 'binary'],
    [[0, 1, 2], null, 'multiclass'],
    [[0, 2, 5], null, 'regression'],
    [[0, 2, 5], 'gini', 'multiclass'],
    [[0, 1, 1], 'squared_error', 'regression'],
    [[0.5, 1], null, 'regression'],
    [[-1, 1], null, 'regression'],
  ] as const)('takes the labels %j with the criterion %s for %s', (labels, criterion, kind) => {
    expect(forestTaskOf(Float64Array.from(labels), criterion).kind).toBe(kind);
  });
});
