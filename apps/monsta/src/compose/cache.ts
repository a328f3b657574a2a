import { createMemoryCache } from '@monsta/cache-memory';
import { openRedisCache } from '@monsta/cache-redis';
import { ok, type Random, type Result } from '@monsta/core';
import type { Cache, Clock, Logger } from '@monsta/ports';
import type { MonstaConfig } from '../config/schema.ts';

export interface CacheParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

/** The cache as configured. Fault `cache_unavailable` when Redis can't be reached. */
export async function openCache(
  config: MonstaConfig['cache'],
  { clock, logger, random }: CacheParts,
): Promise<Result<Cache>> {
  const { url, keyPrefix } = config;
  if (url === null) return ok(createMemoryCache({ clock }));
  return openRedisCache({ url, keyPrefix, logger: logger.child({ part: 'cache-redis' }), random });
}
