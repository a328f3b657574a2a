import { err, ok, type Result } from '@monsta/core';
import type { TokenBucket, TokenGrant } from '@monsta/ports';

/**
 * Tokens are counted in whole units of 10^-12, because a rate in whole micro-tokens a second fills exactly that many of them each microsecond:
 * refilling in many small steps gives what one large step gives.
 */
const MICRO = 1_000_000;

export interface BucketState {
  units: bigint;
  /** When `units` was right; microseconds of the monotonic clock. */
  atUs: number;
}

interface Terms {
  readonly capacityUnits: bigint;
  readonly unitsPerUs: bigint;
}

/** The nearest whole micro-tokens, so that 1.001 is 1,001,000 and not the 1,000,999.99… of its binary product. */
const microTokens = (tokens: number): bigint => BigInt(Math.round(tokens * MICRO));

function readTerms({ capacity, refillPerSecond }: TokenBucket): Terms {
  const capacityUnits = microTokens(capacity) * BigInt(MICRO);
  const unitsPerUs = microTokens(refillPerSecond);
  if (capacityUnits <= 0n) throw new RangeError('a token bucket needs a capacity above 0');
  if (unitsPerUs <= 0n) throw new RangeError('a token bucket needs a refill of at least 0.000001 a second');
  return { capacityUnits, unitsPerUs };
}

/** The bucket's content at `nowUs`; an absent bucket is full. */
function contentAt(state: BucketState | undefined, terms: Terms, nowUs: number): bigint {
  if (state === undefined) return terms.capacityUnits;
  const units = state.units + BigInt(Math.max(0, nowUs - state.atUs)) * terms.unitsPerUs;
  return units < terms.capacityUnits ? units : terms.capacityUnits;
}

export const isFull = (state: BucketState, bucket: TokenBucket, nowUs: number): boolean => {
  const terms = readTerms(bucket);
  return contentAt(state, terms, nowUs) === terms.capacityUnits;
};

/**
 * Takes `tokens` (to the nearest 10^-6) or none. Returns the new state beside the answer.
 * Fault `tokens_exceed_capacity`. Throws `RangeError` for tokens below 10^-6, and for an impossible bucket.
 */
export function takeFrom(
  state: BucketState | undefined,
  bucket: TokenBucket,
  tokens: number,
  nowUs: number,
): Result<{ readonly state: BucketState; readonly grant: TokenGrant }> {
  const terms = readTerms(bucket);
  if (!(tokens >= 1 / MICRO) || !Number.isFinite(tokens)) {
    throw new RangeError('takeTokens: tokens must be a number of at least 0.000001');
  }
  const wanted = microTokens(tokens) * BigInt(MICRO);
  if (wanted > terms.capacityUnits) {
    return err(
      'tokens_exceed_capacity',
      `${tokens} tokens can never be granted: the bucket holds ${bucket.capacity} when it is full`,
    );
  }
  const units = contentAt(state, terms, nowUs);
  const granted = units >= wanted;
  const left = granted ? units - wanted : units;
  const missing = granted ? 0n : wanted - units;
  const waitUs = (missing + terms.unitsPerUs - 1n) / terms.unitsPerUs;
  return ok({
    state: { units: left, atUs: nowUs },
    grant: {
      granted,
      remaining: Number(left / BigInt(MICRO)) / MICRO,
      retryAfterMs: Number((waitUs + 999n) / 1_000n),
    },
  });
}
