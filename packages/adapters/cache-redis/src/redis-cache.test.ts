import { expectOk, seededRandom, type Result } from '@monsta/core';
import type { Cache } from '@monsta/ports';
import { cacheConformance, recordingTelemetry } from '@monsta/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRedisCache, type RedisCacheOptions } from './redis-cache.ts';
import { deleteAll, freshPrefix, openClient, OwnRedis, REDIS_URL, redisAbsence, until } from './redis.test-support.ts';

const absence = await redisAbsence();

const HOUR_MS = 3_600_000;
const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);

async function open(url: string, more: Partial<RedisCacheOptions> = {}) {
  const telemetry = recordingTelemetry();
  const keyPrefix = freshPrefix();
  const opened = await openRedisCache({
    url,
    logger: telemetry.logger,
    random: seededRandom(1),
    keyPrefix,
    reconnectDelayMaxMs: 50,
    ...more,
  });
  if (opened.ok) onTestFinished(() => opened.value.close());
  return { opened, keyPrefix, telemetry };
}

async function openHere(more: Partial<RedisCacheOptions> = {}) {
  const { opened, keyPrefix } = await open(REDIS_URL, more);
  const client = await openClient(REDIS_URL);
  onTestFinished(async () => {
    await deleteAll(client, keyPrefix);
    client.disconnect();
  });
  return { cache: expectOk(opened), client, keyPrefix };
}

async function ownRedis(...options: readonly string[]): Promise<OwnRedis> {
  const redis = await OwnRedis.start(...options);
  onTestFinished(() => redis.kill());
  return redis;
}

describe.skipIf(absence !== null)(`with Redis (${absence ?? REDIS_URL})`, () => {
  cacheConformance('the cache over Redis', async () => {
    const keyPrefix = freshPrefix();
    const { logger } = recordingTelemetry();
    const cache = expectOk(await openRedisCache({ url: REDIS_URL, logger, random: seededRandom(1), keyPrefix }));
    return {
      cache,
      exactTime: false,
      pass: (ms) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
      async dispose() {
        await cache.close();
        const client = await openClient(REDIS_URL);
        await deleteAll(client, keyPrefix);
        client.disconnect();
      },
    };
  });

  describe('the cache over Redis', () => {
    it('is one cache for all that have its prefix, and none for others', async () => {
      const { cache, keyPrefix } = await openHere();
      const second = expectOk((await open(REDIS_URL, { keyPrefix })).opened);
      const other = expectOk((await open(REDIS_URL)).opened);
      expectOk(await cache.set('a', 'x', HOUR_MS));
      expect(expectOk(await second.get('a'))).toBe('x');
      expect(expectOk(await other.get('a'))).toBeNull();
    });

    it('counts the additions of two processes together', async () => {
      const { cache, keyPrefix } = await openHere();
      const second = expectOk((await open(REDIS_URL, { keyPrefix })).opened);
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (index % 2 === 0 ? cache : second).addWithin('weight', 3, 60, HOUR_MS),
        ),
      );
      expect(answers.filter((answer) => expectOk(answer).granted)).toHaveLength(20);
      expect(expectOk(await second.get('weight'))).toBe('60');
    });

    it('leaves no key without an end', async () => {
      const { cache, client, keyPrefix } = await openHere();
      expectOk(await cache.set('set', 'x', HOUR_MS));
      expectOk(await cache.compareAndSet('compared', null, 'x', HOUR_MS));
      expectOk(await cache.addWithin('added', 1, 10, HOUR_MS));
      expectOk(await cache.addWithin('added', 1, 10, 2 * HOUR_MS));
      expectOk(await cache.raiseTo('raised', 1, HOUR_MS));
      expectOk(await cache.raiseTo('raised', 2, HOUR_MS));
      expectOk(await cache.takeTokens('taken', { capacity: 10, refillPerSecond: 0.01 }, 10));
      const ends = await Promise.all(
        ['value:set', 'value:compared', 'value:added', 'value:raised', 'tokens:taken'].map((key) =>
          client.pttl(`${keyPrefix}${key}`),
        ),
      );
      for (const ms of ends) {
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(HOUR_MS);
      }
    });

    it('goes on when Redis has forgotten its scripts', async () => {
      const redis = await ownRedis();
      const cache = expectOk((await open(redis.url)).opened);
      expect(expectOk(await cache.addWithin('n', 1, 9, HOUR_MS)).value).toBe(1);
      const client = await openClient(redis.url);
      await client.script('FLUSH');
      client.disconnect();
      expect(expectOk(await cache.addWithin('n', 1, 9, HOUR_MS)).value).toBe(2);
    });

    it('refuses a value above its limit and leaves what was there', async () => {
      const { cache } = await openHere({ valueLengthMax: 3 });
      expectOk(await cache.set('a', '123', HOUR_MS));
      expect(codeOf(await cache.set('a', '1234', HOUR_MS))).toBe('value_too_long');
      expect(codeOf(await cache.compareAndSet('a', '123', '1234', HOUR_MS))).toBe('value_too_long');
      expect(expectOk(await cache.get('a'))).toBe('123');
    });

    it('grants no more than a bucket held and was refilled with in the time that passed', async () => {
      const { cache } = await openHere();
      const bucket = { capacity: 10, refillPerSecond: 1_000 };
      const startMs = performance.now();
      let granted = 0;
      for (let call = 0; call < 300; call += 1) {
        if (expectOk(await cache.takeTokens('t', bucket, 2)).granted) granted += 2;
        expect(granted).toBeLessThanOrEqual(10 + Math.ceil(performance.now() - startMs));
      }
      expect(granted).toBeGreaterThanOrEqual(10);
    });

    it('treats an impossible bucket as the programming error it is', async () => {
      const { cache } = await openHere();
      await expect(cache.takeTokens('a', { capacity: 0, refillPerSecond: 1 }, 1)).rejects.toThrow(RangeError);
      await expect(cache.takeTokens('a', { capacity: 1, refillPerSecond: 0 }, 1)).rejects.toThrow(RangeError);
      await expect(cache.takeTokens('a', { capacity: 1, refillPerSecond: 1 }, Number.NaN)).rejects.toThrow(RangeError);
    });

    it('says what is wrong when it can not connect at the start, and not the password', async () => {
      const redis = await ownRedis('--requirepass', 'correct-horse');
      const address = `127.0.0.1:${redis.port}`;
      for (const userInfo of ['', ':wrong-horse@']) {
        const { opened } = await open(`redis://${userInfo}${address}`);
        if (opened.ok) throw new Error('a wrong password was taken');
        expect(opened.fault).toMatchObject({ code: 'cache_unavailable', retry: 'retryable' });
        expect(opened.fault.message).toContain(address);
        expect(opened.fault.message).toMatch(/WRONGPASS|NOAUTH/);
        expect(JSON.stringify(opened.fault)).not.toContain('horse');
      }
      const { opened } = await open(`redis://:correct-horse@${address}/3`);
      expectOk(await expectOk(opened).set('a', 'x', HOUR_MS));
      await redis.kill();
      const gone = await open(`redis://:correct-horse@${address}`);
      expect(gone.opened.ok ? null : gone.opened.fault.message).toContain('ECONNREFUSED');
      expect(codeOf((await open('correct-horse')).opened)).toBe('cache_unavailable');
    });
  });

  describe('an outage of Redis', () => {
    const succeeds = (cache: Cache) => async (): Promise<boolean> => (await cache.set('again', 'x', HOUR_MS)).ok;

    it('is a fault at once, and over by itself when Redis is back', async () => {
      const redis = await ownRedis();
      const { opened, telemetry } = await open(redis.url);
      const cache = expectOk(opened);
      expectOk(await cache.addWithin('n', 4, 10, HOUR_MS));
      await redis.kill();
      await until(async () => !(await cache.get('n')).ok);
      // Certainly not counted: it was not sent.
      const refused = await cache.addWithin('n', 1, 10, HOUR_MS);
      expect(refused).toMatchObject({ fault: { code: 'cache_unavailable', retry: 'retryable' } });
      await redis.start();
      await until(succeeds(cache));
      // Nothing was on disk and nothing was sent late: the counter begins anew.
      expect(expectOk(await cache.addWithin('n', 1, 10, HOUR_MS))).toEqual({ granted: true, value: 1 });
      await redis.kill();
      await until(() => telemetry.records.filter(({ level }) => level === 'warn').length === 2);
      await redis.start();
      await until(succeeds(cache));
      expect(telemetry.records.map(({ message }) => message)).toEqual([
        'the connection to Redis is lost',
        'connected to Redis again',
        'the connection to Redis is lost',
        'connected to Redis again',
      ]);
    });

    it('in the middle of many calls ends each of them, and counts none twice', async () => {
      const redis = await ownRedis();
      const { opened, keyPrefix } = await open(redis.url);
      const cache = expectOk(opened);
      const client = await openClient(redis.url);
      let granted = 0;
      let unknown = 0;
      const addUntilItFails = async (): Promise<void> => {
        for (;;) {
          const answer = await cache.addWithin('n', 1, Number.MAX_SAFE_INTEGER, HOUR_MS);
          if (answer.ok) {
            granted += 1;
            continue;
          }
          if (answer.fault.retry === 'unknown_outcome') unknown += 1;
          return;
        }
      };
      const callers = Array.from({ length: 50 }, addUntilItFails);
      await until(() => granted > 100);
      await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await Promise.all(callers);
      const counted = Number(await client.get(`${keyPrefix}value:n`));
      client.disconnect();
      expect(counted).toBeGreaterThanOrEqual(granted);
      expect(counted).toBeLessThanOrEqual(granted + unknown);
    });

    it('that keeps the connection open ends each call at its deadline, unknown where it may have counted', async () => {
      const redis = await ownRedis();
      const cache = expectOk((await open(redis.url, { callTimeoutMs: 50, callsMax: 3 })).opened);
      expectOk(await cache.set('a', 'x', HOUR_MS));
      expectOk(await cache.addWithin('n', 1, 10, HOUR_MS));
      redis.freeze();
      onTestFinished(() => redis.thaw());
      const [read, added, raised, tooMany] = await Promise.all([
        cache.get('a'),
        cache.addWithin('n', 1, 10, HOUR_MS),
        cache.raiseTo('n', 5, HOUR_MS),
        cache.get('a'),
      ]);
      expect(read).toMatchObject({ fault: { code: 'cache_unavailable', retry: 'retryable' } });
      expect(added).toMatchObject({ fault: { code: 'cache_unavailable', retry: 'unknown_outcome' } });
      expect(raised).toMatchObject({ fault: { code: 'cache_unavailable', retry: 'retryable' } });
      expect(tooMany.ok ? null : tooMany.fault.message).toContain('3 calls wait for an answer');
      redis.thaw();
      await until(succeeds(cache));
      expect(expectOk(await cache.get('a'))).toBe('x');
    });

    it('is not what a cache that is closed tells of', async () => {
      const redis = await ownRedis();
      const { opened, telemetry } = await open(redis.url);
      const client = await openClient(redis.url);
      const connected = async (): Promise<number> =>
        String(await client.client('LIST'))
          .trim()
          .split('\n').length;
      expect(await connected()).toBe(2);
      await expectOk(opened).close();
      await until(async () => (await connected()) === 1);
      await redis.kill();
      expect(telemetry.records).toEqual([]);
      client.disconnect();
    });

    it('does not keep a closed cache alive', async () => {
      const redis = await ownRedis();
      const { opened, telemetry } = await open(redis.url);
      const cache = expectOk(opened);
      await redis.kill();
      await until(() => telemetry.records.length === 1);
      await cache.close();
      await redis.start();
      const client = await openClient(redis.url);
      // Only the client that asks is connected.
      expect(
        String(await client.client('LIST'))
          .trim()
          .split('\n'),
      ).toHaveLength(1);
      client.disconnect();
      expect(codeOf(await cache.get('a'))).toBe('cache_unavailable');
    });
  });
});
