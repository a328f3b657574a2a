import { describe, expect, it } from 'vitest';
import { runUnderFaults } from './any-faults.test-support.ts';

const firstSeed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');
const durationMs = Number(process.env['MONSTA_SOAK_DURATION_S'] ?? '600') * 1_000;
/** A run takes a part of a second, on a busy machine some. */
const timeout = durationMs + 600_000;

describe('under any faults, each order has one story, which is the venue’s', () => {
  it(`from seed ${firstSeed} on`, { timeout }, async () => {
    const endsMs = performance.now() + durationMs;
    for (let seed = firstSeed; performance.now() < endsMs; seed += 1) {
      const orders = await runUnderFaults(seed).catch((thrown: unknown) => {
        throw new Error(`seed ${seed} failed; npm run soak -- --duration-s 1 --seed ${seed} any-faults`, {
          cause: thrown,
        });
      });
      expect(orders).toBeGreaterThan(0);
    }
  });
});
