import { err } from '@monsta/core';
import type { Cache, Clock } from '@monsta/ports';
import type { MessagePort } from 'node:worker_threads';
import { callsTo, serveCalls } from './call-bridge.ts';

const METHODS = [
  'get',
  'set',
  'compareAndSet',
  'delete',
  'takeTokens',
  'addWithin',
  'raiseTo',
] as const satisfies readonly (keyof Cache)[];

/** Answers a thread's calls to the cache that lives in this one, so that both count in the same counters. */
export const serveCache = (port: MessagePort, cache: Cache): void => serveCalls(port, cache, METHODS);

/** The cache of another thread; closing it closes nothing there. A call unanswered after `timeoutMs` is the fault `cache_unavailable`. */
export function remoteCache(port: MessagePort, clock: Clock, timeoutMs: number): Cache {
  const call = callsTo(port, clock, timeoutMs, (method) =>
    err('cache_unavailable', `the cache did not answer '${method}' within ${timeoutMs} ms`, { retry: 'retryable' }),
  );
  return {
    get: (key) => call('get', key),
    set: (key, value, ttlMs) => call('set', key, value, ttlMs),
    compareAndSet: (key, expected, value, ttlMs) => call('compareAndSet', key, expected, value, ttlMs),
    delete: (key) => call('delete', key),
    takeTokens: (key, bucket, tokens) => call('takeTokens', key, bucket, tokens),
    addWithin: (key, amount, limit, ttlMs) => call('addWithin', key, amount, limit, ttlMs),
    raiseTo: (key, value, ttlMs) => call('raiseTo', key, value, ttlMs),
    close: () => Promise.resolve(),
  };
}
