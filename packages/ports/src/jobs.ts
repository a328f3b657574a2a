import type { Result } from '@monsta/core';
import type { Page, PageRequest } from './ledger.ts';

/**
 * `queued`: waits for its turn, or after a failure for its next try. `failed`: a dead letter, kept with its last fault and never taken again. `done`, `failed` and `canceled` are final.
 */
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'canceled';

/** Why a run of a job came to nothing, in a form that can be stored. */
export interface JobFault {
  readonly code: string;
  readonly message: string;
}

export interface JobProgress {
  /** From 0 to 1. */
  readonly share: number;
  /** JSON of the kind's own; null where there is nothing to add. */
  readonly note: unknown;
}

/** One long piece of work. `payload`, `result` and the progress's note are JSON values. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly state: JobState;
  /** Runs that have begun, except those that were handed back. */
  readonly attempts: number;
  readonly attemptsMax: number;
  readonly createdMs: number;
  /** Of a queued job: not taken before. */
  readonly dueMs: number;
  /** Of the last run; null while there was none. */
  readonly startedMs: number | null;
  readonly finishedMs: number | null;
  /** Of the run that is under way, or was last. */
  readonly progress: JobProgress;
  /** Somebody wants a running job to end. */
  readonly cancelAsked: boolean;
  /** Of a job that is done. */
  readonly result: unknown;
  /** Of the last run that failed. */
  readonly fault: JobFault | null;
}

export interface JobRequest {
  /** Chosen by the caller, so that a job which is sent twice is there once. */
  readonly id: string;
  readonly kind: string;
  readonly payload: unknown;
  /** Runs that may fail or be cut off, at most, before the job is a dead letter. */
  readonly attemptsMax: number;
}

export interface TakeOptions {
  readonly kinds: readonly string[];
  /** How long the job stays with its taker without being renewed. */
  readonly leaseMs: number;
  /** How long to wait for a job. */
  readonly waitMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

export interface JobFailure extends JobFault {
  /** Worth another try. */
  readonly retryable: boolean;
}

/** A job under lease. Each way to end it may be the fault `lease_lost`: another has it now, or may; what is done is not counted. */
export interface TakenJob {
  readonly job: Job;
  /** Aborts when the job is to end before it is done; its reason is `canceled` or `lease_lost`. */
  readonly signal: AbortSignal;
  /** Says that the work goes on, and how far it is. Faults: `lease_lost`, `jobs_unavailable`. */
  renew(progress?: JobProgress): Promise<Result<null>>;
  complete(result: unknown): Promise<Result<null>>;
  /** Queued again after a wait that doubles with each try, where another try is worth it and left; else a dead letter. */
  fail(failure: JobFailure): Promise<Result<null>>;
  /** Ends it as canceled. */
  cancel(): Promise<Result<null>>;
  /** Puts it back as if it had not been taken: the taker stops. */
  handBack(): Promise<Result<null>>;
}

export interface JobWatch {
  stop(): void;
}

/**
 * A bounded queue of long jobs, oldest first, taken at least once: a job whose taker vanished or fell silent is taken again, so long as tries are left. Finished jobs are kept, the
 * newest so many. All calls may fail with `jobs_unavailable` (retryable).
 */
export interface Jobs {
  /**
   * Durable when it resolves. The same request again gives the job that is there. Faults: `queue_full` (retryable: as many wait as may; nothing that waits is dropped), `job_exists`
   * (another job has this id), `job_invalid`.
   */
  submit(request: JobRequest): Promise<Result<Job>>;
  /** Null: there is none of this id. */
  get(id: string): Promise<Result<Job | null>>;
  /** Newest first. Fault `cursor_invalid`. */
  list(page: PageRequest & { readonly kinds: readonly string[] }): Promise<Result<Page<Job>>>;
  /** A queued job ends at once, a running one is asked to. Faults: `job_unknown`, `job_final`. */
  cancel(id: string): Promise<Result<Job>>;
  /** Forgets a finished job. Faults: `job_unknown`, `job_unfinished`. */
  remove(id: string): Promise<Result<null>>;
  /** The next job of these kinds; null when none came in time. */
  take(options: TakeOptions): Promise<Result<TakenJob | null>>;
  /** Hears of every change of a job, in order, also of its progress. */
  watch(onChange: (job: Job) => void): JobWatch;
  /** Jobs that wait, and that run. */
  counts(): Promise<Result<{ readonly queued: number; readonly running: number }>>;
  close(): Promise<void>;
}
