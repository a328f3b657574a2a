import { expect, it } from 'vitest';
import { failureOf } from '../simulation/fault-matrix/cases.ts';

const durationMs = Number(process.env['MONSTA_SOAK_DURATION_S'] ?? '600') * 1_000;
const firstSeed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');

it(`every fault is survived, seed after seed from ${firstSeed}`, async () => {
  const endMs = performance.now() + durationMs;
  const failures: string[] = [];
  let seed = firstSeed;
  do {
    const failure = await failureOf(seed);
    if (failure !== null) {
      failures.push(failure);
      console.error(failure);
    }
    seed += 1;
  } while (performance.now() < endMs && failures.length < 20);
  console.error(`fault matrix: seeds ${firstSeed} to ${seed - 1}, ${failures.length} failed`);
  expect(failures).toEqual([]);
});
