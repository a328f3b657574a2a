import { MessageChannel } from 'node:worker_threads';
import { createMemoryCache } from '@monsta/cache-memory';
import { ok, type Result } from '@monsta/core';
import { cacheConformance, VirtualClock } from '@monsta/testkit';
import { expect, it } from 'vitest';
import { remoteCache, serveCache } from './cache-bridge.ts';

const TIMEOUT_MS = 1_000;

cacheConformance('the cache of another thread', () => {
  const clock = new VirtualClock();
  const cache = createMemoryCache({ clock });
  const { port1, port2 } = new MessageChannel();
  serveCache(port1, cache);
  return Promise.resolve({
    // Closing is for the thread that it lives in.
    cache: { ...remoteCache(port2, clock, TIMEOUT_MS), close: () => cache.close() },
    exactTime: true,
    pass: (ms: number) => clock.advance(ms),
    async dispose() {
      port2.close();
      await cache.close();
    },
  });
});

it('a cache that does not answer is one that is not there', async () => {
  const clock = new VirtualClock();
  const { port2 } = new MessageChannel();
  const asked: Promise<Result<string | null>> = remoteCache(port2, clock, TIMEOUT_MS).get('a');
  await clock.advance(TIMEOUT_MS);
  expect(await asked).toMatchObject({ ok: false, fault: { code: 'cache_unavailable', retry: 'retryable' } });
  port2.close();
});

it('what is no method of a cache is not called', async () => {
  const clock = new VirtualClock();
  const { port1, port2 } = new MessageChannel();
  const cache = createMemoryCache({ clock });
  serveCache(port1, cache);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  port2.once('message', resolve);
  port2.postMessage({ id: 1, method: 'close', parameters: [] });
  expect(await promise).toMatchObject({ result: { ok: false, fault: { code: 'internal' } } });
  expect(await cache.get('a')).toEqual(ok(null));
  port2.close();
});
