import { accountId } from '@monsta/core';
import { expect, test } from 'vitest';
import { aiTradingConfigSchema, kernelConfigOf } from './config.ts';

test('the defaults are those of the documentation', () => {
  const config = kernelConfigOf(aiTradingConfigSchema.parse({}), accountId('a'), null);
  expect(config.limits).toMatchObject({
    positionPpmMax: 100_000,
    dailyLossPpmMax: 50_000,
    drawdownPpmMax: 200_000,
    confidencePpmMin: 700_000,
    tradeRiskPpmMax: 20_000,
    exposureMax: null,
    day: { timeZone: 'UTC', hour: 0 },
  });
  expect(config.limits.orderNotionalMin).toBe(5n * 10n ** 18n);
});

test.each([
  [{ allocationPpm: 100_001 }, /must not be above risk\.position_ppm_max/],
  [{ risk: { dailyLossPpmMax: 0 } }, /dailyLossPpmMax/],
  [{ risk: { exposurePpmMax: 94_999 } }, /must not be above risk\.exposure_ppm_max \(94999\)/],
  [{ risk: { day: { timeZone: 'Mars/Base' } } }, /IANA/],
  [{ risk: { day: { hour: 24 } } }, /hour/],
  [{ risk: { orderNotionalMax: '4.99' } }, /must not be below risk\.order_notional_min \(5\)/],
  [{ risk: { ordersPerSecondMax: 201 } }, /must not be above risk\.orders_per_minute_max \(200\)/],
  [
    { protectiveStop: { distancePpm: 208_600 } },
    /would lose 20007 parts per million .* above risk\.trade_risk_ppm_max/,
  ],
  [{ sizing: { kind: 'fixed', amount: '4.9' } }, /must not be below risk\.order_notional_min/],
  [{ sizing: { kind: 'kelly', fallbackPpm: 100_001 } }, /must not be above cap_ppm/],
  [{ sizing: { kind: 'kelly', fallbackPpm: 0, tradesMin: 201 } }, /must not be above trades_max/],
  [{ sizing: { kind: 'martingale' } }, /sizing/],
  [{ risk: { protections: [{ kind: 'cooldown', lockMs: 999 }] } }, /lockMs/],
  [{ risk: { protections: [{ kind: 'cooldown', lockMinutes: 5 }] } }, /lockMinutes/],
  [{ risk: { orderNotionalMin: '5,0' } }, /plain decimal/],
  [{ alocationPpm: 5 }, /alocationPpm/],
  [{ queueMax: 1 }, /queueMax/],
])('the configuration %o is refused', (given, message) => {
  expect(aiTradingConfigSchema.safeParse(given).error?.message).toMatch(message);
});

test('what contradicts is told all together', () => {
  const given = { allocationPpm: 200_000, risk: { exposurePpmMax: 150_000, orderNotionalMax: '1' } };
  expect(aiTradingConfigSchema.safeParse(given).error?.issues.map(({ path }) => path.join('.'))).toEqual([
    'allocationPpm',
    'allocationPpm',
    'risk.orderNotionalMax',
  ]);
});

test('sizing, protections and the day reach the kernel as they were written', () => {
  const config = kernelConfigOf(
    aiTradingConfigSchema.parse({
      sizing: { kind: 'fixed', amount: '250.5' },
      risk: {
        day: { timeZone: 'Europe/Berlin', hour: 8 },
        protections: [{ kind: 'stop_loss_guard', scope: 'instrument' }],
      },
    }),
    accountId('a'),
    null,
  );
  expect(config.sizing).toEqual({ kind: 'fixed', amount: 2505n * 10n ** 17n });
  expect(config.limits.day).toEqual({ timeZone: 'Europe/Berlin', hour: 8 });
  expect(config.limits.protections).toEqual([
    { kind: 'stop_loss_guard', lookBackMs: 3_600_000, stopsMin: 3, lockMs: 3_600_000, scope: 'instrument' },
  ]);
});
