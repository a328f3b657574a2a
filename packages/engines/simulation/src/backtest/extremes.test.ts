import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extremeIndices } from './extremes.ts';

const column = (...values: readonly number[]): Float64Array => Float64Array.from(values);

describe('the points that a picture of a long curve needs', () => {
  it('are all of a short one', () => {
    expect(extremeIndices([column(1, 2, 3)], 10)).toEqual([0, 1, 2]);
    expect(extremeIndices([column()], 10)).toEqual([]);
  });

  it('are no more than asked for, rising, with both ends and the extremes of every column', () => {
    const length = fc.integer({ min: 1, max: 400 });
    const columns = length.chain((size) =>
      fc.array(fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: size, maxLength: size }), {
        minLength: 1,
        maxLength: 3,
      }),
    );
    fc.assert(
      fc.property(columns, fc.integer({ min: 10, max: 60 }), (given, points) => {
        const taken = given.map((values) => Float64Array.from(values));
        const indices = extremeIndices(taken, points);
        expect(indices.length).toBeLessThanOrEqual(points);
        expect(indices).toEqual([...new Set(indices)].toSorted((one, other) => one - other));
        expect([indices[0], indices.at(-1)]).toEqual([0, (taken[0]?.length ?? 0) - 1]);
        for (const values of taken) {
          const seen = indices.map((index) => values[index] ?? NaN);
          expect(Math.max(...seen)).toBe(Math.max(...values));
          expect(Math.min(...seen)).toBe(Math.min(...values));
        }
      }),
    );
  });
});
