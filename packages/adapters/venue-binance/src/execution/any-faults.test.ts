import { describe, expect, it } from 'vitest';
import { runUnderFaults } from './any-faults.test-support.ts';

const SEEDS = 30;

describe('under any faults, each order has one story, which is the venue’s', () => {
  for (let seed = 1; seed <= SEEDS; seed += 1)
    it(`seed ${seed}`, async () => expect(await runUnderFaults(seed)).toBeGreaterThan(0));
});
