/** Plain forms of the kernels that build histograms, part rows and make gradients; only tests use them. */

/** Sums of gradient pairs (f32) of rows by the bins of a column: 256 pairs. */
export function plainHistogram(rows: readonly number[], pairs: Float32Array, bins: Uint8Array): Float64Array {
  const sums = new Float64Array(512);
  rows.forEach((row, at) => {
    const bin = bins[row] ?? 0;
    sums[2 * bin] = (sums[2 * bin] ?? 0) + (pairs[2 * at] ?? 0);
    sums[2 * bin + 1] = (sums[2 * bin + 1] ?? 0) + (pairs[2 * at + 1] ?? 0);
  });
  return sums;
}

/** The rows that go left, then the others, each in their order. */
export function plainPartition(
  rows: readonly number[],
  bins: Uint8Array,
  goesLeft: Uint8Array,
): { readonly rows: readonly number[]; readonly left: number } {
  const left = rows.filter((row) => goesLeft[bins[row] ?? 0] === 1);
  return { rows: [...left, ...rows.filter((row) => goesLeft[bins[row] ?? 0] !== 1)], left: left.length };
}

/** Gradient pair of the log loss of one row. */
export function plainLogisticPair(margin: number, label: number, weight: number, single: boolean): [number, number] {
  const probability = 1 / (1 + Math.exp(-margin));
  const p = single ? Math.fround(probability) : probability;
  return [Math.fround((p - label) * weight), Math.fround(Math.max(p * (1 - p), 1e-16) * weight)];
}
