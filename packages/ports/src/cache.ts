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

/** Short-lived shared state. Values are text. Every operation may fail with `cache_unavailable`. */
export interface Cache {
  get(key: string): Promise<Result<string | null>>;
  set(key: string, value: string, ttlMs: number): Promise<Result<null>>;
  /** Sets only if the present value is `expected` (null: absent); tells whether it did. */
  compareAndSet(key: string, expected: string | null, value: string, ttlMs: number): Promise<Result<boolean>>;
  delete(key: string): Promise<Result<boolean>>;
  /** Takes `tokens` atomically, or none. Fault `tokens_exceed_capacity` when it could never be granted. */
  takeTokens(key: string, bucket: TokenBucket, tokens: number): Promise<Result<TokenGrant>>;
  close(): Promise<void>;
}
