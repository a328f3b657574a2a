import { openRedisCache, type RedisCacheOptions } from '@monsta/cache-redis';
import { seededRandom, type Result } from '@monsta/core';
import type { Cache } from '@monsta/ports';
import { silentTelemetry } from '@monsta/testkit';

/** The service that the tests share with whatever else runs on this machine: each test has a prefix of its own there. */
export const REDIS_URL = 'redis://127.0.0.1:6379';

/** A connection of its own, as another process has one. */
export function connectRedis(
  options: Pick<RedisCacheOptions, 'keyPrefix' | 'connectTimeoutMs'> = {},
): Promise<Result<Cache>> {
  return openRedisCache({ url: REDIS_URL, logger: silentTelemetry().logger, random: seededRandom(1), ...options });
}

/** Without Redis its tests are skipped and say so; in continuous integration that is a failure. */
export async function redisAbsence(): Promise<string | null> {
  const opened = await connectRedis({ connectTimeoutMs: 1_000 });
  if (opened.ok) {
    await opened.value.close();
    return null;
  }
  const why = `no Redis answers at ${REDIS_URL}: ${opened.fault.message}`;
  if (process.env['MONSTA_CI'] === '1') throw new Error(`${why}; MONSTA_CI=1 asks for its tests`);
  return why;
}
