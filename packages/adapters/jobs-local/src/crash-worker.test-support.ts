import { systemClock } from '@monsta/clock-system';
import { expectOk } from '@monsta/core';
import { openLocalJobs } from './open-local-jobs.ts';

/** Submits jobs without end and finishes each third one; says on stdout what has been acknowledged. */
const [path = '', from = ''] = process.argv.slice(2);
const jobs = expectOk(openLocalJobs({ path, clock: systemClock(), queuedMax: 10_000, finishedMax: 10_000 }));
for (let number = Number(from); ; number += 1) {
  expectOk(await jobs.submit({ id: `j${number}`, kind: 'count', payload: number, attemptsMax: 1_000 }));
  process.stdout.write(`+${number}\n`);
  if (number % 3 !== 0) continue;
  const taken = expectOk(await jobs.take({ kinds: ['count'], leaseMs: 60_000, waitMs: 0 }));
  if (taken === null) continue;
  expectOk(await taken.complete(taken.job.payload));
  process.stdout.write(`-${taken.job.id.slice(1)}\n`);
}
