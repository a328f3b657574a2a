import type { ClientOrderId } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { barInput, BTC, EMPTY, money, only, scripted, startInputs } from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import { BRACKETED, Desk, LOTS, TRAILED } from './protective-desk.test-support.ts';

const PAIR = [
  { type: 'limit_maker', side: 'sell', limitPrice: 6_180_000, stopPrice: null, tag: 'take-profit', reduceOnly: true },
  { type: 'stop_loss_limit', side: 'sell', limitPrice: 5_850_600, stopPrice: 5_880_000, tag: 'stop', reduceOnly: true },
];

interface Entered {
  readonly desk: Desk;
  readonly profit: ClientOrderId;
  readonly stop: ClientOrderId;
}

const pairOf = (desk: Desk): readonly [ClientOrderId, ClientOrderId] => {
  const list = only(desk.asked, 'submit-list').at(-1);
  const [profit, stop] = list?.request.orders ?? [];
  if (profit === undefined || stop === undefined) throw new Error('no pair was asked for');
  return [profit.clientOrderId, stop.clientOrderId];
};

/** Holds what a target of 1 buys, with its pair resting. */
function bracketed(targets: readonly (number | null)[] = [1], lots = LOTS): Entered {
  const desk = new Desk(targets, BRACKETED);
  desk.accept();
  desk.fill(lots);
  const [profit, stop] = pairOf(desk);
  desk.accept(profit);
  desk.accept(stop);
  return { desk, profit, stop };
}

const locked = (desk: Desk): bigint | undefined =>
  desk.kernel.account().balances.find(({ asset }) => asset === BTC.base)?.locked;

describe('a stop and a take profit', () => {
  test('rest as one pair that cancel each other, and hold the coins back once', () => {
    const { desk } = bracketed();
    const [list] = only(desk.asked, 'submit-list');
    expect(list?.request).toMatchObject({ kind: 'oco', orders: PAIR.map((leg) => ({ ...leg, quantity: LOTS })) });
    expect(list?.request.orders.every(({ listId }) => listId === list.request.listId)).toBe(true);
    expect(list?.request.orders.every(({ decisionPrice }) => decisionPrice === 6_000_000)).toBe(true);
    expect(locked(desk)).toBe(money('0.01583'));
    expect(desk.protection).toEqual({
      mode: 'resting',
      stopPrice: '58800.00',
      takeProfitPrice: '61800.00',
      reason: null,
    });
  });

  test('are taken off and placed anew, of what is held, when the entry goes on to fill; meanwhile the trades are watched', () => {
    const desk = new Desk([1], BRACKETED);
    desk.accept();
    const entry = desk.last.id;
    desk.fill(1_000);
    const [profit, stop] = pairOf(desk);
    desk.accept(profit);
    desk.accept(stop);
    const outputs = desk.fill(583, 6_000_000, entry);
    expect(only(outputs, 'cancel-list')).toHaveLength(1);
    desk.cancel(profit);
    expect(only(desk.asked, 'submit-list')).toHaveLength(1);
    desk.cancel(stop);
    expect(only(desk.asked, 'submit-list').at(-1)?.request.orders).toMatchObject(
      PAIR.map((leg) => ({ ...leg, quantity: LOTS })),
    );
  });

  test('cover exactly what is held of an entry that is canceled with a part filled', () => {
    const desk = new Desk([1], BRACKETED);
    desk.accept();
    const entry = desk.last.id;
    desk.fill(700);
    desk.cancel(entry);
    expect(only(desk.asked, 'submit-list')).toMatchObject([
      { request: { orders: [{ quantity: 700 }, { quantity: 700 }] } },
    ]);
  });

  test.each(['before', 'after'])(
    'end together: the other one ends %s the one that sells, and nothing more is asked',
    (when) => {
      const { desk, profit, stop } = bracketed();
      const end = () =>
        desk.tell({
          kind: 'order-expired',
          clientOrderId: stop,
          reason: 'its pair sold',
          tsEventUs: desk.kernel.nowUs,
        });
      if (when === 'before') end();
      desk.fill(LOTS, 6_180_000, profit);
      const outputs = when === 'after' ? end() : [];
      expect(only(outputs, 'note')).toEqual([]);
      expect(desk.kernel.workingOrders()).toEqual([]);
      expect(locked(desk)).toBe(0n);
      expect(desk.asked.filter(({ kind }) => kind !== 'submit')).toHaveLength(1);
      expect(desk.protection).toBeNull();
    },
  );

  test('of which the take profit has sold a part: the stop is watched here, and a new pair follows when the market has left its price', () => {
    const { desk, profit, stop } = bracketed();
    desk.trade(60_100, 6_180_000);
    desk.fill(600, 6_180_000, profit);
    desk.tell({ kind: 'order-expired', clientOrderId: stop, reason: 'its pair sold', tsEventUs: desk.kernel.nowUs });
    expect(desk.protection).toMatchObject({ mode: 'watched', stopPrice: '58800.00' });
    desk.trade(60_500, 6_100_000);
    const asked = desk.asked.length;
    desk.tick(desk.ms + 6_000);
    expect(desk.last).toEqual({ kind: 'cancel', id: profit });
    expect(desk.asked).toHaveLength(asked + 1);
    desk.cancel(profit);
    expect(only(desk.asked, 'submit-list').at(-1)?.request.orders).toMatchObject([
      { quantity: LOTS - 600 },
      { quantity: LOTS - 600 },
    ]);
  });

  test('the first of which has sold a part as the price falls to the stop: its rest is taken off and sold at the market', () => {
    const { desk, profit, stop } = bracketed();
    desk.fill(600, 6_180_000, profit);
    desk.tell({ kind: 'order-expired', clientOrderId: stop, reason: 'its pair sold', tsEventUs: desk.kernel.nowUs });
    desk.trade(60_500, 5_870_000);
    expect(desk.last).toEqual({ kind: 'cancel', id: profit });
    desk.cancel(profit);
    expect(only(desk.asked, 'submit').at(-1)?.request).toMatchObject({ type: 'market', quantity: LOTS - 600 });
  });

  test('make room for an exit of the strategy, which follows once both are off', () => {
    const { desk, profit, stop } = bracketed([1, 0]);
    const outputs = desk.give(barInput(1, 6_000_000));
    expect(only(outputs, 'cancel-list')).toHaveLength(1);
    expect(only(outputs, 'submit')).toEqual([]);
    desk.cancel(profit);
    expect(only(desk.asked, 'submit')).toHaveLength(1);
    desk.cancel(stop);
    expect(only(desk.asked, 'submit').at(-1)?.request).toMatchObject({ type: 'market', side: 'sell', quantity: LOTS });
  });

  test('whose cancel comes too late, since one of them has sold: nothing is sold twice', () => {
    const { desk, profit, stop } = bracketed([1, 0]);
    const list = only(desk.give(barInput(1, 6_180_000)), 'cancel-list')[0]?.listId;
    desk.fill(LOTS, 6_180_000, profit);
    const clientOrderId = list ?? profit;
    const reason = 'unknown order';
    desk.tell({ kind: 'cancel-rejected', clientOrderId, code: 'order_unknown', reason, tsEventUs: desk.kernel.nowUs });
    desk.tell({ kind: 'order-expired', clientOrderId: stop, reason: 'pair', tsEventUs: desk.kernel.nowUs });
    expect(only(desk.asked, 'submit')).toHaveLength(1);
    expect(desk.kernel.workingOrders()).toEqual([]);
  });
});

describe('where the venue takes no pair', () => {
  const refusedPair = (code: string, at?: number): Desk => {
    const desk = new Desk([1], BRACKETED);
    desk.accept();
    desk.fill(LOTS);
    if (at !== undefined) desk.trade(60_100, at);
    const [profit, stop] = pairOf(desk);
    desk.reject(code, profit);
    desk.reject(code, stop);
    return desk;
  };

  test('the stop rests alone and the take profit is watched: at its price the stop makes room for a sale there', () => {
    const desk = refusedPair('lists_barred');
    const alone = only(desk.asked, 'submit').at(-1)?.request;
    expect(alone).toMatchObject({ type: 'stop_loss_limit', quantity: LOTS, listId: null });
    desk.accept(alone?.clientOrderId);
    expect(desk.protection).toMatchObject({ mode: 'resting', takeProfitPrice: '61800.00' });
    expect(desk.protection?.reason).toContain('lists_barred');
    desk.trade(60_200, 6_179_999);
    expect(only(desk.asked, 'replace')).toEqual([]);
    desk.trade(60_300, 6_180_000);
    expect(only(desk.asked, 'replace')).toMatchObject([
      { clientOrderId: alone?.clientOrderId, request: { type: 'limit', limitPrice: 6_180_000, quantity: LOTS } },
    ]);
  });

  test('because the take profit’s price is reached, it is sold there', () => {
    const desk = refusedPair('oco_bad_prices', 6_190_000);
    expect(only(desk.asked, 'submit').at(-1)?.request).toMatchObject({ type: 'limit', limitPrice: 6_180_000 });
  });

  test('because the stop’s price is reached, what the stop would have become is placed, no market order', () => {
    const desk = refusedPair('oco_bad_prices', 5_870_000);
    expect(only(desk.asked, 'submit').at(-1)?.request).toMatchObject({ type: 'limit', limitPrice: 5_850_600 });
  });
});

describe('a trailing stop', () => {
  const trailed = (): Desk => {
    const desk = new Desk([1], TRAILED);
    desk.accept();
    desk.fill(LOTS);
    return desk;
  };

  test('follows the market at the venue, and its place is shown as far as it is known', () => {
    const desk = trailed();
    expect(only(desk.asked, 'submit').at(-1)?.request).toMatchObject({
      type: 'stop_loss_limit',
      trailingBps: 200,
      stopPrice: null,
      limitPrice: 5_850_600,
    });
    desk.accept();
    expect(desk.protection).toMatchObject({ mode: 'resting', stopPrice: '58800.00' });
    desk.trade(60_100, 6_100_000);
    expect(desk.protection).toMatchObject({ mode: 'resting', stopPrice: '59780.00' });
    desk.trade(60_200, 6_000_000);
    expect(desk.asked).toHaveLength(2);
  });

  test('that is placed anew below the highest price stands still where it was, until the market is back there', () => {
    const desk = new Desk([1], TRAILED);
    desk.accept();
    const entry = desk.last.id;
    desk.fill(1_000);
    desk.accept();
    const first = desk.last.id;
    desk.trade(60_100, 6_100_000);
    desk.trade(60_200, 6_050_000);
    desk.fill(583, 6_000_000, entry);
    expect(only(desk.asked, 'replace').at(-1)).toMatchObject({
      clientOrderId: first,
      request: { trailingBps: null, stopPrice: 5_978_000, quantity: LOTS },
    });
    const still = desk.last.id;
    desk.cancel(first);
    desk.accept(still);
    desk.trade(60_300, 6_100_000);
    expect(only(desk.asked, 'replace')).toHaveLength(2);
    expect(only(desk.asked, 'replace').at(-1)?.request).toMatchObject({ trailingBps: 200, stopPrice: null });
  });

  test('that the venue does not let trail stands still there, is moved each minute, and watched in between', () => {
    const desk = trailed();
    desk.reject('trailing_barred');
    expect(only(desk.asked, 'submit').at(-1)?.request).toMatchObject({ trailingBps: null, stopPrice: 5_880_000 });
    desk.accept();
    const stop = desk.last.id;
    expect(desk.protection?.reason).toContain('trailing_barred');
    desk.trade(60_100, 6_100_000);
    expect(only(desk.asked, 'replace')).toEqual([]);
    desk.trade(60_200, 5_978_000);
    expect(only(desk.asked, 'replace')).toMatchObject([{ clientOrderId: stop, request: { type: 'market' } }]);
  });

  test('remembers the highest price over a restart', () => {
    const desk = new Desk([1], TRAILED);
    desk.accept();
    const positions = only(desk.fill(LOTS), 'position').map(({ position }) => position);
    desk.accept();
    desk.trade(60_100, 6_100_000);
    const account = only(desk.tick(80_000), 'account').at(-1)?.account;
    const openOrders = desk.kernel.workingOrders().map((order) => ({ order, instrument: BTC }));
    expect(openOrders).toHaveLength(1);
    const { balances } = desk.kernel.account();
    const state = { ...EMPTY, account: account ?? null, balances, positions, openOrders };
    const shown = desk.protection;
    const again = new Kernel(TRAILED, [scripted([])]);
    for (const input of startInputs(90_000, state.balances, state)) again.handle(input);
    expect(shown).toMatchObject({ mode: 'resting', stopPrice: '59780.00' });
    expect(again.positions()[0]?.protection).toEqual(shown);
  });
});
