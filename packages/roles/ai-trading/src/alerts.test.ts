import {
  accountId,
  amount,
  assetId,
  clientOrderId,
  fillId,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  type FeedState,
  type TimestampUs,
} from '@monsta/core';
import { sampleFill, sampleInstrument, sampleOrder } from '@monsta/testkit';
import type { AccountRecord, DecisionRecord, GateState, KernelOutput, PositionView } from '@monsta/trading';
import { describe, expect, it } from 'vitest';
import { DayCounts } from './alert-day.ts';
import { AlertDesk } from './alerts.ts';

const ACCOUNT = accountId('paper:simulated');
const at = (seconds: number): TimestampUs => timestampUs(1_700_000_000_000_000 + seconds * 1_000_000);
const DAY = 86_400;
const unit = 10n ** 18n;
const deskOf = (language: 'en' | 'ko' = 'en', disconnectAfterMs = 60_000): AlertDesk =>
  new AlertDesk(ACCOUNT, 'USDT', { language, disconnectAfterMs });

const gate = (state: GateState['state'], reason: string | null, by: GateState['by'], since: number): KernelOutput => ({
  kind: 'trading-state',
  gate: { state, reason, by, sinceUs: at(since) },
});

const instrument = sampleInstrument();
const id = clientOrderId('order-1');
const done = (filled: number, status: 'filled' | 'canceled' = 'filled', name = id): KernelOutput => ({
  kind: 'order',
  instrument,
  order: {
    ...sampleOrder(name),
    instrument: instrument.id,
    side: 'buy',
    quantity: quantity(3_000),
    status,
    filledQuantity: quantity(filled),
    // At 60,000 for each whole unit of the base asset.
    filledNotional: amount((60_000n * BigInt(filled) * unit) / 100_000n),
    decisionPrice: null,
  },
});
const filled = (n: number, size: number, fee: bigint, asset = 'USDT'): KernelOutput => ({
  kind: 'fill',
  instrument,
  fill: {
    ...sampleFill(String(n)),
    fillId: fillId(String(n)),
    clientOrderId: id,
    quantity: quantity(size),
    price: price(6_000_000),
    fee: amount(fee),
    feeAsset: assetId(asset),
  },
});

const decision = (rule: string): KernelOutput => ({
  kind: 'decision',
  decision: {
    strategyId: strategyId('ema-cross'),
    instrument: instrumentId('BTCUSDT'),
    risk: { result: 'denied', rule, limit: '10 %', actual: '12 %', message: `${rule}: 12 % is above 10 %` },
  } as DecisionRecord,
});

const account = (dayStart: number, equity: string, peak = equity): KernelOutput => ({
  kind: 'account',
  account: { dayStartUs: at(dayStart), dayStartEquity: equity, peakEquity: peak } as AccountRecord,
});

describe('an order', () => {
  it('is told once, when it is done, with all of its fills and fees', () => {
    const desk = deskOf();
    expect(desk.outputs([filled(1, 1_000, unit / 2n)], at(0))).toEqual([]);
    const [alert, ...more] = desk.outputs([filled(2, 2_000, unit), filled(3, 0, 7n, 'BNB'), done(3_000)], at(1));
    expect(more).toEqual([]);
    expect(alert).toMatchObject({
      id: 'fill:order-1#0',
      kind: 'fill',
      severity: 'info',
      tsUs: at(1),
      title: 'BTCUSDT: bought 0.03000 BTC at 60000 USDT',
      details: { accountId: ACCOUNT, value: '1800', averagePrice: '60000', fees: '1.5 USDT, 0.000000000000000007 BNB' },
    });
    expect(alert?.text).toContain('Slippage: unknown.');
  });

  it('whose fills were before this life of the program has unknown fees, not none', () => {
    const [alert] = deskOf().outputs([filled(2, 2_000, unit), done(3_000)], at(1));
    expect(alert?.details).toMatchObject({ fees: null });
    expect(alert?.text).toContain('Fees: unknown.');
  });

  it('that ended in part says how much of it was filled; one of which nothing was filled is not told', () => {
    const [alert] = deskOf().outputs([done(1_000, 'canceled')], at(1));
    expect(alert?.text).toContain('bought 0.01000 of 0.03000 BTC');
    expect(alert?.text).toContain('it is canceled');
    expect(deskOf().outputs([done(0, 'canceled')], at(1))).toEqual([]);
  });

  it('is told in Korean where that is asked for', () => {
    const [alert] = deskOf('ko').outputs([done(3_000)], at(1));
    expect(alert?.title).toBe('BTCUSDT: 0.03000 BTC 매수, 가격 60000 USDT');
  });
});

it('an order that a limit denies is told; one that makes no sense now is not', () => {
  const desk = deskOf();
  expect(desk.outputs([decision('position_max')], at(1))).toMatchObject([
    {
      id: `denied:ema-cross:BTCUSDT:position_max#${at(1) / 1_000}`,
      kind: 'denied',
      text: 'Strategy ema-cross wanted an order that a limit does not allow: position_max: 12 % is above 10 %',
      details: { rule: 'position_max', limit: '10 %', actual: '12 %' },
    },
  ]);
  for (const rule of ['not_needed', 'trading_state', 'stale_data', 'order_notional_min'])
    expect(desk.outputs([decision(rule)], at(2))).toEqual([]);
});

describe('the trading state', () => {
  it('each halt is critical and has a key of its own; found again at a restart it has the same id', () => {
    const halt = gate('HALTED', 'drawdown limit', 'risk', 5);
    const [first] = deskOf().outputs([halt], at(5));
    expect(first).toMatchObject({
      kind: 'halt',
      severity: 'critical',
      text: 'Trading is HALTED (risk). Reason: drawdown limit',
    });
    const [again] = deskOf().outputs([halt], at(900));
    expect(again?.id).toBe(first?.id);
    const [other] = deskOf().outputs([gate('HALTED', 'drawdown limit', 'risk', 6)], at(6));
    expect(other?.id.split('#')[0]).not.toBe(first?.id.split('#')[0]);
  });

  it('a state that flickers for one reason has one key, whatever its numbers', () => {
    const desk = deskOf();
    const keys = [1, 2, 3].map((n) => {
      const [alert] = desk.outputs([gate('REDUCING', `inputs wait longer than ${n} ms`, 'system', n)], at(n));
      const [back] = desk.outputs([gate('ACTIVE', null, 'system', n)], at(n));
      expect([alert?.kind, back?.kind]).toEqual(['reducing', 'resumed']);
      return alert?.id.split('#')[0];
    });
    expect(new Set(keys).size).toBe(1);
  });

  it('being active is told only where it was not', () => {
    expect(deskOf().outputs([gate('ACTIVE', null, 'system', 1)], at(1))).toEqual([]);
  });
});

describe('a connection', () => {
  const feed = (status: FeedState['status'], name = 'BTCUSDT') =>
    ({ instrument: instrumentId(name), status, reason: 'x' }) as FeedState;

  it('that comes back soon is not told', () => {
    const desk = deskOf();
    desk.feed(feed('stale'), at(0));
    expect(desk.tick([], at(59))).toEqual([]);
    expect(desk.feed(feed('live'), at(59))).toEqual([]);
    expect(desk.tick([], at(600))).toEqual([]);
  });

  it('that stays away is told once, with all that went with it, and told again when it is back', () => {
    const desk = deskOf();
    desk.feed(feed('stale'), at(0));
    desk.feed(feed('gap', 'ETHUSDT'), at(0));
    desk.reports(false, 'closed', at(0));
    desk.feed(feed('connecting'), at(30));
    expect(desk.tick([], at(60)).map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
      'disconnect: No market data: BTCUSDT, ETHUSDT',
      'disconnect: The account’s reports do not reach us',
    ]);
    expect(desk.tick([], at(61))).toEqual([]);
    expect(desk.feed(feed('live'), at(70))).toMatchObject([{ kind: 'reconnect', severity: 'info' }]);
    expect(desk.reports(true, 'open', at(70))).toMatchObject([{ kind: 'reconnect' }]);
  });
});

it('a position whose stop no longer rests at the venue is told, once a change', () => {
  const desk = deskOf();
  const held = (mode: NonNullable<PositionView['protection']>['mode']): readonly PositionView[] => [
    {
      strategyId: strategyId('s'),
      instrument: instrumentId('BTCUSDT'),
      protection: { mode, stopPrice: '59000.00', reason: mode === 'resting' ? null : 'refused' },
    } as PositionView,
  ];
  expect(desk.tick(held('resting'), at(1))).toEqual([]);
  expect(desk.tick(held('watched'), at(2))).toMatchObject([
    { kind: 'stop', severity: 'warning', details: { mode: 'watched', stopPrice: '59000.00' } },
  ]);
  expect(desk.tick(held('watched'), at(3))).toEqual([]);
  expect(desk.tick(held('exiting'), at(4))).toMatchObject([{ title: 'BTCUSDT: stop reached' }]);
  expect(desk.tick([], at(5))).toEqual([]);
});

describe('the day', () => {
  it('is summed up when the next one begins: profit apart from deposits, fees by asset', () => {
    const desk = deskOf();
    expect(desk.outputs([account(0, '10000')], at(0))).toEqual([]);
    desk.outputs([filled(1, 1_000, unit / 2n), filled(2, 2_000, 3n * unit, 'BNB')], at(10));
    const deposit: KernelOutput = {
      kind: 'transfer',
      transfer: {
        id: 't',
        accountId: ACCOUNT,
        cause: 'deposit',
        asset: assetId('USDT'),
        amount: amount(500n * unit),
        tsUs: at(20),
      },
    };
    // A deposit moves what the day is measured from.
    expect(desk.outputs([deposit, account(0, '10500')], at(20))).toEqual([]);
    const [summary] = desk.outputs([account(DAY, '10450.25', '11000')], at(DAY));
    expect(summary).toMatchObject({
      kind: 'daily_summary',
      title: 'The day: -49.75 USDT',
      details: {
        equity: '10450.25',
        profit: '-49.75',
        drawdown: '5.00 %',
        orders: 1,
        fills: 2,
        fees: '0.5 USDT, 3 BNB',
        transfers: '500 USDT',
      },
    });
    const [next] = desk.outputs([account(2 * DAY, '10450.25', '11000')], at(2 * DAY));
    expect(next?.details).toMatchObject({ profit: '0', orders: 0, fees: '0', transfers: '0' });
  });

  it('whose beginning could not be read says so, and does not say zero', () => {
    const desk = deskOf();
    const first = account(0, '10000') as Extract<KernelOutput, { kind: 'account' }>;
    desk.resume(first.account, null);
    desk.outputs([filled(1, 1_000, unit)], at(10));
    const [summary] = desk.outputs([account(DAY, '10000')], at(DAY));
    expect(summary?.details).toMatchObject({ profit: '0', orders: null, fills: null, fees: null, transfers: null });
    expect(summary?.text).toContain('Fees: unknown.');
    desk.resume(first.account, new DayCounts());
    expect(desk.outputs([account(DAY, '10000')], at(DAY))[0]?.id).toBe(summary?.id);
  });
});

it('a strategy that fails and a ledger that differs from the venue are told', () => {
  const note = {
    kind: 'note',
    level: 'error',
    code: 'strategy_threw',
    message: 'strategy s threw at s.ts:3: x',
  } as const;
  const found = {
    id: 'unknown_order:7',
    code: 'unknown_order',
    message: 'order 7 is open',
    accountId: ACCOUNT,
    tsUs: at(1),
  };
  const told = deskOf().outputs([note, { kind: 'divergence', divergence: found }, { ...note, code: 'other' }], at(1));
  expect(told.map(({ kind, text }) => [kind, text])).toEqual([
    ['strategy_failed', 'strategy s threw at s.ts:3: x'],
    ['divergence', 'order 7 is open'],
  ]);
  expect(told[1]?.id).toBe('divergence:unknown_order:7#0');
});
