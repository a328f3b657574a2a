import { expectOk } from '@monsta/core';
import { cacheConformance, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryCache, type MemoryCacheOptions } from './memory-cache.ts';

cacheConformance('the cache in memory', () => {
  const clock = new VirtualClock();
  const cache = createMemoryCache({ clock });
  return Promise.resolve({
    cache,
    exactTime: true,
    pass: (ms: number) => clock.advance(ms),
    dispose: () => cache.close(),
  });
});

function build(options: Partial<MemoryCacheOptions>) {
  const clock = new VirtualClock();
  return { clock, cache: createMemoryCache({ clock, ...options }) };
}

describe('the cache in memory', () => {
  it('forgets the value not used for longest when it is full', async () => {
    const { cache } = build({ entriesMax: 2 });
    expectOk(await cache.set('a', '1', 1_000));
    expectOk(await cache.set('b', '2', 1_000));
    expectOk(await cache.get('a'));
    expectOk(await cache.set('c', '3', 1_000));
    expect(expectOk(await cache.get('b'))).toBeNull();
    expect(expectOk(await cache.get('a'))).toBe('1');
    expect(expectOk(await cache.get('c'))).toBe('3');
    expectOk(await cache.set('c', 'again', 1_000));
    expect(expectOk(await cache.get('a'))).toBe('1');
  });

  it('refuses a value above its limit', async () => {
    const { cache } = build({ valueLengthMax: 3 });
    expectOk(await cache.set('a', '123', 1_000));
    const refused = await cache.set('a', '1234', 1_000);
    expect(refused.ok ? null : refused.fault.code).toBe('value_too_long');
    expect(expectOk(await cache.get('a'))).toBe('123');
  });

  it('refuses rather than forgets a bucket that is not full, and takes a new one once another is full again', async () => {
    const { clock, cache } = build({ bucketsMax: 2 });
    const bucket = { capacity: 2, refillPerSecond: 1 };
    expectOk(await cache.takeTokens('a', bucket, 2));
    expectOk(await cache.takeTokens('b', bucket, 1));
    const refused = await cache.takeTokens('c', bucket, 1);
    expect(refused.ok ? null : refused.fault).toMatchObject({ code: 'cache_unavailable', retry: 'retryable' });
    expect(expectOk(await cache.takeTokens('a', bucket, 1)).granted).toBe(false);
    await clock.advance(1_000);
    expect(expectOk(await cache.takeTokens('c', bucket, 1)).granted).toBe(true);
    expect(expectOk(await cache.takeTokens('a', bucket, 2)).granted).toBe(false);
  });

  it('treats an impossible bucket as the programming error it is', async () => {
    const { cache } = build({});
    await expect(cache.takeTokens('a', { capacity: 0, refillPerSecond: 1 }, 1)).rejects.toThrow(RangeError);
    await expect(cache.takeTokens('a', { capacity: 1, refillPerSecond: 0 }, 1)).rejects.toThrow(RangeError);
    await expect(cache.takeTokens('a', { capacity: 1, refillPerSecond: 1 }, -1)).rejects.toThrow(RangeError);
    await expect(cache.takeTokens('a', { capacity: 1, refillPerSecond: 1 }, Number.NaN)).rejects.toThrow(RangeError);
  });
});
