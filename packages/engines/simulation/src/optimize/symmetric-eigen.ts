const SWEEPS_MAX = 60;

export interface Eigen {
  /** Not sorted. */
  readonly values: Float64Array;
  /** Column `j` (elements `i · n + j`) belongs to value `j`; of length 1 and at right angles to the others. */
  readonly vectors: Float64Array;
}

/** Eigenvalues and vectors of a symmetric matrix, row by row (n × n), by cyclic Jacobi rotations (Golub & Van Loan, 8.5): exact enough and simple for the few dimensions of a strategy. */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  const get = (of: Float64Array, row: number, column: number): number => of[row * n + column] ?? 0;
  for (let index = 0; index < n; index += 1) v[index * n + index] = 1;
  const rotate = (of: Float64Array, left: number, right: number, cosine: number, sine: number): void => {
    const [one, other] = [of[left] ?? 0, of[right] ?? 0];
    of[left] = cosine * one - sine * other;
    of[right] = sine * one + cosine * other;
  };
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep += 1) {
    let moved = false;
    for (let p = 0; p < n - 1; p += 1) {
      for (let q = p + 1; q < n; q += 1) {
        const apq = get(a, p, q);
        const [app, aqq] = [get(a, p, p), get(a, q, q)];
        if (Math.abs(apq) <= 1e-15 * Math.sqrt(Math.abs(app * aqq)) || apq === 0) continue;
        moved = true;
        const tau = (aqq - app) / (2 * apq);
        const tangent = Math.sign(tau || 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        const cosine = 1 / Math.sqrt(1 + tangent * tangent);
        const sine = tangent * cosine;
        for (let k = 0; k < n; k += 1) rotate(a, k * n + p, k * n + q, cosine, sine);
        for (let k = 0; k < n; k += 1) rotate(a, p * n + k, q * n + k, cosine, sine);
        for (let k = 0; k < n; k += 1) rotate(v, k * n + p, k * n + q, cosine, sine);
      }
    }
    if (!moved) break;
  }
  return { values: Float64Array.from({ length: n }, (_, index) => get(a, index, index)), vectors: v };
}
