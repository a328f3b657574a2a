import { err, type Result } from '@monsta/core';
import type { TokenBucket } from '@monsta/ports';

const MICRO = 1_000_000;

/** What the token script counts in: 10^-12 of a token, so that whole micro-tokens a second fill whole units a microsecond. */
const UNITS_PER_TOKEN = MICRO * MICRO;

/** The name of a key in a message. */
export const named = (key: string): string => `'${key.slice(0, 60)}'`;

/** Milliseconds as Redis takes them: whole, at least 1. Fault `ttl_invalid`. */
export function wholeTtl(key: string, ttlMs: number): Result<number> {
  if (ttlMs > 0 && Number.isFinite(ttlMs)) return { ok: true, value: Math.min(Math.ceil(ttlMs), 1e15) };
  return err('ttl_invalid', `${named(key)} needs milliseconds above 0 to live, not ${ttlMs}`);
}

/** Throws `RangeError` unless `value` is a whole number of at least `least`. */
export function requireWhole(what: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new RangeError(`${what} must be a whole number of at least ${least}, not ${value}`);
}

export interface TokenTerms {
  readonly capacityUnits: number;
  readonly wantedUnits: number;
  readonly unitsPerUs: number;
}

/** The terms of `takeTokens` in units. Fault `tokens_exceed_capacity`. Throws `RangeError` for what no bucket can be. */
export function tokenTerms(bucket: TokenBucket, tokens: number): Result<TokenTerms> {
  const terms: TokenTerms = {
    capacityUnits: Math.round(bucket.capacity * MICRO) * MICRO,
    wantedUnits: Math.round(tokens * MICRO) * MICRO,
    unitsPerUs: Math.round(bucket.refillPerSecond * MICRO),
  };
  for (const [name, units] of Object.entries(terms)) {
    if (!(units > 0) || !Number.isFinite(units)) {
      throw new RangeError(`takeTokens: tokens, capacity and refill must be at least 0.000001 (${name} is ${units})`);
    }
  }
  if (terms.wantedUnits <= terms.capacityUnits) return { ok: true, value: terms };
  return err('tokens_exceed_capacity', `a bucket of ${bucket.capacity} tokens never holds the ${tokens} asked for`);
}

/** Units as tokens, the last millionth cut off. */
export const tokensOf = (units: number): number => Math.floor(units / (UNITS_PER_TOKEN / MICRO)) / MICRO;
