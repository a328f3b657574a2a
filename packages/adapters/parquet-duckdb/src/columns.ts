import { err, ok, type Result } from '@monsta/core';

/** How a column lies in a Parquet file. */
export type StoredType = 'TIMESTAMP WITH TIME ZONE' | 'DECIMAL(18,8)' | 'DECIMAL(38,8)' | 'BIGINT' | 'BOOLEAN';

/** A column as it is stored, and how it becomes whole numbers in memory: `value = stored / factor`. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: StoredType;
  /** Of the stored whole numbers (µs; 10^-8): what one of ours is worth. Null: the finest power of ten that fits all columns without a factor. */
  readonly factor: number | null;
  /** Files may lack the column, and rows the value: NULL there, NaN in memory. */
  readonly nullable?: true;
}

/** What a NULL is on its way between files and memory, in whole numbers as they are stored: no column that may have one holds it. */
const UNKNOWN = -200_000_000;

/** SQL that gives a column as it is moved: without NULL. */
export const withoutNull = ({ name, type, nullable }: ColumnSpec): string =>
  nullable === undefined ? name : `coalesce(${name}, ${unknownText(type)})::${type} AS ${name}`;

/** The inverse of `withoutNull`. */
export const withNull = ({ name, type, nullable }: ColumnSpec): string =>
  nullable === undefined ? name : `nullif(${name}, ${unknownText(type)})::${type} AS ${name}`;

const unknownText = (type: StoredType): string =>
  type.startsWith('DECIMAL') ? `(${UNKNOWN / 1e8})::${type}` : `(${UNKNOWN})::${type}`;

const BYTES: Readonly<Record<StoredType, number>> = {
  'TIMESTAMP WITH TIME ZONE': 8,
  'DECIMAL(18,8)': 8,
  'DECIMAL(38,8)': 16,
  BIGINT: 8,
  BOOLEAN: 1,
};

export const bytesOf = (type: StoredType): number => BYTES[type];

const WORD = 2 ** 32;
/** The high word of a safe integer is below this. */
const HIGH_SAFE = 2 ** 21;

/** `count` values of ours, from `from` on, as DuckDB holds them in a vector: little-endian whole numbers. */
export function encode(spec: ColumnSpec, values: Float64Array, from: number, count: number): ArrayBuffer {
  const buffer = new ArrayBuffer(count * BYTES[spec.type]);
  if (spec.type === 'BOOLEAN') {
    const bytes = new Uint8Array(buffer);
    for (let row = 0; row < count; row += 1) bytes[row] = values[from + row] ?? 0;
    return buffer;
  }
  const encoded = new Int32Array(buffer);
  const stride = BYTES[spec.type] / 4;
  const factor = spec.factor ?? 1;
  for (let row = 0; row < count; row += 1) {
    const value = values[from + row] ?? 0;
    const product = Number.isNaN(value) ? UNKNOWN : value * factor;
    const at = row * stride;
    let low = product;
    let high = Math.floor(product / WORD);
    if (!Number.isSafeInteger(product)) {
      const exact = BigInt(value) * BigInt(factor);
      low = Number(BigInt.asUintN(32, exact));
      high = Number(exact >> 32n);
    }
    encoded[at] = low >>> 0;
    encoded[at + 1] = high;
    if (stride !== 4) continue;
    // Volumes are below 2^95 of their units.
    encoded[at + 2] = Math.floor(high / WORD);
    encoded[at + 3] = high < 0 ? -1 : 0;
  }
  return buffer;
}

/** Room for one vector of any type, seen as bytes and as words: the same views for all, since making them costs more than copying into them. */
const VECTOR_ROWS_MAX = 2_048;
const vector = new ArrayBuffer(VECTOR_ROWS_MAX * 16);
const bytesOfVector = new Uint8Array(vector);
const words = new Int32Array(vector);
const unsigned = new Uint32Array(vector);

/** Reads a column's vectors one after the other into whole numbers. */
export class ColumnReader {
  readonly spec: ColumnSpec;
  readonly target: Float64Array;
  /** The power of ten that all values without a factor of their own are multiples of, so far. */
  readonly #shared: { finest: number };

  constructor(spec: ColumnSpec, target: Float64Array, shared: { finest: number }) {
    this.spec = spec;
    this.target = target;
    this.#shared = shared;
  }

  /** At most 2,048 values. Fault `parquet_off_step`: one lies between two steps. */
  take(bytes: Uint8Array, from: number, count: number): Result<null> {
    const { spec, target } = this;
    bytesOfVector.set(bytes);
    if (spec.type === 'BOOLEAN') {
      for (let row = 0; row < count; row += 1) target[from + row] = bytesOfVector[row] ?? 0;
      return DONE;
    }
    const factor = spec.factor ?? 1;
    const wide = BYTES[spec.type] === 16;
    const exact = wide ? decode128(target, from, count, factor) : decode64(target, from, count, factor);
    if (!exact) {
      const taken = this.#takeExactly(from, count, wide ? 4 : 2);
      if (!taken.ok) return taken;
    }
    if (spec.factor === null) this.#refine(from, count);
    if (spec.nullable === true) this.#forget(from, count, UNKNOWN / factor);
    return DONE;
  }

  #forget(from: number, count: number, unknown: number): void {
    for (let row = from; row < from + count; row += 1) if (this.target[row] === unknown) this.target[row] = Number.NaN;
  }

  #refine(from: number, count: number): void {
    let { finest } = this.#shared;
    for (let row = from; row < from + count; row += 1) while ((this.target[row] ?? 0) % finest !== 0) finest /= 10;
    this.#shared.finest = finest;
  }

  /** Values of which some are no safe integers, or no multiples of the step: one by one. */
  #takeExactly(from: number, count: number, stride: number): Result<null> {
    const factor = BigInt(this.spec.factor ?? 1);
    for (let row = 0; row < count; row += 1) {
      const stored = longOf(row * stride, stride);
      if (stored % factor !== 0n)
        return err(
          'parquet_off_step',
          `${this.spec.name} ${stored} × 10^-8 is no multiple of the step asked for, ${factor} × 10^-8`,
        );
      this.target[from + row] = Number(stored / factor);
    }
    return DONE;
  }
}

const DONE = ok(null);

/** Low and high word as one number, divided; false where one is no safe integer or no multiple of the factor. */
function decode64(target: Float64Array, from: number, count: number, factor: number): boolean {
  let wrong = 0;
  for (let row = 0; row < count; row += 1) {
    const high = words[2 * row + 1] ?? 0;
    const value = (high * WORD + (unsigned[2 * row] ?? 0)) / factor;
    target[from + row] = value;
    if (high >= HIGH_SAFE || high < -HIGH_SAFE || Math.floor(value) !== value) wrong = 1;
  }
  return wrong === 0;
}

/** As `decode64`, of four words of which the upper two must be the sign alone. */
function decode128(target: Float64Array, from: number, count: number, factor: number): boolean {
  let wrong = 0;
  for (let row = 0; row < count; row += 1) {
    const high = words[4 * row + 1] ?? 0;
    const value = (high * WORD + (unsigned[4 * row] ?? 0)) / factor;
    target[from + row] = value;
    const sign = high >> 31;
    wrong |=
      ((words[4 * row + 2] ?? 0) ^ sign) | ((words[4 * row + 3] ?? 0) ^ sign) | ((high ^ sign) & ~(HIGH_SAFE - 1));
    if (Math.floor(value) !== value) wrong = 1;
  }
  return wrong === 0;
}

function longOf(at: number, stride: number): bigint {
  let exact = BigInt(words[at + stride - 1] ?? 0);
  for (let word = stride - 2; word >= 0; word -= 1) exact = (exact << 32n) + BigInt(unsigned[at + word] ?? 0);
  return exact;
}
