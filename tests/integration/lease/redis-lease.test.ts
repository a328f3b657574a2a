import { randomUUID } from 'node:crypto';
import { expectOk } from '@monsta/core';
import { createCacheLease } from '@monsta/lease-cache';
import type { Cache } from '@monsta/ports';
import { leaseConformance } from '@monsta/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectRedis, REDIS_URL, redisAbsence } from '../../support/redis.test-support.ts';

/** Redis has a clock of its own, which no test can turn on. */
const TTL_MS = 400;

const absence = await redisAbsence();

/** A connection of its own, as another machine has one. */
const connect = async (keyPrefix: string): Promise<Cache> => expectOk(await connectRedis({ keyPrefix }));

const leaseOf = (cache: Cache, incarnation: string, ttlMs: number) =>
  createCacheLease({
    cache,
    ttlMs,
    holder: { host: 'here', pid: process.pid, incarnation },
    nowMs: () => 0,
  });

/** Keys lapse by themselves, but for the counters of tokens. */
async function forget(cache: Cache, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await cache.delete(`lease-token:${name}`);
    await cache.delete(`lease:${name}`);
  }
}

describe.skipIf(absence !== null)(`with Redis (${absence ?? REDIS_URL})`, () => {
  leaseConformance('a lease over Redis', async () => {
    const prefix = `monsta-test:${randomUUID()}:`;
    const [one, two] = [await connect(prefix), await connect(prefix)];
    return {
      lease: leaseOf(one, 'one', 60_000),
      async elsewhere(name) {
        const { token } = expectOk(await leaseOf(two, 'two', TTL_MS).take(name, 'elsewhere'));
        return { token, vanish: () => new Promise((resolve) => void setTimeout(resolve, TTL_MS + 100)) };
      },
      async dispose() {
        await forget(one, 'live:1', 'live/1', 'a', 'b');
        await one.close();
        await two.close();
      },
    };
  });

  it('of many that come at once over connections of their own, one holds the lease', async () => {
    const prefix = `monsta-test:${randomUUID()}:`;
    const caches = await Promise.all(Array.from({ length: 8 }, () => connect(prefix)));
    onTestFinished(async () => {
      await Promise.all(caches.slice(1).map((cache) => cache.close()));
      await forget(caches[0] ?? (await connect(prefix)), 'a');
      await caches[0]?.close();
    });
    const tokens = new Set<number>();
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(
        caches.map((cache, index) => leaseOf(cache, String(index), 60_000).take('a', `number ${index}`)),
      );
      const holds = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
      expect(holds).toHaveLength(1);
      for (const hold of holds) {
        expect(Math.max(0, ...tokens)).toBeLessThan(hold.token);
        tokens.add(hold.token);
        expectOk(await hold.renew());
        await hold.release();
        expect(await hold.renew()).toMatchObject({ ok: false, fault: { code: 'lease_lost' } });
      }
    }
  });
});
