import fc from 'fast-check';
import { expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

it('eigenvalues and vectors put the matrix together again, and the vectors stand at right angles', () => {
  const entry = fc.integer({ min: -100, max: 100 });
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      size.chain((n) => fc.tuple(fc.constant(n), fc.array(entry, { minLength: n * n, maxLength: n * n }))),
      ([n, entries]) => {
        const matrix = Float64Array.from(
          entries,
          (_, index) => entries[Math.max(index, (index % n) * n + Math.floor(index / n))] ?? 0,
        );
        const { values, vectors } = symmetricEigen(matrix, n);
        const vector = (row: number, column: number): number => vectors[row * n + column] ?? 0;
        for (let row = 0; row < n; row += 1) {
          for (let column = 0; column < n; column += 1) {
            let [whole, product] = [0, 0];
            for (let k = 0; k < n; k += 1) {
              whole += vector(row, k) * (values[k] ?? 0) * vector(column, k);
              product += vector(k, row) * vector(k, column);
            }
            expect(whole).toBeCloseTo(matrix[row * n + column] ?? 0, 8);
            expect(product).toBeCloseTo(row === column ? 1 : 0, 8);
          }
        }
      },
    ),
  );
});
