import type { Result } from '@monsta/core';

export interface TokenBucket {
  /** Tokens when full. */
  readonly capacity: number;
  readonly refillPerSecond: number;
}

export interface TokenGrant {
  readonly granted: boolean;
  readonly remaining: number;
  /** Milliseconds until the asked number is there; 0 when granted. */
  readonly retryAfterMs: number;
}

export interface CounterAnswer {
  readonly granted: boolean;
  /** What the counter stands at now. */
  readonly value: number;
}

/**
 * Short-lived shared state.
 * Values are text; a counter is a value that is a whole number of 0 or more in decimal digits, and an absent counter stands at 0.
 * Every operation may fail with `cache_unavailable`, those that take a time to live also with `ttl_invalid`.
 */
export interface Cache {
  get(key: string): Promise<Result<string | null>>;
  set(key: string, value: string, ttlMs: number): Promise<Result<null>>;
  /** Sets only if the present value is `expected` (null: absent); tells whether it did. */
  compareAndSet(key: string, expected: string | null, value: string, ttlMs: number): Promise<Result<boolean>>;
  delete(key: string): Promise<Result<boolean>>;
  /** Takes `tokens` atomically, or none. Fault `tokens_exceed_capacity` when it could never be granted. */
  takeTokens(key: string, bucket: TokenBucket, tokens: number): Promise<Result<TokenGrant>>;
  /**
   * Adds `amount` to a counter atomically unless the sum would be above `limit`. A counter lives `ttlMs` from its first addition on; later ones do not lengthen it.
   * Fault `cache_value_invalid` when the value is no counter. Throws `RangeError` unless `amount` is a whole number above 0 and `limit` one of 0 or more.
   */
  addWithin(key: string, amount: number, limit: number, ttlMs: number): Promise<Result<CounterAnswer>>;
  /**
   * Sets a counter atomically to the larger of what it stands at and `value`, and returns what stands then. A counter that was raised lives `ttlMs` more, or as long as it
   * would have if that is longer. Fault `cache_value_invalid` when the value is no counter. Throws `RangeError` unless `value` is a whole number of 0 or more.
   */
  raiseTo(key: string, value: number, ttlMs: number): Promise<Result<number>>;
  close(): Promise<void>;
}
