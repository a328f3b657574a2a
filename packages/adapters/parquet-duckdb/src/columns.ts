import { err, ok, type Result } from '@monsta/core';

/** How a column lies in a Parquet file. */
export type StoredType = 'TIMESTAMP WITH TIME ZONE' | 'DECIMAL(18,8)' | 'DECIMAL(38,8)' | 'BIGINT' | 'BOOLEAN';

/** A column as it is stored, and how it becomes whole numbers in memory: `value = stored / factor`. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: StoredType;
  /** Of the stored whole numbers (µs; 10^-8): what one of ours is worth. Null: the finest power of ten that fits all columns without a factor. */
  readonly factor: number | null;
}

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
  const words = new Int32Array(buffer);
  const stride = BYTES[spec.type] / 4;
  const factor = spec.factor ?? 1;
  for (let row = 0; row < count; row += 1) {
    const value = values[from + row] ?? 0;
    const product = value * factor;
    const at = row * stride;
    let low = product;
    let high = Math.floor(product / WORD);
    if (!Number.isSafeInteger(product)) {
      const exact = BigInt(value) * BigInt(factor);
      low = Number(BigInt.asUintN(32, exact));
      high = Number(exact >> 32n);
    }
    words[at] = low >>> 0;
    words[at + 1] = high;
    // Volumes are not below zero, and below 2^95 of their units.
    if (stride === 4) words[at + 2] = Math.floor(high / WORD);
  }
  return buffer;
}

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

  /** Fault `parquet_off_step`: a value lies between two steps. */
  take(bytes: Uint8Array, from: number, count: number): Result<null> {
    const { spec, target } = this;
    if (spec.type === 'BOOLEAN') {
      for (let row = 0; row < count; row += 1) target[from + row] = bytes[row] ?? 0;
      return ok(null);
    }
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const stride = BYTES[spec.type] / 4;
    const factor = spec.factor ?? 1;
    const simple = stride === 2 ? decode64(words, target, from, count) : decode128(words, target, from, count);
    if (!simple) for (let row = 0; row < count; row += 1) target[from + row] = this.#long(words, row * stride, stride);
    // NaN, which a long one that is no multiple is, is not itself.
    const whole = factor === 1 || !simple ? isWhole(target, from, count) : divide(target, from, count, factor);
    if (!whole) return offTick(spec, words, count, stride);
    if (spec.factor === null) this.#refine(from, count);
    return ok(null);
  }

  #refine(from: number, count: number): void {
    let { finest } = this.#shared;
    for (let row = from; row < from + count; row += 1) while ((this.target[row] ?? 0) % finest !== 0) finest /= 10;
    this.#shared.finest = finest;
  }

  #long(words: Int32Array, at: number, stride: number): number {
    const exact = longOf(words, at, stride);
    const factor = BigInt(this.spec.factor ?? 1);
    return exact % factor === 0n ? Number(exact / factor) : Number.NaN;
  }
}

/** Low and high word as one number; false where a value is no safe integer. */
function decode64(words: Int32Array, target: Float64Array, from: number, count: number): boolean {
  let safe = true;
  for (let row = 0, at = 0; row < count; row += 1, at += 2) {
    const high = words[at + 1] ?? 0;
    if (high >= HIGH_SAFE || high < -HIGH_SAFE) safe = false;
    target[from + row] = high * WORD + ((words[at] ?? 0) >>> 0);
  }
  return safe;
}

/** As `decode64`, of four words of which the upper two must be zero. */
function decode128(words: Int32Array, target: Float64Array, from: number, count: number): boolean {
  let upper = 0;
  for (let row = 0, at = 0; row < count; row += 1, at += 4) {
    const high = words[at + 1] ?? 0;
    upper |= (words[at + 2] ?? 0) | (high & ~(HIGH_SAFE - 1));
    target[from + row] = high * WORD + ((words[at] ?? 0) >>> 0);
  }
  return upper === 0;
}

/** Divides in place; false where a quotient is no whole number. */
function divide(target: Float64Array, from: number, count: number, factor: number): boolean {
  let whole = true;
  for (let row = from; row < from + count; row += 1) {
    const value = (target[row] ?? 0) / factor;
    if (Math.floor(value) !== value) whole = false;
    target[row] = value;
  }
  return whole;
}

function isWhole(target: Float64Array, from: number, count: number): boolean {
  for (let row = from; row < from + count; row += 1) if (Number.isNaN(target[row])) return false;
  return true;
}

function longOf(words: Int32Array, at: number, stride: number): bigint {
  let exact = BigInt(words[at + stride - 1] ?? 0);
  for (let word = stride - 2; word >= 0; word -= 1) exact = (exact << 32n) + BigInt((words[at + word] ?? 0) >>> 0);
  return exact;
}

function offTick(spec: ColumnSpec, words: Int32Array, count: number, stride: number): Result<never> {
  const factor = BigInt(spec.factor ?? 1);
  const stored = Array.from({ length: count }, (_, row) => longOf(words, row * stride, stride));
  const first = stored.find((value) => value % factor !== 0n) ?? 0n;
  return err(
    'parquet_off_step',
    `${spec.name} ${first} × 10^-8 is no multiple of the step asked for, ${factor} × 10^-8`,
  );
}
