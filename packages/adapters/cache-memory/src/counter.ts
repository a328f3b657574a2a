import { err, ok, type Result } from '@monsta/core';

const WHOLE = /^(0|[1-9]\d*)$/;

/** What a counter stands at; an absent one at 0. Fault `cache_value_invalid`. */
export function readCounter(key: string, value: string | null): Result<number> {
  if (value === null) return ok(0);
  const number = WHOLE.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(number)) return ok(number);
  return err('cache_value_invalid', `the value of '${key.slice(0, 60)}' is no whole number that can be counted on`);
}

export function requireWhole(what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${what} must be a whole number of at least ${least}, not ${value}`);
  }
}
