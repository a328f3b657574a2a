import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expectOk, seededRandom } from '@monsta/core';
import type { Job } from '@monsta/ports';
import { VirtualClock } from '@monsta/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLocalJobs } from './open-local-jobs.ts';

const WORKER = fileURLToPath(new URL('crash-worker.test-support.ts', import.meta.url));
const clock = new VirtualClock();

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-jobs-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'below', 'jobs.sqlite');
}

/** Runs the worker and kills it without warning; returns the numbers it said were submitted and done. */
async function workAndKill(path: string, from: number, lines: number): Promise<{ added: number[]; done: number[] }> {
  const child = spawn(process.execPath, [WORKER, path, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  const of = (mark: string) => said.filter((line) => line.startsWith(mark)).map((line) => Number(line.slice(1)));
  return { added: of('+'), done: of('-') };
}

describe('the file of a queue', () => {
  it('holds every job that was acknowledged when its process is killed', { timeout: 60_000 }, async () => {
    const path = scratch();
    const random = seededRandom(20_261_126);
    const added: number[] = [];
    const done: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const killed = await workAndKill(path, 1_000 * round, 5 + random.integer(60));
      added.push(...killed.added);
      done.push(...killed.done);
      const jobs = expectOk(openLocalJobs({ path, clock }));
      const { items } = expectOk(await jobs.list({ kinds: ['count'], limit: 1_000, cursor: null }));
      const byId = new Map<string, Job>(items.map((job) => [job.id, job]));
      for (const number of added) expect(byId.get(`j${number}`)?.payload).toBe(number);
      for (const number of done) expect(byId.get(`j${number}`)).toMatchObject({ state: 'done', result: number });
      expect(items.filter(({ state }) => state === 'running')).toEqual([]);
      await jobs.close();
    }
  });

  it('is its owner’s alone, and held by one process', async () => {
    const path = scratch();
    const jobs = expectOk(openLocalJobs({ path, clock }));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(openLocalJobs({ path, clock })).toMatchObject({
      ok: false,
      fault: { code: 'jobs_unavailable', message: expect.stringContaining('another process holds it') as string },
    });
    await jobs.close();
    await expectOk(openLocalJobs({ path, clock })).close();
  });

  it('is not taken from another program, nor from a newer MONSTA', () => {
    const path = scratch();
    expect(openLocalJobs({ path: '/dev/null/jobs.sqlite', clock })).toMatchObject({
      fault: { code: 'jobs_unavailable' },
    });
    void expectOk(openLocalJobs({ path, clock })).close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    expect(openLocalJobs({ path, clock })).toMatchObject({ fault: { retry: 'fatal' } });
    const foreign = new DatabaseSync(join(path, '..', 'foreign.sqlite'));
    foreign.exec('CREATE TABLE other (a)');
    foreign.close();
    expect(openLocalJobs({ path: join(path, '..', 'foreign.sqlite'), clock })).toMatchObject({
      fault: { message: expect.stringContaining('another program') as string, retry: 'fatal' },
    });
    writeFileSync(join(path, '..', 'text.sqlite'), 'no database at all, but long enough to be looked at. '.repeat(40));
    expect(openLocalJobs({ path: join(path, '..', 'text.sqlite'), clock })).toMatchObject({
      fault: { code: 'jobs_unavailable' },
    });
  });
});
