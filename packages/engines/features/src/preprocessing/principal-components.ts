import { err, ok } from '@monsta/core';
import { meanAndVariance, type FitRange, type FittedStep, type StepKind, type Table } from './step.ts';

export interface PcaDeclaration {
  readonly step: 'pca';
  readonly components: number;
}

export interface FittedPca extends FittedStep {
  readonly means: readonly number[];
  /** One list of weights for each component, of unit length; the largest weight is positive. */
  readonly components: readonly (readonly number[])[];
  /** Variance of each component, falling. */
  readonly variances: readonly number[];
  /** The share of all variance that they hold. */
  readonly share: number;
}

const SWEEPS_MAX = 60;

/**
 * Principal components (Pearson 1901) of centred columns, by the eigenvectors of their covariance (Jacobi's rotations). Rows with a missing value count in no fit, and their components are missing.
 * Columns of different units are to be scaled before.
 */
export const pca: StepKind<PcaDeclaration, FittedPca> = {
  name: 'pca',
  fault: ({ components }) =>
    Number.isInteger(components) && components >= 1 ? null : 'components must be a whole number above 0',
  fit: ({ components }, table, range) => {
    const rows = completeRows(table, range);
    if (components > table.width)
      return err('components_too_many', `${components} components are asked of ${table.width} columns`);
    if (rows.rows < 2)
      return err('rows_too_few', `principal components need two complete rows at least; there are ${rows.rows}`);
    const whole = { from: 0, to: rows.rows };
    const means = rows.names.map((_, column) => meanAndVariance(rows, whole, column)?.mean ?? 0);
    const { values, vectors } = eigen(covariance(rows, means), table.width);
    const order = Array.from(values, (_, index) => index).sort(
      (a, b) => (values[b] as number) - (values[a] as number) || a - b,
    );
    const chosen = order.slice(0, components);
    const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
    const variances = chosen.map((index) => Math.max(0, values[index] as number));
    return ok({
      step: 'pca',
      inputs: table.names,
      outputs: chosen.map((_, place) => `component_${place + 1}`),
      means,
      components: chosen.map((index) => upright(vectors.map((row) => row[index] as number))),
      variances,
      share: total > 0 ? variances.reduce((sum, value) => sum + value, 0) / total : 0,
    });
  },
  change: ({ means, components }) => {
    const mean = Float64Array.from(means);
    const weights = components.map((each) => Float64Array.from(each));
    return (from, offset, into, at) => {
      for (const [place, weight] of weights.entries()) {
        let sum = 0;
        for (let column = 0; column < mean.length; column += 1)
          sum += (weight[column] as number) * ((from[offset + column] as number) - (mean[column] as number));
        into[at + place] = sum;
      }
    };
  },
};

function completeRows({ names, width, features }: Table, { from, to }: FitRange): Table {
  const kept: number[] = [];
  for (let row = from; row < to; row += 1)
    if (!features.subarray(row * width, (row + 1) * width).some(Number.isNaN)) kept.push(row);
  const complete = new Float64Array(kept.length * width);
  for (const [place, row] of kept.entries())
    complete.set(features.subarray(row * width, (row + 1) * width), place * width);
  return { names, rows: kept.length, width, features: complete };
}

/** Divided by n. */
function covariance({ features, rows, width }: Table, means: readonly number[]): Float64Array[] {
  const matrix = Array.from({ length: width }, () => new Float64Array(width));
  const centred = new Float64Array(width);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < width; column += 1)
      centred[column] = (features[row * width + column] as number) - (means[column] as number);
    for (let a = 0; a < width; a += 1) {
      const line = matrix[a] as Float64Array;
      for (let b = a; b < width; b += 1)
        line[b] = (line[b] as number) + (centred[a] as number) * (centred[b] as number);
    }
  }
  for (let a = 0; a < width; a += 1)
    for (let b = a; b < width; b += 1) {
      const value = ((matrix[a] as Float64Array)[b] as number) / rows;
      (matrix[a] as Float64Array)[b] = value;
      (matrix[b] as Float64Array)[a] = value;
    }
  return matrix;
}

/** Eigenvalues and eigenvectors (columns of `vectors`) of a symmetric matrix, which is used up: cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5). */
function eigen(
  matrix: Float64Array[],
  width: number,
): { readonly values: Float64Array; readonly vectors: Float64Array[] } {
  const vectors = Array.from({ length: width }, (_, row) =>
    Float64Array.from({ length: width }, (_w, column) => (row === column ? 1 : 0)),
  );
  const at = (row: number, column: number): number => (matrix[row] as Float64Array)[column] as number;
  let scale = 0;
  for (let index = 0; index < width; index += 1) scale += Math.abs(at(index, index));
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep += 1) {
    let off = 0;
    for (let p = 0; p < width; p += 1) for (let q = p + 1; q < width; q += 1) off += Math.abs(at(p, q));
    if (off <= 1e-15 * scale) break;
    for (let p = 0; p < width; p += 1)
      for (let q = p + 1; q < width; q += 1) {
        if (at(p, q) === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const cosine = 1 / Math.sqrt(tangent * tangent + 1);
        rotate(matrix, vectors, p, q, cosine, tangent * cosine);
      }
  }
  return { values: Float64Array.from({ length: width }, (_, index) => at(index, index)), vectors };
}

function rotate(
  matrix: Float64Array[],
  vectors: Float64Array[],
  p: number,
  q: number,
  cosine: number,
  sine: number,
): void {
  const turn = (line: Float64Array): void => {
    const [a, b] = [line[p] as number, line[q] as number];
    line[p] = cosine * a - sine * b;
    line[q] = sine * a + cosine * b;
  };
  for (const line of matrix) turn(line);
  const [first, second] = [matrix[p] as Float64Array, matrix[q] as Float64Array];
  for (let column = 0; column < first.length; column += 1) {
    const [a, b] = [first[column] as number, second[column] as number];
    first[column] = cosine * a - sine * b;
    second[column] = sine * a + cosine * b;
  }
  for (const line of vectors) turn(line);
}

/** An eigenvector has no sign of its own. */
function upright(vector: readonly number[]): readonly number[] {
  const largest = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}
