import { expectOk, type Result } from '@monsta/core';
import type { Job, JobRequest, Jobs, TakenJob } from '@monsta/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface JobsRig {
  readonly jobs: Jobs;
  /** What the queue was opened with. */
  readonly queuedMax: number;
  readonly finishedMax: number;
  /** How long a failed job waits for its second try. */
  readonly retryDelayMs: number;
  /** Whoever uses `jobs` vanishes without a word; another process opens the queue, and what was taken before may be taken again. */
  restart(): Promise<Jobs>;
  /** Lets time pass. */
  elapse(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

const LEASE_MS = 1_000;
const kinds = ['sum'];
const codeOf = (result: Result<unknown>): string | null => (result.ok ? null : result.fault.code);
const request = (id: string, more: Partial<JobRequest> = {}): JobRequest => ({
  id,
  kind: 'sum',
  payload: { of: [1, 2] },
  attemptsMax: 2,
  ...more,
});

/** What every `Jobs` must keep. */
export function jobsConformance(name: string, make: () => Promise<JobsRig>): void {
  describe(`${name} keeps the promises of a queue of jobs`, () => {
    let rig: JobsRig;
    let jobs: Jobs;
    beforeEach(async () => {
      rig = await make();
      jobs = rig.jobs;
    });
    afterEach(() => rig.dispose());

    const takeOf = async (from: Jobs): Promise<TakenJob> => {
      const taken = expectOk(await from.take({ kinds, leaseMs: LEASE_MS, waitMs: 0 }));
      if (taken === null) throw new Error('no job could be taken');
      return taken;
    };
    const take = (): Promise<TakenJob> => takeOf(jobs);
    const find = async (id: string): Promise<Job> => {
      const job = expectOk(await jobs.get(id));
      if (job === null) throw new Error(`there is no job ${id}`);
      return job;
    };

    it('hands out jobs oldest first, each to one, and keeps what came of them', async () => {
      expectOk(await jobs.submit(request('a')));
      expectOk(await jobs.submit(request('b')));
      expect(expectOk(await jobs.counts())).toEqual({ queued: 2, running: 0 });
      const [first, second] = [await take(), await take()];
      expect([first.job.id, second.job.id]).toEqual(['a', 'b']);
      expect(first.job).toMatchObject({ state: 'running', attempts: 1, payload: { of: [1, 2] } });
      expect(expectOk(await jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 0 }))).toBeNull();
      expectOk(await first.renew({ share: 0.5, note: { bars: 7 } }));
      expect((await find('a')).progress).toEqual({ share: 0.5, note: { bars: 7 } });
      expectOk(await first.complete({ sum: 3 }));
      expect(await find('a')).toMatchObject({ state: 'done', result: { sum: 3 }, fault: null, progress: { share: 1 } });
      expect((await find('a')).finishedMs).not.toBeNull();
      expect((await find('b')).state).toBe('running');
      expect(expectOk(await jobs.counts())).toEqual({ queued: 0, running: 1 });
      expect(expectOk(await jobs.get('c'))).toBeNull();
    });

    it('hands a kind only to those who take it', async () => {
      expectOk(await jobs.submit(request('a', { kind: 'other' })));
      expect(expectOk(await jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 0 }))).toBeNull();
      const other = expectOk(await jobs.take({ kinds: ['sum', 'other'], leaseMs: LEASE_MS, waitMs: 0 }));
      expect(other?.job.id).toBe('a');
    });

    it('wakes one who waits when a job comes, and lets him go when none does or he no longer wants one', async () => {
      const waiting = jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 5_000 });
      expectOk(await jobs.submit(request('a')));
      expect(expectOk(await waiting)?.job.id).toBe('a');
      const inVain = jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 200 });
      await rig.elapse(400);
      expect(expectOk(await inVain)).toBeNull();
      const leaving = new AbortController();
      const left = jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 3_600_000, signal: leaving.signal });
      leaving.abort();
      expect(expectOk(await left)).toBeNull();
    });

    it('has a request that is sent twice once, and refuses another job of the same id', async () => {
      expectOk(await jobs.submit(request('a')));
      expect(expectOk(await jobs.submit(request('a'))).id).toBe('a');
      expect(expectOk(await jobs.counts()).queued).toBe(1);
      expect(codeOf(await jobs.submit(request('a', { payload: { of: [2] } })))).toBe('job_exists');
    });

    it('refuses what is no job', async () => {
      const circular: Record<string, unknown> = {};
      circular['self'] = circular;
      for (const bad of [
        request('a', { payload: circular }),
        request('a', { payload: 1n }),
        request('a', { payload: undefined }),
        request('a', { payload: 'x'.repeat(1_100_000) }),
        request('a b'),
        request('a', { attemptsMax: 0 }),
      ])
        expect(codeOf(await jobs.submit(bad))).toBe('job_invalid');
      expect(expectOk(await jobs.counts()).queued).toBe(0);
    });

    it('is bounded: one more is refused until one has begun, and nothing that waits is dropped', async () => {
      for (let index = 0; index < rig.queuedMax; index += 1) expectOk(await jobs.submit(request(`j${index}`)));
      const refused = await jobs.submit(request('more'));
      expect(refused).toMatchObject({ ok: false, fault: { code: 'queue_full', retry: 'retryable' } });
      expect((await take()).job.id).toBe('j0');
      expectOk(await jobs.submit(request('more')));
      expect(expectOk(await jobs.counts())).toEqual({ queued: rig.queuedMax, running: 1 });
    });

    it('shares nothing with who submits or takes', async () => {
      const payload = { of: [1] };
      expectOk(await jobs.submit(request('a', { payload })));
      payload.of.push(2);
      expect((await take()).job.payload).toEqual({ of: [1] });
    });

    it('tries a failed job again after a wait, then keeps it as a dead letter with its last fault', async () => {
      expectOk(await jobs.submit(request('a')));
      const failure = { code: 'disk_full', message: 'no room', retryable: true };
      expectOk(await (await take()).fail(failure));
      expect(await find('a')).toMatchObject({ state: 'queued', attempts: 1, fault: { code: 'disk_full' } });
      expect(expectOk(await jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 0 }))).toBeNull();
      const again = jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 10 * rig.retryDelayMs });
      await rig.elapse(1.5 * rig.retryDelayMs);
      const taken = expectOk(await again);
      expect(taken?.job).toMatchObject({ id: 'a', attempts: 2 });
      expectOk((await taken?.fail({ ...failure, message: 'still none' })) ?? { ok: true, value: null });
      expect(await find('a')).toMatchObject({ state: 'failed', fault: { code: 'disk_full', message: 'still none' } });
      await rig.elapse(4 * rig.retryDelayMs);
      expect(expectOk(await jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 0 }))).toBeNull();
    });

    it('does not try again what can only fail again', async () => {
      expectOk(await jobs.submit(request('a')));
      expectOk(await (await take()).fail({ code: 'strategy_invalid', message: 'line 3', retryable: false }));
      expect(await find('a')).toMatchObject({ state: 'failed', attempts: 1, fault: { message: 'line 3' } });
    });

    it('hands a job out again when its worker falls silent, and counts nothing of what that one says later', async () => {
      expectOk(await jobs.submit(request('a')));
      const silent = await take();
      await rig.elapse(0.6 * LEASE_MS);
      expectOk(await silent.renew());
      await rig.elapse(0.6 * LEASE_MS);
      expect((await find('a')).state).toBe('running');
      await rig.elapse(0.8 * LEASE_MS);
      expect(silent.signal.aborted).toBe(true);
      expect(silent.signal.reason).toBe('lease_lost');
      const second = await take();
      expect(second.job).toMatchObject({ id: 'a', attempts: 2, fault: { code: 'job_interrupted' } });
      expect(codeOf(await silent.complete('late'))).toBe('lease_lost');
      expect(codeOf(await silent.renew({ share: 1, note: null }))).toBe('lease_lost');
      expectOk(await second.complete('in time'));
      expect((await find('a')).result).toBe('in time');
    });

    it('has a job as a dead letter whose workers vanish each time', async () => {
      expectOk(await jobs.submit(request('a', { attemptsMax: 1 })));
      await take();
      await rig.elapse(2 * LEASE_MS);
      expect(await find('a')).toMatchObject({ state: 'failed', fault: { code: 'job_interrupted' } });
    });

    it('takes a job back as if it had not been taken', async () => {
      expectOk(await jobs.submit(request('a')));
      expectOk(await (await take()).handBack());
      expect(await find('a')).toMatchObject({ state: 'queued', attempts: 0, fault: null, startedMs: null });
      expect((await take()).job.attempts).toBe(1);
    });

    it('cancels what waits at once, and asks what runs', async () => {
      expectOk(await jobs.submit(request('a')));
      expect(expectOk(await jobs.cancel('a')).state).toBe('canceled');
      expect(expectOk(await jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 0 }))).toBeNull();
      expectOk(await jobs.submit(request('b')));
      const running = await take();
      expect(running.signal.aborted).toBe(false);
      expect(expectOk(await jobs.cancel('b'))).toMatchObject({ state: 'running', cancelAsked: true });
      expect(running.signal.reason).toBe('canceled');
      expectOk(await running.cancel());
      expect((await find('b')).state).toBe('canceled');
      expect(codeOf(await jobs.cancel('b'))).toBe('job_final');
      expect(codeOf(await jobs.cancel('c'))).toBe('job_unknown');
    });

    it('does not try again what was to be canceled, however its run ends', async () => {
      for (const id of ['a', 'b', 'c']) {
        expectOk(await jobs.submit(request(id)));
        const running = await take();
        expectOk(await jobs.cancel(id));
        if (id === 'a') expectOk(await running.fail({ code: 'x', message: 'x', retryable: true }));
        else if (id === 'b') expectOk(await running.handBack());
        else await rig.elapse(2 * LEASE_MS);
        expect((await find(id)).state).toBe('canceled');
      }
    });

    it('lists newest first, in pages, by kind', async () => {
      for (const id of ['a', 'b', 'c']) expectOk(await jobs.submit(request(id)));
      expectOk(await jobs.submit(request('d', { kind: 'other' })));
      const first = expectOk(await jobs.list({ kinds, limit: 2, cursor: null }));
      expect(first.items.map(({ id }) => id)).toEqual(['c', 'b']);
      const second = expectOk(await jobs.list({ kinds, limit: 2, cursor: first.nextCursor }));
      expect(second.items.map(({ id }) => id)).toEqual(['a']);
      expect(second.nextCursor).toBeNull();
      expect(expectOk(await jobs.list({ kinds: ['sum', 'other'], limit: 9, cursor: null })).items).toHaveLength(4);
      expect(codeOf(await jobs.list({ kinds, limit: 2, cursor: 'nonsense' }))).toBe('cursor_invalid');
    });

    it('forgets what is finished when told to, and the oldest of it by itself', async () => {
      expectOk(await jobs.submit(request('a')));
      expect(codeOf(await jobs.remove('a'))).toBe('job_unfinished');
      expectOk(await (await take()).complete(null));
      expectOk(await jobs.remove('a'));
      expect(expectOk(await jobs.get('a'))).toBeNull();
      expect(codeOf(await jobs.remove('a'))).toBe('job_unknown');
      for (let index = 0; index <= rig.finishedMax; index += 1) {
        expectOk(await jobs.submit(request(`j${index}`)));
        expectOk(await (await take()).complete(null));
      }
      expect(expectOk(await jobs.get('j0'))).toBeNull();
      expect((await find(`j${rig.finishedMax}`)).state).toBe('done');
    });

    it('tells those who watch of every change, in order', async () => {
      const seen: string[] = [];
      const watch = jobs.watch(({ id, state, progress }) => seen.push(`${id} ${state} ${progress.share}`));
      expectOk(await jobs.submit(request('a')));
      const taken = await take();
      expectOk(await taken.renew({ share: 0.25, note: null }));
      expectOk(await taken.complete(1));
      expect(seen).toEqual(['a queued 0', 'a running 0', 'a running 0.25', 'a done 1']);
      watch.stop();
      expectOk(await jobs.submit(request('b')));
      expect(seen).toHaveLength(4);
    });

    it('has what waited, and what ran, after its process vanished', async () => {
      for (const id of ['running', 'canceled', 'waiting']) expectOk(await jobs.submit(request(id)));
      await take();
      await take();
      expectOk(await jobs.cancel('canceled'));
      jobs = await rig.restart();
      expect((await find('canceled')).state).toBe('canceled');
      const [first, second] = [await take(), await take()];
      expect(first.job).toMatchObject({ id: 'running', attempts: 2 });
      expect(second.job).toMatchObject({ id: 'waiting', attempts: 1 });
      jobs = await rig.restart();
      expect(await find('running')).toMatchObject({ state: 'failed', fault: { code: 'job_interrupted' } });
    });

    it('says so once it is closed', async () => {
      await jobs.close();
      expect(codeOf(await jobs.get('a'))).toBe('jobs_unavailable');
      expect(codeOf(await jobs.take({ kinds, leaseMs: LEASE_MS, waitMs: 1_000 }))).toBe('jobs_unavailable');
    });
  });
}
