import { expect, it } from 'vitest';
import { runWeek } from '../simulation/virtual-weeks/week-case.ts';
import { DAYS, failureOf } from '../simulation/virtual-weeks/weeks.ts';

const durationMs = Number(process.env['MONSTA_SOAK_DURATION_S'] ?? '600') * 1_000;
const firstSeed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');

it(`every week is survived, seed after seed from ${firstSeed}`, async () => {
  const endMs = performance.now() + durationMs;
  const failures: string[] = [];
  let seed = firstSeed;
  do {
    const failure = failureOf(seed, await runWeek(seed, DAYS));
    if (failure !== null) {
      failures.push(failure);
      console.error(failure);
    }
    seed += 1;
  } while (performance.now() < endMs && failures.length < 20);
  console.error(`virtual weeks: seeds ${firstSeed} to ${seed - 1}, ${failures.length} failed`);
  expect(failures).toEqual([]);
});
