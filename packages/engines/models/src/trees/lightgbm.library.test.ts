import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expectOk } from '@monsta/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLightgbmText } from './lightgbm-text.ts';
import { writeLightgbmText } from './lightgbm-writer.ts';
import { treePredictor } from './predictor.ts';
import { pythonWith } from './python.test-support.ts';
import { treeExplainer } from './shap.ts';

const SCRIPT = resolve(import.meta.dirname, '../../../../../scripts/model-files/lightgbm_models.py');
const TRAINING = resolve(import.meta.dirname, '../../../../../scripts/model-files/lightgbm_training.py');
// Debian has no package of the library, so even CI may lack it; what it made before is held against in lightgbm-text.test.ts.
const python = pythonWith('numpy', 'lightgbm');

interface Expected {
  readonly rows: readonly (readonly (number | null)[])[];
  readonly margins: readonly (readonly number[])[];
  readonly predictions: readonly (readonly number[])[];
  readonly contributions: readonly (readonly number[])[];
}

const farthest = (found: ArrayLike<number>, wanted: readonly number[]): number =>
  found.length === wanted.length
    ? wanted.reduce((most, value, index) => Math.max(most, Math.abs((found[index] ?? NaN) - value)), 0)
    : Infinity;

describe.skipIf(python === null)(
  `models of the LightGBM library${python === null ? ': skipped, no python3 has lightgbm' : ''}`,
  () => {
    let folder = '';
    const run = (what: 'make' | 'check'): void => {
      execFileSync(python ?? '', [SCRIPT, what, folder], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 100_000 });
    };
    const json = (name: string): Expected => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Expected;
    const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
    const made = (): readonly string[] =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.expected'))
        .map((name) => name.replace('.expected', ''));

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'monsta-lightgbm-'));
      run('make');
      for (const name of made()) {
        const model = expectOk(readLightgbmText(text(`${name}.txt`)));
        writeFileSync(join(folder, `${name}.written.txt`), expectOk(writeLightgbmText(model)));
      }
      run('check');
    }, 200_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('read by MONSTA, give the margins of the library bit for bit, and predictions and contributions to 1e-12', () => {
      expect(made().length).toBeGreaterThan(20);
      for (const name of made()) {
        const model = expectOk(readLightgbmText(text(`${name}.txt`)));
        const expected = json(`${name}.expected`);
        const values = Float64Array.from(expected.rows.flat(), (value) => value ?? NaN);
        const predictor = treePredictor(model);
        const sum = model.averaged ? model.roots.length : 1;
        const margins = predictor.marginRows(values, expected.rows.length).map((margin) => margin * sum);
        expect(farthest(margins, expected.margins.flat()), name).toBeLessThanOrEqual(model.averaged ? 1e-13 : 0);
        const predictions = predictor.predictRows(values, expected.rows.length);
        expect(farthest(predictions, expected.predictions.flat()), name).toBeLessThanOrEqual(1e-12);
        const explainer = treeExplainer(model);
        if (!explainer.ok) continue;
        const contributions = explainer.value.explainRows(values, expected.rows.length).map((value) => value * sum);
        expect(farthest(contributions, expected.contributions.flat()), name).toBeLessThanOrEqual(1e-12);
      }
    });

    it('trained on generated rows are those of the fixture that MONSTA’s trainer is held against', () => {
      const said = execFileSync(python ?? '', [TRAINING], { encoding: 'utf8', timeout: 100_000 });
      expect(JSON.parse(said)).toEqual(
        JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/lightgbm-training.expected'), 'utf8')),
      );
    });

    it('written by MONSTA, give the same margins and predictions in the library bit for bit', () => {
      for (const name of made()) {
        const [again, expected] = [json(`${name}.again`), json(`${name}.expected`)];
        expect(again.margins, name).toEqual(expected.margins);
        expect(again.predictions, name).toEqual(expected.predictions);
      }
    });
  },
);
