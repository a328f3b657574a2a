import { expectOk, seededRandom, type Result } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import type { ReturnTrainingData } from '../executor.ts';
import { lightgbmExecutor, lightgbmReturnExecutor, xgboostExecutor, xgboostReturnExecutor } from './tree-executors.ts';

/** Returns of 0.01 times two features, one of which is missing at times, and noise. */
function market(rows: number, seed: number): ReturnTrainingData {
  const random = seededRandom(seed);
  const features = Float64Array.from({ length: rows * 3 }, () => random.gaussian());
  const logReturn = Float64Array.from(
    { length: rows },
    (_, row) => 0.01 * ((features[row * 3] ?? 0) - (features[row * 3 + 1] ?? 0) + random.gaussian()),
  );
  for (let row = 0; row < rows; row += 7) features[row * 3 + 1] = Number.NaN;
  return {
    featureNames: ['a', 'b', 'c'],
    rows,
    width: 3,
    features,
    logReturn,
    up: Uint8Array.from(logReturn, (value) => (value > 0 ? 1 : 0)),
  };
}

function run<T>(steps: Generator<void, Result<T>>): Result<T> {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

describe.each([
  ['xgboost', xgboostExecutor(), xgboostReturnExecutor()],
  ['lightgbm', lightgbmExecutor(), lightgbmReturnExecutor()],
] as const)('the executors of %s', (name, direction, returns) => {
  const data = market(3_000, 1);
  const fresh = market(1_000, 2);
  const range = { from: 0, to: 3_000 };

  it('forecast direction and return of rows they have not seen, and survive being stored', () => {
    const shares: number[] = [];
    const model = expectOk(run(direction.fitSteps(data, range, (share) => shares.push(share))));
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares);
    const stored = expectOk(direction.decode(JSON.parse(JSON.stringify(direction.encode(model)))));
    let right = 0;
    for (let row = 0; row < fresh.rows; row += 1) {
      const probability = direction.probabilityUp(model, fresh.features, row * 3);
      expect(direction.probabilityUp(stored, fresh.features, row * 3)).toBe(probability);
      if (probability > 0.5 === (fresh.up[row] === 1)) right += 1;
    }
    expect(right / fresh.rows).toBeGreaterThan(0.68);
    expect(direction.name).toBe(name);
    const expected = expectOk(run(returns.fitSteps(data, range)));
    let agreement = 0;
    for (let row = 0; row < fresh.rows; row += 1)
      agreement +=
        Math.sign(fresh.logReturn[row] ?? 0) * Math.sign(returns.expectedReturn(expected, fresh.features, row * 3));
    expect(agreement / fresh.rows).toBeGreaterThan(0.35);
  });

  it('see no row outside of the range, and learn the same twice', () => {
    const part = { from: 500, to: 2_500 };
    const spoilt = { ...data, features: data.features.slice(), up: data.up.slice() };
    spoilt.features.fill(99, 0, 500 * 3).fill(-99, 2_500 * 3);
    spoilt.up.fill(1, 0, 500).fill(0, 2_500);
    const clean = direction.encode(expectOk(run(direction.fitSteps(data, part))));
    expect(direction.encode(expectOk(run(direction.fitSteps(spoilt, part))))).toEqual(clean);
  });

  it('say why there is nothing to learn', () => {
    const flat = run(direction.fitSteps({ ...data, up: new Uint8Array(3_000) }, range));
    expect(flat.ok ? null : flat.fault.code).toBe('one_class');
  });
});
