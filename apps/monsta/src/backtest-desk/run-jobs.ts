import { randomBytes } from 'node:crypto';
import { backtestSummarySchema, type BacktestSpec, type BacktestSummary } from '@monsta/contracts';
import { err, msFromUs, ok, type Result } from '@monsta/core';
import type { Clock, Job, Jobs, JobWatch } from '@monsta/ports';
import type { KeptFolder, KeptFolders } from '../backtest/kept-folder.ts';

export interface RunJobsOptions<F extends KeptFolder> {
  /** Of the jobs; codes of faults begin with it. */
  readonly kind: BacktestSummary['kind'];
  readonly noun: string;
  readonly store: KeptFolders<F>;
  readonly jobs: Jobs;
  /** False: the program runs without the role that would take jobs. */
  readonly takesJobs: boolean;
  readonly attemptsMax: number;
  readonly clock: Clock;
  /** Hears of every change of a job of this kind. */
  readonly onChange?: (summary: BacktestSummary) => void;
}

/** What is asked for of a run, as its summary tells it. */
type Asked = Pick<BacktestSpec, 'strategy' | 'instruments' | 'interval'>;

const isFinal = (state: BacktestSummary['state']): boolean => state !== 'queued' && state !== 'running';

/** Runs of one kind as jobs: each is a folder and a job of the same id, and what is told of it comes from both. */
export class RunJobs<F extends KeptFolder> {
  readonly #options: RunJobsOptions<F>;
  readonly #watch: JobWatch;

  constructor(options: RunJobsOptions<F>) {
    this.#options = options;
    this.#watch = options.jobs.watch((job) => this.#hear(job));
  }

  close(): void {
    this.#watch.stop();
  }

  /** Fault `worker_off`. */
  accepting(): Result<null> {
    if (this.#options.takesJobs) return ok(null);
    return err('worker_off', `MONSTA runs without the role worker, which does ${this.#options.noun}s; add it`);
  }

  /** Durable when it resolves. `write` puts the specification into the new folder. Faults: `…_unreadable`, `queue_full`, `jobs_unavailable`. */
  async submit(asked: Asked, write: (folder: F, createdMs: number) => void): Promise<Result<BacktestSummary>> {
    const { kind, store, jobs, clock, attemptsMax } = this.#options;
    const createdMs = msFromUs(clock.nowUs());
    const folder = store.create(createdMs, randomBytes(3).toString('hex'));
    if (!folder.ok) return err(`${kind}_unreadable`, folder.fault.message, { retry: 'retryable' });
    const { id } = folder.value;
    const { strategy, instruments, interval } = asked;
    const summary: BacktestSummary = {
      ...{ id, kind, state: 'queued', createdMs, finishedMs: null, progress: 0, strategy, instruments, interval },
      ...{ startMs: null, endMs: null, statistics: null, fault: null },
    };
    write(folder.value, createdMs);
    folder.value.writeSummary(summary);
    const job = await jobs.submit({ id, kind, payload: summary, attemptsMax });
    if (job.ok) return ok(summary);
    store.remove(id);
    return job;
  }

  /** Faults: `…_final`, `…_unknown`, `jobs_unavailable`. */
  async cancel(id: string): Promise<Result<BacktestSummary>> {
    const { kind, noun, jobs } = this.#options;
    const job = await jobs.get(id);
    if (!job.ok) return job;
    if (job.value?.kind === kind) {
      const canceled = await jobs.cancel(id);
      if (canceled.ok) return ok(this.#summaryOf(canceled.value));
      if (canceled.fault.code === 'job_final') return err(`${kind}_final`, `the ${noun} ${id} has ended`);
      return canceled;
    }
    const summary = this.#folderSummary(id);
    if (summary === null) return this.#unknown(id);
    return err(
      `${kind}_final`,
      isFinal(summary.state)
        ? `the ${noun} ${id} is ${summary.state}`
        : `the ${noun} ${id} runs on the command line, and ends there`,
    );
  }

  /** Removes its folder by `removed`, and forgets its job. Fault `…_unfinished`. */
  async remove(id: string, removed: (id: string) => Promise<Result<null>>): Promise<Result<null>> {
    const { kind, noun, jobs } = this.#options;
    const job = await jobs.get(id);
    if (!job.ok) return job;
    const own = job.value?.kind === kind ? job.value : null;
    if (own !== null && !isFinal(own.state))
      return err(`${kind}_unfinished`, `the ${noun} ${id} is ${own.state}; cancel it first`);
    const gone = await removed(id);
    if (gone.ok && own !== null) await jobs.remove(id);
    return gone;
  }

  /** A summary as it is at this moment: of one that is under way the job knows better. */
  async now<S extends BacktestSummary>(summary: S): Promise<S> {
    if (summary.state === 'done') return summary;
    const job = await this.#options.jobs.get(summary.id);
    if (!job.ok || job.value === null) return summary;
    const { state, progress, finishedMs, fault, startMs, endMs, statistics } = this.#summaryOf(job.value);
    return { ...summary, state, progress, finishedMs, fault, startMs, endMs, statistics };
  }

  #folderSummary(id: string): BacktestSummary | null {
    const folder = this.#options.store.open(id);
    return folder.ok ? folder.value.summary() : null;
  }

  /** Without the path that the store's fault names. */
  #unknown(id: string): Result<never> {
    const { kind, noun } = this.#options;
    return err(`${kind}_unknown`, `there is no ${noun} ${id.slice(0, 80)}`);
  }

  #summaryOf(job: Job): BacktestSummary {
    const { state, progress, finishedMs, fault } = job;
    const base = backtestSummarySchema.parse(job.payload);
    const done = state === 'done' ? backtestSummarySchema.safeParse(job.result) : null;
    if (done?.success === true) return { ...done.data, strategy: base.strategy };
    return { ...base, state, finishedMs, progress: progress.share, fault: state === 'failed' ? fault : null };
  }

  #hear(job: Job): void {
    const { kind, store, onChange } = this.#options;
    if (job.kind !== kind) return;
    const summary = this.#summaryOf(job);
    onChange?.(summary);
    if (job.state !== 'failed' && job.state !== 'canceled') return;
    // The folder outlives the job: one that never ran, or whose program went, would be told as waiting for ever.
    const folder = store.open(job.id);
    if (folder.ok && !isFinal(folder.value.summary()?.state ?? 'done')) folder.value.writeSummary(summary);
  }
}
