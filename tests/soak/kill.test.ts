import { describe, expect, it } from 'vitest';
import { expectBarsWhole, expectLedgerEqualsVenue, expectOrdersWhole } from '../crash/kill-checks.test-support.ts';
import { killCycle } from '../crash/kill-cycle.test-support.ts';

const KILLS = 20;
const seed = Number(process.env['MONSTA_SOAK_SEED'] ?? '1');

describe('kill -9 at random moments, twenty times', () => {
  it(
    `loses and doubles no bar, no order and no fill (seed ${seed})`,
    { timeout: KILLS * 150_000 + 240_000 },
    async () => {
      const outcome = await killCycle(KILLS, seed);
      expectBarsWhole(outcome);
      expectOrdersWhole(outcome);
      await expectLedgerEqualsVenue(outcome);
      expect(outcome.fills.length).toBeGreaterThan(0);
    },
  );
});
