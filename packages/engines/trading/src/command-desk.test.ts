import type { ClientOrderId } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { ask, buyAtMarket, holding, order, PLAIN, recoveredFrom, replyTo } from './command-desk.test-support.ts';
import type { KernelAction, ManualOrder } from './kernel-action.ts';
import { atMs, CONFIG, crossing, only, running, scripted, startInputs, tradeInput } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelConfig, KernelOutput } from './kernel-types.ts';
import { Desk, GUARDED, LOTS } from './protective-desk.test-support.ts';

describe('a manual order', () => {
  test('goes out in the steps of its instrument, in a book of its own, and is answered with its id', () => {
    const desk = new Desk([]);
    const outputs = ask(desk, { kind: 'place-order', order: PLAIN });
    const [{ request }] = only(outputs, 'submit') as [Extract<KernelOutput, { kind: 'submit' }>];
    expect(request).toMatchObject({
      strategyId: 'manual',
      side: 'buy',
      type: 'limit',
      quantity: 1_000,
      limitPrice: 5_900_000,
      tag: 'manual',
      reduceOnly: false,
      decisionPrice: 6_000_000,
    });
    expect(only(outputs, 'reply')).toMatchObject([{ error: null, orders: [request.clientOrderId], repeated: false }]);
  });

  test('leaves a decision that tells who asked for what, why, and what came of it', () => {
    const desk = new Desk([]);
    const done = ask(desk, { kind: 'place-order', order: { ...PLAIN, reason: 'dip' } });
    expect(only(done, 'decision')).toMatchObject([
      {
        decision: {
          strategyId: 'manual',
          instrument: 'BTCUSDT',
          action: 'command',
          wanted: { command: 'place-order', actor: 'ann', side: 'buy', limitPrice: '59000', reason: 'dip' },
          risk: { result: 'done' },
          orders: only(done, 'reply')[0]?.orders,
        },
      },
    ]);
    const refused = ask(desk, { kind: 'cancel-order', clientOrderId: 'nobody' });
    expect(only(refused, 'decision')).toMatchObject([
      { decision: { instrument: null, risk: { result: 'refused', code: 'order_unknown' }, orders: [] } },
    ]);
  });

  test('that risk refuses is answered with the rule, its limit and the actual number, and nothing goes out', () => {
    const desk = new Desk([]);
    const outputs = ask(desk, { kind: 'place-order', order: { ...PLAIN, quantity: '1' } });
    expect(only(outputs, 'reply')[0]?.error).toMatchObject({
      code: 'order_denied',
      details: {
        rule: 'position_max',
        limit: expect.stringContaining('10 %') as string,
        actual: expect.stringContaining('590 %') as string,
      },
    });
    expect(only(outputs, 'submit')).toEqual([]);
    expect(only(outputs, 'decision')[0]?.decision.risk).toMatchObject({ result: 'denied', rule: 'position_max' });
  });

  test.each<[Partial<ManualOrder>, string]>([
    [{ limitPrice: '59000.005' }, 'ticks of 0.01; the nearest are 59000.00 and 59000.01'],
    [{ quantity: '0.010001' }, 'lots of 0.00001; the nearest below is 0.01000'],
    [{ quantity: '0.000001' }, 'lots of 0.00001'],
    [{ limitPrice: null }, 'limitPrice: an order of type limit needs one'],
    [{ type: 'market' }, 'limitPrice: an order of type market takes none'],
    [{ stopPrice: '58000' }, 'stopPrice: an order of type limit takes none'],
    [{ type: 'stop_loss_limit' }, 'needs a stopPrice, or trailingBps'],
    [{ trailingBps: 50 }, 'does not trail'],
    [{ type: 'limit_maker', timeInForce: 'ioc' }, 'takes gtc only'],
    [{ icebergQuantity: '0.02' }, 'shows more than the order is'],
    [{ timeInForce: 'ioc', icebergQuantity: '0.005' }, 'only an order that rests'],
    [{ type: 'stop_loss', limitPrice: null, stopPrice: '59000' }, 'lies above the last trade'],
    [{ type: 'take_profit', limitPrice: null, stopPrice: '61000' }, 'lies below the last trade'],
    [{ side: 'sell', type: 'oco', limitPrice: '61000', stopPrice: '60500' }, 'lies below the last trade'],
    [
      { exit: { stop: { price: '59500', distancePpm: null, limitOffsetPpm: 1, trailingBps: null }, takeProfit: null } },
      'below the price',
    ],
    [{ exit: { stop: null, takeProfit: { price: '58000', distancePpm: null } } }, 'above the price'],
    [{ side: 'sell', exit: { stop: null, takeProfit: { price: null, distancePpm: 1 } } }, 'a sale takes none'],
  ])('with terms that do not fit is refused with what is wrong: %j', (part, message) => {
    const error = order(new Desk([]), part)?.error;
    expect(error?.code).toBe('order_invalid');
    expect(error?.message).toContain(message);
    expect(error?.details).toMatchObject({ faults: [{ where: expect.any(String) as string }] });
  });

  test('of an unknown instrument says where those are listed', () => {
    expect(order(new Desk([]), { instrument: 'NOPEUSDT' })?.error).toMatchObject({
      code: 'instrument_unknown',
      message: expect.stringContaining('/api/v1/instruments') as string,
    });
  });

  test('sells no more than persons hold, whatever strategies hold', () => {
    const desk = new Desk([1], CONFIG);
    desk.accept();
    desk.fill(LOTS);
    const sale = { ...buyAtMarket, side: 'sell' } as const;
    expect(order(desk, sale)?.error?.details).toMatchObject({ rule: 'position_short', limit: '0.00000' });
  });

  test('of two that cancel each other goes out as one list', () => {
    const desk = holding();
    const outputs = ask(desk, {
      kind: 'place-order',
      order: { ...PLAIN, side: 'sell', type: 'oco', limitPrice: '62000', stopPrice: '58000', stopLimitPrice: '57900' },
    });
    const [list] = only(outputs, 'submit-list');
    expect(list?.request).toMatchObject({
      kind: 'oco',
      orders: [
        { type: 'limit_maker', limitPrice: 6_200_000 },
        { type: 'stop_loss_limit', stopPrice: 5_800_000, limitPrice: 5_790_000 },
      ],
    });
    expect(only(outputs, 'reply')[0]?.orders).toEqual(list?.request.orders.map(({ clientOrderId }) => clientOrderId));
  });

  test('that sells takes its coins out of the stop that protects them, in one step', () => {
    const desk = holding(GUARDED);
    const stop = desk.last.id;
    const outputs = ask(desk, { kind: 'place-order', order: { ...PLAIN, ...buyAtMarket, side: 'sell' } });
    expect(only(outputs, 'replace')).toMatchObject([
      { clientOrderId: stop, request: { type: 'market', quantity: 1_000 } },
    ]);
  });

  test('that buys with an exit gives its position that stop; the next position begins without it', () => {
    const desk = new Desk([], CONFIG);
    const exit = {
      stop: { price: null, distancePpm: 20_000, limitOffsetPpm: 5_000, trailingBps: null },
      takeProfit: null,
    };
    order(desk, { ...buyAtMarket, quantity: '0.01583', exit });
    desk.accept();
    desk.fill(LOTS);
    expect(desk.asked.at(-1)).toMatchObject({
      request: { type: 'stop_loss_limit', stopPrice: 5_880_000, quantity: LOTS },
    });
    desk.accept();
    replyTo(desk, { kind: 'close-position', strategyId: 'manual', instrument: 'BTCUSDT', reason: null });
    desk.accept();
    desk.fill(LOTS);
    order(desk, { ...buyAtMarket, quantity: '0.01583' });
    desk.accept();
    desk.fill(LOTS);
    desk.tick(desk.ms + 5_000);
    expect(desk.asked.at(-1)).toMatchObject({ request: { side: 'buy' } });
  });

  test('is refused while trading is halted, as any other', () => {
    const desk = new Desk([]);
    ask(desk, { kind: 'set-state', state: 'HALTED', reason: 'enough', flatten: false });
    expect(order(desk)?.error?.details).toMatchObject({ rule: 'trading_state', actual: 'HALTED' });
  });
});

describe('a request with an id', () => {
  test('sent again is answered the same and done once', () => {
    const desk = new Desk([]);
    const first = order(desk, { requestId: 'r1' });
    const asked = desk.asked.length;
    expect(order(desk, { requestId: 'r1' })).toMatchObject({ error: null, orders: first?.orders, repeated: true });
    expect(desk.asked).toHaveLength(asked);
    expect(order(desk, { requestId: 'r2' })?.orders).not.toEqual(first?.orders);
  });

  test('that was denied is answered with the same denial, though it would pass now', () => {
    const desk = new Desk([]);
    ask(desk, { kind: 'set-state', state: 'HALTED', reason: 'enough', flatten: false });
    const first = order(desk, { requestId: 'r1' });
    ask(desk, { kind: 'set-state', state: 'ACTIVE', reason: 'well', flatten: false });
    expect(order(desk, { requestId: 'r1' })).toMatchObject({ error: first?.error, repeated: true });
  });

  test('for another order is a conflict', () => {
    const desk = new Desk([]);
    order(desk, { requestId: 'r1' });
    expect(order(desk, { requestId: 'r1', quantity: '0.02' })?.error?.code).toBe('request_conflict');
  });

  test('is known after a restart from what was recorded together with the order', () => {
    const desk = new Desk([]);
    const outputs = ask(desk, { kind: 'place-order', order: { ...PLAIN, requestId: 'r1' } });
    const kernel = new Kernel(GUARDED, [scripted([])]);
    const state = { ...recoveredFrom(outputs), balances: desk.kernel.account().balances };
    for (const input of startInputs(desk.ms, undefined, state)) kernel.handle(input);
    kernel.handle(tradeInput(desk.ms + 1, 6_000_000));
    const again = kernel.handle({
      kind: 'command',
      tsUs: atMs(desk.ms + 2),
      id: 'again',
      actor: 'ann',
      action: { kind: 'place-order', order: { ...PLAIN, requestId: 'r1' } },
    });
    expect(only(again, 'submit')).toEqual([]);
    expect(only(again, 'reply')).toMatchObject([{ repeated: true, orders: only(outputs, 'reply')[0]?.orders }]);
  });

  test('is forgotten after a day, and when a hundred newer ones came', () => {
    const desk = new Desk([]);
    const bad = { limitPrice: null };
    order(desk, { ...bad, requestId: 'r0' });
    for (let n = 1; n <= 99; n += 1) order(desk, { ...bad, requestId: `r${n}` });
    expect(order(desk, { ...bad, requestId: 'r0' })?.repeated).toBe(true);
    order(desk, { ...bad, requestId: 'r100' });
    expect(order(desk, { ...bad, requestId: 'r0' })?.repeated).toBe(false);
    desk.tick(desk.ms + 86_400_000);
    expect(order(desk, { ...bad, requestId: 'r100' })?.repeated).toBe(false);
  });
});

describe('cancels', () => {
  test('take one order off, and say of an order that does not work that it does not', () => {
    const desk = new Desk([]);
    const id = order(desk)?.orders[0] as ClientOrderId;
    desk.accept();
    expect(replyTo(desk, { kind: 'cancel-order', clientOrderId: id })).toMatchObject({ error: null, orders: [id] });
    expect(desk.last).toEqual({ kind: 'cancel', id });
    const asked = desk.asked.length;
    expect(replyTo(desk, { kind: 'cancel-order', clientOrderId: id })?.note).toContain('on the way');
    expect(desk.asked).toHaveLength(asked);
    desk.cancel(id);
    expect(replyTo(desk, { kind: 'cancel-order', clientOrderId: id })?.error?.code).toBe('order_unknown');
  });

  test('of all orders leave what protects positions, unless that is meant too', () => {
    const desk = holding(GUARDED);
    const stop = desk.last.id;
    const id = order(desk, { quantity: '0.0001', limitPrice: '59000' })?.orders[0] as ClientOrderId;
    desk.accept(id);
    expect(replyTo(desk, { kind: 'cancel-order', clientOrderId: stop })?.error?.code).toBe('order_protective');
    const all = { kind: 'cancel-all', instrument: null, strategyId: null, includeProtective: false } as const;
    expect(replyTo(desk, all)).toMatchObject({
      orders: [id],
      note: expect.stringContaining('1 that protect') as string,
    });
    desk.cancel(id);
    expect(replyTo(desk, { ...all, includeProtective: true })?.orders).toEqual([stop]);
    desk.cancel(stop);
    const asked = desk.asked.length;
    desk.tick(desk.ms + 120_000);
    expect(desk.asked).toHaveLength(asked);
  });

  test('of a strategy or an instrument leave the others', () => {
    const desk = new Desk([1], CONFIG, 59_000);
    const own = desk.last.id;
    desk.accept();
    const id = order(desk, { quantity: '0.0001' })?.orders[0] as ClientOrderId;
    desk.accept(id);
    const all = {
      kind: 'cancel-all',
      instrument: 'BTCUSDT',
      strategyId: 'scripted',
      includeProtective: false,
    } as const;
    expect(replyTo(desk, all)?.orders).toEqual([own]);
    expect(replyTo(desk, { ...all, strategyId: 'manual' })?.orders).toEqual([id]);
    expect(replyTo(desk, { ...all, strategyId: 'nobody' })?.error?.message).toContain('scripted, manual');
    expect(replyTo(desk, { ...all, instrument: 'NOPE' })?.error?.code).toBe('instrument_unknown');
  });
});

describe('a strategy', () => {
  /** A kernel with an EMA cross of 2 and 3, asked by a person. */
  function asking(config: Partial<KernelConfig> = {}) {
    const kernel = running([crossing], 6_000_000, { ...CONFIG, ...config });
    const give = (action: KernelAction) => {
      return only(kernel.handle({ kind: 'command', tsUs: atMs(10), id: 'c', actor: 'ann', action }), 'reply')[0];
    };
    return { kernel, give };
  }

  test('takes other values; those left out stay, and those that do not fit change nothing', () => {
    const { kernel, give } = asking();
    const set = (parameters: Record<string, number>) =>
      give({ kind: 'set-parameters', strategyId: 'ema-cross', parameters });
    expect(set({ slow: 5 })?.error).toBeNull();
    expect(kernel.strategies()[0]?.parameters).toMatchObject({ fast: 2, slow: 5 });
    expect(set({ slow: 1 })?.error?.code).toBe('parameters_invalid');
    expect(set({ pace: 1 })?.error?.message).toContain("'pace' is unknown");
    expect(kernel.strategies()[0]?.parameters).toMatchObject({ fast: 2, slow: 5 });
    expect(give({ kind: 'set-parameters', strategyId: 'nobody', parameters: {} })?.error?.code).toBe(
      'strategy_unknown',
    );
  });

  test('takes no values with which it wants bars that nobody collects', () => {
    const { kernel, give } = asking({ intervals: ['1m', '1h'] });
    const set = (interval: string) =>
      give({ kind: 'set-parameters', strategyId: 'ema-cross', parameters: { interval } });
    expect(set('30m')?.error).toMatchObject({
      code: 'parameters_invalid',
      message: expect.stringContaining('wants bars of 30m, which are not collected') as string,
    });
    expect(kernel.strategies()[0]?.parameters).toMatchObject({ interval: '1m' });
    expect(set('1h')?.error).toBeNull();
  });

  test('is paused, reduced and started by name, with who and why', () => {
    const { kernel, give } = asking();
    for (const [state, status] of [
      ['paused', 'paused'],
      ['reducing', 'reducing'],
    ] as const) {
      expect(give({ kind: 'set-strategy', strategyId: 'ema-cross', state, reason: 'news' })?.error).toBeNull();
      expect(kernel.strategies()[0]).toMatchObject({ status, gate: { by: 'user', reason: 'ann: news' } });
    }
    expect(give({ kind: 'set-strategy', strategyId: 'ema-cross', state: 'running', reason: 'over' })?.error).toBeNull();
    expect(kernel.strategies()[0]?.status).toBe('running');
    const unknown = give({ kind: 'set-strategy', strategyId: 'nobody', state: 'running', reason: 'go' })?.error;
    expect(unknown).toMatchObject({
      code: 'strategy_unknown',
      message: expect.stringContaining('ema-cross') as string,
    });
  });
});

test('a snapshot holds requests and closings: the kernel restored from it goes on as the first one', () => {
  const desk = holding(GUARDED);
  order(desk, { requestId: 'r1', quantity: '0.0001' });
  const copy = Kernel.restore(desk.kernel.snapshot(), GUARDED, [scripted([])]);
  const input = {
    kind: 'command',
    tsUs: atMs(desk.ms + 1),
    id: 'x',
    actor: 'ann',
    action: { kind: 'place-order', order: { ...PLAIN, requestId: 'r1', quantity: '0.0001' } },
  } as const;
  const said = copy.handle(input);
  expect(said).toEqual(desk.kernel.handle(input));
  expect(only(said, 'reply')[0]?.repeated).toBe(true);
  expect(copy.snapshot()).toEqual(desk.kernel.snapshot());
});
