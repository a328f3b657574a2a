import { expect, it } from 'vitest';
import { randomEnsemble } from './ensembles.test-support.ts';
import { setColumns } from './set-columns.ts';
import { NODE_FLAG, type TreeEnsemble } from './tree-ensemble.ts';

/** A node for each of so many columns, split by a set of so many words. */
function oneSetEach(columns: number, words: number): TreeEnsemble {
  const each = (of: (index: number) => number): Int32Array =>
    Int32Array.from({ length: columns }, (_, index) => of(index));
  return {
    ...randomEnsemble({ seed: 1, family: 'lightgbm', columns, rounds: 1, depth: 0 }),
    feature: each((index) => index),
    flags: new Uint8Array(columns).fill(NODE_FLAG.categorical),
    categoryStart: each((index) => index * words),
    categoryWords: each(() => words),
    categories: new Uint32Array(columns * words).fill(5),
  };
}

it('sets are looked up by category as long as the categories of all columns are not too many: each costs memory, however few sets there are', () => {
  expect(setColumns(oneSetEach(1, 128))?.tables.map(({ byCategory }) => byCategory.length)).toEqual([4_096]);
  expect(setColumns(oneSetEach(9, 128))).toBeNull();
});
