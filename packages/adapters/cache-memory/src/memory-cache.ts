import { err, ok, type Result } from '@monsta/core';
import type { Cache, Clock, CounterAnswer, TokenBucket, TokenGrant } from '@monsta/ports';
import { readCounter, requireWhole } from './counter.ts';
import { isFull, takeFrom, type BucketState } from './token-bucket.ts';

export interface MemoryCacheOptions {
  readonly clock: Clock;
  /** Values held at most; beyond, the one not used for longest goes. Default 10,000. */
  readonly entriesMax?: number;
  /** Longest value in UTF-16 units; default 1,048,576. */
  readonly valueLengthMax?: number;
  /** Token buckets that are not full at most; beyond, `cache_unavailable`, so that no bucket is refilled by being forgotten. Default 100,000. */
  readonly bucketsMax?: number;
}

interface Entry {
  readonly value: string;
  /** Gone from this moment of the monotonic clock on, ms. */
  readonly endsMs: number;
}

interface HeldBucket {
  readonly bucket: TokenBucket;
  readonly state: BucketState;
}

/** How many of the buckets touched longest ago are looked at to find room for a new one. */
const BUCKETS_LOOKED_AT = 32;

class MemoryCache implements Cache {
  readonly #options: Required<MemoryCacheOptions>;
  /** In the order of use: the first was used longest ago. */
  readonly #entries = new Map<string, Entry>();
  readonly #buckets = new Map<string, HeldBucket>();
  #closed = false;

  constructor(options: Required<MemoryCacheOptions>) {
    this.#options = options;
  }

  get(key: string): Promise<Result<string | null>> {
    return this.#run(() => {
      const entry = this.#live(key);
      if (entry === null) return ok(null);
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return ok(entry.value);
    });
  }

  set(key: string, value: string, ttlMs: number): Promise<Result<null>> {
    return this.#run(() => this.#put(key, value, ttlMs));
  }

  compareAndSet(key: string, expected: string | null, value: string, ttlMs: number): Promise<Result<boolean>> {
    return this.#run(() => {
      if ((this.#live(key)?.value ?? null) !== expected) return ok(false);
      const put = this.#put(key, value, ttlMs);
      return put.ok ? ok(true) : put;
    });
  }

  delete(key: string): Promise<Result<boolean>> {
    return this.#run(() => {
      const was = this.#live(key) !== null;
      this.#entries.delete(key);
      return ok(was);
    });
  }

  takeTokens(key: string, bucket: TokenBucket, tokens: number): Promise<Result<TokenGrant>> {
    return this.#run(() => {
      const nowUs = Math.floor(this.#options.clock.monotonicMs() * 1_000);
      const held = this.#buckets.get(key);
      const taken = takeFrom(held?.state, bucket, tokens, nowUs);
      if (!taken.ok) return taken;
      if (held === undefined && !this.#makeRoomForBucket(nowUs)) {
        return err('cache_unavailable', `${this.#buckets.size} token buckets are in use, which is the limit`, {
          retry: 'retryable',
        });
      }
      this.#buckets.delete(key);
      this.#buckets.set(key, { bucket, state: taken.value.state });
      return ok(taken.value.grant);
    });
  }

  addWithin(key: string, amount: number, limit: number, ttlMs: number): Promise<Result<CounterAnswer>> {
    return this.#run<CounterAnswer>(() => {
      requireWhole('addWithin: amount', amount, 1);
      requireWhole('addWithin: limit', limit, 0);
      const entry = this.#live(key);
      const stands = readCounter(key, entry?.value ?? null);
      if (!stands.ok) return stands;
      const invalid = this.#refuseTtl(key, ttlMs);
      if (invalid !== null) return invalid;
      // Not as a sum, which could be above what a number holds exactly.
      if (stands.value > limit - amount) return ok({ granted: false, value: stands.value });
      const value = stands.value + amount;
      this.#place(key, String(value), entry?.endsMs ?? this.#endOf(ttlMs));
      return ok({ granted: true, value });
    });
  }

  raiseTo(key: string, value: number, ttlMs: number): Promise<Result<number>> {
    return this.#run(() => {
      requireWhole('raiseTo: value', value, 0);
      const entry = this.#live(key);
      const stands = readCounter(key, entry?.value ?? null);
      if (!stands.ok) return stands;
      const invalid = this.#refuseTtl(key, ttlMs);
      if (invalid !== null) return invalid;
      if (stands.value >= value) return stands;
      this.#place(key, String(value), Math.max(entry?.endsMs ?? 0, this.#endOf(ttlMs)));
      return ok(value);
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#entries.clear();
    this.#buckets.clear();
    return Promise.resolve();
  }

  async #run<T>(work: () => Result<T>): Promise<Result<T>> {
    return this.#closed ? err('cache_unavailable', 'the cache is closed') : work();
  }

  #live(key: string): Entry | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (this.#options.clock.monotonicMs() < entry.endsMs) return entry;
    this.#entries.delete(key);
    return null;
  }

  #put(key: string, value: string, ttlMs: number): Result<null> {
    const invalid = this.#refuseTtl(key, ttlMs);
    if (invalid !== null) return invalid;
    if (value.length > this.#options.valueLengthMax) {
      return err(
        'value_too_long',
        `the value of '${key.slice(0, 60)}' has ${value.length} characters; at most ${this.#options.valueLengthMax} are allowed`,
      );
    }
    this.#place(key, value, this.#endOf(ttlMs));
    return ok(null);
  }

  #refuseTtl(key: string, ttlMs: number): Result<never> | null {
    if (ttlMs > 0 && Number.isFinite(ttlMs)) return null;
    return err(
      'ttl_invalid',
      `the time to live of '${key.slice(0, 60)}' must be a number of milliseconds above 0, not ${ttlMs}`,
    );
  }

  #endOf(ttlMs: number): number {
    return this.#options.clock.monotonicMs() + ttlMs;
  }

  #place(key: string, value: string, endsMs: number): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#options.entriesMax) {
      const oldest = this.#entries.keys().next();
      if (oldest.done === false) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, { value, endsMs });
  }

  /** A full bucket is as good as none, so full ones may be forgotten; those looked at in vain go to the end of the line. */
  #makeRoomForBucket(nowUs: number): boolean {
    if (this.#buckets.size < this.#options.bucketsMax) return true;
    const candidates = this.#buckets.entries().take(BUCKETS_LOOKED_AT).toArray();
    let freed = false;
    for (const [key, held] of candidates) {
      this.#buckets.delete(key);
      if (isFull(held.state, held.bucket, nowUs)) freed = true;
      else this.#buckets.set(key, held);
    }
    return freed;
  }
}

/** A cache within one process. Everything is gone when the process ends. */
export function createMemoryCache(options: MemoryCacheOptions): Cache {
  return new MemoryCache({ entriesMax: 10_000, valueLengthMax: 1_048_576, bucketsMax: 100_000, ...options });
}
