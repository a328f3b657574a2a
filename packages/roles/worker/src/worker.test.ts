import { err, expectOk, ok, type Result } from '@monsta/core';
import type { Job, Jobs } from '@monsta/ports';
import { openLocalJobs } from '@monsta/jobs-local';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorker, type JobRun } from './worker.ts';

/** A run that the test decides the end of. */
interface Handled {
  readonly run: JobRun;
  end(result: Result<unknown>): void;
}

function world(jobsAtOnce = 1) {
  const clock = new VirtualClock();
  const telemetry = recordingTelemetry();
  const jobs: Jobs = expectOk(openLocalJobs({ path: ':memory:', clock, retryDelayMs: 1_000 }));
  const runs: Handled[] = [];
  const kind = {
    name: 'backtest',
    run: (run: JobRun) => new Promise<Result<unknown>>((end) => void runs.push({ run, end })),
  };
  const throwing = { name: 'throwing', run: () => Promise.reject(new Error('a bug')) };
  const config = { leaseMs: 30_000, drainMs: 3_000, jobsAtOnce };
  const worker = createWorker({ jobs, kinds: [kind, throwing], clock, telemetry, config });
  onTestFinished(async () => {
    await jobs.close();
  });
  const submit = async (id: string, name = 'backtest'): Promise<Job> =>
    expectOk(await jobs.submit({ id, kind: name, payload: { for: id }, attemptsMax: 2 }));
  const find = async (id: string): Promise<Job | null> => expectOk(await jobs.get(id));
  return { clock, telemetry, jobs, runs, worker, submit, find };
}

describe('the worker', () => {
  it('is ready between start and drain only, and names its kinds', async () => {
    const { worker, telemetry } = world();
    expect(worker.readiness()).toEqual({ ready: false, waitingFor: ['a start: the worker is new'] });
    expectOk(await worker.start());
    expect(worker.readiness()).toEqual({ ready: true, waitingFor: [] });
    expect(telemetry.records[0]).toMatchObject({ fields: { kinds: ['backtest', 'throwing'], jobsAtOnce: 1 } });
    await worker.drain();
    expect(worker.readiness()).toEqual({ ready: false, waitingFor: ['a start: the worker is draining'] });
    await worker.stop();
    expect(await worker.start()).toMatchObject({ ok: false, fault: { code: 'state_conflict' } });
  });

  it('does so many jobs at once as it may, passes their progress on and keeps their results', async () => {
    const { worker, clock, runs, submit, find, telemetry } = world(2);
    expectOk(await worker.start());
    for (const id of ['a', 'b', 'c']) await submit(id);
    await clock.settle();
    expect(runs.map(({ run }) => [run.id, run.payload, run.attempt])).toEqual([
      ['a', { for: 'a' }, 1],
      ['b', { for: 'b' }, 1],
    ]);
    expect(telemetry.value('monsta_worker_queued_jobs')).toBe(1);
    expect(telemetry.value('monsta_worker_running_jobs')).toBe(2);
    runs[0]?.run.progress({ share: 0.1, note: null });
    runs[0]?.run.progress({ share: 0.2, note: { bars: 20 } });
    await clock.advance(1_000);
    expect((await find('a'))?.progress).toEqual({ share: 0.2, note: { bars: 20 } });
    runs[0]?.end(ok({ equity: 11 }));
    await clock.settle();
    expect(await find('a')).toMatchObject({ state: 'done', result: { equity: 11 } });
    expect(runs[2]?.run.id).toBe('c');
    expect(telemetry.value('monsta_worker_jobs_total', { kind: 'backtest', outcome: 'done' })).toBe(1);
    expect(telemetry.value('monsta_worker_job_seconds', { kind: 'backtest' })).toBe(1);
  });

  it('holds on to a job that says nothing for longer than a lease', async () => {
    const { worker, clock, runs, submit, find } = world();
    expectOk(await worker.start());
    await submit('a');
    await clock.advance(600_000);
    expect(runs).toHaveLength(1);
    runs[0]?.end(ok(1));
    await clock.settle();
    expect(await find('a')).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('tries again what may succeed later, and not what can only fail again', async () => {
    const { worker, clock, runs, submit, find } = world();
    expectOk(await worker.start());
    await submit('a');
    await clock.settle();
    runs[0]?.end(err('disk_full', 'no room', { retry: 'retryable' }));
    await clock.settle();
    expect(await find('a')).toMatchObject({ state: 'queued', fault: { code: 'disk_full' } });
    await clock.advance(1_100);
    expect(runs[1]?.run.attempt).toBe(2);
    runs[1]?.end(err('strategy_invalid', 'line 3'));
    await clock.settle();
    expect(await find('a')).toMatchObject({ state: 'failed', fault: { code: 'strategy_invalid' } });
  });

  it('goes on after a kind that throws', async () => {
    const { worker, clock, runs, submit, find } = world();
    expectOk(await worker.start());
    await submit('bad', 'throwing');
    await submit('good');
    await clock.settle();
    expect(await find('bad')).toMatchObject({ state: 'failed', fault: { code: 'internal', message: 'Error: a bug' } });
    expect(runs[0]?.run.id).toBe('good');
  });

  it('asks a canceled job to end, and keeps it as canceled; one that was done before is done', async () => {
    const { worker, clock, jobs, runs, submit, find } = world();
    expectOk(await worker.start());
    for (const id of ['a', 'b']) {
      await submit(id);
      await clock.settle();
      expectOk(await jobs.cancel(id));
      expect(runs.at(-1)?.run.signal.reason).toBe('canceled');
      runs.at(-1)?.end(id === 'a' ? err('stopped', 'as asked') : ok('done all the same'));
      await clock.settle();
    }
    expect(await find('a')).toMatchObject({ state: 'canceled' });
    expect(await find('b')).toMatchObject({ state: 'done', result: 'done all the same' });
  });

  it('asks what runs to end when it drains, hands it back and takes nothing more', async () => {
    const { worker, clock, runs, submit, find } = world();
    expectOk(await worker.start());
    await submit('a');
    await submit('b');
    await clock.settle();
    const drained = worker.drain();
    expect(runs[0]?.run.signal.reason).toBe('draining');
    runs[0]?.end(err('stopped', 'as asked'));
    await drained;
    expect(await find('a')).toMatchObject({ state: 'queued', attempts: 0 });
    expect(runs).toHaveLength(1);
  });

  it('waits no longer at a drain than it may', async () => {
    const { worker, clock, submit, find } = world();
    expectOk(await worker.start());
    await submit('a');
    await clock.settle();
    const drained = worker.drain();
    await clock.advance(3_000);
    await drained;
    expect(await find('a')).toMatchObject({ state: 'running' });
  });

  it('is not ready while the queue fails', async () => {
    const { worker, clock, jobs } = world();
    expectOk(await worker.start());
    await jobs.close();
    await clock.settle();
    expect(worker.readiness()).toEqual({
      ready: false,
      waitingFor: ['the queue of jobs: the queue of jobs is closed'],
    });
    await worker.drain();
  });
});
