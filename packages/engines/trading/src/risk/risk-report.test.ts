import { describe, expect, test } from 'vitest';
import { order } from '../command-desk.test-support.ts';
import {
  atMs,
  barInput,
  CONFIG,
  money,
  quoteInput,
  scripted,
  startInputs,
  tradeInput,
} from '../kernel.test-support.ts';
import { Kernel } from '../kernel.ts';
import { Desk, GUARDED, guarded, LOTS } from '../protective-desk.test-support.ts';
import type { LimitUse } from './limit-use.ts';

const uses = (kernel: Kernel, rule: LimitUse['rule']): readonly LimitUse[] =>
  kernel.risk().limits.filter((use) => use.rule === rule);
const shown = ({ strategyId, instrument, limit, used, fraction, amounts }: LimitUse) => ({
  ...{ strategyId, instrument, limit, used, fraction },
  amounts: amounts === null ? null : `${amounts.used} of ${amounts.limit}`,
});

describe('what is used of each limit', () => {
  test('is a position’s share of equity, with what is still being bought', () => {
    const desk = guarded();
    desk.trade(61_000, 6_000_000);
    expect(uses(desk.kernel, 'position_max').map(shown)).toEqual([
      {
        strategyId: null,
        instrument: 'BTCUSDT',
        limit: '0.1',
        used: '0.09498',
        fraction: 0.9498,
        amounts: '949.8 of 1000',
      },
    ]);
    const resting = new Desk([1], CONFIG, 59_500);
    expect(uses(resting.kernel, 'position_max')[0]).toMatchObject({ amounts: { used: '949.62' } });
    expect(uses(resting.kernel, 'open_orders_max')[0]).toMatchObject({ limit: '10', used: '1', fraction: 0.1 });
    expect(uses(resting.kernel, 'order_rate').map(({ unit, used }) => [unit, used])).toEqual([
      ['per_second', '1'],
      ['per_minute', '1'],
    ]);
    expect(uses(resting.kernel, 'cash')[0]).toMatchObject({ limit: '10000', used: '949.62' });
  });

  test('is what was lost today and from the peak', () => {
    const desk = guarded();
    desk.trade(61_000, 5_900_000);
    desk.tick(62_100);
    expect(uses(desk.kernel, 'daily_loss').map(shown)).toMatchObject([
      { limit: '0.05', used: '0.001583', fraction: 0.0317, amounts: '15.83 of 500' },
    ]);
    expect(uses(desk.kernel, 'drawdown').map(shown)).toMatchObject([
      { limit: '0.2', used: '0.001583', amounts: '15.83 of 2000' },
    ]);
  });

  test('is what a position would lose down to its stop, fees included; unknown where no stop is known', () => {
    const limits = { ...GUARDED.limits, tradeRiskPpmMax: 20_000, feePpm: 1_000 };
    const desk = new Desk([1], { ...GUARDED, limits });
    desk.accept();
    desk.fill(LOTS);
    desk.accept();
    desk.trade(61_000, 6_000_000);
    // 0.01583 × (60000 − 58800), and a thousandth of 949.8 + 930.804.
    expect(uses(desk.kernel, 'trade_risk_max').map(shown)).toEqual([
      {
        strategyId: 'scripted',
        instrument: 'BTCUSDT',
        limit: '0.02',
        used: '0.002088',
        fraction: 0.1044,
        amounts: '20.876604 of 200',
      },
    ]);
    const bare = new Desk([1], CONFIG);
    bare.accept();
    bare.fill(LOTS);
    expect(uses(bare.kernel, 'trade_risk_max').map(shown)).toMatchObject([{ used: null, fraction: null }]);
  });

  test('is null, not zero, while prices are unknown; and a limit that is not set is null', () => {
    const kernel = new Kernel(CONFIG, [scripted([])]);
    for (const input of startInputs()) kernel.handle(input);
    expect(uses(kernel, 'stale_data').map(shown)).toMatchObject([{ limit: '200000', used: null, fraction: null }]);
    expect(uses(kernel, 'exposure_max').map(shown)).toMatchObject([{ limit: null, used: '0', fraction: null }]);
    expect(uses(kernel, 'open_positions_max').map(shown)).toMatchObject([{ limit: null, used: '0' }]);
    const before = new Kernel(CONFIG, [scripted([])]);
    expect(uses(before, 'daily_loss').map(shown)).toMatchObject([{ used: null, amounts: null }]);
    expect(before.risk().equity).toBeNull();
  });

  test('is a strategy’s own share where it has limits of its own', () => {
    const own = {
      positionPpmMax: 200_000,
      exposurePpmMax: 300_000,
      openPositionsMax: 2,
      dailyLossPpmMax: 10_000,
      drawdownPpmMax: 30_000,
    };
    const kernel = new Kernel(CONFIG, [{ ...scripted([1], 'own'), limits: own }, scripted([], 'other')]);
    for (const input of [...startInputs(), tradeInput(1, 6_000_000), quoteInput(2, 5_999_999, 6_000_000)])
      kernel.handle(input);
    kernel.handle(barInput(0, 6_000_000));
    const of = kernel.risk().limits.filter(({ strategyId }) => strategyId === 'own');
    expect(of.map(({ rule, limit, used }) => [rule, limit, used])).toEqual([
      ['strategy_daily_loss', '0.01', '0'],
      ['strategy_drawdown', '0.03', '0'],
      ['strategy_exposure_max', '0.3', '0.09498'],
      ['strategy_open_positions_max', '2', '1'],
      ['strategy_position_max', '0.2', '0.09498'],
    ]);
    expect(kernel.risk().limits.some(({ strategyId }) => strategyId === 'other')).toBe(false);
  });
});

test('each protection tells how near it is; a lock and a stale market are told with what they refuse', () => {
  const limits = {
    ...GUARDED.limits,
    staleAfterMs: 90_000,
    lossCooldownMs: 300_000,
    protections: [
      { kind: 'stop_loss_guard', lookBackMs: 3_600_000, stopsMin: 3, lockMs: 600_000, scope: 'all' },
      { kind: 'drawdown_guard', lookBackMs: 3_600_000, tradesMin: 3, drawdownPpmMax: 10_000, lockMs: 600_000 },
      { kind: 'low_profit', lookBackMs: 3_600_000, tradesMin: 3, profitPpmMin: 1_000, lockMs: 600_000 },
      { kind: 'cooldown', lockMs: 60_000 },
    ],
  } as const;
  const desk = new Desk([1], { ...GUARDED, limits });
  desk.accept();
  desk.fill(LOTS);
  desk.accept();
  desk.fill(LOTS, 5_870_000);
  const near = desk.kernel.risk().limits.filter(({ rule }) => /guard|low_profit/.test(rule));
  expect(near.map(({ rule, instrument, limit, used, fraction }) => [rule, instrument, limit, used, fraction])).toEqual([
    ['stop_loss_guard', null, '3', '1', 0.3333],
    ['drawdown_guard', null, '0.01', '0.002062', 0.2062],
    ['low_profit', 'BTCUSDT', '0.001', '-0.021667', null],
  ]);
  expect(desk.kernel.risk().restrictions).toMatchObject([
    { rule: 'cooldown', strategyId: 'scripted', instrument: 'BTCUSDT', untilUs: atMs(desk.ms + 300_000) },
    { rule: 'cooldown', strategyId: null, instrument: 'BTCUSDT', untilUs: atMs(desk.ms + 60_000) },
  ]);
  desk.tick(desk.ms + 100_000);
  expect(desk.kernel.risk().restrictions.map(({ rule, untilUs }) => [rule, untilUs === null])).toEqual([
    ['stale_data', true],
    ['cooldown', false],
  ]);
  desk.tick(4_000_000);
  expect(desk.kernel.risk().limits.find(({ rule }) => rule === 'stop_loss_guard')).toMatchObject({ used: '0' });
});

test('the day of the account is told with the place and hour that it begins by, and causes with whom they hold', () => {
  const day = { timeZone: 'America/New_York', hour: 17 };
  const desk = new Desk([], { ...CONFIG, limits: { ...CONFIG.limits, day } });
  desk.tick(62_100);
  // 2024-08-07T21:00Z is 17:00 in New York; the test begins three hours later.
  const startUs = atMs(-3 * 3_600_000);
  expect(desk.kernel.risk().day).toEqual({ ...day, startUs, endUs: atMs(21 * 3_600_000) });
  expect(desk.kernel.account().dayStartUs).toBe(startUs);
  expect(desk.kernel.risk().causes).toEqual([]);
  desk.give({
    kind: 'command',
    tsUs: atMs(desk.ms),
    id: 'halt',
    actor: 'ann',
    action: { kind: 'set-state', state: 'HALTED', reason: 'news', flatten: false },
  });
  expect(desk.kernel.risk().causes).toMatchObject([{ strategyId: null, code: 'user', state: 'HALTED', by: 'user' }]);
  expect(order(desk, { type: 'market', limitPrice: null })?.error?.code).toBe('order_denied');
});

test('what single orders are held to', () => {
  const kernel = new Kernel({ ...CONFIG, limits: { ...CONFIG.limits, orderNotionalMax: money('2000') } }, []);
  expect(kernel.risk().orderLimits).toEqual([
    { rule: 'confidence_min', unit: 'share', limit: '0' },
    { rule: 'order_notional_min', unit: 'amount', limit: '5' },
    { rule: 'order_notional_max', unit: 'amount', limit: '2000' },
    { rule: 'price_collar', unit: 'share', limit: '0.05' },
    { rule: 'trade_risk_max', unit: 'share', limit: '1' },
    { rule: 'cooldown', unit: 'ms', limit: null },
  ]);
});
