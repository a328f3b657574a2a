import { expectOk, seededRandom } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baselineHits } from './evaluation.ts';
import { walkForwardFolds, type WalkForwardOptions } from './walk-forward.ts';

const options: WalkForwardOptions = {
  folds: 5,
  trainRowsMin: 20,
  trainShareMin: 0.3,
  trainRowsMax: null,
  testRowsMin: 20,
  purgeBars: 0,
  embargoBars: 0,
};

const barIndexes = (rows: number, seed = 0): Int32Array => {
  const random = seededRandom(seed);
  let bar = 0;
  return Int32Array.from({ length: rows }, () => {
    bar += seed !== 0 && random.next() < 0.1 ? 1 + random.integer(20) : 1;
    return bar;
  });
};

describe('walk-forward folds', () => {
  it('test every row after the first training once, in order, on models of rows that end early enough', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 800 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(20),
        fc.nat(20),
        fc.option(fc.integer({ min: 20, max: 100 })),
        (rows, seed, folds, purgeBars, embargoBars, trainRowsMax) => {
          const barIndex = barIndexes(rows, seed);
          const found = expectOk(
            walkForwardFolds(barIndex, { ...options, folds, purgeBars, embargoBars, trainRowsMax }),
          );
          expect(found).toHaveLength(folds);
          expect(found.at(-1)?.test.to).toBe(rows);
          for (const [index, { train, test }] of found.entries()) {
            if (index > 0) expect(test.from).toBe(found[index - 1]?.test.to);
            expect(test.to).toBeGreaterThan(test.from);
            const reach = (barIndex[train.to - 1] ?? Number.NaN) + purgeBars + embargoBars;
            expect(reach).toBeLessThanOrEqual(barIndex[test.from] ?? Number.NaN);
            // Nothing is left out needlessly either.
            const next = (barIndex[train.to] ?? Number.NaN) + purgeBars + embargoBars;
            expect(train.to === test.from || next > (barIndex[test.from] ?? Number.NaN)).toBe(true);
            if (trainRowsMax === null) expect(train.from).toBe(0);
            else expect(train.to - train.from).toBeLessThanOrEqual(trainRowsMax);
          }
          const first = found[0];
          expect(first?.train.to).toBeGreaterThanOrEqual(Math.max(20, Math.ceil(0.3 * rows)));
        },
      ),
    );
  });

  it('say how many rows are needed when there are too few, and that many suffice', () => {
    const strict = { ...options, purgeBars: 12, embargoBars: 12 };
    const refused = walkForwardFolds(barIndexes(30), strict);
    expect(refused.ok ? 'ok' : refused.fault.code).toBe('rows_too_few');
    const needed = refused.ok ? 0 : Number(refused.fault.details?.['needed']);
    expect(walkForwardFolds(barIndexes(needed), strict).ok).toBe(true);
    expect(walkForwardFolds(barIndexes(needed - 2), strict).ok).toBe(false);
    expect(walkForwardFolds(new Int32Array(0), options).ok).toBe(false);
  });

  /**
   * A price without memory, labels over 12 bars: neighbouring labels share most of their bars, though nothing can be foretold.
   * The learner says what the newest dozen training labels said most often.
   */
  const accuracyOnRandomWalk = (purgeBars: number): number => {
    const horizon = 12;
    const rows = 6_000;
    const random = seededRandom(42);
    const closes = [0];
    for (let index = 0; index < rows + horizon; index += 1) closes.push((closes.at(-1) ?? 0) + random.gaussian());
    const up = Uint8Array.from({ length: rows }, (_, index) =>
      (closes[index + horizon] ?? 0) > (closes[index] ?? 0) ? 1 : 0,
    );
    const folds = expectOk(
      walkForwardFolds(barIndexes(rows), { ...options, folds: 4_000, trainRowsMax: horizon, purgeBars }),
    );
    let hits = 0;
    let tested = 0;
    for (const fold of folds) {
      const { majority } = baselineHits({ up, lastSign: new Int8Array(rows) }, fold);
      tested += majority.length;
      for (const hit of majority) hits += hit;
    }
    return hits / tested;
  };

  it('do not let training labels that overlap the test help', () => {
    // Labels overlap by a dozen bars, so that the standard error is about √12 times that of free ones.
    expect(Math.abs(accuracyOnRandomWalk(12) - 0.5)).toBeLessThan((3 * 0.5 * Math.sqrt(12)) / Math.sqrt(4_000));
    // Without the purge the same learner looks as if it knew the future: the leak that the purge stops is real.
    expect(accuracyOnRandomWalk(0)).toBeGreaterThan(0.65);
  });
});
