import { expectOk, seededRandom } from '@monsta/core';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { printableConfig } from '../config/load.ts';
import { monstaConfigSchema } from '../config/schema.ts';
import { openCache } from './cache.ts';

const configured = (cache: object) => monstaConfigSchema.parse({ cache }).cache;
const parts = () => ({ clock: new VirtualClock(), logger: recordingTelemetry().logger, random: seededRandom(1) });

describe('the cache', () => {
  it('is in memory unless Redis is asked for', async () => {
    const cache = expectOk(await openCache(configured({}), parts()));
    expect(expectOk(await cache.addWithin('n', 2, 5, 1_000)).value).toBe(2);
    await cache.close();
  });

  it('over Redis ends the start when Redis is not there, and says where it was looked for', async () => {
    const refused = await openCache(configured({ kind: 'redis', url: 'redis://:hush@127.0.0.1:1/2' }), parts());
    expect(refused).toMatchObject({ fault: { code: 'cache_unavailable' } });
    expect(refused.ok ? '' : refused.fault.message).toContain('127.0.0.1:1');
    expect(JSON.stringify(refused)).not.toContain('hush');
  });

  it('has an address with Redis, and none without', () => {
    const isValid = (cache: object): boolean => monstaConfigSchema.safeParse({ cache }).success;
    expect(isValid({ kind: 'redis', url: 'rediss://cache.test:6380' })).toBe(true);
    expect(isValid({ kind: 'redis' })).toBe(false);
    expect(isValid({ url: 'redis://cache.test' })).toBe(false);
    expect(isValid({ kind: 'redis', url: 'http://cache.test' })).toBe(false);
  });

  it('shows its address without the password', () => {
    const shown = printableConfig(configured({ kind: 'redis', url: 'redis://trader:hush@cache.test:6379/1' }));
    expect(shown).toMatchObject({ url: 'redis://[redacted]@cache.test:6379/1' });
  });
});
