import { assetId, price, quantity, type ForeignFill, type VenueAccountEvent } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { foreignTradeOf } from './account-desk.ts';
import {
  atMs,
  balance,
  barInput,
  BTC,
  CONFIG,
  EMPTY,
  fillAll,
  money,
  only,
  quoteInput,
  running,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelInput, KernelOutput } from './kernel-types.ts';

const USDT = assetId('USDT');
const accountInput = (ms: number, event: VenueAccountEvent): KernelInput => ({
  kind: 'account',
  tsUs: atMs(ms),
  event,
});
const transfer = (ms: number, amount: string, id = `t${ms}`, asset = USDT): VenueAccountEvent => ({
  kind: 'transfer',
  id,
  cause: amount.startsWith('-') ? 'withdrawal' : 'deposit',
  asset,
  amount: money(amount),
  tsEventUs: atMs(ms),
});
const foreign = (ms: number, part: Partial<ForeignFill> = {}): ForeignFill => ({
  fillId: `f${ms}` as ForeignFill['fillId'],
  clientOrderId: 'web_1' as ForeignFill['clientOrderId'],
  venueOrderId: '9' as ForeignFill['venueOrderId'],
  instrument: BTC.id,
  side: 'buy',
  price: price(6_000_000),
  quantity: quantity(10_000),
  fee: money('0.0001'),
  feeAsset: BTC.base,
  liquidity: 'taker',
  tsEventUs: atMs(ms),
  ...part,
});
const foreignFill = (ms: number, part: Partial<ForeignFill> = {}): VenueAccountEvent => ({
  kind: 'foreign-fill',
  fill: foreign(ms, part),
  tsEventUs: atMs(ms),
});
const totalsOf = (kernel: Kernel): Record<string, bigint> =>
  Object.fromEntries(kernel.account().balances.map(({ asset, free, locked }) => [asset, free + locked]));
const reconcileInput = (ms: number, ...balances: readonly ReturnType<typeof balance>[]): KernelInput => ({
  kind: 'reconcile',
  tsUs: atMs(ms),
  plan: { events: [], cancels: [], divergences: [] },
  balances,
});
const divergencesOf = (outputs: readonly KernelOutput[]): readonly string[] =>
  only(outputs, 'divergence').map(({ divergence }) => divergence.code);

/** A kernel that holds 0.095 of its money in coins, at 60,000. */
function holding(): Kernel {
  const kernel = running([scripted([1, null])]);
  fillAll(kernel, kernel.handle(barInput(0, 6_000_000)), 6_000_000, 60_001);
  return kernel;
}

describe('a deposit', () => {
  test('is no profit: the peak and the day’s beginning move with it, and it is recorded once', () => {
    const kernel = holding();
    const before = kernel.account();
    const outputs = kernel.handle(accountInput(61_000, transfer(61_000, '5000')));
    expect(only(outputs, 'transfer')).toMatchObject([
      {
        transfer: { id: 't61000', accountId: CONFIG.accountId, cause: 'deposit', asset: 'USDT', amount: money('5000') },
      },
    ]);
    expect(only(outputs, 'balances')).toHaveLength(1);
    const after = kernel.account();
    for (const figure of ['equity', 'peakEquity', 'dayStartEquity'] as const) {
      expect((after[figure] ?? 0n) - (before[figure] ?? 0n)).toBe(money('5000'));
    }
    expect(only(outputs, 'account')).toMatchObject([{ account: { peakEquity: '15000' } }]);
    expect(kernel.handle(accountInput(61_500, transfer(61_000, '5000')))).toEqual([]);
  });

  test('that is told long after the balance which holds it is no divergence, and is counted once', () => {
    const kernel = holding();
    const cash = money('9050.2');
    kernel.handle(
      accountInput(61_000, { kind: 'balances', balances: [balance('USDT', '14050.2')], tsEventUs: atMs(61_000) }),
    );
    expect(totalsOf(kernel)['USDT']).toBe(cash);
    kernel.handle(reconcileInput(90_000, balance('USDT', '14050.2'), balance('BTC', '0.01583')));
    kernel.handle(accountInput(120_000, transfer(61_000, '5000')));
    expect(totalsOf(kernel)['USDT']).toBe(cash + money('5000'));
    expect(divergencesOf(kernel.handle({ kind: 'tick', tsUs: atMs(400_000) }))).toEqual([]);
    expect(kernel.gate.state).toBe('ACTIVE');
  });

  test('of coins is nothing that a strategy holds', () => {
    const kernel = holding();
    const { equity } = kernel.account();
    const [position] = kernel.positions();
    kernel.handle(accountInput(61_000, transfer(61_000, '2', 'coins', BTC.base)));
    expect(kernel.account().equity).toBe(equity);
    expect(kernel.positions()).toEqual([position]);
    expect(totalsOf(kernel)['BTC']).toBe(money('2.01583'));
  });
});

describe('a withdrawal', () => {
  test('of more than the drawdown limit is no loss', () => {
    const kernel = holding();
    kernel.handle(accountInput(61_000, transfer(61_000, '-8000')));
    kernel.handle({ kind: 'tick', tsUs: atMs(70_000) });
    expect(kernel.gate.state).toBe('ACTIVE');
    expect(kernel.account()).toMatchObject({ equity: money('2000'), peakEquity: money('2000') });
  });
});

describe('a trade of somebody else on the account', () => {
  test('moves the balances, belongs to no strategy, is no loss, and is reported once', () => {
    const kernel = holding();
    const [position] = kernel.positions();
    const outputs = kernel.handle(accountInput(61_000, foreignFill(61_000)));
    expect(totalsOf(kernel)).toEqual({ BTC: money('0.11573'), USDT: money('3050.2') });
    expect(only(outputs, 'divergence')).toMatchObject([
      {
        divergence: {
          id: 'foreign_trade:BTCUSDT:f61000',
          code: 'foreign_trade',
          message: 'order web_1, which is not ours, bought 0.10000 BTC at 60000.00; only the balances moved',
        },
      },
    ]);
    expect(only(outputs, 'fill')).toEqual([]);
    // The cash is gone to somewhere else: the position is a larger share of what is left.
    expect(kernel.positions()).toEqual([{ ...position, exposurePpm: 237_450 }]);
    kernel.handle({ kind: 'tick', tsUs: atMs(70_000) });
    expect(kernel.gate.state).toBe('ACTIVE');
    expect(kernel.handle(accountInput(71_000, foreignFill(61_000)))).toEqual([]);
    const asOrder = {
      kind: 'order-filled',
      fill: { ...foreign(61_000), strategyId: 's' as never },
      tsEventUs: atMs(61_000),
    } as const;
    expect(kernel.handle(venueInput(72_000, asOrder))).toEqual([]);
  });

  test('on an instrument that is not known moves nothing that could be told, and is reported', () => {
    const kernel = holding();
    const before = totalsOf(kernel);
    const other = foreignFill(61_000, { instrument: 'ETHUSDT' as ForeignFill['instrument'] });
    expect(divergencesOf(kernel.handle(accountInput(61_000, other)))).toEqual(['foreign_trade']);
    expect(totalsOf(kernel)).toEqual(before);
  });

  test('is known again by the divergence that told of it', () => {
    expect(foreignTradeOf('foreign_trade:BTCUSDT:f61000')).toBe('BTCUSDT:f61000');
    expect(foreignTradeOf('stray_fill:BTCUSDT:1')).toBeNull();
  });
});

test('what was told before a restart moves nothing when it is told again after it', () => {
  const kernel = new Kernel(CONFIG, [scripted([])]);
  const state = { ...EMPTY, balances: [balance('USDT', '10000')], seenTransfers: ['old'], seenFills: ['BTCUSDT:f1'] };
  for (const input of startInputs(1_000, [balance('USDT', '10000')], state)) kernel.handle(input);
  expect(only(kernel.handle(accountInput(2_000, transfer(1, '500', 'old'))), 'balances')).toEqual([]);
  expect(divergencesOf(kernel.handle(accountInput(2_000, foreignFill(1))))).toEqual([]);
  expect(totalsOf(kernel)).toEqual({ USDT: money('10000') });
});

test('what nothing explained was taken over: its reason, told too late, does not count it again', () => {
  const kernel = holding();
  kernel.handle(
    accountInput(61_000, { kind: 'balances', balances: [balance('USDT', '14050.2')], tsEventUs: atMs(61_000) }),
  );
  expect(divergencesOf(kernel.handle({ kind: 'tick', tsUs: atMs(242_000) }))).toEqual(['balance_differs']);
  expect(kernel.gate).toMatchObject({ state: 'REDUCING', by: 'system' });
  expect(kernel.account()).toMatchObject({ equity: money('15000'), peakEquity: money('15000') });
  const outputs = kernel.handle(accountInput(250_000, transfer(61_000, '5000')));
  expect(only(outputs, 'transfer')).toHaveLength(1);
  expect(totalsOf(kernel)['USDT']).toBe(money('14050.2'));
  expect(kernel.account()).toMatchObject({ equity: money('15000'), peakEquity: money('15000') });
});

test('while the venue’s reports are lost only exits are allowed', () => {
  const kernel = holding();
  const reports = (ms: number, state: 'live' | 'lost'): KernelInput =>
    accountInput(ms, { kind: 'reports', state, reason: 'silent for 30 s', tsEventUs: atMs(ms) });
  kernel.handle(reports(61_000, 'lost'));
  expect(kernel.gate).toMatchObject({ state: 'REDUCING', by: 'system' });
  expect(kernel.gate.reason).toContain('silent for 30 s');
  kernel.handle(reports(65_000, 'live'));
  expect(kernel.gate.state).toBe('ACTIVE');
});

test('after any course of trades, transfers and trades of others, told in any order, the ledger has what the venue has', () => {
  const kernel = running([scripted([1, 0, 1, 0])]);
  const outputs: KernelOutput[] = [];
  let minute = 0;
  const step = (): void => {
    const at = 6_000_000 + minute * 10_000;
    kernel.handle(tradeInput(minute * 60_000 + 1_000, at));
    kernel.handle(quoteInput(minute * 60_000 + 1_001, at - 1, at));
    outputs.push(...fillAll(kernel, kernel.handle(barInput(minute, at)), at, (minute + 1) * 60_000 + 1));
    minute += 1;
  };
  step();
  outputs.push(...kernel.handle(accountInput(61_000, transfer(61_000, '700'))));
  step();
  outputs.push(...kernel.handle(accountInput(121_000, foreignFill(121_000, { fee: money('1'), feeAsset: USDT }))));
  step();
  outputs.push(...kernel.handle(accountInput(181_000, transfer(150_000, '-300', 'late'))));
  step();
  const venue = new Map<string, bigint>([
    ['USDT', money('10000') + money('700') - money('300') - money('6001')],
    ['BTC', money('0.1')],
  ]);
  for (const { fill } of only(outputs, 'fill')) {
    const sign = fill.side === 'buy' ? 1n : -1n;
    const lots = BigInt(fill.quantity);
    venue.set('BTC', (venue.get('BTC') ?? 0n) + sign * lots * 10n ** 13n);
    venue.set('USDT', (venue.get('USDT') ?? 0n) - sign * lots * BigInt(fill.price) * 10n ** 11n);
  }
  expect(only(outputs, 'fill').length).toBe(4);
  expect(totalsOf(kernel)).toEqual(Object.fromEntries(venue));
  const recorded = only(outputs, 'balances').at(-1)?.balances ?? [];
  expect(Object.fromEntries(recorded.map(({ asset, free, locked }) => [asset, free + locked]))).toEqual(
    totalsOf(kernel),
  );
});
