import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@monsta/core';
import { tableScores, type TableScores, type TreeTask } from '@monsta/models';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../support/backtest.test-support.ts';
import { runCommand } from '../support/command.test-support.ts';
import { pythonWith, runPython } from '../support/python.test-support.ts';

const TIMEOUT = { timeout: 240_000 };
const ROWS = 6_000;
const WIDTH = 12;

type Kind = 'binary' | 'multiclass' | 'regression';

/** Twelve columns of which seven matter; `missing`: the share of empty cells. */
function rowsOf(kind: Kind, seed: number, missing: number) {
  const random = seededRandom(seed);
  const lines = [`${Array.from({ length: WIDTH }, (_, column) => `x${column}`).join(',')},y`];
  const labels = new Float64Array(ROWS);
  for (let row = 0; row < ROWS; row += 1) {
    const cells = Array.from({ length: WIDTH }, (_, column) =>
      column === 5 ? random.integer(6) : Math.fround(random.gaussian()),
    );
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = cells;
    const signal =
      Math.sin(2 * a) + 0.8 * Math.abs(b) - 0.6 + 0.3 * c + (d > 0.5 ? 0.8 : -0.3) + 0.4 * e + (f > 3 ? g : -g) * 0.4;
    const noisy = signal + random.gaussian();
    labels[row] =
      kind === 'regression' ? noisy : kind === 'binary' ? Number(noisy > 0) : noisy < -0.6 ? 0 : noisy < 0.6 ? 1 : 2;
    const texts = cells.map((value) => (random.next() < missing ? '' : String(value)));
    lines.push(`${texts.join(',')},${labels[row]}`);
  }
  return { text: `${lines.join('\n')}\n`, labels };
}

const SCRIPT = `
import json, sys, numpy
library, kind, params, train, test = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), sys.argv[4], sys.argv[5]
read = lambda path: numpy.genfromtxt(path, delimiter=",", skip_header=1, dtype=numpy.float32)
train, test = read(train), read(test)
if library == "xgboost":
    import xgboost
    rounds = params.pop("num_boost_round")
    booster = xgboost.train({**params, "tree_method": "hist", "nthread": 1}, xgboost.DMatrix(train[:, :-1], train[:, -1]), rounds)
    said = booster.predict(xgboost.DMatrix(test[:, :-1]))
elif kind == "regression":
    from sklearn.ensemble import RandomForestRegressor
    said = RandomForestRegressor(**params).fit(train[:, :-1], train[:, -1]).predict(test[:, :-1])
else:
    from sklearn.ensemble import RandomForestClassifier
    said = RandomForestClassifier(**params).fit(train[:, :-1], train[:, -1]).predict_proba(test[:, :-1])
    said = said[:, 1] if kind == "binary" else said
print(json.dumps(said.astype(float).flatten().tolist()))
`;

const taskOf = (kind: Kind): TreeTask => (kind === 'multiclass' ? { kind, classes: 3 } : { kind });
const BOOST = { max_depth: 4, eta: 0.1, num_boost_round: 80, max_bin: 256 };
const FOREST = { n_estimators: 200, min_samples_leaf: 4, random_state: 1 };

const found = pythonWith('numpy', 'xgboost', 'sklearn');
const absent = 'absent' in found ? found.absent : null;

describe.skipIf(absent !== null)(
  `models on tables, held against the libraries${absent === null ? '' : ` (${absent})`}`,
  TIMEOUT,
  () => {
    it.each([
      ['xgboost', 'binary', 0.08, { ...BOOST, objective: 'binary:logistic' }],
      ['xgboost', 'multiclass', 0, { ...BOOST, objective: 'multi:softprob', num_class: 3 }],
      ['xgboost', 'regression', 0.08, { ...BOOST, objective: 'reg:squarederror', base_score: 0.5 }],
      ['random-forest', 'binary', 0, { ...FOREST, max_depth: 12, max_features: 'sqrt' }],
      ['random-forest', 'binary', 0, { ...FOREST, criterion: 'entropy', class_weight: 'balanced', max_features: 5 }],
      ['random-forest', 'multiclass', 0, { ...FOREST, criterion: 'gini' }],
      ['random-forest', 'regression', 0, { ...FOREST, n_estimators: 100, criterion: 'squared_error', max_features: 6 }],
    ] as const)(
      '%s forecasts %s of rows it has not seen as well as its library (missing: %f, %j)',
      async (model, kind, missing, params) => {
        if ('absent' in found) return;
        const folder = testFolder();
        const [train, test] = [join(folder, 'train.csv'), join(folder, 'test.csv')];
        writeFileSync(train, rowsOf(kind, 1, missing).text);
        const { text, labels } = rowsOf(kind, 2, missing);
        writeFileSync(test, text);
        const out = join(folder, 'm.json');
        const words = [
          '--model',
          model,
          '--table',
          train,
          '--label',
          'y',
          '--params',
          JSON.stringify(params),
          '--out',
          out,
        ];
        const made = await runCommand(['train', ...words, '--json']);
        expect(made.status, made.stderr).toBe(0);
        const said = await runCommand(['predict', '--model', out, '--table', test, '--json']);
        const { predictions } = said.document as { readonly predictions: readonly (number | readonly number[])[] };
        const scores = (forecasts: readonly number[]): TableScores =>
          tableScores(taskOf(kind), { forecasts: Float64Array.from(forecasts), labels, weights: null });
        const ours = scores(predictions.flat());
        const theirs = scores(
          runPython(found.python, SCRIPT, [model, kind, JSON.stringify(params), train, test]) as number[],
        );
        // One side may be better by as much as it likes.
        if (kind === 'binary') expect(ours['auc']).toBeGreaterThan((theirs['auc'] ?? 1) - 0.002);
        if (kind !== 'regression') expect(ours['logLoss']).toBeLessThan((theirs['logLoss'] ?? 0) * 1.006);
        else expect(ours['rmse']).toBeLessThan((theirs['rmse'] ?? 0) * 1.006);
      },
    );
  },
);
