import { expectOk, seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyPipeline,
  fitPipeline,
  pipelineDeclaration,
  pipelineRow,
  trainingRows,
  type StepDeclaration,
} from './pipeline.ts';
import type { LabelledTable } from './step.ts';

/** Columns of different scales and shapes, the last two nearly the same; some values missing. */
function someTable(seed: number, rows: number, missing = 0.02): LabelledTable {
  const random = seededRandom(seed);
  const names = ['small', 'large', 'skewed', 'telling', 'twin', 'twin_again'];
  const features = new Float64Array(rows * names.length);
  const up = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    up[row] = random.integer(2);
    const twin = random.gaussian();
    const values = [
      0.001 * random.gaussian(),
      1e6 + 1e4 * random.gaussian(),
      Math.exp(2 * random.gaussian()),
      (up[row] === 1 ? 1.5 : 0) + random.gaussian(),
      twin,
      twin + 0.01 * random.gaussian(),
    ].map((value) => (random.next() < missing ? Number.NaN : value));
    features.set(values, row * names.length);
  }
  return { names, rows, width: names.length, features, up };
}

const ALL: readonly StepDeclaration[] = [
  { step: 'outliers', beyond: 6, columns: 1 },
  { step: 'winsorise', lower: 0.01, upper: 0.99 },
  { step: 'robust' },
  { step: 'select-variance', above: 1e-6 },
  { step: 'select-correlation', most: 0.95 },
  { step: 'select-importance', keep: 4, bins: 8 },
  { step: 'min-max' },
  { step: 'standard' },
  { step: 'pca', components: 3 },
];

const column = (
  { features, width, rows, names }: { features: Float64Array; width: number; rows: number; names: readonly string[] },
  name: string,
) => Array.from({ length: rows }, (_, row) => features[row * width + names.indexOf(name)] ?? Number.NaN);

/** Fits on all rows and applies to all. */
const through = (table: LabelledTable, ...steps: readonly StepDeclaration[]) =>
  expectOk(applyPipeline(expectOk(fitPipeline(steps, table, { from: 0, to: table.rows })), table));

const known = (values: readonly number[]): readonly number[] => values.filter((value) => !Number.isNaN(value));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
};

describe('a pipeline', () => {
  it.each([...ALL.map((step) => [step.step, [step]] as const), ['everything', ALL] as const])(
    'of %s knows nothing but the rows that it is fitted on: garbage in all others gives the same bits',
    (_, steps) => {
      fc.assert(
        fc.property(fc.integer(), fc.constantFrom(Number.NaN, 1e300, -7, Infinity, 0), (seed, garbage) => {
          const table = someTable(seed, 300);

          const range = { from: 60, to: 220 };
          const other = { ...table, features: table.features.slice(), up: table.up.slice() };
          other.features.fill(garbage, 0, range.from * table.width).fill(garbage, range.to * table.width);
          other.up.fill(1, 0, range.from).fill(0, range.to);
          const [fitted, again] = [fitPipeline(steps, table, range), fitPipeline(steps, other, range)];
          expect(JSON.stringify(expectOk(again))).toBe(JSON.stringify(expectOk(fitted)));
        }),
        { numRuns: 5 },
      );
    },
  );

  it('changes a row by itself as in the table, also when it was written down and read again', () => {
    const table = someTable(1, 300);
    const fitted = expectOk(fitPipeline(ALL, table, { from: 0, to: 200 }));
    const read = JSON.parse(JSON.stringify(fitted)) as typeof fitted;
    const whole = expectOk(applyPipeline(fitted, table));
    const change = pipelineRow(read);
    const row = new Float64Array(whole.width);
    for (let index = 0; index < table.rows; index += 1) {
      change(table.features, index * table.width, row, 0);
      expect([...row]).toEqual([...whole.features.subarray(index * whole.width, (index + 1) * whole.width)]);
    }
    expect(whole.names).toEqual(['component_1', 'component_2', 'component_3']);
  });

  it('is refused where it is fed other columns than those it was fitted on', () => {
    const table = someTable(1, 100);
    const fitted = expectOk(fitPipeline([{ step: 'standard' }], table, { from: 0, to: 100 }));
    const other = applyPipeline(fitted, { ...table, names: table.names.toReversed() });
    expect(other.ok ? 'ok' : `${other.fault.code}: ${other.fault.message}`).toContain(
      'columns_unequal: the pipeline was fitted on 6',
    );
  });

  it.each([
    [{}, 'a list of steps'],
    [[{ step: 'whiten' }], "there is no step 'whiten'; there are: standard"],
    [[{ step: 'standard', by: 2 }], "standard has no 'by'"],
    [[{ step: 'winsorise', lower: 0.1 }], "needs the number 'upper'"],
    [[{ step: 'winsorise', lower: 0.9, upper: 0.1 }], 'lower < upper'],
    [[{ step: 'pca', components: 0 }], 'components must be'],
  ])('%j is refused: %s', (declared, word) => {
    const made = pipelineDeclaration(declared);
    expect(made.ok ? 'ok' : made.fault.message).toContain(word);
  });

  it('is refused on a range that is none', () => {
    const table = someTable(1, 50);
    for (const range of [
      { from: 10, to: 10 },
      { from: -1, to: 5 },
      { from: 0, to: 51 },
    ]) {
      const made = fitPipeline([{ step: 'standard' }], table, range);
      expect(made.ok ? 'ok' : made.fault.code).toBe('range_invalid');
    }
  });
});

describe('scaling', () => {
  const table = someTable(2, 2_000);

  it('standard gives mean 0 and variance 1', () => {
    const scaled = through(table, { step: 'standard' });
    for (const name of table.names) {
      const values = known(column(scaled, name));
      expect(mean(values)).toBeCloseTo(0, 8);
      expect(variance(values)).toBeCloseTo(1, 8);
    }
  });

  it('robust gives median 0 and quartiles 1 apart', () => {
    const values = known(column(through(table, { step: 'robust' }), 'skewed')).toSorted((a, b) => a - b);
    expect(values[Math.floor(values.length / 2)]).toBeCloseTo(0, 2);
    const [lower, upper] = [values[Math.floor(values.length / 4)], values[Math.floor((3 * values.length) / 4)]];
    expect((upper ?? 0) - (lower ?? 0)).toBeCloseTo(1, 1);
  });

  it('min-max gives 0 to 1', () => {
    const values = known(column(through(table, { step: 'min-max' }), 'large'));
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
  });

  it('centres a constant column and keeps what is missing', () => {
    const flat = { ...table, features: table.features.slice() };
    for (let row = 0; row < flat.rows; row += 1) flat.features[row * flat.width] = 7;
    flat.features[0] = Number.NaN;
    const values = column(through(flat, { step: 'standard' }), 'small');
    expect([values[0], ...new Set(values.slice(1))]).toEqual([Number.NaN, 0]);
  });

  it('winsorising sets what lies beyond the quantiles to them', () => {
    const rows = 101;
    const ramp = {
      names: ['x'],
      rows,
      width: 1,
      features: Float64Array.from({ length: rows }, (_, row) => row),
      up: new Uint8Array(rows),
    };
    const values = column(through(ramp, { step: 'winsorise', lower: 0.1, upper: 0.8 }), 'x');
    expect(values.slice(0, 12)).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 11]);
    expect(Math.max(...values)).toBe(80);
  });
});

describe('selection', () => {
  const table = someTable(3, 2_000);

  it('by variance leaves constant columns out', () => {
    const flat = { ...table, features: table.features.slice() };
    for (let row = 0; row < flat.rows; row += 1) flat.features[row * flat.width + 1] = 5;
    expect(through(flat, { step: 'select-variance', above: 0 }).names).toEqual([
      'small',
      'skewed',
      'telling',
      'twin',
      'twin_again',
    ]);
  });

  it('by correlation keeps the first of twins', () => {
    expect(through(table, { step: 'select-correlation', most: 0.9 }).names).toEqual([
      'small',
      'large',
      'skewed',
      'telling',
      'twin',
    ]);
  });

  it('by importance keeps what tells of the direction', () => {
    expect(through(table, { step: 'select-importance', keep: 1, bins: 10 }).names).toEqual(['telling']);
  });

  it('that would leave nothing says so', () => {
    const made = fitPipeline([{ step: 'select-variance', above: 1e300 }], table, { from: 0, to: 100 });
    expect(made.ok ? 'ok' : made.fault.code).toBe('no_columns_left');
  });
});

describe('principal components', () => {
  it('are uncorrelated, fall in variance, and hold all of it together', () => {
    const table = someTable(4, 1_000, 0);
    const scaled = expectOk(
      fitPipeline([{ step: 'standard' }, { step: 'pca', components: 6 }], table, { from: 0, to: 1_000 }),
    );
    const made = expectOk(applyPipeline(scaled, table));
    const fitted = scaled.steps[1];
    if (fitted === undefined || !('components' in fitted)) throw new Error('there are no components');
    expect(fitted.share).toBeCloseTo(1, 12);
    expect(fitted.variances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(6, 9);
    const columns = made.names.map((name) => column(made, name));
    for (const [a, one] of columns.entries()) {
      expect(variance(one)).toBeCloseTo(fitted.variances[a] ?? Number.NaN, 9);
      if (a > 0) expect(fitted.variances[a]).toBeLessThanOrEqual(fitted.variances[a - 1] ?? 0);
      for (const other of columns.slice(a + 1))
        expect(mean(one.map((value, row) => value * (other[row] ?? 0)))).toBeCloseTo(0, 9);
    }
    // Twins make one component of nearly twice the variance, and leave one of nearly none.
    expect(fitted.variances[0]).toBeGreaterThan(1.9);
    expect(fitted.variances[5]).toBeLessThan(1e-3);
  });

  it('are missing where a value is missing, and refuse more than there are columns', () => {
    const table = someTable(5, 200, 0.1);
    const made = through(table, { step: 'pca', components: 2 });
    for (let row = 0; row < table.rows; row += 1) {
      const lacks = table.features.subarray(row * 6, row * 6 + 6).some(Number.isNaN);
      expect(Number.isNaN(made.features[row * 2])).toBe(lacks);
    }
    const over = fitPipeline([{ step: 'pca', components: 7 }], table, { from: 0, to: 100 });
    expect(over.ok ? 'ok' : over.fault.code).toBe('components_too_many');
  });
});

describe('the outlier filter', () => {
  it('leaves far rows out of the training, and no row out that is asked', () => {
    const table = someTable(6, 400, 0);
    table.features[10 * 6] = 5;
    table.features[20 * 6 + 4] = -50;
    const steps: readonly StepDeclaration[] = [{ step: 'outliers', beyond: 30, columns: 1 }, { step: 'standard' }];
    const fitted = expectOk(fitPipeline(steps, table, { from: 0, to: 400 }));
    const rows = trainingRows(fitted, table, { from: 0, to: 400 });
    expect(fitted.outlierRows).toBe(400 - rows.length);
    expect([10, 20, 30].map((row) => rows.includes(row))).toEqual([false, false, true]);
    expect(expectOk(applyPipeline(fitted, table)).rows).toBe(400);
    // Those that were left out have no part in the scaling.
    const [, scaling] = fitted.steps;
    expect(scaling !== undefined && 'spreads' in scaling ? scaling.spreads[0] : 0).toBeLessThan(0.002);
  });
});
