import type { Result } from '@monsta/core';

/** Rows of features, row-major; NaN is a missing value. */
export interface Table {
  readonly names: readonly string[];
  readonly rows: number;
  readonly width: number;
  readonly features: Float64Array;
}

/** A table with the direction of each row, for steps that look at what is to be learnt. */
export interface LabelledTable extends Table {
  /** 1: up; 0: down. */
  readonly up: Uint8Array;
}

/** Rows `from … to − 1`. */
export interface FitRange {
  readonly from: number;
  readonly to: number;
}

/** What a step learnt, plain JSON: which columns it takes and gives, and its numbers. */
export interface FittedStep {
  readonly step: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A step ready to change rows: reads the row that starts at `offset` of `from` and writes its own to `into` at `at`. */
export type RowChange = (from: Float64Array, offset: number, into: Float64Array, at: number) => void;

/** A kind of step: what may be declared of it, how it is fitted, and how what is fitted changes a row. */
export interface StepKind<Declared, Fitted extends FittedStep> {
  readonly name: string;
  /** What is wrong with a declaration; null: nothing. */
  fault(declared: Declared): string | null;
  /** Looks at no row outside of `range`. */
  fit(declared: Declared, table: LabelledTable, range: FitRange): Result<Fitted>;
  change(fitted: Fitted): RowChange;
}

/** The known values of a column within the range, sorted. */
export function sortedColumn({ features, width }: Table, { from, to }: FitRange, column: number): Float64Array {
  const values = new Float64Array(to - from);
  let count = 0;
  for (let row = from; row < to; row += 1) {
    const value = features[row * width + column] as number;
    if (Number.isNaN(value)) continue;
    values[count] = value;
    count += 1;
  }
  return values.subarray(0, count).sort();
}

/** The value below which the share `at` of sorted values lies, between two of them by how near they are (Hyndman and Fan 1996, type 7); null of none. */
export function quantile(sorted: Float64Array, at: number): number | null {
  if (sorted.length === 0) return null;
  const place = at * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (place - below);
}

/** Mean and variance (divided by n) of the known values of a column within the range; null where there is none. */
export function meanAndVariance(
  { features, width }: Table,
  { from, to }: FitRange,
  column: number,
): { readonly mean: number; readonly variance: number } | null {
  let count = 0;
  let mean = 0;
  let squares = 0;
  for (let row = from; row < to; row += 1) {
    const value = features[row * width + column] as number;
    if (Number.isNaN(value)) continue;
    count += 1;
    const off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }
  return count === 0 ? null : { mean, variance: squares / count };
}
