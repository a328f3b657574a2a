import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { err, ok, type Err, type Result } from '@monsta/core';
import type { Clock, Jobs } from '@monsta/ports';
import { ForeignFile, JobStore } from './job-store.ts';
import { LocalJobs, type JobLimits } from './local-jobs.ts';

export interface LocalJobsOptions extends Partial<JobLimits> {
  /** File of the queue; it and its folder are made where missing, readable by their owner only. One process at a time holds it. `:memory:` keeps nothing: for tests. */
  readonly path: string;
  readonly clock: Clock;
}

const SQLITE_BUSY = 5;

/** What went wrong with the file, as a fault: `jobs_unavailable`. */
function jobsFault(path: string, thrown: unknown): Err {
  const busy = thrown instanceof Error && 'errcode' in thrown && thrown.errcode === SQLITE_BUSY;
  const why = busy ? 'another process holds it' : thrown instanceof Error ? thrown.message : String(thrown);
  return err('jobs_unavailable', `the queue of jobs ${path} can't be used: ${why}`, {
    retry: thrown instanceof ForeignFile ? 'fatal' : 'retryable',
    cause: thrown,
  });
}

/**
 * Opens the queue. What was running when its process went, however it went, waits again, or is a dead letter where no try is left. Fault `jobs_unavailable`.
 */
export function openLocalJobs({ path, clock, ...limits }: LocalJobsOptions): Result<Jobs> {
  try {
    if (path !== ':memory:') {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      closeSync(openSync(path, 'a', 0o600));
    }
    const jobs = new LocalJobs({
      store: new JobStore(path),
      clock,
      limits: {
        queuedMax: limits.queuedMax ?? 100,
        finishedMax: limits.finishedMax ?? 1_000,
        retryDelayMs: limits.retryDelayMs ?? 5_000,
        retryDelayMsMax: limits.retryDelayMsMax ?? 300_000,
      },
      faultOf: (thrown) => jobsFault(path, thrown),
    });
    jobs.recover();
    return ok(jobs);
  } catch (thrown) {
    return jobsFault(path, thrown);
  }
}
