import { expectOk, seededRandom } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { areaUnderCurve } from './boosting-metrics.ts';
import { LIGHTGBM_DEFAULTS, XGBOOST_DEFAULTS, type BoostingParams } from './boosting-params.ts';
import { trainBoostingSteps, type BoostingOptions, type BoostingOutcome } from './boosting.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { leafOf } from './tree-walk.ts';
import { TreeMemory } from './tree-memory.ts';
import type { TreeTable } from './training-table.ts';

const memory = new TreeMemory();

function train(table: TreeTable, params: BoostingParams, options: BoostingOptions = {}): BoostingOutcome {
  const steps = trainBoostingSteps(table, params, { memory, ...options });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return expectOk(step.value);
}

/** Margins of output 0 … by walking the trees. */
function margins(model: TreeEnsemble, table: TreeTable): Float64Array {
  const out = new Float64Array(table.rows * model.outputs);
  const rounds = model.bestRounds ?? Number.POSITIVE_INFINITY;
  for (let row = 0; row < table.rows; row += 1) {
    for (let output = 0; output < model.outputs; output += 1)
      out[row * model.outputs + output] = model.baseMargins[output] ?? 0;
    model.roots.forEach((root, tree) => {
      if (Math.floor(tree / model.outputs) >= rounds) return;
      const leaf = leafOf(model, root, table.values, row * table.columns.length);
      const at = row * model.outputs + (model.treeOutput[tree] ?? 0);
      out[at] = (out[at] ?? 0) + (model.values[leaf] ?? 0);
    });
  }
  return out;
}

/** Rows whose label depends on two of five columns, one of which is missing at times. */
function sample(rows: number, seed: number, label: (signal: number, random: () => number) => number): TreeTable {
  const random = seededRandom(seed);
  const values = new Float64Array(rows * 5);
  const labels = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < 5; column += 1) values[row * 5 + column] = random.gaussian();
    const isMissing = random.next() < 0.2;
    const signal = 2 * (values[row * 5] ?? 0) + (isMissing ? 2 : (values[row * 5 + 1] ?? 0));
    if (isMissing) values[row * 5 + 1] = Number.NaN;
    labels[row] = label(signal, () => random.gaussian());
  }
  return { rows, columns: ['a', 'b', 'c', 'd', 'e'], values, labels, weights: null, categorical: [] };
}

const ones = (rows: number): Float64Array => new Float64Array(rows).fill(1);
const FAMILIES = [
  ['xgboost', XGBOOST_DEFAULTS],
  ['lightgbm', LIGHTGBM_DEFAULTS],
] as const;

describe.each(FAMILIES)('boosting as %s', (_, defaults) => {
  const params: BoostingParams = { ...defaults, rounds: 20, learningRate: 0.2 };

  it('tells two classes apart, missing values too', () => {
    const direction = (signal: number, noise: () => number): number => (signal + noise() > 0 ? 1 : 0);
    const { model } = train(sample(2_000, 1, direction), params);
    const fresh = sample(2_000, 2, direction);
    const area = areaUnderCurve(margins(model, fresh), fresh.labels as Float64Array, ones(2_000));
    expect(area).toBeGreaterThan(0.93);
  });

  it('fits numbers, quantiles and classes', () => {
    const value = (signal: number, noise: () => number): number => 10 + 3 * signal + noise();
    const table = sample(2_000, 3, value);
    const fresh = sample(2_000, 4, value);
    const usual = train(table, { ...params, task: { kind: 'regression' } });
    const error = Math.sqrt(
      margins(usual.model, fresh).reduce((sum, margin, row) => sum + (margin - (fresh.labels[row] ?? 0)) ** 2, 0) /
        2_000,
    );
    expect(error).toBeLessThan(2.5);
    const alpha = 0.9;
    const upper = train(table, { ...params, task: { kind: 'quantile', alpha }, rounds: 40 });
    const below = margins(upper.model, fresh).filter((margin, row) => (fresh.labels[row] ?? 0) <= margin).length;
    expect(below / 2_000).toBeGreaterThan(0.82);
    expect(below / 2_000).toBeLessThan(0.95);
    const thirds = (signal: number): number => (signal < -1 ? 0 : signal < 1 ? 1 : 2);
    const classes = train(sample(2_000, 5, thirds), { ...params, task: { kind: 'multiclass', classes: 3 } });
    const tested = sample(1_000, 6, thirds);
    const scores = margins(classes.model, tested);
    const right = Array.from(tested.labels).filter((label, row) => {
      const own = scores.subarray(row * 3, row * 3 + 3);
      return own.indexOf(Math.max(...own)) === label;
    }).length;
    expect(right / 1_000).toBeGreaterThan(0.9);
  });

  it('stops early where the validation table no longer gains, and says which round was best', () => {
    const coin = (_signal: number, noise: () => number): number => (noise() > 0 ? 1 : 0);
    const validation = sample(500, 8, coin);
    const outcome = train(
      sample(500, 7, coin),
      { ...params, rounds: 100, earlyStopping: { rounds: 5, deltaMin: 0, metric: 'last' } },
      { validation },
    );
    expect(outcome.rounds).toBeLessThan(60);
    const losses = outcome.history.map(({ logloss }) => logloss ?? Number.NaN);
    expect(outcome.model.bestRounds).toBe(losses.indexOf(Math.min(...losses)) + 1);
    expect(outcome.rounds).toBe((outcome.model.bestRounds ?? 0) + 5);
  });

  it('never splits a constant column, and can be given nothing else', () => {
    const table = sample(100, 9, (signal) => (signal > 0 ? 1 : 0));
    const { model } = train({ ...table, values: new Float64Array(500).fill(3) }, params);
    expect(Array.from(model.feature)).toEqual(Array.from(model.feature, () => -1));
  });

  it('may be stopped at any step', () => {
    const steps = trainBoostingSteps(
      sample(500, 10, (signal) => (signal > 0 ? 1 : 0)),
      params,
      { memory },
    );
    for (let step = 0; step < 40; step += 1) expect(steps.next().done).toBe(false);
    expect(steps.return(undefined as never).done).toBe(true);
    expect(steps.next().done).toBe(true);
  });
});
