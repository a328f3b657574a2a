import { expectOk, seededRandom } from '@monsta/core';
import { runSteps } from '@monsta/features';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingData } from './executor.ts';
import { decodeLogisticModel, encodeLogisticModel } from './logistic-codec.ts';
import { addLogLoss, addPenalty, sigmoid, softplus, type LogisticRows } from './logistic-objective.ts';
import type { LogisticModel } from './logistic-model.ts';
import type { LogisticOptions } from './logistic-options.ts';
import { logisticRegression } from './logistic-regression.ts';

function trainingData(seed: number, rows: number, weights: readonly number[], intercept: number): TrainingData {
  const random = seededRandom(seed);
  const width = weights.length;
  const features = Float64Array.from({ length: rows * width }, () => 5 + 2 * random.gaussian());
  const up = Uint8Array.from({ length: rows }, (_, row) => {
    const score = weights.reduce(
      (sum, weight, column) => sum + (weight * ((features[row * width + column] ?? 0) - 5)) / 2,
      intercept,
    );
    return random.next() < sigmoid(score) ? 1 : 0;
  });
  return { featureNames: weights.map((_, index) => `f${index}`), rows, width, features, up };
}

const train = (data: TrainingData, options: Partial<LogisticOptions> = {}, from = 0, to = data.rows) =>
  runSteps(logisticRegression({ l2: 1, rowsMin: 10, ...options }).fitSteps(data, { from, to }));

const faultCode = (result: ReturnType<typeof train>): string => (result.ok ? 'ok' : result.fault.code);

const probability = (model: LogisticModel, ...values: readonly number[]): number =>
  logisticRegression().probabilityUp(model, Float64Array.from(values), 0);

describe('the logistic loss', () => {
  const data: LogisticRows = {
    ...trainingData(3, 40, [1, -2, 0.5], 0.3),
    values: trainingData(4, 40, [1, 1, 1], 0).features,
  };
  const size = data.width + 1;
  const lossAt = (parameters: Float64Array): number =>
    addLogLoss(data, 0, data.rows, parameters, null) + addPenalty(data.width, parameters, 0.7, null);
  const derivativesAt = (parameters: Float64Array) => {
    const derivatives = { gradient: new Float64Array(size), hessian: new Float64Array(size * size) };
    addLogLoss(data, 0, 25, parameters, derivatives);
    addLogLoss(data, 25, data.rows, parameters, derivatives);
    addPenalty(data.width, parameters, 0.7, derivatives);
    return derivatives;
  };
  const shifted = (parameters: Float64Array, index: number, by: number): Float64Array =>
    parameters.map((value, place) => (place === index ? value + by : value));
  const weight = fc.double({ min: -0.3, max: 0.3, noNaN: true });

  it('has the gradient and curvature that central differences show', () => {
    fc.assert(
      fc.property(fc.array(weight, { minLength: size, maxLength: size }), (list) => {
        const parameters = Float64Array.from(list);
        const { gradient, hessian } = derivativesAt(parameters);
        const h = 1e-5;
        for (let row = 0; row < size; row += 1) {
          const slope = (lossAt(shifted(parameters, row, h)) - lossAt(shifted(parameters, row, -h))) / (2 * h);
          expect(Math.abs((gradient[row] ?? Number.NaN) - slope) / Math.max(1, Math.abs(slope))).toBeLessThan(1e-6);
          const above = derivativesAt(shifted(parameters, row, h)).gradient;
          const below = derivativesAt(shifted(parameters, row, -h)).gradient;
          for (let column = 0; column <= row; column += 1) {
            const curve = ((above[column] ?? Number.NaN) - (below[column] ?? Number.NaN)) / (2 * h);
            const cell = hessian[row * size + column] ?? Number.NaN;
            expect(Math.abs(cell - curve) / Math.max(1, Math.abs(curve))).toBeLessThan(1e-6);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('stays finite and exact far out', () => {
    expect([softplus(800), softplus(-800), sigmoid(800), sigmoid(-800)]).toEqual([800, 0, 1, 0]);
    expect(softplus(0)).toBe(Math.LN2);
    expect(sigmoid(-3) + sigmoid(3)).toBeCloseTo(1, 15);
  });
});

describe('a logistic regression', () => {
  it('finds the weights that made the data', () => {
    const model = expectOk(train(trainingData(1, 20_000, [0.8, -0.4, 0], 0.5)));
    expect(model.weights[0]).toBeCloseTo(0.8, 1);
    expect(model.weights[1]).toBeCloseTo(-0.4, 1);
    expect(model.weights[2]).toBeCloseTo(0, 1);
    expect(model.intercept).toBeCloseTo(0.5, 1);
    expect(model.trainedRows).toBe(20_000);
  });

  it('gives a yes-or-no feature the odds that were counted', () => {
    // Up in 30 of 40 cases with the feature, in 12 of 60 without.
    const features = Float64Array.from({ length: 100 }, (_, row) => (row < 40 ? 1 : 0));
    const up = Uint8Array.from({ length: 100 }, (_, row) => (row < 30 || row >= 88 ? 1 : 0));
    const model = expectOk(train({ featureNames: ['flag'], rows: 100, width: 1, features, up }, { l2: 1e-9 }));
    expect(probability(model, 1)).toBeCloseTo(0.75, 8);
    expect(probability(model, 0)).toBeCloseTo(0.2, 8);
  });

  it('does not care about a feature’s unit or origin', () => {
    const data = trainingData(2, 500, [0.6, -0.3], 0);
    const scaled = {
      ...data,
      features: data.features.map((value, index) => (index % 2 === 0 ? value * 1e4 - 77 : value)),
    };
    const [one, other] = [expectOk(train(data)), expectOk(train(scaled))];
    expect(probability(other, 6 * 1e4 - 77, 4)).toBeCloseTo(probability(one, 6, 4), 9);
  });

  it('gives a column that never changes no weight', () => {
    const data = trainingData(5, 300, [0.5, 0], 0);
    const features = data.features.map((value, index) => (index % 2 === 1 ? 0.1 : value));
    const model = expectOk(train({ ...data, features }));
    expect(model.scales[1]).toBe(1);
    expect(model.weights[1]).toBeCloseTo(0, 9);
  });

  it('stays finite where the classes are separable', () => {
    const features = Float64Array.from({ length: 100 }, (_, row) => row);
    const up = Uint8Array.from({ length: 100 }, (_, row) => (row < 50 ? 0 : 1));
    const model = expectOk(train({ featureNames: ['order'], rows: 100, width: 1, features, up }, { l2: 1e-6 }));
    expect(model.weights[0]).toBeGreaterThan(5);
    expect(Number.isFinite(model.weights[0])).toBe(true);
    expect(probability(model, 49)).toBeLessThan(0.5);
    expect(probability(model, 50)).toBeGreaterThan(0.5);
  });

  it('learns from its range only, the scales included', () => {
    const data = trainingData(6, 400, [0.5, 0.5], 0);
    const model = expectOk(train(data, {}, 100, 300));
    const changed = {
      ...data,
      features: data.features.map((value, index) => (index < 200 || index >= 600 ? value * 1e9 : value)),
      up: data.up.map((value, row) => (row < 100 || row >= 300 ? 1 - value : value)),
    };
    expect(expectOk(train(changed, {}, 100, 300))).toEqual(model);
    expect(expectOk(train(changed, {}, 100, 301))).not.toEqual(model);
  });

  it('refuses too few rows, one class, and values that are not finite', () => {
    const data = trainingData(7, 50, [1], 0);
    expect(faultCode(train(data, { rowsMin: 51 }))).toBe('rows_too_few');
    expect(faultCode(train({ ...data, up: new Uint8Array(50) }))).toBe('one_class');
    expect(faultCode(train({ ...data, up: new Uint8Array(50).fill(1) }))).toBe('one_class');
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const features = data.features.slice();
      features[20] = value;
      const result = train({ ...data, features });
      expect(faultCode(result)).toBe('value_not_finite');
      expect(result.ok ? '' : result.fault.message).toContain('row 20: f0');
    }
  });
});

describe('a stored logistic regression', () => {
  const model = expectOk(train(trainingData(8, 300, [0.3, -1.2, 0.01], 0.2)));
  const stored = encodeLogisticModel(model);

  it('predicts the same to the last bit when read back from JSON', () => {
    const back = expectOk(decodeLogisticModel(JSON.parse(JSON.stringify(stored))));
    expect(back).toEqual(model);
    const value = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(value, value, value, (...values) => {
        expect(probability(back, ...values)).toBe(probability(model, ...values));
      }),
    );
  });

  it.each([
    ['model_malformed', null],
    ['model_malformed', []],
    ['model_malformed', { ...stored, format: 'other' }],
    ['model_version_unknown', { ...stored, version: 2 }],
    ['model_malformed', { ...stored, weights: [1, 2] }],
    ['model_malformed', { ...stored, means: [1, 2, 'x'] }],
    ['model_malformed', { ...stored, scales: [1, 0, 1] }],
    ['model_malformed', { ...stored, intercept: Number.NaN }],
    ['model_malformed', { ...stored, featureNames: 'f' }],
    ['model_malformed', { ...stored, trainedRows: -1 }],
  ])('is refused with %s when it is broken', (code, value) => {
    const result = decodeLogisticModel(value);
    expect(result.ok ? 'ok' : result.fault.code).toBe(code);
  });
});
