const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/**
 * Solves `matrix · x = right` for a symmetric positive definite matrix (row-major, `size × size`; only its lower triangle is read)
 * by Cholesky's factorisation. Returns null when the matrix is not positive definite. The matrix is overwritten.
 */
export function solvePositiveDefinite(matrix: Float64Array, right: Float64Array, size: number): Float64Array | null {
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let sum = at(matrix, row * size + column);
      for (let k = 0; k < column; k += 1) sum -= at(matrix, row * size + k) * at(matrix, column * size + k);
      if (row !== column) {
        matrix[row * size + column] = sum / at(matrix, column * size + column);
      } else {
        if (!(sum > 0) || !Number.isFinite(sum)) return null;
        matrix[row * size + row] = Math.sqrt(sum);
      }
    }
  }
  const solution = new Float64Array(size);
  for (let row = 0; row < size; row += 1) {
    let sum = at(right, row);
    for (let k = 0; k < row; k += 1) sum -= at(matrix, row * size + k) * at(solution, k);
    solution[row] = sum / at(matrix, row * size + row);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = at(solution, row);
    for (let k = row + 1; k < size; k += 1) sum -= at(matrix, k * size + row) * at(solution, k);
    solution[row] = sum / at(matrix, row * size + row);
  }
  return solution;
}
