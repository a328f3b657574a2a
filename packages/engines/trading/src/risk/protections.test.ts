import { instrumentId, strategyId } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { atMs, BTC, money } from '../kernel.test-support.ts';
import type { ClosedTrade } from './closed-trades.ts';
import { Locks } from './locks.ts';
import { lockOf, lossCooldown } from './protections.ts';

const ETH = instrumentId('ETHUSDT');
const MINUTE = 60_000;
const trade = (minute: number, profit: string, part: Partial<ClosedTrade> = {}): ClosedTrade => ({
  strategyId: strategyId('one'),
  instrument: BTC.id,
  closedUs: atMs(minute * MINUTE),
  cost: money('1000'),
  profit: money(profit),
  exitCause: 'strategy',
  ...part,
});
const stop = (minute: number, part: Partial<ClosedTrade> = {}) => trade(minute, '-1', { exitCause: 'stop', ...part });
const closing = (trades: readonly ClosedTrade[], equity: string | null = '10000') => {
  const newest = trades.at(-1);
  if (newest === undefined) throw new Error('one at least');
  return { trade: newest, trades, equity: equity === null ? null : money(equity), nowUs: newest.closedUs };
};

describe('the stop-loss guard', () => {
  const guard = { kind: 'stop_loss_guard', lookBackMs: 60 * MINUTE, stopsMin: 3, lockMs: 30 * MINUTE } as const;
  const all = { ...guard, scope: 'all' } as const;
  const each = { ...guard, scope: 'instrument' } as const;

  test('locks everything at the third losing stop within the look-back', () => {
    expect(lockOf(all, closing([stop(0), stop(30)]))).toBeNull();
    expect(lockOf(all, closing([stop(0), stop(30, { instrument: ETH }), stop(59)]))).toEqual({
      scope: {},
      rule: 'stop_loss_guard',
      untilUs: atMs(89 * MINUTE),
      limit: 'fewer than 3 losing stops within 60 min',
      actual: '3',
      reason: '3 stops ended at a loss within 60 min',
    });
    expect(lockOf(all, closing([stop(0), stop(30), stop(60)]))).toBeNull();
  });

  test('counts each instrument alone where it is to lock that alone', () => {
    expect(lockOf(each, closing([stop(0), stop(30, { instrument: ETH }), stop(59)]))).toBeNull();
    expect(lockOf(each, closing([stop(0), stop(30), stop(59)]))).toMatchObject({ scope: { instrument: BTC.id } });
  });

  test('is not woken by a stop with a profit, by another exit, or by what comes after', () => {
    const won = stop(59, { profit: money('1') });
    expect(lockOf(all, closing([stop(0), stop(30), won]))).toBeNull();
    expect(lockOf(all, closing([stop(0), stop(30), trade(59, '-1')]))).toBeNull();
    expect(lockOf(all, closing([stop(0), stop(1), stop(2), trade(3, '5')]))).toBeNull();
  });
});

describe('the drawdown guard', () => {
  const guard = {
    kind: 'drawdown_guard',
    lookBackMs: 60 * MINUTE,
    tradesMin: 3,
    drawdownPpmMax: 50_000,
    lockMs: MINUTE,
  } as const;

  test('locks when the summed profits have fallen from their best by the share of equity', () => {
    expect(lockOf(guard, closing([trade(0, '100'), trade(1, '-200'), trade(2, '-299.99')]))).toBeNull();
    expect(lockOf(guard, closing([trade(0, '100'), trade(1, '-200'), trade(2, '-300')]))).toMatchObject({
      scope: {},
      limit: '5 % of equity',
      actual: '5 % (500 of 10000)',
      untilUs: atMs(3 * MINUTE),
    });
  });

  test('needs the round trips, the equity, and a loss to end with', () => {
    expect(lockOf(guard, closing([trade(0, '-300'), trade(1, '-300')]))).toBeNull();
    expect(lockOf(guard, closing([trade(0, '1'), trade(1, '-300'), trade(2, '-300')], null))).toBeNull();
    expect(lockOf(guard, closing([trade(0, '-300'), trade(1, '-300'), trade(2, '1')]))).toBeNull();
  });

  test('forgets what closed before the look-back', () => {
    expect(lockOf(guard, closing([trade(0, '-500'), trade(58, '1'), trade(59, '1'), trade(60, '-1')]))).toBeNull();
    expect(lockOf(guard, closing([trade(1, '-500'), trade(58, '1'), trade(59, '1'), trade(60, '-2')]))).not.toBeNull();
  });
});

describe('low profit', () => {
  const rule = {
    kind: 'low_profit',
    lookBackMs: 60 * MINUTE,
    tradesMin: 2,
    profitPpmMin: 1_000,
    lockMs: MINUTE,
  } as const;

  test('locks an instrument whose round trips made less than the share of what was paid', () => {
    expect(lockOf(rule, closing([trade(0, '5'), trade(1, '-3')]))).toBeNull();
    expect(lockOf(rule, closing([trade(0, '5'), trade(1, '-3.00000001')]))).toMatchObject({
      scope: { instrument: BTC.id },
      limit: 'at least 0.1 % of what was paid',
      actual: '1.99999999 of 2000',
    });
  });

  test('looks at the instrument alone, and needs round trips enough', () => {
    expect(lockOf(rule, closing([trade(0, '-5', { instrument: ETH }), trade(1, '-3')]))).toBeNull();
  });
});

test('an instrument rests after any exit; after a loss its strategy does', () => {
  const rest = { kind: 'cooldown', lockMs: 5 * MINUTE } as const;
  expect(lockOf(rest, closing([trade(1, '5')]))).toMatchObject({
    scope: { instrument: BTC.id },
    untilUs: atMs(6 * MINUTE),
  });
  expect(lossCooldown(closing([trade(1, '0')]), MINUTE)).toBeNull();
  expect(lossCooldown(closing([trade(1, '-0.01')]), 0)).toBeNull();
  expect(lossCooldown(closing([trade(1, '-0.01')]), MINUTE)).toMatchObject({
    scope: { strategyId: 'one', instrument: BTC.id },
    rule: 'cooldown',
    actual: '-0.01 at the last exit',
    untilUs: atMs(2 * MINUTE),
  });
});

test('of locks of one rule and scope the longest stays; each ends at its time, in its scope', () => {
  const lock = { rule: 'cooldown', limit: 'l', actual: 'a', reason: 'r' } as const;
  const [one, other] = [strategyId('one'), strategyId('other')];
  const locks = new Locks();
  expect(locks.put({ ...lock, scope: { strategyId: one }, untilUs: atMs(10) })).toBe(true);
  expect(locks.put({ ...lock, scope: { strategyId: one }, untilUs: atMs(9) })).toBe(false);
  expect(locks.put({ ...lock, scope: { instrument: ETH }, untilUs: atMs(20) })).toBe(true);
  expect([locks.on(one, BTC.id, atMs(9)).length, locks.on(one, BTC.id, atMs(10)).length]).toEqual([1, 0]);
  expect([locks.on(other, BTC.id, atMs(9)).length, locks.on(other, ETH, atMs(9)).length]).toEqual([0, 1]);
  expect([locks.expire(atMs(9)), locks.expire(atMs(10)), locks.all.length]).toEqual([false, true, 1]);
});
