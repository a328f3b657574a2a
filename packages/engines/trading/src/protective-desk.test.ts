import { describe, expect, test } from 'vitest';
import { atMs, balance, barInput, BTC, CONFIG, EMPTY, only, scripted, startInputs } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelOutput } from './kernel-types.ts';
import type { RecoveredState } from './records.ts';
import { Desk, guarded, GUARDED, LOTS, requestOf, STOP } from './protective-desk.test-support.ts';

describe('the stop of a position', () => {
  test('is placed with the first fill, grows with the next, and says so', () => {
    const desk = new Desk([1]);
    desk.accept();
    const entry = desk.last.id;
    const outputs = desk.fill(1_000);
    expect(only(outputs, 'submit')).toMatchObject([{ request: { ...STOP, quantity: 1_000 } }]);
    expect(only(outputs, 'decision')).toMatchObject([
      { decision: { action: 'protect', wanted: { stopPrice: '58800.00', limitPrice: '58506.00' } } },
    ]);
    const first = desk.last.id;
    expect(first).toMatch(/-p$/);
    // The venue has not said what became of it: nothing more is asked.
    expect(only(desk.fill(583, 6_100_000, entry), 'replace')).toEqual([]);
    desk.accept(first);
    expect(desk.asked.at(-1)).toMatchObject({
      kind: 'replace',
      clientOrderId: first,
      request: { type: 'stop_loss_limit', quantity: LOTS, stopPrice: 5_916_093 },
    });
    desk.cancel(first);
    desk.accept();
    expect(desk.protection).toMatchObject({ mode: 'resting', stopPrice: '59160.93', reason: null });
    expect(desk.kernel.workingOrders()).toHaveLength(1);
  });

  test('that sold is an exit of the strategy, which decides anew at the next bar', () => {
    const desk = guarded([1, null, 1]);
    const stop = desk.last.id;
    desk.tell({ kind: 'order-triggered', clientOrderId: stop, tsEventUs: atMs(desk.ms) });
    const half = desk.fill(800, 5_870_000, stop);
    expect([...only(half, 'submit'), ...only(half, 'replace')]).toEqual([]);
    expect(desk.protection?.mode).toBe('exiting');
    const outputs = desk.fill(783, 5_870_000, stop);
    expect(only(outputs, 'decision')).toMatchObject([
      { decision: { action: 'exit', wanted: { target: 0 }, orders: [stop] } },
    ]);
    expect(desk.kernel.workingOrders()).toEqual([]);
    expect(desk.protection).toBeNull();
    expect(only(desk.give(barInput(1, 5_870_000)), 'submit')).toEqual([]);
    expect(only(desk.give(barInput(2, 5_870_000)), 'submit')).toMatchObject([{ request: { side: 'buy' } }]);
  });

  test('that somebody else took off is placed again, not at once', () => {
    const desk = guarded();
    desk.cancel(desk.last.id);
    expect(desk.asked).toHaveLength(2);
    expect(desk.protection?.mode).toBe('watched');
    desk.tick(desk.ms + 1_000);
    expect(requestOf(desk)).toMatchObject({ ...STOP, quantity: LOTS });
  });

  test('found at the venue after a restart is the one there is: none is doubled', () => {
    const desk = guarded();
    const [stop] = desk.kernel.workingOrders();
    const [position] = desk.kernel.positions();
    if (stop === undefined || position === undefined) throw new Error('nothing is held');
    const state: RecoveredState = {
      ...EMPTY,
      balances: [balance('USDT', '9050.2'), balance('BTC', '0.01583')],
      positions: [
        {
          accountId: CONFIG.accountId,
          strategyId: position.strategyId,
          instrument: BTC.id,
          quantity: '0.01583',
          costBasis: '949.8',
          realizedProfit: '0',
          feesPaid: '0',
          fees: { byAsset: {}, otherValue: '0', unvalued: {} },
          trip: null,
          openedUs: atMs(1),
          updatedUs: atMs(1),
        },
      ],
      openOrders: [{ order: stop, instrument: BTC }],
    };
    const again = new Kernel(GUARDED, [scripted([])]);
    const outputs = startInputs(70_000, state.balances, state).flatMap((input) => again.handle(input));
    expect([...only(outputs, 'submit'), ...only(outputs, 'replace'), ...only(outputs, 'cancel')]).toEqual([]);
    expect(again.positions()[0]?.protection?.mode).toBe('resting');
    const nearer = new Kernel(
      {
        ...CONFIG,
        exitPlan: {
          stop: { price: null, distancePpm: 10_000, limitOffsetPpm: 0, trailingBps: null },
          takeProfit: null,
        },
      },
      [scripted([])],
    );
    const moved = startInputs(70_000, state.balances, state).flatMap((input) => nearer.handle(input));
    expect(only(moved, 'replace')).toMatchObject([
      { clientOrderId: stop.clientOrderId, request: { stopPrice: 5_940_000, limitPrice: 5_940_000 } },
    ]);
    const off = new Kernel(CONFIG, [scripted([])]);
    const taken = startInputs(70_000, state.balances, state).flatMap((input) => off.handle(input));
    expect(only(taken, 'cancel')).toEqual([{ kind: 'cancel', clientOrderId: stop.clientOrderId }]);
  });
});

describe('an exit of the strategy', () => {
  test('takes the place of the stop in one request, and leaves nothing to protect', () => {
    const desk = guarded([1, 0]);
    const stop = desk.last.id;
    const outputs = desk.give(barInput(1, 6_000_000));
    expect(only(outputs, 'submit')).toEqual([]);
    expect(only(outputs, 'replace')).toMatchObject([
      { clientOrderId: stop, request: { type: 'market', side: 'sell', quantity: LOTS } },
    ]);
    expect(only(outputs, 'decision')).toMatchObject([{ decision: { action: 'exit' } }]);
    desk.cancel(stop);
    desk.accept();
    desk.fill(LOTS);
    expect(desk.kernel.workingOrders()).toEqual([]);
    expect(desk.asked).toHaveLength(3);
  });

  test('of a part is followed by a stop for the rest', () => {
    const desk = guarded([1, 0.5]);
    const stop = desk.last.id;
    desk.give(barInput(1, 6_000_000));
    const exit = desk.last.id;
    desk.cancel(stop);
    expect(desk.asked).toHaveLength(3);
    desk.accept(exit);
    const sold = only(desk.asked, 'replace')[0]?.request.quantity ?? 0;
    expect(requestOf(desk)).toMatchObject({ ...STOP, quantity: LOTS - sold });
  });

  test('waits until what protects its coins is off, where that can not be replaced, and then follows', () => {
    const desk = guarded([1, 0]);
    const stop = desk.last.id;
    desk.fill(500, 5_870_000, stop);
    const outputs = desk.give(barInput(1, 5_870_000));
    expect(only(outputs, 'decision')).toMatchObject([{ decision: { action: 'hold', risk: { result: 'deferred' } } }]);
    expect(desk.last).toEqual({ kind: 'cancel', id: stop });
    desk.fill(100, 5_870_000, stop);
    const after = desk.cancel(stop);
    expect(only(after, 'submit')).toMatchObject([{ request: { type: 'market', quantity: LOTS - 600 } }]);
    expect(only(after, 'decision').map(({ decision }) => decision.action)).toEqual(['exit', 'exit']);
  });

  test('that rests at a limit has the coins; the trades are watched, and at the price of the stop they are sold', () => {
    const desk = new Desk([1, 0], GUARDED, 60_600);
    desk.accept();
    desk.fill(desk.kernel.workingOrders()[0]?.quantity ?? 0);
    desk.accept();
    const stop = desk.last.id;
    desk.give(barInput(1, 6_000_000));
    const exit = desk.last.id;
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'replace', clientOrderId: stop, request: { type: 'limit' } });
    desk.cancel(stop);
    desk.accept(exit);
    expect(desk.protection).toMatchObject({ mode: 'watched', stopPrice: '58800.00' });
    desk.trade(121_000, 5_880_001);
    expect(desk.last.id).toBe(exit);
    desk.trade(122_000, 5_879_000);
    expect(desk.last).toEqual({ kind: 'cancel', id: exit });
    desk.cancel(exit);
    expect(requestOf(desk)).toMatchObject({ type: 'market', side: 'sell' });
    expect(desk.last.id).toMatch(/-p$/);
  });

  test('that comes too late, because the stop has begun to sell, is not sold twice', () => {
    const desk = guarded([1, 0]);
    const stop = desk.last.id;
    desk.give(barInput(1, 5_870_000));
    const exit = desk.last.id;
    desk.fill(500, 5_870_000, stop);
    desk.tell({
      kind: 'cancel-rejected',
      clientOrderId: stop,
      code: 'cancel_restricted',
      reason: 'filled in part',
      tsEventUs: atMs(desk.ms),
    });
    desk.reject('not_replaced', exit);
    expect(desk.kernel.workingOrders()).toMatchObject([{ clientOrderId: stop, status: 'partially_filled' }]);
    expect(desk.protection?.mode).toBe('exiting');
  });
});

describe('where the venue takes no stop', () => {
  test('because its price was reached, what it would have become is placed, and at last a market order', () => {
    const desk = new Desk([1]);
    desk.accept();
    desk.fill(LOTS);
    desk.trade(60_050, 5_870_000);
    const outputs = desk.reject('would_trigger_immediately');
    expect(requestOf(desk)).toMatchObject({ type: 'limit', side: 'sell', limitPrice: 5_850_600, stopPrice: null });
    expect(only(outputs, 'note')).toMatchObject([{ code: 'protection_refused' }]);
    desk.reject('filter_percent_price_by_side');
    expect(requestOf(desk)).toMatchObject({ type: 'market', side: 'sell', quantity: LOTS });
    desk.reject('no_quote');
    expect(desk.protection?.mode).toBe('exiting');
    expect(desk.asked).toHaveLength(4);
    desk.tick(desk.ms + 1_000);
    expect(desk.asked).toHaveLength(5);
    expect(desk.last.id).toMatch(/-p$/);
    desk.reject('no_quote');
    desk.tick(desk.ms + 1_000);
    expect(desk.asked).toHaveLength(5);
    desk.tick(desk.ms + 1_000);
    expect(desk.asked).toHaveLength(6);
  });

  test('for any other reason the trades are watched, a stop tried again later, and sold at its price', () => {
    const desk = new Desk([1]);
    desk.accept();
    desk.fill(LOTS);
    const outputs = desk.reject('order_type_barred');
    expect(only(outputs, 'decision')).toMatchObject([
      { decision: { action: 'protect', risk: { result: 'refused', rule: 'order_type_barred' } } },
    ]);
    expect(desk.protection).toEqual({
      mode: 'watched',
      stopPrice: '58800.00',
      takeProfitPrice: null,
      reason: 'order_type_barred',
    });
    desk.trade(80_000, 5_880_001);
    expect(desk.asked).toHaveLength(2);
    desk.tick(121_000);
    expect(requestOf(desk)).toMatchObject(STOP);
    expect(only(desk.reject('order_type_barred'), 'decision')).toEqual([]);
    desk.trade(122_000, 5_880_000);
    expect(requestOf(desk)).toMatchObject({ type: 'market', side: 'sell', quantity: LOTS });
    desk.accept();
    desk.fill(LOTS, 5_879_000);
    expect(desk.protection).toBeNull();
  });

  test('because it could not be asked, it is asked again soon', () => {
    const desk = new Desk([1]);
    desk.accept();
    desk.fill(LOTS);
    desk.reject('venue_unreachable');
    desk.tick(desk.ms + 4_000);
    expect(desk.asked).toHaveLength(2);
    desk.tick(desk.ms + 1_100);
    expect(requestOf(desk)).toMatchObject({ ...STOP, quantity: LOTS });
  });

  test('more of the position tries at once, and what is covered already stays so', () => {
    const desk = new Desk([1]);
    desk.accept();
    const entry = desk.last.id;
    desk.fill(1_000);
    desk.accept();
    const stop = desk.last.id;
    desk.fill(83, 6_000_000, entry);
    const replacement = desk.last.id;
    const stays = { kind: 'cancel-rejected', clientOrderId: stop, code: 'not_replaced', reason: 'a filter' } as const;
    desk.tell({ ...stays, tsEventUs: atMs(desk.ms) });
    desk.reject('filter_max_num_algo_orders', replacement);
    expect(desk.protection?.mode).toBe('watched');
    expect(desk.kernel.workingOrders().find(({ clientOrderId }) => clientOrderId === stop)?.status).toBe('accepted');
    desk.fill(500, 6_000_000, entry);
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'replace', clientOrderId: stop, request: { quantity: LOTS } });
  });
});

test('a stop counts as no open order where entries are limited', () => {
  const desk = new Desk([0.5, 1], { ...GUARDED, limits: { ...GUARDED.limits, openOrdersMax: 1 } });
  desk.accept();
  desk.fill(desk.kernel.workingOrders()[0]?.quantity ?? 0);
  desk.accept();
  expect(only(desk.give(barInput(1, 6_000_000)), 'submit')).toMatchObject([{ request: { side: 'buy' } }]);
});

test('a cancel that was refused is asked for again, not at once', () => {
  const desk = guarded([1, 0]);
  const stop = desk.last.id;
  desk.fill(500, 5_870_000, stop);
  desk.give(barInput(1, 5_870_000));
  expect(desk.last).toEqual({ kind: 'cancel', id: stop });
  const refused = { kind: 'cancel-rejected', clientOrderId: stop, code: 'venue_limited', reason: 'later' } as const;
  desk.ms = 120_100;
  desk.tell({ ...refused, tsEventUs: atMs(desk.ms) });
  expect(desk.asked).toHaveLength(3);
  desk.tick(desk.ms + 1_000);
  expect(desk.asked).toHaveLength(4);
  expect(desk.last).toEqual({ kind: 'cancel', id: stop });
});

describe('the trading state', () => {
  const command = (desk: Desk, state: 'HALTED' | 'REDUCING' | 'ACTIVE', flatten = false): readonly KernelOutput[] =>
    desk.give({
      kind: 'command',
      tsUs: atMs(desk.ms),
      id: 'c',
      actor: 'a',
      action: { kind: 'set-state', state, reason: 'test', flatten },
    });

  test('REDUCING keeps stops, and places them', () => {
    const desk = new Desk([1]);
    desk.accept();
    const entry = desk.last.id;
    command(desk, 'REDUCING');
    expect(desk.last).toEqual({ kind: 'cancel', id: entry });
    desk.fill(700, 6_000_000, entry);
    desk.cancel(entry);
    expect(requestOf(desk)).toMatchObject({ ...STOP, quantity: 700 });
  });

  test('HALTED by a person cancels them and sends none; they come again with ACTIVE', () => {
    const desk = guarded();
    const stop = desk.last.id;
    command(desk, 'HALTED');
    expect(desk.last).toEqual({ kind: 'cancel', id: stop });
    desk.cancel(stop);
    expect(desk.asked).toHaveLength(3);
    expect(desk.protection?.mode).toBe('paused');
    command(desk, 'ACTIVE');
    expect(requestOf(desk)).toMatchObject({ ...STOP, quantity: LOTS });
  });

  test('HALTED by risk leaves them; a person’s halt after it does not', () => {
    const desk = new Desk([1], { ...GUARDED, limits: { ...GUARDED.limits, drawdownPpmMax: 500 } });
    desk.accept();
    desk.fill(LOTS);
    desk.accept();
    const stop = desk.last.id;
    desk.trade(65_000, 5_900_000);
    desk.tick(67_000);
    expect(desk.kernel.gate).toMatchObject({ state: 'HALTED', by: 'risk' });
    expect(desk.asked).toHaveLength(2);
    expect(desk.protection?.mode).toBe('resting');
    command(desk, 'HALTED');
    expect(desk.last).toEqual({ kind: 'cancel', id: stop });
  });

  test('a flatten sells once the stop is off, and places none meanwhile', () => {
    const desk = guarded();
    const stop = desk.last.id;
    command(desk, 'REDUCING', true);
    expect(desk.last).toEqual({ kind: 'cancel', id: stop });
    desk.cancel(stop);
    expect(requestOf(desk)).toMatchObject({ type: 'market', side: 'sell', quantity: LOTS });
    desk.accept();
    desk.fill(LOTS);
    expect(desk.asked).toHaveLength(4);
  });
});
