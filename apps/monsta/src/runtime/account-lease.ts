import { readFileSync, readlinkSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { err, ok, type AccountId, type Err, type Fault, type Result } from '@monsta/core';
import { createCacheLease } from '@monsta/lease-cache';
import { createFileLease } from '@monsta/lease-file';
import type { Cache, Clock, Lease, LeaseHold, LeaseHolder, Logger, Timer } from '@monsta/ports';
import { isAlive, thisProcess, type ProcessMark } from './lock.ts';

const CACHE_TTL_MS = 60_000;
const RENEW_EVERY_MS = 10_000;
/** Without an answer for this long the hold may lapse before the next one comes: it counts as lost while it is still ours. */
const UNSURE_MS_MAX = 45_000;

export interface AccountLease {
  release(): Promise<void>;
}

export interface AccountLeaseOptions {
  readonly accountId: AccountId;
  readonly dataDirectory: string;
  /** A cache that other machines share; null: one machine is all that can be looked after. */
  readonly cache: Cache | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Nothing may be sent any more. `taken`: by somebody else, who looks after the account now. */
  onLost(reason: string, taken: boolean): void;
}

/** Of the user, not of a data directory: two data directories must meet here. */
const leaseFolder = (environment: Readonly<Record<string, string | undefined>>): string => {
  const state = environment['XDG_STATE_HOME'];
  return join(state === undefined || state === '' ? join(homedir(), '.local', 'state') : state, 'monsta', 'accounts');
};

function textOf(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** What tells this machine's running system, and the space that its process ids belong to, from all others. */
const place = (): string =>
  JSON.stringify([
    hostname(),
    textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    textOf(() => readlinkSync('/proc/self/ns/pid')),
  ]);

interface Incarnation {
  readonly place: string;
  readonly mark: ProcessMark;
}

/** Only where its process ids are ours, and known to be: elsewhere a hold has to lapse. */
function isGone(text: string): boolean {
  const { place: there, mark } = JSON.parse(text) as Incarnation;
  const known = (JSON.parse(there) as readonly string[]).every((part) => part !== '');
  return known && there === place() && mark.start !== null && !isAlive(mark);
}

const when = (ms: number): string => new Date(ms).toISOString();

function inUse(accountId: AccountId, fault: Fault, ttlMs: number | null): Err {
  const holder = (fault.details?.['holder'] ?? null) as LeaseHolder | null;
  const who =
    holder === null
      ? 'another monsta'
      : `the monsta with pid ${holder.pid} on ${holder.host}, since ${when(holder.sinceMs)} (data directory ${holder.about})`;
  const wait =
    ttlMs === null
      ? ''
      : `; if it is gone without having been stopped, its hold ends by itself within ${ttlMs / 1_000} s`;
  return err('account_in_use', `account ${accountId} is traded by ${who}; stop that one first${wait}`, {
    retry: 'retryable',
    details: { holder },
  });
}

async function takeFrom(lease: Lease, { accountId, dataDirectory }: AccountLeaseOptions): Promise<Result<LeaseHold>> {
  const taken = await lease.take(accountId, dataDirectory);
  return taken.ok || taken.fault.code !== 'lease_held' ? taken : inUse(accountId, taken.fault, lease.ttlMs);
}

/**
 * Makes this the only program that trades the account: on this machine by a lock file of the user, and among all that share a cache by a lease in it, which is renewed until it is
 * released. Faults: `account_in_use` (who, since when, what to do), `lease_unavailable`.
 */
export async function takeAccount(options: AccountLeaseOptions): Promise<Result<AccountLease>> {
  const { cache, clock, environment, logger } = options;
  const nowMs = (): number => Math.floor(clock.nowUs() / 1_000);
  const local = await takeFrom(createFileLease(leaseFolder(environment), nowMs), options);
  if (!local.ok) return local;
  logger.info('the account is held by this program alone', { accountId: options.accountId, token: local.value.token });
  if (cache === null) return ok({ release: () => local.value.release() });
  const mark = thisProcess();
  const shared = await takeFrom(
    createCacheLease({
      cache,
      ttlMs: CACHE_TTL_MS,
      holder: {
        host: hostname(),
        pid: mark.pid,
        incarnation: JSON.stringify({ place: place(), mark } satisfies Incarnation),
      },
      nowMs,
      isGone,
    }),
    options,
  );
  if (!shared.ok) {
    await local.value.release();
    return shared;
  }
  const renewal = renewing(shared.value, options);
  return ok({
    async release() {
      renewal.stop();
      await shared.value.release();
      await local.value.release();
    },
  });
}

function renewing(hold: LeaseHold, options: AccountLeaseOptions): { stop(): void } {
  const { accountId, clock, logger } = options;
  let timer: Timer | null = null;
  let stopped = false;
  let sureMs = clock.monotonicMs();
  const lost = (reason: string, taken: boolean): void => {
    stopped = true;
    options.onLost(reason, taken);
  };
  const renew = async (): Promise<void> => {
    const askedMs = clock.monotonicMs();
    // A cache that never answers must not keep it from being noticed.
    const renewed = await Promise.race([hold.renew(), clock.sleep(RENEW_EVERY_MS).then(() => null)]);
    if (stopped) return;
    const unsureMs = clock.monotonicMs() - sureMs;
    if (renewed?.ok === true) sureMs = askedMs;
    else if (renewed?.fault.code === 'lease_lost')
      return lost(`another program may trade account ${accountId} now: ${renewed.fault.message}`, true);
    else if (unsureMs >= UNSURE_MS_MAX)
      return lost(
        `whether account ${accountId} is still traded by this program alone is not known: the cache has not answered for ${Math.round(unsureMs / 1_000)} s`,
        false,
      );
    else
      logger.warn('the hold on the account could not be renewed', {
        accountId,
        reason: renewed?.fault.message ?? 'no answer',
      });
    plan();
  };
  const plan = (): void => {
    timer = clock.setTimer(RENEW_EVERY_MS, () => void renew());
  };
  plan();
  return {
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
