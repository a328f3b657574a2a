import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomEnsemble, randomRows, type EnsembleShape } from './ensembles.test-support.ts';
import { treePredictor } from './predictor.ts';
import { referenceMargins, referencePrediction } from './predictor.reference.ts';
import { MISSING, type TreeEnsemble } from './tree-ensemble.ts';

const COLUMNS = 5;

const shapes: fc.Arbitrary<EnsembleShape> = fc.record({
  seed: fc.integer(),
  family: fc.constantFrom('xgboost' as const, 'lightgbm' as const, 'random-forest' as const),
  task: fc.constantFrom<NonNullable<EnsembleShape['task']>>(
    { kind: 'binary' },
    { kind: 'regression' },
    { kind: 'quantile', alpha: 0.9 },
    { kind: 'multiclass', classes: 3 },
  ),
  columns: fc.constant(COLUMNS),
  rounds: fc.integer({ min: 0, max: 12 }),
  depth: fc.integer({ min: 0, max: 9 }),
  fullness: fc.constantFrom(0.6, 0.9, 1),
  categoricalColumns: fc.constantFrom(0, 0, 2),
  categorical: fc.constantFrom(0, 0, 0, 0.2),
  missing: fc.constantFrom(MISSING.none, MISSING.zero, MISSING.nan, 'mixed' as const),
  bestRounds: fc.constantFrom(null, null, 1, 4),
});

/** Forests on classes vote by distribution. */
const ensembleOf = (shape: EnsembleShape): TreeEnsemble => {
  const { task } = shape;
  const classes = task?.kind === 'multiclass' ? task.classes : 2;
  const votes = shape.family === 'random-forest' && (task?.kind === 'multiclass' || task?.kind === 'binary');
  return randomEnsemble(votes ? { ...shape, leafWidth: classes } : shape);
};

/** The same sets, with words for more categories than are looked up. */
function largeSets(model: TreeEnsemble): TreeEnsemble {
  const words = 200;
  const nodes = [...model.categoryWords.keys()].filter((node) => (model.categoryWords[node] ?? 0) > 0);
  const categories = new Uint32Array(nodes.length * words);
  const categoryStart = new Int32Array(model.feature.length);
  const categoryWords = new Int32Array(model.feature.length);
  nodes.forEach((node, index) => {
    const start = model.categoryStart[node] ?? 0;
    categories.set(model.categories.subarray(start, start + (model.categoryWords[node] ?? 0)), index * words);
    categoryStart[node] = index * words;
    categoryWords[node] = words;
  });
  return { ...model, categories, categoryStart, categoryWords };
}

describe('the predictor of trees', () => {
  it('gives the margins of the plain reference bit for bit, row by row and in batches, with and without missing values', () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, missing) => {
        const model = ensembleOf(shape);
        const predictor = treePredictor(model);
        // More than a block of rows, and not a multiple of one.
        const rows = 75;
        const values = randomRows(shape.seed + 1, rows, COLUMNS, missing);
        const expected = new Float64Array(rows * model.outputs);
        const single = new Float64Array(rows * model.outputs);
        for (let row = 0; row < rows; row += 1) {
          expected.set(
            referenceMargins(model, values.subarray(row * COLUMNS, (row + 1) * COLUMNS)),
            row * model.outputs,
          );
          predictor.margins(values, row * COLUMNS, single, row * model.outputs);
        }
        expect(single).toEqual(expected);
        expect(predictor.marginRows(values, rows)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('gives the same where sets are too large to be looked up by category', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const model = ensembleOf({ ...shape, categorical: 0.5, categoricalColumns: 2 });
        const values = randomRows(shape.seed + 1, 75, COLUMNS, true);
        expect(treePredictor(largeSets(model)).marginRows(values, 75)).toEqual(
          treePredictor(model).marginRows(values, 75),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('gives the probabilities and values of the plain reference', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const model = ensembleOf(shape);
        const predictor = treePredictor(model);
        const rows = 3;
        const values = randomRows(shape.seed + 1, rows, COLUMNS);
        const all = predictor.predictRows(values, rows);
        for (let row = 0; row < rows; row += 1) {
          const expected = referencePrediction(model, values.subarray(row * COLUMNS, (row + 1) * COLUMNS));
          const out = new Float64Array(predictor.predictionWidth);
          predictor.predict(values, row * COLUMNS, out, 0);
          expect([...out]).toEqual([...expected]);
          expect(predictor.predictOne(values, row * COLUMNS)).toBe(expected[0]);
          const { predictionWidth } = predictor;
          expect([...all.subarray(row * predictionWidth, (row + 1) * predictionWidth)]).toEqual([...expected]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('reads rows of 32-bit floats as it reads the same numbers in 64 bits', () => {
    const model = randomEnsemble({ seed: 3, family: 'lightgbm', columns: COLUMNS, rounds: 20, depth: 5 });
    const predictor = treePredictor(model);
    const values = Float32Array.from(randomRows(4, 40, COLUMNS));
    expect(predictor.predictRows(values, 40)).toEqual(predictor.predictRows(Float64Array.from(values), 40));
  });

  it("compares XGBoost's thresholds with values rounded to 32 bits, LightGBM's with what was given", () => {
    const stump = (family: 'xgboost' | 'lightgbm'): TreeEnsemble => ({
      ...randomEnsemble({ seed: 1, family, columns: 1, rounds: 1, depth: 1, fullness: 1 }),
      task: { kind: 'regression' },
      threshold: Float64Array.of(Math.fround(0.1), 0, 0),
      values: Float64Array.of(0, -1, 1),
      baseMargins: Float64Array.of(0),
    });
    const above = Math.fround(0.1) + 1e-10;
    expect(Math.fround(above)).toBe(Math.fround(0.1));
    expect(treePredictor(stump('xgboost')).predictOne(Float64Array.of(above), 0)).toBe(-1);
    expect(treePredictor(stump('lightgbm')).predictOne(Float64Array.of(above), 0)).toBe(1);
  });

  it('answers a multiclass row with probabilities that add up to 1', () => {
    const model = randomEnsemble({
      seed: 5,
      family: 'xgboost',
      task: { kind: 'multiclass', classes: 4 },
      columns: COLUMNS,
      rounds: 6,
      depth: 4,
    });
    const out = treePredictor(model).predictRows(randomRows(6, 1, COLUMNS), 1);
    expect(out).toHaveLength(4);
    expect(out.reduce((left, right) => left + right, 0)).toBeCloseTo(1, 14);
  });

  it('refuses fewer values than the rows need', () => {
    const model = randomEnsemble({ seed: 5, family: 'xgboost', columns: COLUMNS, rounds: 2, depth: 2 });
    expect(() => treePredictor(model).predictRows(new Float64Array(COLUMNS), 2)).toThrow('need 10 values');
  });
});
