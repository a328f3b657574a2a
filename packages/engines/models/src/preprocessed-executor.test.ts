import { expectOk, seededRandom } from '@monsta/core';
import { runSteps, type StepDeclaration } from '@monsta/features';
import { describe, expect, it } from 'vitest';
import { logisticRegression } from './logistic-regression.ts';
import { preprocessedExecutor, preprocessedReturnExecutor } from './preprocessed-executor.ts';
import { ridgeRegression } from './ridge-regression.ts';

const ROWS = 600;
const STEPS: readonly StepDeclaration[] = [
  { step: 'outliers', beyond: 12, columns: 1 },
  { step: 'winsorise', lower: 0.01, upper: 0.99 },
  { step: 'robust' },
  { step: 'select-importance', keep: 2, bins: 8 },
];

/** One column tells the direction and the return, three are noise. */
function someData(seed: number) {
  const random = seededRandom(seed);
  const features = Float64Array.from({ length: ROWS * 4 }, () => random.gaussian());
  const logReturn = Float64Array.from(
    { length: ROWS },
    (_, row) => 0.01 * ((features[row * 4 + 2] ?? 0) + random.gaussian()),
  );
  return {
    featureNames: ['noise_1', 'noise_2', 'telling', 'noise_3'],
    rows: ROWS,
    width: 4,
    features,
    logReturn,
    up: Uint8Array.from(logReturn, (value) => (value > 0 ? 1 : 0)),
  };
}

const range = { from: 100, to: 500 };
const direction = preprocessedExecutor(logisticRegression({ l2: 1, rowsMin: 50 }), STEPS);
const logReturn = preprocessedReturnExecutor(ridgeRegression({ l2: 1, rowsMin: 50 }), STEPS);

/** The same rows within the range, garbage in all others. */
function garbageAround(data: ReturnType<typeof someData>): ReturnType<typeof someData> {
  const { features, logReturn: returns, up } = data;
  return {
    ...data,
    features: features.map((value, index) =>
      index < range.from * 4 ? 1e9 : index < range.to * 4 ? value : Number.NaN,
    ),
    logReturn: returns.map((value, row) => (row < range.from || row >= range.to ? 7 : value)),
    up: up.map((value, row) => (row < range.from || row >= range.to ? 1 : value)),
  };
}

describe('an executor behind a pipeline', () => {
  it('learns directions from the rows of its range alone, pipeline and all', () => {
    const data = someData(1);
    const [model, again] = [data, garbageAround(data)].map((rows) =>
      expectOk(runSteps(direction.fitSteps(rows, range))),
    );
    if (model === undefined || again === undefined) throw new Error('nothing was fitted');
    expect(JSON.stringify(direction.encode(again))).toBe(JSON.stringify(direction.encode(model)));
    expect(model.pipeline.outputs).toContain('telling');
    expect(model.pipeline.outputs).toHaveLength(2);
  });

  it('learns log returns from the rows of its range alone, pipeline and all', () => {
    const data = someData(2);
    const [model, again] = [data, garbageAround(data)].map((rows) =>
      expectOk(runSteps(logReturn.fitSteps(rows, range))),
    );
    if (model === undefined || again === undefined) throw new Error('nothing was fitted');
    expect(JSON.stringify(logReturn.encode(again))).toBe(JSON.stringify(logReturn.encode(model)));
  });

  it('forecasts as well as one that is given the telling column alone, and the same after it was written down', () => {
    const data = someData(3);
    const model = expectOk(runSteps(direction.fitSteps(data, range)));
    const read = expectOk(direction.decode(JSON.parse(JSON.stringify(direction.encode(model)))));
    let right = 0;
    for (let row = range.to; row < ROWS; row += 1) {
      const said = direction.probabilityUp(model, data.features, row * 4);
      expect(direction.probabilityUp(read, data.features, row * 4)).toBe(said);
      right += Number(said > 0.5 === (data.up[row] === 1));
    }
    // The best that can be: the telling column's sign is right three times in four.
    expect(right / (ROWS - range.to)).toBeGreaterThan(0.65);
  });

  it('leaves outliers out of the learning, and still answers for them', () => {
    const data = someData(4);
    data.features[(range.from + 3) * 4] = 1e4;
    const model = expectOk(runSteps(logReturn.fitSteps(data, range)));
    expect(model.pipeline.outlierRows).toBe(1);
    expect(logReturn.expectedReturn(model, data.features, (range.from + 3) * 4)).toBeTypeOf('number');
  });

  it('refuses a pipeline that is unsound, and one that was written down and damaged', () => {
    const unsound = preprocessedExecutor(logisticRegression({ l2: 1, rowsMin: 50 }), [{ step: 'pca', components: 9 }]);
    const fitted = runSteps(unsound.fitSteps(someData(5), range));
    expect(fitted.ok ? 'ok' : fitted.fault.code).toBe('components_too_many');
    const model = expectOk(runSteps(direction.fitSteps(someData(5), range)));
    const text = JSON.stringify(direction.encode(model));
    for (const [from, to] of [
      ['"step":"robust"', '"step":"constructor"'],
      ['"kept":[', '"kept":[99,'],
      ['"pipeline"', '"pipe"'],
      ['"version":1', '"version":2'],
      ['"noise_1"', '"noise_9"'],
    ] as const) {
      const read = direction.decode(JSON.parse(text.replace(from, to)));
      expect([from, read.ok ? 'ok' : read.fault.code]).toEqual([from, 'model_malformed']);
    }
  });
});
