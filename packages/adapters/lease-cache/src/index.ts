export { createCacheLease, type CacheLeaseOptions } from './cache-lease.ts';
