import type { RiskMessage } from '@monsta/contracts';
import { expect, test } from 'vitest';
import { riskText } from './risk-text.ts';

const RISK: RiskMessage = {
  accountId: 'paper:test',
  quoteAsset: 'USDT',
  equity: '10000',
  day: { startMs: 1_723_075_200_000, endMs: 1_723_161_600_000, timeZone: 'UTC', hour: 0 },
  limits: [
    {
      rule: 'position_max',
      strategyId: null,
      instrument: 'BTCUSDT',
      unit: 'share',
      limit: '0.1',
      used: '0.071234',
      fraction: 0.7123,
      amounts: { limit: '1000', used: '712.34' },
    },
    {
      rule: 'exposure_max',
      strategyId: null,
      instrument: null,
      unit: 'amount',
      limit: null,
      used: '712.34',
      fraction: null,
      amounts: null,
    },
    {
      rule: 'trade_risk_max',
      strategyId: 'trend',
      instrument: 'BTCUSDT',
      unit: 'share',
      limit: '0.02',
      used: null,
      fraction: null,
      amounts: null,
    },
  ],
  orderLimits: [
    { rule: 'price_collar', unit: 'share', limit: '0.05' },
    { rule: 'order_notional_max', unit: 'amount', limit: null },
  ],
  restrictions: [
    { rule: 'cooldown', strategyId: 'trend', instrument: 'BTCUSDT', untilMs: 1_723_075_500_000, reason: 'it lost' },
    { rule: 'stop_loss_guard', strategyId: null, instrument: null, untilMs: 1_723_075_500_000, reason: '3 stops' },
  ],
  causes: [
    {
      strategyId: 'trend',
      code: 'strategy_daily_loss',
      state: 'REDUCING',
      reason: 'lost',
      by: 'risk',
      sinceMs: 1_723_075_200_000,
      lasting: true,
    },
  ],
  timeMs: 1_723_075_300_000,
};

test('risk is told with what is used of each limit, what is unknown, and where entries are refused', () => {
  expect(riskText({ risk: RISK, absence: null }).split('\n')).toEqual([
    'equity 10000 USDT',
    'day    2024-08-08T00:00:00.000Z to 2024-08-09T00:00:00.000Z (begins at 0:00, UTC)',
    'trading less',
    '  trend REDUCING by strategy_daily_loss: lost',
    'no entries',
    '  trend BTCUSDT by cooldown until 2024-08-08T00:05:00.000Z: it lost',
    '  everywhere by stop_loss_guard until 2024-08-08T00:05:00.000Z: 3 stops',
    'used of each limit',
    `  ${'position_max BTCUSDT'.padEnd(44)} 7.12 of 10 %  (712.34 of 1000 USDT)`,
    `  ${'exposure_max'.padEnd(44)} 712.34 USDT, no limit`,
    `  ${'trade_risk_max trend BTCUSDT'.padEnd(44)} unknown of 2 %`,
    'each order',
    `  ${'price_collar'.padEnd(44)} 5 %`,
    `  ${'order_notional_max'.padEnd(44)} no limit`,
  ]);
  expect(riskText({ risk: { ...RISK, causes: [], restrictions: [] }, absence: null })).toContain(
    'nothing holds trading back',
  );
  expect(riskText({ risk: null, absence: { code: 'trading_off', reason: 'no trading' } })).toBe(
    'not known: no trading',
  );
});
