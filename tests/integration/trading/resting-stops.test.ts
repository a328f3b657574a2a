import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StopWorld } from './resting-stops.test-support.ts';

test('no coin is ever in two orders, none is without an order while nothing is under way, and the ledger has what the venue has', () => {
  const seen: StopWorld['seen'] = { stops: 0, stopsSold: 0, replaced: 0, crashes: 0, refused: 0, selling: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
      const world = new StopWorld(seed);
      world.run(400);
      for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += world.seen[name];
      expect(world.faults).toEqual([]);
    }),
    { numRuns: 30 },
  );
  // What was meant to be tried was tried.
  for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(20);
});
