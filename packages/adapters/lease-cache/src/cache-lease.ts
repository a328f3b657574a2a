import { err, ok, type Err, type Fault, type Result } from '@monsta/core';
import type { Cache, Lease, LeaseHold, LeaseHolder } from '@monsta/ports';

export interface CacheLeaseOptions {
  readonly cache: Cache;
  /** How long a hold lasts without being renewed. */
  readonly ttlMs: number;
  /** Who takes, beside what it is about; `incarnation` is one that no other process has or had. */
  readonly holder: Omit<LeaseHolder, 'about' | 'sinceMs'> & { readonly incarnation: string };
  nowMs(): number;
  /** True where that incarnation is certainly gone, so that it need not lapse; absent: it has to. */
  isGone?(incarnation: string): boolean;
}

interface Held extends LeaseHolder {
  readonly incarnation: string;
  readonly token: number;
}

/** Tokens must not begin anew while anybody may remember one. */
const TOKEN_TTL_MS = 10 * 365 * 86_400_000;
/** Stands for a name that was released: the cache can only swap values. */
const FREE = '';
const FREE_TTL_MS = 1_000;

const unavailable = ({ code, message }: Fault): Err =>
  err('lease_unavailable', `the cache that the lease is kept in does not answer: ${code}: ${message}`, {
    retry: 'retryable',
  });

/**
 * One holder of a name among all processes that share a cache, for as long as it renews. Each change is one compare-and-set; the token is a counter that is raised before the name
 * is taken, so that of two who come at once at most one wins and nobody gets a token again.
 */
export function createCacheLease(options: CacheLeaseOptions): Lease {
  return { ttlMs: options.ttlMs, take: (name, about) => take(options, name, about) };
}

async function take(options: CacheLeaseOptions, name: string, about: string): Promise<Result<LeaseHold>> {
  const { cache, holder, ttlMs } = options;
  const [key, counter] = [`lease:${name}`, `lease-token:${name}`];
  const present = await cache.get(key);
  if (!present.ok) return unavailable(present.fault);
  const held = present.value === null || present.value === FREE ? null : (JSON.parse(present.value) as Held);
  if (held !== null && options.isGone?.(held.incarnation) !== true) return refused(name, held);
  const last = await cache.get(counter);
  if (!last.ok) return unavailable(last.fault);
  const token = await cache.raiseTo(counter, Number(last.value ?? 0) + 1, TOKEN_TTL_MS);
  if (!token.ok) return unavailable(token.fault);
  const own: Held = { ...holder, sinceMs: options.nowMs(), about, token: token.value };
  const text = JSON.stringify(own);
  const taken = await cache.compareAndSet(key, present.value, text, ttlMs);
  if (!taken.ok) return unavailable(taken.fault);
  if (taken.value) return ok(holdOf(cache, key, text, name, token.value, ttlMs));
  const winner = await cache.get(key);
  return refused(name, winner.ok && winner.value ? (JSON.parse(winner.value) as Held) : null);
}

function refused(name: string, held: Held | null): Err {
  const holder: LeaseHolder | null =
    held === null ? null : { host: held.host, pid: held.pid, sinceMs: held.sinceMs, about: held.about };
  return err('lease_held', `'${name}' is held by another process`, { retry: 'retryable', details: { holder } });
}

function holdOf(cache: Cache, key: string, text: string, name: string, token: number, ttlMs: number): LeaseHold {
  let released = false;
  return {
    token,
    async renew() {
      const lost = err('lease_lost', `'${name}' lapsed, or another process holds it now`, { retry: 'fatal' });
      if (released) return lost;
      const renewed = await cache.compareAndSet(key, text, text, ttlMs);
      if (!renewed.ok) return unavailable(renewed.fault);
      return renewed.value ? ok(null) : lost;
    },
    async release() {
      if (released) return;
      released = true;
      await cache.compareAndSet(key, text, FREE, FREE_TTL_MS);
    },
  };
}
