import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expectOk } from '@monsta/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { treePredictor } from './predictor.ts';
import { pythonWith } from './python.test-support.ts';
import { treeExplainer } from './shap.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { readXgboostJson } from './xgboost-json.ts';
import { writeXgboostJson } from './xgboost-writer.ts';

const SCRIPT = resolve(import.meta.dirname, '../../../../../scripts/model-files/xgboost_models.py');
const python = pythonWith('numpy', 'xgboost');
if (python === null && process.env['MONSTA_CI'] === '1')
  throw new Error('no python3 has xgboost; MONSTA_CI=1 asks for its tests');

interface Expected {
  readonly columns: number;
  readonly rows: readonly (readonly (number | null)[])[];
  readonly margins: readonly (readonly number[])[];
  readonly predictions: readonly (readonly number[])[];
  readonly contributions: readonly (readonly number[])[];
}

/** Trained by the library on random rows; the script says what each is. */
const NAMES =
  'absolute binary binary-exact binary-lossguide binary-missing categorical-onehot categorical-partition gamma logistic-regression logitraw parallel poisson pseudohuber softmax softprob squared stopped tweedie'.split(
    ' ',
  );

describe.skipIf(python === null)(
  `models of the XGBoost library${python === null ? ': skipped, no python3 has xgboost' : ''}`,
  () => {
    let folder = '';
    const run = (what: 'make' | 'check'): void => {
      execFileSync(python ?? '', [SCRIPT, what, folder], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 100_000 });
    };
    const json = (name: string): Expected => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Expected;
    const modelOf = (name: string): TreeEnsemble =>
      expectOk(readXgboostJson(readFileSync(join(folder, `${name}.json`), 'utf8')));
    const valuesOf = (expected: Expected): Float64Array =>
      Float64Array.from(expected.rows.flat(), (value) => value ?? NaN);

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'monsta-xgboost-'));
      run('make');
      for (const name of NAMES)
        writeFileSync(join(folder, `${name}.written.json`), expectOk(writeXgboostJson(modelOf(name))));
      run('check');
    }, 200_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('are all of those that the script makes', () => {
      const made = readdirSync(folder).filter((name) => name.endsWith('.expected.json'));
      expect(made.map((name) => name.replace('.expected.json', '')).toSorted()).toEqual(NAMES);
    });

    it.each(NAMES)(
      '%s: read by MONSTA, give the margins of the library bit for bit, and predictions to 2e-7',
      (name) => {
        const expected = json(`${name}.expected.json`);
        const predictor = treePredictor(modelOf(name));
        const values = valuesOf(expected);
        expect([...predictor.marginRows(values, expected.rows.length)]).toEqual(expected.margins.flat());
        const predictions = predictor.predictRows(values, expected.rows.length);
        if (name === 'softmax') {
          // The library answers with the likeliest class here, MONSTA with all probabilities.
          const likeliest = expected.rows.map((_, row) => {
            const shares = [...predictions.subarray(row * 3, row * 3 + 3)];
            return shares.indexOf(Math.max(...shares));
          });
          expect(likeliest).toEqual(expected.predictions.flat());
          return;
        }
        for (const [index, value] of expected.predictions.flat().entries()) {
          const error = Math.abs((predictions[index] ?? NaN) - value);
          expect(error).toBeLessThanOrEqual(2e-7 * Math.max(1, Math.abs(value)));
        }
      },
    );

    it.each(NAMES)('%s: contributions are those of the library, to what 32-bit floats hold', (name) => {
      const expected = json(`${name}.expected.json`);
      const found = expectOk(treeExplainer(modelOf(name))).explainRows(valuesOf(expected), expected.rows.length);
      const wanted = expected.contributions.flat();
      expect(found.length).toBe(wanted.length);
      for (const [index, value] of wanted.entries())
        expect(Math.abs((found[index] ?? NaN) - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
    });

    it.each(NAMES)('%s: written by MONSTA, give the same margins in the library bit for bit', (name) => {
      expect(json(`${name}.again.json`).margins).toEqual(json(`${name}.expected.json`).margins);
    });
  },
);
