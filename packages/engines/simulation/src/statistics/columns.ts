import { MS_PER_DAY } from '@monsta/core';

/** The year that everything is annualised to unless it is said otherwise: 365 days of 24 hours, as crypto trades. */
export const YEAR_MS = 365 * MS_PER_DAY;

/** The element at an index that is known to be there. */
export const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;

/** The same of a column of indices: one function for both kinds would be slow for either. */
export const indexAt = (values: Int32Array, index: number): number => values[index] ?? 0;

/** A part over a whole; null where the whole is not above zero, or the result is out of all bounds. */
export function ratio(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || !(whole > 0)) return null;
  const value = part / whole;
  return Number.isFinite(value) ? value : null;
}

/** How long something took, and how long a year is, in the same unit. */
export interface Elapsed {
  readonly took: number;
  readonly year: number;
}

/** How many of `count` things a year holds that took so long; null where no time went by. */
export const perYear = (count: number, { took, year }: Elapsed): number | null => ratio(count * year, took);

/** A ratio over one return, annualised by the square root of how many returns a year holds; null where either is. */
export const annualised = (value: number | null, yearly: number | null): number | null =>
  value === null || yearly === null ? null : value * Math.sqrt(yearly);

export const meanOf = (values: Float64Array): number | null => {
  if (values.length === 0) return null;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += at(values, index);
  return sum / values.length;
};

/** Largest (or with `sign` −1 smallest) value; null of none. */
export function extremeOf(values: Float64Array, sign: 1 | -1): number | null {
  if (values.length === 0) return null;
  let best = -Infinity;
  for (let index = 0; index < values.length; index += 1) best = Math.max(best, sign * at(values, index));
  return sign * best;
}
