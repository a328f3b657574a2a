import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { jobsConformance, VirtualClock } from '@monsta/testkit';
import { openLocalJobs } from './open-local-jobs.ts';

const limits = { queuedMax: 4, finishedMax: 3, retryDelayMs: 500 };

jobsConformance('a queue in one process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-jobs-'));
  const clock = new VirtualClock();
  const open = () => expectOk(openLocalJobs({ path: join(directory, 'jobs.sqlite'), clock, ...limits }));
  let jobs = open();
  return Promise.resolve({
    jobs,
    ...limits,
    async restart() {
      // Closing changes nothing of what is stored: it is as if the process had gone.
      await jobs.close();
      jobs = open();
      return jobs;
    },
    elapse: (ms) => clock.advance(ms),
    async dispose() {
      await jobs.close();
      rmSync(directory, { recursive: true, force: true });
    },
  });
});
