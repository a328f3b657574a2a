import { describe, expect, it } from 'vitest';
import { observe } from './live-statistics.test-support.ts';
import { EPOCH_MS, SIMULATED_PROFILES } from './profiles.ts';

const DAY_MS = 86_400_000;

describe.each(SIMULATED_PROFILES)('a day of live trading in $symbol.instrument.id', ({ symbol, tradesPerHour }) => {
  it.each([1, 2])(
    'has the statistics that are stated, under seed %d',
    (seed) => {
      const seen = observe(symbol.instrument.id, seed, EPOCH_MS + 150 * DAY_MS, 24);
      expect(seen.kurtosis).toBeGreaterThan(5);
      expect(seen.absolute10).toBeGreaterThan(0.1);
      expect(Math.abs(seen.lag1)).toBeLessThan(4);
      expect(Math.abs(seen.lag2)).toBeLessThan(4);
      expect(seen.spreads.filter((spread) => spread === 1).length / seen.spreads.length).toBeGreaterThan(0.6);
      expect(Math.max(...seen.spreads)).toBeLessThanOrEqual(13);
      expect(seen.distanceMax).toBeLessThanOrEqual(6.5);
      expect(seen.tradesPerHour / tradesPerHour).toBeGreaterThan(0.99);
      expect(seen.tradesPerHour / tradesPerHour).toBeLessThan(1.01);
    },
    600_000,
  );
});
