import { price, quantity, type ClientOrderId, type Fill, type VenueOrderEvent } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import {
  atMs,
  balance,
  barInput,
  BTC,
  CONFIG,
  EMPTY,
  money,
  only,
  quoteInput,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelInput, KernelOutput, RecoveredState } from './kernel-types.ts';

const GUARDED: KernelConfig = { ...CONFIG, protectiveStop: { distancePpm: 20_000, limitOffsetPpm: 5_000 } };
/** What a target of 1 buys at 60,000. */
const LOTS = 1_583;
const STOP = { type: 'stop_loss_limit', side: 'sell', stopPrice: 5_880_000, limitPrice: 5_850_600, reduceOnly: true };

/** A kernel and what it asked of the venue, with a clock that goes on by itself. */
class Desk {
  readonly kernel: Kernel;
  readonly asked: KernelOutput[] = [];
  ms = 60_001;
  #fills = 0;

  constructor(targets: readonly (number | null)[], config = GUARDED) {
    this.kernel = new Kernel(config, [scripted(targets)]);
    for (const input of [...startInputs(), tradeInput(1, 6_000_000), quoteInput(2, 5_999_999, 6_000_000)])
      this.kernel.handle(input);
    this.give(barInput(0, 6_000_000));
  }

  give(input: KernelInput): readonly KernelOutput[] {
    const outputs = this.kernel.handle(input);
    this.asked.push(...outputs.filter(({ kind }) => kind === 'submit' || kind === 'cancel' || kind === 'replace'));
    return outputs;
  }

  /** What was asked last: a submit or a replacement. */
  get last(): { readonly id: ClientOrderId; readonly kind: string } {
    const output = this.asked.at(-1);
    if (output?.kind === 'submit' || output?.kind === 'replace')
      return { id: output.request.clientOrderId, kind: output.kind };
    if (output?.kind === 'cancel') return { id: output.clientOrderId, kind: 'cancel' };
    throw new Error('nothing was asked');
  }

  tell(event: VenueOrderEvent): readonly KernelOutput[] {
    this.ms += 1;
    return this.give(venueInput(this.ms, event));
  }

  accept(id = this.last.id): readonly KernelOutput[] {
    const venueOrderId = `v${id}` as Fill['venueOrderId'];
    return this.tell({ kind: 'order-accepted', clientOrderId: id, venueOrderId, tsEventUs: atMs(this.ms) });
  }

  cancel(id: ClientOrderId): readonly KernelOutput[] {
    return this.tell({ kind: 'order-canceled', clientOrderId: id, reason: 'asked', tsEventUs: atMs(this.ms) });
  }

  reject(code: string, id = this.last.id): readonly KernelOutput[] {
    return this.tell({ kind: 'order-rejected', clientOrderId: id, code, reason: code, tsEventUs: atMs(this.ms) });
  }

  fill(lots: number, at = 6_000_000, id = this.last.id): readonly KernelOutput[] {
    const order = this.kernel.workingOrders().find(({ clientOrderId }) => clientOrderId === id);
    if (order === undefined) throw new Error(`${id} does not work`);
    this.#fills += 1;
    const fill: Fill = {
      fillId: `f${this.#fills}` as Fill['fillId'],
      clientOrderId: id,
      venueOrderId: `v${id}` as Fill['venueOrderId'],
      strategyId: order.strategyId,
      instrument: order.instrument,
      side: order.side,
      price: price(at),
      quantity: quantity(lots),
      fee: money('0'),
      feeAsset: BTC.quote,
      liquidity: 'taker',
      tsEventUs: atMs(this.ms),
    };
    return this.tell({ kind: 'order-filled', fill, tsEventUs: atMs(this.ms) });
  }

  tick(ms: number): readonly KernelOutput[] {
    this.ms = Math.max(this.ms, ms);
    return this.give({ kind: 'tick', tsUs: atMs(this.ms) });
  }

  trade(ms: number, at: number): readonly KernelOutput[] {
    this.ms = Math.max(this.ms, ms);
    return this.give(tradeInput(ms, at));
  }

  get protection() {
    return this.kernel.positions()[0]?.protection;
  }
}

/** Holds what a target of 1 buys, with its stop resting. */
function guarded(targets: readonly (number | null)[] = [1]): Desk {
  const desk = new Desk(targets);
  desk.accept();
  desk.fill(LOTS);
  desk.accept();
  return desk;
}
const requestOf = (desk: Desk): unknown => {
  const output = desk.asked.at(-1);
  return output?.kind === 'submit' || output?.kind === 'replace' ? output.request : null;
};

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
    expect(desk.protection).toEqual({ mode: 'resting', stopPrice: '59160.93', reason: null });
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
    expect(desk.protection).toEqual({ mode: 'watched', stopPrice: '58800.00', reason: 'order_type_barred' });
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

describe('the trading state', () => {
  const command = (desk: Desk, state: 'HALTED' | 'REDUCING' | 'ACTIVE', flatten = false): readonly KernelOutput[] =>
    desk.give({ kind: 'command', tsUs: atMs(desk.ms), id: 'c', state, reason: 'test', flatten, actor: 'a' });

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

describe('coins of a strategy that somebody else sold', () => {
  const handSale = (desk: Desk, lots: number): readonly KernelOutput[] => {
    const fill = {
      fillId: 'hand' as Fill['fillId'],
      clientOrderId: 'web_1' as ClientOrderId,
      venueOrderId: '9' as Fill['venueOrderId'],
      instrument: BTC.id,
      side: 'sell',
      price: price(6_000_000),
      quantity: quantity(lots),
      fee: money('0'),
      feeAsset: BTC.quote,
      liquidity: 'taker',
      tsEventUs: atMs(desk.ms),
    } as const;
    const event = { kind: 'foreign-fill', fill, tsEventUs: atMs(desk.ms) } as const;
    return desk.give({ kind: 'account', tsUs: atMs(desk.ms), event });
  };

  test('leave its position, are no loss, and nothing is bought back before a person has looked', () => {
    const desk = guarded([1, 1]);
    const stop = desk.last.id;
    const before = desk.kernel.account();
    const outputs = handSale(desk, 1_000);
    expect(only(outputs, 'divergence').map(({ divergence }) => divergence.code)).toEqual([
      'foreign_trade',
      'position_uncovered',
    ]);
    expect(only(outputs, 'position')).toMatchObject([{ position: { quantity: '0.00583', realizedProfit: '0' } }]);
    expect(desk.kernel.account()).toMatchObject({ equity: before.equity, peakEquity: before.peakEquity });
    expect(desk.kernel.gate).toMatchObject({ state: 'REDUCING', by: 'system' });
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'replace', clientOrderId: stop, request: { quantity: 583 } });
    desk.cancel(stop);
    desk.accept();
    expect(only(desk.give(barInput(1, 6_000_000)), 'submit')).toEqual([]);
  });

  test('all of them: the position is closed and its stop taken off', () => {
    const desk = guarded();
    const stop = desk.last.id;
    handSale(desk, LOTS);
    expect(desk.kernel.positions()).toMatchObject([{ quantity: 0n, openedUs: null }]);
    expect(desk.last).toEqual({ kind: 'cancel', id: stop });
  });

  test('a fee that was paid in them takes its part of the position without a halt', () => {
    const desk = guarded();
    const event = {
      kind: 'transfer',
      id: 't',
      cause: 'conversion',
      asset: BTC.base,
      amount: money('-0.0001'),
      tsEventUs: atMs(desk.ms),
    } as const;
    const outputs = desk.give({ kind: 'account', tsUs: atMs(desk.ms), event });
    expect(only(outputs, 'position')).toMatchObject([{ position: { quantity: '0.01573' } }]);
    expect(only(outputs, 'divergence')).toEqual([]);
    expect(desk.kernel.gate.state).toBe('ACTIVE');
  });
});
