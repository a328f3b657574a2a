import { expectOk, seededRandom, type Result } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import type { ReturnTrainingData } from '../executor.ts';
import { forestExecutor, forestReturnExecutor } from './forest-executor.ts';
import { forestParams } from './forest-params.ts';

function drained<T>(steps: Generator<unknown, Result<T>>): Result<T> {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

const ROWS = 1_200;

/** The price goes on where it went, three times in four; the first rows are garbage that nobody may see. */
function data(): ReturnTrainingData {
  const random = seededRandom(4);
  const features = new Float64Array(ROWS * 2);
  const logReturn = new Float64Array(ROWS);
  for (let row = 0; row < ROWS; row += 1) {
    const momentum = random.gaussian();
    features.set([row % 11 === 0 ? Number.NaN : momentum, random.gaussian()], row * 2);
    logReturn[row] = 0.01 * (row < 100 ? Number.NaN : Math.sign(momentum) * (random.next() < 0.75 ? 1 : -1));
  }
  const up = Uint8Array.from(logReturn, (value) => (value > 0 ? 1 : 0));
  return { featureNames: ['momentum', 'noise'], rows: ROWS, width: 2, features, up, logReturn };
}

const params = expectOk(
  forestParams({ n_estimators: 30, max_depth: 4, min_samples_leaf: 10, max_features: 2, class_weight: { 1: 1 } }),
);

describe('a random forest as an executor', () => {
  it('learns the direction from its rows alone, also where values are missing', () => {
    const executor = forestExecutor(params);
    const shares: number[] = [];
    const model = expectOk(
      drained(executor.fitSteps(data(), { from: 100, to: ROWS }, (share) => void shares.push(share))),
    );
    expect(shares).toEqual(shares.toSorted((left, right) => left - right));
    expect(shares.at(-1)).toBe(1);
    const say = (momentum: number): number => executor.probabilityUp(model, Float64Array.of(9, 9, momentum, 0), 2);
    expect(say(1)).toBeGreaterThan(0.65);
    expect(say(-1)).toBeLessThan(0.35);
    expect(say(Number.NaN)).toBeGreaterThan(0.3);
    const again = expectOk(executor.decode(JSON.parse(JSON.stringify(executor.encode(model)))));
    expect(again).toEqual(model);
    expect(executor.parameters).toMatchObject({ trees: 30, classWeight: { 1: 1 }, seed: 0 });
    expect(executor.parameters).not.toHaveProperty('threads');
  });

  it('learns how far the price goes', () => {
    const executor = forestReturnExecutor(
      expectOk(forestParams({ n_estimators: 30, max_depth: 4, min_samples_leaf: 10 })),
    );
    const model = expectOk(drained(executor.fitSteps(data(), { from: 100, to: ROWS })));
    expect(executor.expectedReturn(model, Float64Array.of(1, 0), 0)).toBeGreaterThan(0.002);
    expect(executor.expectedReturn(model, Float64Array.of(-1, 0), 0)).toBeLessThan(-0.002);
    expect(forestExecutor(params).decode(executor.encode(model))).toMatchObject({ fault: { code: 'model_malformed' } });
  });

  it('refuses rows that are too few, or all of one kind', () => {
    const executor = forestExecutor(params);
    expect(drained(executor.fitSteps(data(), { from: 0, to: 50 }))).toMatchObject({ fault: { code: 'rows_too_few' } });
    expect(drained(executor.fitSteps({ ...data(), up: new Uint8Array(ROWS) }, { from: 0, to: ROWS }))).toMatchObject({
      fault: { code: 'one_class' },
    });
  });
});
