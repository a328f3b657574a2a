import type { Metrics } from '@monsta/ports';

export interface WorkerMetrics {
  ended(kind: string, outcome: string, seconds: number): void;
  counts(counts: { readonly queued: number; readonly running: number }): void;
}

export function workerMetrics(metrics: Metrics): WorkerMetrics {
  const ended = metrics.counter({
    name: 'monsta_worker_jobs_total',
    help: 'Runs of jobs that ended, by outcome: done, failed, canceled, handed-back, lost',
    labels: ['kind', 'outcome'],
  });
  const seconds = metrics.histogram({
    name: 'monsta_worker_job_seconds',
    help: 'How long runs of jobs took',
    labels: ['kind'],
    buckets: [0.1, 1, 10, 60, 600, 3_600],
  });
  const queued = metrics.gauge({ name: 'monsta_worker_queued_jobs', help: 'Jobs that wait' });
  const running = metrics.gauge({ name: 'monsta_worker_running_jobs', help: 'Jobs that run' });
  return {
    ended(kind, outcome, tookSeconds) {
      ended.add(1, { kind, outcome });
      seconds.observe(tookSeconds, { kind });
    },
    counts(counts) {
      queued.set(counts.queued);
      running.set(counts.running);
    },
  };
}
