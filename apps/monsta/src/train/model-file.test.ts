import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { trainForestSteps, type TreeEnsemble } from '@monsta/models';
import { FOREST_DEFAULTS } from '@monsta/models/parameters';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readModel, writeModel } from './model-file.ts';

/** A forest of one tree. */
function grown(): TreeEnsemble {
  const rows = 40;
  const table = {
    ...{ rows, columns: ['x'], weights: null, categorical: [] },
    values: Float64Array.from({ length: rows }, (_, row) => row),
    labels: Float64Array.from({ length: rows }, (_, row) => (row < 17 ? 0 : 1)),
  };
  const steps = trainForestSteps(table, { ...FOREST_DEFAULTS, trees: 1 });
  for (;;) {
    const next = steps.next();
    if (next.done === true) return expectOk(next.value).model;
  }
}

describe('the file of a model', () => {
  it('is refused where its text is longer than a text can be, and what was there stays', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-model-file-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'model.json');
    const model = grown();
    expectOk(writeModel(model, 'monsta', path));
    expect(expectOk(await readModel(path)).featureNames).toEqual(['x']);
    writeFileSync(path, 'what was there');
    // Names count as nodes do: three of a fifth of a billion letters are more than half a billion.
    const name = 'x'.repeat(200_000_000);
    const written = writeModel({ ...model, featureNames: [name, name, name] }, 'monsta', path);
    expect(written).toMatchObject({ ok: false, fault: { code: 'model_too_large' } });
    expect(written.ok ? '' : written.fault.message).toMatch(
      /^a model of 1 trees with \d+ nodes is too large for a file: grow fewer/,
    );
    expect(readFileSync(path, 'utf8')).toBe('what was there');
    expect(readdirSync(folder)).toEqual(['model.json']);
  });
});
