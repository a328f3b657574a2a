import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk } from '@monsta/core';
import type { Cache } from '@monsta/ports';
import { leaseConformance, VirtualClock } from '@monsta/testkit';
import { expect, it } from 'vitest';
import { createCacheLease } from './cache-lease.ts';

const TTL_MS = 60_000;

const leaseOf = (cache: Cache, incarnation: string, isGone?: (incarnation: string) => boolean) =>
  createCacheLease({
    cache,
    ttlMs: TTL_MS,
    holder: { host: 'here', pid: process.pid, incarnation },
    nowMs: () => 0,
    ...(isGone === undefined ? {} : { isGone }),
  });

leaseConformance('a lease over the cache', () => {
  const clock = new VirtualClock();
  const cache = createMemoryCache({ clock });
  return Promise.resolve({
    lease: leaseOf(cache, 'one'),
    async elsewhere(name) {
      const { token } = expectOk(await leaseOf(cache, 'two').take(name, 'elsewhere'));
      return { token, vanish: () => clock.advance(TTL_MS + 1) };
    },
    dispose: () => cache.close(),
  });
});

it('lasts as long as it is renewed, and one that lapsed is lost, also when nobody took it', async () => {
  const clock = new VirtualClock();
  const cache = createMemoryCache({ clock });
  const hold = expectOk(await leaseOf(cache, 'one').take('a', 'mine'));
  for (let round = 0; round < 5; round += 1) {
    await clock.advance(TTL_MS - 1);
    expectOk(await hold.renew());
  }
  await clock.advance(TTL_MS + 1);
  expect(await hold.renew()).toMatchObject({ ok: false, fault: { code: 'lease_lost' } });
  const other = expectOk(await leaseOf(cache, 'two').take('a', 'theirs'));
  await hold.release();
  expectOk(await other.renew());
});

it('does not wait for a holder that is certainly gone', async () => {
  const cache = createMemoryCache({ clock: new VirtualClock() });
  const old = expectOk(await leaseOf(cache, 'dead').take('a', 'mine'));
  const next = expectOk(await leaseOf(cache, 'new', (incarnation) => incarnation === 'dead').take('a', 'mine'));
  expect(next.token).toBeGreaterThan(old.token);
  expect(await old.renew()).toMatchObject({ ok: false, fault: { code: 'lease_lost' } });
});

it('says so when the cache does not answer', async () => {
  const cache = createMemoryCache({ clock: new VirtualClock() });
  const hold = expectOk(await leaseOf(cache, 'one').take('a', 'mine'));
  await cache.close();
  expect(await hold.renew()).toMatchObject({ ok: false, fault: { code: 'lease_unavailable', retry: 'retryable' } });
  expect(await leaseOf(cache, 'two').take('b', 'x')).toMatchObject({ ok: false, fault: { code: 'lease_unavailable' } });
});
