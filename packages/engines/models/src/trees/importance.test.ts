import { describe, expect, it } from 'vitest';
import { randomEnsemble } from './ensembles.test-support.ts';
import { importanceOf } from './importance.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';

/** Two trees: column 0 at the top of both, column 1 below in the first. */
const model: TreeEnsemble = {
  ...randomEnsemble({ seed: 1, family: 'xgboost', columns: 3, rounds: 2, depth: 0 }),
  roots: Int32Array.of(0, 5),
  feature: Int32Array.of(0, -1, 1, -1, -1, 0, -1, -1),
  left: Int32Array.of(1, 0, 3, 0, 0, 6, 0, 0),
  right: Int32Array.of(2, 0, 4, 0, 0, 7, 0, 0),
  gain: Float64Array.of(6, 0, 2, 0, 0, 3, 0, 0),
  cover: Float64Array.of(10, 4, 6, 3, 3, 20, 9, 11),
};

describe('importance of columns', () => {
  it.each([
    ['split', [2, 1, 0]],
    ['gain', [9, 2, 0]],
    ['meanGain', [4.5, 2, 0]],
    ['cover', [30, 6, 0]],
    ['meanCover', [15, 6, 0]],
    ['impurity', [(6 / 8 + 1) / 2, 2 / 8 / 2, 0]],
  ] as const)('by %s', (kind, wanted) => {
    expect([...importanceOf(model, kind)]).toEqual(wanted);
  });

  it('adds up to 1 when normalised, and is 0 where no tree splits', () => {
    expect([...importanceOf(model, 'gain', { normalised: true })]).toEqual([9 / 11, 2 / 11, 0]);
    const stump = randomEnsemble({ seed: 1, family: 'lightgbm', columns: 2, rounds: 3, depth: 0 });
    expect([...importanceOf(stump, 'gain', { normalised: true })]).toEqual([0, 0]);
    expect([...importanceOf(stump, 'impurity')]).toEqual([0, 0]);
  });

  it('counts the trees that forecast only', () => {
    expect([...importanceOf({ ...model, bestRounds: 1 }, 'split')]).toEqual([1, 1, 0]);
  });
});
