import { err, msFromUs, ok, type Err, type Result } from '@monsta/core';
import type {
  Clock,
  Job,
  JobFailure,
  JobProgress,
  JobRequest,
  Jobs,
  JobState,
  JobWatch,
  Page,
  PageRequest,
  TakenJob,
  TakeOptions,
  Timer,
} from '@monsta/ports';
import type { JobStore } from './job-store.ts';

export interface JobLimits {
  /** Jobs that may wait; one more is refused. */
  readonly queuedMax: number;
  /** Finished jobs that are kept; the oldest go first. */
  readonly finishedMax: number;
  /** How long a job that failed waits for its second try; each further wait is twice as long. */
  readonly retryDelayMs: number;
  readonly retryDelayMsMax: number;
}

export interface LocalJobsDependencies {
  readonly store: JobStore;
  readonly clock: Clock;
  readonly limits: JobLimits;
  faultOf(thrown: unknown): Err;
}

/** A job that is being run; its progress is kept in memory alone. */
interface Lease {
  job: Job;
  readonly ending: AbortController;
  readonly leaseMs: number;
  timer: Timer;
}

const JSON_BYTES_MAX = 1_048_576;
const ID = /^[A-Za-z0-9._:-]{1,100}$/;
const PAGE_LIMIT_MAX = 1_000;
const CURSOR = /^jobs:(\d{1,15})$/;
const NOTHING: JobProgress = { share: 0, note: null };
const isFinal = (state: JobState): boolean => state !== 'queued' && state !== 'running';

/** A copy that shares nothing; null where a value is none of JSON, or too large. */
function copied(value: unknown): { readonly json: unknown } | null {
  try {
    const text: unknown = JSON.stringify(value);
    if (typeof text !== 'string' || text.length > JSON_BYTES_MAX) return null;
    return { json: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

const tooLarge = (what: string): Err =>
  err('job_invalid', `${what} must be a JSON value of at most ${JSON_BYTES_MAX} characters`);

/** The queue of one process. Leases live in memory: who holds the file is the only one who takes. */
export class LocalJobs implements Jobs {
  readonly #deps: LocalJobsDependencies;
  readonly #leases = new Map<string, Lease>();
  readonly #watchers = new Set<(job: Job) => void>();
  #news = new AbortController();
  #closed = false;

  constructor(deps: LocalJobsDependencies) {
    this.#deps = deps;
  }

  /** What an earlier process left running. */
  recover(): void {
    for (const job of this.#deps.store.inState('running'))
      this.#deps.store.put(this.#released(job, 'the program that ran it ended'));
  }

  submit({ id, kind, payload, attemptsMax }: JobRequest): Promise<Result<Job>> {
    return this.#guarded((): Result<Job> => {
      const { store, limits } = this.#deps;
      const copy = copied(payload);
      if (copy === null) return tooLarge('a payload');
      if (!ID.test(id)) return err('job_invalid', `'${id.slice(0, 100)}' is no id of a job: A-Z, a-z, 0-9 and ._:-`);
      if (!Number.isSafeInteger(attemptsMax) || attemptsMax < 1)
        return err('job_invalid', 'a job is tried at least once');
      const there = this.#find(id);
      if (there !== null) {
        const same = there.kind === kind && JSON.stringify(there.payload) === JSON.stringify(copy.json);
        return same ? ok(there) : err('job_exists', `'${id}' is the id of another job`);
      }
      if (store.count('queued') >= limits.queuedMax)
        return err('queue_full', `${limits.queuedMax} jobs wait already; cancel one, or wait until one has begun`, {
          retry: 'retryable',
          retryAfterMs: limits.retryDelayMs,
        });
      const nowMs = this.#nowMs();
      const job: Job = {
        id,
        kind,
        payload: copy.json,
        state: 'queued',
        attempts: 0,
        attemptsMax,
        createdMs: nowMs,
        dueMs: nowMs,
        startedMs: null,
        finishedMs: null,
        progress: NOTHING,
        cancelAsked: false,
        result: null,
        fault: null,
      };
      store.add(job);
      this.#tell(job);
      return ok(job);
    });
  }

  get(id: string): Promise<Result<Job | null>> {
    return this.#guarded(() => ok(this.#find(id)));
  }

  list({ kinds, limit, cursor }: PageRequest & { readonly kinds: readonly string[] }): Promise<Result<Page<Job>>> {
    return this.#guarded((): Result<Page<Job>> => {
      const before = cursor === null ? Number.MAX_SAFE_INTEGER : rowOf(cursor);
      if (before === null)
        return err('cursor_invalid', 'this cursor is none of the list of jobs; leave it out to get the first page');
      const size = Math.min(Math.max(1, limit), PAGE_LIMIT_MAX);
      const found = this.#deps.store.page(kinds, before, size + 1);
      const last = found.length > size ? found[size - 1] : undefined;
      return ok({
        items: found.slice(0, size).map(({ job }) => this.#leases.get(job.id)?.job ?? job),
        nextCursor: last === undefined ? null : Buffer.from(`jobs:${last.row}`, 'latin1').toString('base64url'),
      });
    });
  }

  cancel(id: string): Promise<Result<Job>> {
    return this.#guarded((): Result<Job> => {
      const job = this.#find(id);
      if (job === null) return unknown(id);
      if (isFinal(job.state)) return err('job_final', `job '${id}' is ${job.state}; nothing is left to cancel`);
      const lease = this.#leases.get(id);
      if (lease === undefined) return ok(this.#put(this.#final(job, 'canceled')));
      const asked = { ...lease.job, cancelAsked: true };
      lease.job = asked;
      this.#store(asked);
      lease.ending.abort('canceled');
      return ok(asked);
    });
  }

  remove(id: string): Promise<Result<null>> {
    return this.#guarded((): Result<null> => {
      const job = this.#find(id);
      if (job === null) return unknown(id);
      if (!isFinal(job.state)) return err('job_unfinished', `job '${id}' is ${job.state}; cancel it first`);
      this.#deps.store.remove(id);
      return ok(null);
    });
  }

  async take(options: TakeOptions): Promise<Result<TakenJob | null>> {
    const { clock } = this.#deps;
    const untilMs = clock.monotonicMs() + options.waitMs;
    for (;;) {
      // Before looking: what comes between the look and the wait ends the wait.
      const news = this.#news.signal;
      const taken = await this.#guarded(() => this.#takeNow(options));
      if (!taken.ok || taken.value !== null) return taken;
      const leftMs = untilMs - clock.monotonicMs();
      if (leftMs <= 0 || options.signal?.aborted === true) return ok(null);
      const dueMs = await this.#guarded(() => ok(this.#deps.store.nextDueMs(options.kinds)));
      if (!dueMs.ok) return dueMs;
      const waitMs = dueMs.value === null ? leftMs : Math.min(leftMs, Math.max(1, dueMs.value - this.#nowMs()));
      const signals = options.signal === undefined ? [news] : [news, options.signal];
      await clock.sleep(waitMs, AbortSignal.any(signals));
    }
  }

  watch(onChange: (job: Job) => void): JobWatch {
    this.#watchers.add(onChange);
    return { stop: () => void this.#watchers.delete(onChange) };
  }

  counts(): Promise<Result<{ readonly queued: number; readonly running: number }>> {
    return this.#guarded(() => ok({ queued: this.#deps.store.count('queued'), running: this.#leases.size }));
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const lease of this.#leases.values()) {
      lease.timer.cancel();
      lease.ending.abort('lease_lost');
    }
    this.#leases.clear();
    this.#wake();
    this.#deps.store.close();
    return Promise.resolve();
  }

  #takeNow({ kinds, leaseMs }: TakeOptions): Result<TakenJob | null> {
    const nowMs = this.#nowMs();
    const next = this.#deps.store.nextDue(kinds, nowMs);
    if (next === null) return ok(null);
    const job: Job = {
      ...next,
      state: 'running',
      attempts: next.attempts + 1,
      startedMs: nowMs,
      progress: NOTHING,
    };
    this.#deps.store.put(job);
    const lease: Lease = { job, ending: new AbortController(), leaseMs, timer: this.#expiry(job.id, leaseMs) };
    this.#leases.set(job.id, lease);
    // Whoever hears of it finds it counted.
    this.#tell(job);
    return ok(this.#taken(job, lease));
  }

  #expiry(id: string, leaseMs: number): Timer {
    return this.#deps.clock.setTimer(leaseMs, () => {
      const lease = this.#leases.get(id);
      if (lease === undefined) return;
      this.#leases.delete(id);
      lease.ending.abort('lease_lost');
      void this.#guarded(() => ok(this.#put(this.#released(lease.job, `its worker was silent for ${leaseMs} ms`))));
    });
  }

  #taken(job: Job, lease: Lease): TakenJob {
    /** Does it while the lease holds. */
    const held = (end: (held: Job) => Result<null>): Promise<Result<null>> =>
      this.#guarded(() => {
        if (this.#leases.get(job.id) === lease) return end(lease.job);
        return err('lease_lost', `job '${job.id}' is no longer this worker's`, { retry: 'fatal' });
      });
    const ending = (end: (held: Job) => Job): Promise<Result<null>> =>
      held((running) => {
        lease.timer.cancel();
        this.#leases.delete(job.id);
        this.#put(end(running));
        return ok(null);
      });
    return {
      job,
      signal: lease.ending.signal,
      renew: (progress) =>
        held((running) => {
          lease.timer.cancel();
          lease.timer = this.#expiry(job.id, lease.leaseMs);
          if (progress === undefined) return ok(null);
          const note = copied(progress.note);
          if (note === null) return tooLarge('the note of a progress');
          lease.job = { ...running, progress: { share: progress.share, note: note.json } };
          this.#tell(lease.job);
          return ok(null);
        }),
      complete: (result) => {
        const copy = copied(result);
        if (copy === null) return Promise.resolve(tooLarge('a result'));
        return ending((running) => ({
          ...this.#final(running, 'done'),
          progress: { ...running.progress, share: 1 },
          result: copy.json,
          fault: null,
        }));
      },
      fail: (failure) => ending((running) => this.#failed(running, failure)),
      cancel: () => ending((running) => this.#final(running, 'canceled')),
      handBack: () => ending((running) => (running.cancelAsked ? this.#final(running, 'canceled') : back(running))),
    };
  }

  #failed(job: Job, { code, message, retryable }: JobFailure): Job {
    const fault = { code, message };
    if (job.cancelAsked) return this.#final(job, 'canceled');
    if (!retryable || job.attempts >= job.attemptsMax) return { ...this.#final(job, 'failed'), fault };
    const { retryDelayMs, retryDelayMsMax } = this.#deps.limits;
    const delayMs = Math.min(retryDelayMsMax, retryDelayMs * 2 ** (job.attempts - 1));
    return { ...job, state: 'queued', dueMs: this.#nowMs() + delayMs, fault };
  }

  /** A job whose runner is gone. */
  #released(job: Job, why: string): Job {
    if (job.cancelAsked) return this.#final(job, 'canceled');
    const fault = { code: 'job_interrupted', message: `run ${job.attempts} of ${job.attemptsMax} was cut off: ${why}` };
    if (job.attempts >= job.attemptsMax) return { ...this.#final(job, 'failed'), fault };
    return { ...job, state: 'queued', dueMs: this.#nowMs(), progress: NOTHING, fault };
  }

  #final(job: Job, state: 'done' | 'failed' | 'canceled'): Job {
    return { ...job, state, finishedMs: this.#nowMs() };
  }

  /** Stores a job that is not being run any more. */
  #put(job: Job): Job {
    this.#store(job);
    if (isFinal(job.state)) this.#deps.store.prune(this.#deps.limits.finishedMax);
    return job;
  }

  #store(job: Job): void {
    this.#deps.store.put(job);
    this.#tell(job);
  }

  #tell(job: Job): void {
    for (const watcher of this.#watchers) watcher(job);
    if (job.state === 'queued') this.#wake();
  }

  #wake(): void {
    const news = this.#news;
    this.#news = new AbortController();
    news.abort();
  }

  #find(id: string): Job | null {
    return this.#leases.get(id)?.job ?? this.#deps.store.get(id);
  }

  #nowMs(): number {
    return msFromUs(this.#deps.clock.nowUs());
  }

  #guarded<T>(work: () => Result<T>): Promise<Result<T>> {
    if (this.#closed) return Promise.resolve(err('jobs_unavailable', 'the queue of jobs is closed'));
    try {
      return Promise.resolve(work());
    } catch (thrown) {
      return Promise.resolve(this.#deps.faultOf(thrown));
    }
  }
}

/** As if it had never been taken. */
const back = (job: Job): Job => ({
  ...job,
  state: 'queued',
  attempts: job.attempts - 1,
  startedMs: null,
  progress: NOTHING,
});

const unknown = (id: string): Err => err('job_unknown', `there is no job '${id.slice(0, 100)}'`);

function rowOf(cursor: string): number | null {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return match === null ? null : Number(match[1]);
}
