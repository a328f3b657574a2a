import { accountId } from '@monsta/core';
import { expect, test } from 'vitest';
import { aiTradingConfigSchema, kernelConfigOf } from './config.ts';

test('the defaults are those of the documentation', () => {
  const config = kernelConfigOf(aiTradingConfigSchema.parse({}), accountId('a'), null);
  expect(config.limits).toMatchObject({ positionPpmMax: 100_000, dailyLossPpmMax: 50_000, drawdownPpmMax: 200_000 });
  expect(config.limits.orderNotionalMin).toBe(5n * 10n ** 18n);
});

test.each([
  [{ allocationPpm: 100_001 }, /must not be above risk\.position_ppm_max/],
  [{ risk: { dailyLossPpmMax: 0 } }, /dailyLossPpmMax/],
  [{ risk: { orderNotionalMin: '5,0' } }, /plain decimal/],
  [{ alocationPpm: 5 }, /alocationPpm/],
  [{ queueMax: 1 }, /queueMax/],
])('the configuration %o is refused', (given, message) => {
  expect(aiTradingConfigSchema.safeParse(given).error?.message).toMatch(message);
});
