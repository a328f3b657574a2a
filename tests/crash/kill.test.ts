import { describe, expect, it } from 'vitest';
import { expectBarsWhole, expectLedgerEqualsVenue, expectOrdersWhole } from './kill-checks.test-support.ts';
import { killCycle } from './kill-cycle.test-support.ts';

const KILLS = 3;

describe('kill -9 at random moments', () => {
  it(
    'loses and doubles no bar, no order and no fill, and ledger and venue agree',
    { timeout: KILLS * 150_000 + 240_000 },
    async () => {
      const outcome = await killCycle(KILLS, 20_261_123);
      expectBarsWhole(outcome);
      expectOrdersWhole(outcome);
      await expectLedgerEqualsVenue(outcome);
      expect(outcome.fills.length).toBeGreaterThan(0);
    },
  );
});
