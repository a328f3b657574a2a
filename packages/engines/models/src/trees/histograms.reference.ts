/** Plain forms of the kernels that build histograms, part rows and make gradients; only tests use them. */

/** Sums of gradient pairs (f32) of rows by the `bins` bins of a column. */
export function plainHistogram(
  rows: readonly number[],
  pairs: Float32Array,
  column: readonly number[],
  bins: number,
): Float64Array {
  const sums = new Float64Array(2 * bins);
  rows.forEach((row, at) => {
    const bin = column[row] ?? 0;
    sums[2 * bin] = (sums[2 * bin] ?? 0) + (pairs[2 * at] ?? 0);
    sums[2 * bin + 1] = (sums[2 * bin + 1] ?? 0) + (pairs[2 * at + 1] ?? 0);
  });
  return sums;
}

/** Rows by the bins of a column. */
export const plainCounts = (rows: readonly number[], column: readonly number[], bins: number): Uint32Array =>
  Uint32Array.from({ length: bins }, (_, bin) => rows.filter((row) => column[row] === bin).length);

/** The rows that go left, then the others, each in their order. */
export function plainPartition(
  rows: readonly number[],
  column: readonly number[],
  goesLeft: Uint8Array,
): { readonly rows: readonly number[]; readonly left: number } {
  const left = rows.filter((row) => goesLeft[column[row] ?? 0] === 1);
  return { rows: [...left, ...rows.filter((row) => goesLeft[column[row] ?? 0] !== 1)], left: left.length };
}

/** Gradient pair of the log loss of one row. */
export function plainLogisticPair(margin: number, label: number, weight: number, single: boolean): [number, number] {
  const probability = 1 / (1 + Math.exp(-margin));
  const p = single ? Math.fround(probability) : probability;
  return [Math.fround((p - label) * weight), Math.fround(Math.max(p * (1 - p), 1e-16) * weight)];
}
