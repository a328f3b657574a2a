import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { openLocalJobs } from '@monsta/jobs-local';
import { recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { measureParityDaily, parityJob } from './parity-job.ts';

const DAY_MS = 86_400_000;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'monsta-parity-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it('is asked for once after each day, whatever else happens in it', async () => {
  const clock = new VirtualClock();
  const { logger } = recordingTelemetry();
  const jobs = expectOk(openLocalJobs({ path: ':memory:', clock }));
  onTestFinished(() => jobs.close());
  const daily = measureParityDaily(jobs, { accountId: 'paper:test', clock, logger });
  await clock.advance(3 * DAY_MS);
  daily.close();
  await clock.advance(2 * DAY_MS);
  const { items } = expectOk(await jobs.list({ kinds: ['parity'], limit: 10, cursor: null }));
  expect(items.map(({ id }) => id.replace(/\d{4}-\d\d-\d\d/, 'DAY'))).toEqual(Array(3).fill('parity:paper:test:DAY'));
  expect(new Set(items.map(({ id }) => id)).size).toBe(3);
});

it('says why nothing could be measured, and sets no metric', async () => {
  const { logger, metrics } = recordingTelemetry();
  const directory = folder();
  const job = parityJob({ journal: join(directory, 'nowhere'), directory, logger, metrics });
  const { signal } = new AbortController();
  const ended = await job.run({ id: 'parity:x', payload: null, attempt: 1, signal, progress: () => undefined });
  expect(ended).toMatchObject({ ok: false, fault: { code: expect.stringMatching(/^(journal|replay)_/) as string } });
});
