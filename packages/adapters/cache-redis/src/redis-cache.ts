import { err, ok, type Random, type Result, type RetryClass } from '@monsta/core';
import type { Cache, CounterAnswer, Logger, TokenBucket, TokenGrant } from '@monsta/ports';
import { ReplyError, type Redis } from 'ioredis';
import { openConnection, type Connection } from './connection.ts';
import { ADD_WITHIN, COMPARE_AND_SET, RAISE_TO, TAKE_TOKENS, type Script } from './scripts.ts';
import { named, requireWhole, tokensOf, tokenTerms, wholeTtl } from './terms.ts';

export interface RedisCacheOptions {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  readonly url: string;
  readonly logger: Logger;
  /** Spreads reconnects. */
  readonly random: Random;
  /** Before every key; processes that share a cache have the same. Default `monsta:`. */
  readonly keyPrefix?: string;
  /** The deadline of each call; default 500. */
  readonly callTimeoutMs?: number;
  /** Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** A lost connection is tried again after this long, doubled each time … default 50. */
  readonly reconnectDelayMinMs?: number;
  /** … up to this; default 5,000. */
  readonly reconnectDelayMaxMs?: number;
  /** Calls not yet answered at most; one more is refused with `cache_unavailable`. Default 10,000. */
  readonly callsMax?: number;
  /** Longest value in UTF-16 units; default 1,048,576. */
  readonly valueLengthMax?: number;
}

/** Values and buckets have spaces of their own. */
type Space = 'value' | 'tokens';

class RedisCache implements Cache {
  readonly #connection: Connection;
  readonly #keyPrefix: string;
  readonly #callsMax: number;
  readonly #valueLengthMax: number;
  #calls = 0;
  #closed = false;

  constructor(connection: Connection, options: RedisCacheOptions) {
    this.#connection = connection;
    this.#keyPrefix = options.keyPrefix ?? 'monsta:';
    this.#callsMax = options.callsMax ?? 10_000;
    this.#valueLengthMax = options.valueLengthMax ?? 1_048_576;
  }

  get(key: string): Promise<Result<string | null>> {
    return this.#call('retryable', (redis) => redis.get(this.#key('value', key)));
  }

  async set(key: string, value: string, ttlMs: number): Promise<Result<null>> {
    const ttl = this.#fit(key, value, ttlMs);
    if (!ttl.ok) return ttl;
    const reply = await this.#call('retryable', (redis) => redis.set(this.#key('value', key), value, 'PX', ttl.value));
    return reply.ok ? ok(null) : reply;
  }

  async compareAndSet(key: string, expected: string | null, value: string, ttlMs: number): Promise<Result<boolean>> {
    const ttl = this.#fit(key, value, ttlMs);
    if (!ttl.ok) return ttl;
    const expectation = expected === null ? ['0', ''] : ['1', expected];
    const reply = await this.#run(COMPARE_AND_SET, 'unknown_outcome', this.#key('value', key), [
      ...expectation,
      value,
      ttl.value,
    ]);
    return reply.ok ? ok(reply.value === 1) : reply;
  }

  async delete(key: string): Promise<Result<boolean>> {
    const reply = await this.#call('unknown_outcome', (redis) => redis.del(this.#key('value', key)));
    return reply.ok ? ok(reply.value === 1) : reply;
  }

  async takeTokens(key: string, bucket: TokenBucket, tokens: number): Promise<Result<TokenGrant>> {
    const terms = tokenTerms(bucket, tokens);
    if (!terms.ok) return terms;
    const { capacityUnits, wantedUnits, unitsPerUs } = terms.value;
    const reply = await this.#run(TAKE_TOKENS, 'unknown_outcome', this.#key('tokens', key), [
      capacityUnits,
      wantedUnits,
      unitsPerUs,
    ]);
    if (!reply.ok) return reply;
    const [granted, units, waitUs] = numbersOf(reply.value);
    return ok({
      granted: granted === 1,
      remaining: tokensOf(units ?? 0),
      retryAfterMs: Math.ceil((waitUs ?? 0) / 1_000),
    });
  }

  async addWithin(key: string, amount: number, limit: number, ttlMs: number): Promise<Result<CounterAnswer>> {
    requireWhole('addWithin: amount', amount, 1);
    requireWhole('addWithin: limit', limit, 0);
    const ttl = wholeTtl(key, ttlMs);
    if (!ttl.ok) return ttl;
    const reply = await this.#run(ADD_WITHIN, 'unknown_outcome', this.#key('value', key), [amount, limit, ttl.value]);
    if (!reply.ok) return reply;
    const [granted, value] = numbersOf(reply.value);
    return value === undefined ? noCounter(key) : ok({ granted: granted === 1, value });
  }

  async raiseTo(key: string, value: number, ttlMs: number): Promise<Result<number>> {
    requireWhole('raiseTo: value', value, 0);
    const ttl = wholeTtl(key, ttlMs);
    if (!ttl.ok) return ttl;
    const reply = await this.#run(RAISE_TO, 'retryable', this.#key('value', key), [value, ttl.value]);
    if (!reply.ok) return reply;
    const [stands] = numbersOf(reply.value);
    return stands === undefined ? noCounter(key) : ok(stands);
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#connection.close();
    return Promise.resolve();
  }

  #key(space: Space, key: string): string {
    return `${this.#keyPrefix}${space}:${key}`;
  }

  #fit(key: string, value: string, ttlMs: number): Result<number> {
    if (value.length <= this.#valueLengthMax) return wholeTtl(key, ttlMs);
    return err(
      'value_too_long',
      `the value of ${named(key)} has ${value.length} characters, and ${this.#valueLengthMax} is the limit`,
    );
  }

  /** By its digest, and whole only where Redis does not know it (any more). */
  #run(
    { text, sha1 }: Script,
    ifUnanswered: RetryClass,
    key: string,
    parameters: readonly (string | number)[],
  ): Promise<Result<unknown>> {
    return this.#call<unknown>(ifUnanswered, async (redis) => {
      try {
        return await redis.evalsha(sha1, 1, key, ...parameters);
      } catch (error) {
        if (!isReply(error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return redis.eval(text, 1, key, ...parameters);
      }
    });
  }

  /** One call. `ifUnanswered` is the class of one that was sent and may have been carried out. */
  async #call<T>(ifUnanswered: RetryClass, work: (redis: Redis) => Promise<T>): Promise<Result<T>> {
    if (this.#closed) return err('cache_unavailable', 'the cache is closed');
    const { redis } = this.#connection;
    // A connection that has just broken stays `ready` until its end is told, but takes nothing any more.
    if (redis.status !== 'ready' || !redis.stream.writable) {
      return this.#unavailable('not connected', 'retryable');
    }
    if (this.#calls >= this.#callsMax) return this.#unavailable(`${this.#calls} calls wait for an answer`, 'retryable');
    this.#calls += 1;
    try {
      return ok(await work(redis));
    } catch (error) {
      // The message only: the error carries the command with its values.
      const reason = error instanceof Error ? error.message : String(error);
      return this.#unavailable(reason, isReply(error) ? 'retryable' : ifUnanswered);
    } finally {
      this.#calls -= 1;
    }
  }

  #unavailable(reason: string, retry: RetryClass): Result<never> {
    return err('cache_unavailable', `Redis at ${this.#connection.address}: ${reason}`, { retry });
  }
}

/** Redis answered, and refused. */
const isReply = (error: unknown): error is Error => error instanceof ReplyError;

const numbersOf = (reply: unknown): readonly number[] => (Array.isArray(reply) ? reply.map(Number) : []);

const noCounter = (key: string): Result<never> =>
  err('cache_value_invalid', `what is under ${named(key)} is not a whole number, so it can't be counted on`);

/** A cache that processes share. Fault `cache_unavailable` when Redis can't be reached now; later it is reconnected to by itself. */
export async function openRedisCache(options: RedisCacheOptions): Promise<Result<Cache>> {
  const connection = await openConnection({
    callTimeoutMs: 500,
    connectTimeoutMs: 5_000,
    reconnectDelayMinMs: 50,
    reconnectDelayMaxMs: 5_000,
    ...options,
  });
  return connection.ok ? ok(new RedisCache(connection.value, options)) : connection;
}
