import { instrumentId } from '@monsta/core';
import { expect, it } from 'vitest';
import { observe } from './live-statistics.test-support.ts';
import { EPOCH_MS } from './profiles.ts';
import { quantile } from './statistics.test-support.ts';

// XRP has the fewest ticks to a minute's move: where the bounce between bid and ask would be seen first.
it('half a day of live trading moves as the latent process does: heavy tails in clusters, no foretelling, at a tick’s spread', () => {
  const seen = observe(instrumentId('XRPUSDT'), 1, EPOCH_MS + 60 * 86_400_000, 12);
  expect(seen.kurtosis).toBeGreaterThan(5);
  expect(seen.absolute10).toBeGreaterThan(0.1);
  expect(Math.abs(seen.lag1)).toBeLessThan(3.5);
  expect(Math.abs(seen.lag2)).toBeLessThan(3.5);
  expect(seen.spreads.filter((spread) => spread === 1).length / seen.spreads.length).toBeGreaterThan(0.8);
  expect(Math.min(...seen.spreads)).toBe(1);
  // Wider by at most twelve ticks, half of them on each side.
  expect(Math.max(...seen.spreads)).toBeLessThanOrEqual(13);
  expect(seen.distanceMax).toBeLessThanOrEqual(6.5);
  expect(quantile(seen.nearLevels, 0.05)).toBeGreaterThan(15);
  expect(quantile(seen.nearLevels, 0.95)).toBeLessThan(400);
  // As many trades as history has, and never more.
  expect(seen.tradesPerHour / 1_800).toBeGreaterThan(0.99);
  expect(seen.tradesPerHour / 1_800).toBeLessThan(1.01);
}, 120_000);
