import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solvePositiveDefinite } from './cholesky.ts';

describe('solving a positive definite system', () => {
  it('finds the solution that was put in', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 16, maxLength: 16 }),
        fc.array(number, { minLength: 4, maxLength: 4 }),
        (root, wanted) => {
          const cell = (row: number, column: number): number => {
            let sum = row === column ? 1 : 0;
            for (let k = 0; k < 4; k += 1) sum += (root[row * 4 + k] ?? 0) * (root[column * 4 + k] ?? 0);
            return sum;
          };
          const matrix = Float64Array.from({ length: 16 }, (_, index) => cell(Math.floor(index / 4), index % 4));
          const right = Float64Array.from({ length: 4 }, (_, row) =>
            wanted.reduce((sum, value, column) => sum + value * cell(row, column), 0),
          );
          const solution = solvePositiveDefinite(matrix, right, 4);
          for (const [index, value] of wanted.entries()) expect(solution?.[index]).toBeCloseTo(value, 6);
        },
      ),
    );
  });

  it('says null when the matrix is not positive definite', () => {
    expect(solvePositiveDefinite(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1), 2)).toBeNull();
    expect(solvePositiveDefinite(Float64Array.of(Number.NaN), Float64Array.of(1), 1)).toBeNull();
  });
});
