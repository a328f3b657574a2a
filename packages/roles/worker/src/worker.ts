import { err, fault as faultOf, ok, type Fault, type Result } from '@monsta/core';
import type { Clock, JobProgress, Jobs, JobWatch, Logger, Readiness, Role, TakenJob, Telemetry } from '@monsta/ports';
import type { WorkerConfig } from './config.ts';
import { workerMetrics, type WorkerMetrics } from './metrics.ts';

/** A job as its kind gets it. */
export interface JobRun {
  readonly id: string;
  readonly payload: unknown;
  /** 1 at the first run. */
  readonly attempt: number;
  /** Aborts when the run is to end early: `canceled`, `draining` (another run takes it up later) or `lease_lost`. */
  readonly signal: AbortSignal;
  progress(progress: JobProgress): void;
}

/** Does one kind of long job. */
export interface JobKind {
  readonly name: string;
  /** What comes of it, as JSON. A retryable fault is tried again. Once the signal has aborted, a fault says no more than that it ended. */
  run(job: JobRun): Promise<Result<unknown>>;
}

export interface WorkerOptions {
  readonly jobs: Jobs;
  readonly kinds: readonly JobKind[];
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly config: Pick<WorkerConfig, 'leaseMs' | 'drainMs'> & { readonly jobsAtOnce: number };
}

const WAIT_MS = 60_000;
/** How often progress is passed on. */
const BEAT_MS = 500;
/** After the queue failed. */
const PAUSE_MS = 2_000;

type Phase = 'new' | 'running' | 'draining' | 'stopped';

class Worker implements Role {
  readonly name = 'worker';
  readonly #options: WorkerOptions;
  readonly #kinds: ReadonlyMap<string, JobKind>;
  readonly #logger: Logger;
  readonly #metrics: WorkerMetrics;
  readonly #leaving = new AbortController();
  #phase: Phase = 'new';
  #fault: Fault | null = null;
  #slots: readonly Promise<void>[] = [];
  #watch: JobWatch | null = null;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
    this.#logger = options.telemetry.logger;
    this.#metrics = workerMetrics(options.telemetry.metrics);
  }

  start(): Promise<Result<null>> {
    if (this.#phase !== 'new')
      return Promise.resolve(err('state_conflict', `the worker can't be started: it is ${this.#phase}`));
    this.#phase = 'running';
    const { jobs, config } = this.#options;
    const kinds = [...this.#kinds.keys()];
    this.#logger.info('the worker runs', { kinds, jobsAtOnce: config.jobsAtOnce });
    // Progress changes no count.
    this.#watch = jobs.watch(({ state, progress }) => {
      if (state !== 'running' || progress.share === 0) void this.#count();
    });
    void this.#count();
    if (kinds.length > 0) this.#slots = Array.from({ length: config.jobsAtOnce }, () => this.#take(kinds));
    return Promise.resolve(ok(null));
  }

  readiness(): Readiness {
    const missing =
      this.#phase !== 'running'
        ? [`a start: the worker is ${this.#phase}`]
        : this.#fault === null
          ? []
          : [`the queue of jobs: ${this.#fault.message}`];
    return { ready: missing.length === 0, waitingFor: missing };
  }

  /** Takes nothing more, and asks what runs to end; what does not end in time is taken up again by the next start. */
  async drain(): Promise<void> {
    if (this.#phase !== 'running') return;
    this.#phase = 'draining';
    this.#leaving.abort('draining');
    await Promise.race([Promise.all(this.#slots), this.#options.clock.sleep(this.#options.config.drainMs)]);
  }

  async stop(): Promise<void> {
    await this.drain();
    this.#phase = 'stopped';
    this.#watch?.stop();
  }

  async #take(kinds: readonly string[]): Promise<void> {
    const { jobs, clock, config } = this.#options;
    const { signal } = this.#leaving;
    while (!signal.aborted) {
      const taken = await jobs.take({ kinds, leaseMs: config.leaseMs, waitMs: WAIT_MS, signal });
      this.#fault = taken.ok ? null : taken.fault;
      if (!taken.ok) {
        this.#logger.error('no job can be taken from the queue', {
          code: taken.fault.code,
          reason: taken.fault.message,
        });
        await clock.sleep(PAUSE_MS, signal);
      } else if (taken.value !== null) await this.#work(taken.value);
    }
  }

  async #work(taken: TakenJob): Promise<void> {
    const { clock } = this.#options;
    const { id, kind, attempts } = taken.job;
    const logger = this.#logger.child({ job: id, kind, attempt: attempts });
    const beganMs = clock.monotonicMs();
    logger.info('a job begins');
    const beat = this.#beat(taken, logger);
    const result = await this.#run(taken, (progress) => beat.progress(progress));
    await beat.stop();
    const { outcome, settled } = await this.#settle(taken, result);
    const seconds = (clock.monotonicMs() - beganMs) / 1_000;
    this.#metrics.ended(kind, outcome, seconds);
    const fields = {
      outcome,
      seconds,
      ...(result.ok ? {} : { code: result.fault.code, reason: result.fault.message }),
    };
    if (!settled.ok)
      logger.error('what came of a job could not be kept', { ...fields, ...{ code: settled.fault.code } });
    else if (outcome === 'failed') logger.warn('a job failed', fields);
    else logger.info('a job ended', fields);
  }

  async #run({ job, signal }: TakenJob, progress: JobRun['progress']): Promise<Result<unknown>> {
    const { id, kind, payload, attempts } = job;
    const ending = AbortSignal.any([signal, this.#leaving.signal]);
    const doer = this.#kinds.get(kind);
    if (doer === undefined) return err('job_kind_unknown', `nobody here does jobs of the kind '${kind}'`);
    try {
      return await doer.run({ id, payload, attempt: attempts, signal: ending, progress });
    } catch (thrown) {
      return { ok: false, fault: faultOf('internal', String(thrown), { cause: thrown }) };
    }
  }

  /** What is done counts, whatever was asked meanwhile. */
  async #settle(
    taken: TakenJob,
    result: Result<unknown>,
  ): Promise<{ readonly outcome: string; readonly settled: Result<null> }> {
    if (result.ok) return { outcome: 'done', settled: await taken.complete(result.value) };
    if (taken.signal.reason === 'canceled') return { outcome: 'canceled', settled: await taken.cancel() };
    if (taken.signal.aborted) return { outcome: 'lost', settled: ok(null) };
    if (this.#leaving.signal.aborted) return { outcome: 'handed-back', settled: await taken.handBack() };
    const { code, message, retry } = result.fault;
    return { outcome: 'failed', settled: await taken.fail({ code, message, retryable: retry === 'retryable' }) };
  }

  /** Keeps the lease, and passes progress on at its own pace. */
  #beat(taken: TakenJob, logger: Logger): { progress(progress: JobProgress): void; stop(): Promise<void> } {
    const { clock, config } = this.#options;
    const stopped = new AbortController();
    let latest: JobProgress | undefined;
    const beats = async (): Promise<void> => {
      let renewedMs = clock.monotonicMs();
      for (;;) {
        await clock.sleep(Math.min(BEAT_MS, config.leaseMs / 3), stopped.signal);
        if (stopped.signal.aborted || taken.signal.reason === 'lease_lost') return;
        if (latest === undefined && clock.monotonicMs() - renewedMs < config.leaseMs / 3) continue;
        const told = latest;
        latest = undefined;
        const renewed = await taken.renew(told);
        if (!renewed.ok) logger.warn('the hold on a job was not renewed', { code: renewed.fault.code });
        renewedMs = clock.monotonicMs();
      }
    };
    const beating = beats();
    return {
      progress: (progress) => {
        latest = progress;
      },
      stop: () => {
        stopped.abort();
        return beating;
      },
    };
  }

  async #count(): Promise<void> {
    const counts = await this.#options.jobs.counts();
    if (counts.ok) this.#metrics.counts(counts.value);
  }
}

/** The role for long jobs: takes those of its kinds from the queue, so many at once, and tells what came of each. */
export function createWorker(options: WorkerOptions): Role {
  return new Worker(options);
}
