import { expectOk } from '@monsta/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomEnsemble, randomRows } from './ensembles.test-support.ts';
import { treePredictor } from './predictor.ts';
import { treeExplainer } from './shap.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { goesLeft } from './tree-walk.ts';

const COLUMNS = 4;

/** What the trees say when only the columns of a set are known: where a node's column is unknown, both ways by their weights. */
function known(model: TreeEnsemble, row: Float64Array, set: number, output: number, node: number): number {
  const feature = model.feature[node] ?? -1;
  if (feature < 0) return model.values[node * model.leafWidth + (model.leafWidth > 1 ? output : 0)] ?? NaN;
  const [left, right] = [model.left[node] ?? -1, model.right[node] ?? -1];
  const follow = (child: number): number => known(model, row, set, output, child);
  if ((set >> feature) & 1) return follow(goesLeft(model, node, row[feature] ?? NaN) ? left : right);
  const weights = model.family === 'xgboost' ? model.cover : model.count;
  const [l, r] = [weights[left] ?? NaN, weights[right] ?? NaN];
  return (l * follow(left) + r * follow(right)) / (l + r);
}

function value(model: TreeEnsemble, row: Float64Array, set: number, output: number): number {
  const trees = [...model.roots.keys()].filter((tree) => model.leafWidth > 1 || model.treeOutput[tree] === output);
  const sum = trees.reduce((total, tree) => total + known(model, row, set, output, model.roots[tree] ?? -1), 0);
  return (model.baseMargins[output] ?? NaN) + (model.averaged ? sum / trees.length : sum);
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
const size = (set: number): number => (set === 0 ? 0 : (set & 1) + size(set >> 1));

/** Shapley's definition: the mean over all orders in which the columns may become known. */
function shapley(model: TreeEnsemble, row: Float64Array, column: number, output: number): number {
  let sum = 0;
  for (let set = 0; set < 1 << COLUMNS; set += 1) {
    if ((set >> column) & 1) continue;
    const weight = (factorial(size(set)) * factorial(COLUMNS - size(set) - 1)) / factorial(COLUMNS);
    sum += weight * (value(model, row, set | (1 << column), output) - value(model, row, set, output));
  }
  return sum;
}

const models = fc
  .record({
    seed: fc.integer(),
    family: fc.constantFrom('xgboost' as const, 'lightgbm' as const, 'random-forest' as const),
    rounds: fc.integer({ min: 1, max: 4 }),
    depth: fc.integer({ min: 1, max: 6 }),
    categoricalColumns: fc.constantFrom(0, 1),
    several: fc.boolean(),
  })
  .map(({ several, ...shape }) => {
    const task = several ? ({ kind: 'multiclass', classes: 3 } as const) : ({ kind: 'regression' } as const);
    const leafWidth = several && shape.family === 'random-forest' ? 3 : 1;
    return randomEnsemble({ ...shape, task, leafWidth, columns: COLUMNS });
  });

describe('contributions of columns', () => {
  it("are Shapley's values over all sets of columns, and the expectation that of knowing none", () => {
    fc.assert(
      fc.property(models, fc.integer(), (model, seed) => {
        const explainer = expectOk(treeExplainer(model));
        const row = randomRows(seed, 1, COLUMNS);
        const found = explainer.explainRows(row, 1);
        for (let output = 0; output < model.outputs; output += 1) {
          expect(explainer.expected[output]).toBeCloseTo(value(model, row, 0, output), 10);
          for (let column = 0; column < COLUMNS; column += 1)
            expect(found[output * (COLUMNS + 1) + column]).toBeCloseTo(shapley(model, row, column, output), 9);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('add up to the margin of the row', () => {
    fc.assert(
      fc.property(models, fc.integer(), (model, seed) => {
        const rows = 5;
        const values = randomRows(seed, rows, COLUMNS);
        const explainer = expectOk(treeExplainer(model));
        const found = explainer.explainRows(values, rows);
        const margins = treePredictor(model).marginRows(values, rows);
        for (const [index, margin] of margins.entries()) {
          const sum = found.subarray(index * (COLUMNS + 1), (index + 1) * (COLUMNS + 1)).reduce((a, b) => a + b, 0);
          // XGBoost's own margins are sums of 32-bit floats.
          expect(sum).toBeCloseTo(margin, model.family === 'xgboost' ? 5 : 10);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are zero for a column that no tree splits by', () => {
    const model = randomEnsemble({ seed: 7, family: 'lightgbm', columns: 3, rounds: 10, depth: 5 });
    const wider = { ...model, featureNames: [...model.featureNames, 'unused'] };
    const found = expectOk(treeExplainer(wider)).explainRows(randomRows(8, 1, 4), 1);
    expect(found[3]).toBe(0);
    expect(found[0]).not.toBe(0);
  });

  it('pass over ways that no training row went', () => {
    const model = randomEnsemble({ seed: 9, family: 'lightgbm', columns: 2, rounds: 1, depth: 2, fullness: 1 });
    const count = Float64Array.from(model.count);
    count[model.right[0] ?? 0] = 0;
    const found = expectOk(treeExplainer({ ...model, count })).explainRows(randomRows(10, 20, 2), 20);
    expect(found.every(Number.isFinite)).toBe(true);
  });

  it('are refused where the trees know of no weights, and where they are too deep', () => {
    const model = randomEnsemble({ seed: 1, family: 'xgboost', columns: 2, rounds: 1, depth: 3, fullness: 1 });
    const none = new Float64Array(model.feature.length);
    const refused = treeExplainer({ ...model, cover: none, count: none });
    expect(refused.ok ? null : refused.fault.code).toBe('contributions_unknown');
    // Counts do where covers are unknown.
    expect(treeExplainer({ ...model, cover: none }).ok).toBe(true);
    const levels = 1_001;
    const nodes = levels * 2 + 1;
    const chain: TreeEnsemble = {
      ...model,
      feature: Int32Array.from({ length: nodes }, (_, node) => (node % 2 === 0 && node < nodes - 1 ? 0 : -1)),
      left: Int32Array.from({ length: nodes }, (_, node) => node + 1),
      right: Int32Array.from({ length: nodes }, (_, node) => node + 2),
      cover: new Float64Array(nodes).fill(1),
    };
    const deep = treeExplainer(chain);
    expect(deep.ok ? null : deep.fault.code).toBe('trees_too_deep');
  });
});
