import type { ClientOrderId } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { ask, holding, order, recoveredFrom, replyTo } from './command-desk.test-support.ts';
import { CLOSE_TAG } from './exit-cause.ts';
import { atMs, barInput, CONFIG, only, scripted, startInputs, tradeInput } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import { Desk, GUARDED, LOTS } from './protective-desk.test-support.ts';

describe('closing a position', () => {
  const close = (strategyId = 'manual') =>
    ({ kind: 'close-position', strategyId, instrument: 'BTCUSDT', reason: null }) as const;

  test('sells all that is held at the market', () => {
    const desk = holding();
    expect(replyTo(desk, close())?.error).toBeNull();
    expect(desk.asked.at(-1)).toMatchObject({
      kind: 'submit',
      request: { side: 'sell', type: 'market', quantity: LOTS, tag: CLOSE_TAG, reduceOnly: true },
    });
    desk.accept();
    desk.fill(LOTS);
    desk.tick(desk.ms + 5_000);
    expect(replyTo(desk, close())?.error?.code).toBe('position_unknown');
    expect(only(desk.asked, 'submit').filter(({ request }) => request.side === 'sell')).toHaveLength(1);
  });

  test('takes the coins out of the stop, so that none is sold twice', () => {
    const desk = holding(GUARDED);
    const stop = desk.last.id;
    replyTo(desk, close());
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'replace', clientOrderId: stop, request: { quantity: LOTS } });
  });

  test('waits for the position’s own orders to be off, asks for their cancel again, and sells then', () => {
    const desk = holding();
    const id = order(desk, { side: 'sell', limitPrice: '61000', quantity: '0.01583' })?.orders[0] as ClientOrderId;
    desk.accept(id);
    const reply = replyTo(desk, close());
    expect(reply).toMatchObject({ orders: [id], note: expect.stringContaining('as soon as it can') as string });
    expect(replyTo(desk, close())?.note).toContain('being closed already');
    desk.tell({ kind: 'cancel-rejected', clientOrderId: id, code: 'x', reason: 'busy', tsEventUs: atMs(desk.ms) });
    desk.tick(desk.ms + 1_100);
    expect(desk.asked.slice(-2)).toEqual([
      { kind: 'cancel', clientOrderId: id },
      { kind: 'cancel', clientOrderId: id },
    ]);
    desk.cancel(id);
    desk.tick(desk.ms + 1_100);
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'submit', request: { type: 'market', quantity: LOTS } });
  });

  test('passes while trading is halted, with what protects the position or without', () => {
    const desk = holding();
    ask(desk, { kind: 'set-state', state: 'HALTED', reason: 'enough', flatten: false });
    expect(replyTo(desk, close())?.error).toBeNull();
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'submit', request: { type: 'market', quantity: LOTS } });
  });

  test('passes while its strategy is paused', () => {
    const desk = new Desk([1], CONFIG);
    desk.accept();
    desk.fill(LOTS);
    replyTo(desk, { kind: 'set-strategy', strategyId: 'scripted', state: 'paused', reason: 'news' });
    expect(replyTo(desk, close('scripted'))?.error).toBeNull();
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'submit', request: { type: 'market', quantity: LOTS } });
  });

  test('of a strategy keeps it from buying back until a person starts it', () => {
    const desk = new Desk([1, 1, 1, 1], CONFIG);
    desk.accept();
    desk.fill(LOTS);
    expect(replyTo(desk, close('scripted'))?.note).toContain('only reduces');
    desk.accept();
    desk.fill(LOTS);
    desk.ms = 120_001;
    const denied = only(desk.give(barInput(1, 6_000_000)), 'decision')[0]?.decision;
    expect(denied?.risk).toMatchObject({ rule: 'trading_state', actual: 'REDUCING' });
    expect(
      replyTo(desk, { kind: 'set-strategy', strategyId: 'scripted', state: 'running', reason: 'go on' })?.error,
    ).toBeNull();
    desk.ms = 180_001;
    desk.give(tradeInput(desk.ms, 6_000_000));
    expect(only(desk.give(barInput(2, 6_000_000)), 'decision')[0]?.decision.action).toBe('enter');
  });

  test('that the venue refuses is tried on, at least once a minute, and a person is told once', () => {
    const desk = holding();
    const outputs = [...ask(desk, close())];
    const [beganMs, submits] = [desk.ms, [0]];
    for (let n = 0; n < 300; n += 1) {
      if (desk.kernel.workingOrders().length > 0) outputs.push(...desk.reject('venue_rejected'));
      const next = desk.tick(desk.ms + 1_000);
      if (only(next, 'submit').length > 0) submits.push(Math.floor((desk.ms - beganMs) / 1_000));
      outputs.push(...next);
    }
    const waits = submits.slice(1).map((second, index) => second - (submits[index] ?? 0));
    expect(waits.every((wait, index) => wait <= 61 && wait >= (waits[index - 1] ?? 0))).toBe(true);
    expect(waits.at(-1)).toBeGreaterThan(30);
    expect(only(outputs, 'divergence').map(({ divergence }) => divergence.code)).toEqual(['close_failed']);
  });

  test('goes on after a restart', () => {
    const desk = holding();
    const id = order(desk, { side: 'sell', limitPrice: '61000', quantity: '0.01583' })?.orders[0] as ClientOrderId;
    desk.accept(id);
    const outputs = ask(desk, close());
    const position = desk.kernel.state().rooms.positions;
    const kernel = new Kernel(CONFIG, [scripted([])]);
    const state = { ...recoveredFrom(outputs), positions: position, balances: desk.kernel.account().balances };
    for (const input of startInputs(desk.ms, desk.kernel.account().balances, state)) kernel.handle(input);
    kernel.handle(tradeInput(desk.ms + 1, 6_000_000));
    const canceled = {
      kind: 'order-canceled',
      clientOrderId: id,
      reason: 'asked',
      tsEventUs: atMs(desk.ms + 2),
    } as const;
    const after = [
      ...kernel.handle({ kind: 'venue', tsUs: atMs(desk.ms + 2), event: canceled }),
      ...kernel.handle({ kind: 'tick', tsUs: atMs(desk.ms + 3_000) }),
    ];
    expect(only(after, 'submit')).toMatchObject([{ request: { type: 'market', side: 'sell', quantity: LOTS } }]);
  });

  test('is given up by the kill switch', () => {
    const desk = holding();
    const id = order(desk, { side: 'sell', limitPrice: '61000', quantity: '0.01583' })?.orders[0] as ClientOrderId;
    desk.accept(id);
    replyTo(desk, close());
    ask(desk, { kind: 'set-state', state: 'HALTED', reason: 'stop all', flatten: false });
    desk.cancel(id);
    desk.tick(desk.ms + 5_000);
    expect(
      only(desk.asked, 'submit').filter(({ request }) => request.type === 'market' && request.side === 'sell'),
    ).toEqual([]);
  });
});
