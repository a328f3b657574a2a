import { expect, it } from 'vitest';
import { goodness, parameterText } from './optimization.ts';

it('a parameter is written without the dust of a binary fraction', () => {
  expect([0.1 + 0.2, 20, 'plain', true].map(parameterText)).toEqual(['0.3', '20', 'plain', 'true']);
});

it('a cell is as good as its place between the worst and the best of its map, whichever way is better', () => {
  const objective = [
    [1, null],
    [2, 3],
  ];
  expect(goodness({ objective }, 'max')).toEqual([
    [0, null],
    [0.5, 1],
  ]);
  expect(goodness({ objective }, 'min')).toEqual([
    [1, null],
    [0.5, 0],
  ]);
});

it('where all cells are alike they are all the best, and where no way is better none is', () => {
  expect(goodness({ objective: [[2, 2]] }, 'min')).toEqual([[1, 1]]);
  expect(goodness({ objective: [[1, 2]] }, null)).toEqual([[null, null]]);
  expect(goodness({ objective: [[null]] }, 'max')).toEqual([[null]]);
});
