import { fault, type Fault, type Result } from '@monsta/core';

/** Thrown inside a decoder by the first thing that is not as the venue documents it; never leaves this package. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly fault: Fault;
  constructor(code: string, message: string) {
    super(message);
    this.fault = fault(code, message);
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 60);
const malformed = (where: string, expected: string, value: unknown): Malformed =>
  new Malformed('venue_protocol', `${where} must be ${expected}, not ${shown(value)}`);

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readObject(value: unknown, where: string): JsonObject {
  if (!isObject(value)) throw malformed(where, 'an object', value);
  return value;
}

export function readArray(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(where, 'a list', value);
  return value;
}

export function readText(value: unknown, where: string): string {
  if (typeof value !== 'string') throw malformed(where, 'text', value);
  return value;
}

export function readBoolean(value: unknown, where: string): boolean {
  if (typeof value !== 'boolean') throw malformed(where, 'true or false', value);
  return value;
}

export function readId(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw malformed(where, 'a whole number', value);
  return value;
}

/** An id, or null for the -1 that stands for none. */
export function readOptionalId(value: unknown, where: string): number | null {
  return value === -1 ? null : readId(value, where);
}

/** A time in milliseconds outside 2010 to 2100 is in another unit. */
export const TIME_MS_MIN = 1_262_304_000_000;
export const TIME_MS_MAX = 4_102_444_800_000;

/** Epoch milliseconds. */
export function readTimeMs(value: unknown, where: string): number {
  const time = readId(value, where);
  if (time < TIME_MS_MIN || time > TIME_MS_MAX) throw malformed(where, 'a time in milliseconds', value);
  return time;
}

/** Unwraps what core's parsers say; the code stays theirs (`off_grid`, `decimal_malformed`, `out_of_range` …). */
export function take<T>(result: Result<T>, where: string): T {
  if (result.ok) return result.value;
  throw new Malformed(result.fault.code, `${where}: ${result.fault.message}`);
}
