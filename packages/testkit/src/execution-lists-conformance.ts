import { clientOrderId, expectOk, price, quantity, type ClientOrderId, type OrderListRequest } from '@monsta/core';
import { expect, it } from 'vitest';
import { around, ASK, BID, MID_TICKS, REASON, type ExecutionBench } from './execution-bench.ts';
import type { Terms } from './execution-witness.ts';

const LOTS = quantity(500);
const PROFIT: Terms = { side: 'sell', type: 'limit_maker', limitPrice: price(MID_TICKS + 10_000), quantity: LOTS };
const LOSS: Terms = { side: 'sell', type: 'stop_loss', stopPrice: price(MID_TICKS - 10_000), quantity: LOTS };
const ENTRY: Terms = { limitPrice: price(BID - 1_000), quantity: LOTS };
/** Where the entry has filled and neither side of the exit is reached. */
const AFTER_ENTRY = around(BID - 1_500);

const idsOf = ({ orders }: OrderListRequest): readonly [ClientOrderId, ClientOrderId, ClientOrderId] => {
  const [first, second, third] = orders.map((order) => order.clientOrderId);
  if (first === undefined || second === undefined) throw new Error('a list has two orders at least');
  return [first, second, third ?? second];
};

/** Orders that depend on each other. */
export function orderListCases(bench: ExecutionBench): void {
  const { market, settle } = bench;
  const open = async (): Promise<readonly ClientOrderId[]> =>
    expectOk(await bench.venue.openOrders()).map((order) => order.clientOrderId);

  it('of a pair, lets the one that fills end the other', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const [profit, loss] = idsOf(witness.submitList('oco', [PROFIT, LOSS]));
    await settle();
    expect(await open()).toHaveLength(2);
    market(...around(MID_TICKS + 12_000));
    await settle();
    expect(witness.kinds(profit)).toEqual(['order-accepted', 'order-filled']);
    expect(witness.of(loss)).toMatchObject([{ kind: 'order-accepted' }, { kind: 'order-expired', reason: REASON }]);
  });

  it('of a pair, lets the one that is triggered end the other', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const [profit, loss] = idsOf(witness.submitList('oco', [PROFIT, LOSS]));
    market(...around(MID_TICKS - 12_000));
    await settle();
    expect(witness.kinds(loss)).toEqual(['order-accepted', 'order-triggered', 'order-filled']);
    expect(witness.kinds(profit)).toEqual(['order-accepted', 'order-expired']);
  });

  it('cancels a list as a whole, by its own id or by that of one of its orders, and gives the money back', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const { base } = witness.instrument;
    const before = await bench.balance(base);
    const whole = witness.submitList('oco', [PROFIT, LOSS]);
    await settle();
    expect((await bench.balance(base)).locked).toBeGreaterThan(0n);
    witness.cancelList(whole.listId);
    await settle();
    const byOne = witness.submitList('oco', [PROFIT, LOSS]);
    await settle();
    witness.cancel(idsOf(byOne)[0]);
    await settle();
    for (const id of [...idsOf(whole), ...idsOf(byOne)]) {
      expect(witness.kinds(id)).toEqual(['order-accepted', 'order-canceled']);
    }
    expect(await bench.balance(base)).toEqual(before);
    for (const id of [whole.listId, clientOrderId('nobody')]) {
      witness.cancelList(id);
      await settle();
      expect(witness.of(id)).toMatchObject([{ kind: 'cancel-rejected', code: 'order_unknown' }]);
    }
  });

  it('brings a pending order to life when the working one is wholly filled, and not before', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const exit = price(BID - 500);
    const list = witness.submitList('oto', [ENTRY, { side: 'sell', limitPrice: exit, quantity: LOTS }]);
    const [working, pending] = idsOf(list);
    // The market is above the pending order's price all the time: alive, it would sell at once.
    market(BID, ASK);
    await settle();
    expect(witness.kinds(pending)).toEqual(['order-accepted']);
    market(...AFTER_ENTRY, quantity(200));
    await settle();
    expect(witness.kinds(working)).toEqual(['order-accepted', 'order-filled']);
    expect(witness.kinds(pending)).toEqual(['order-accepted']);
    market(...AFTER_ENTRY);
    await settle();
    expect(witness.kinds(working)).toEqual(['order-accepted', 'order-filled', 'order-filled']);
    expect(await open()).toEqual([pending]);
    market(...around(exit + 1_000));
    await settle();
    expect(witness.fills(pending)).toMatchObject([{ price: exit, quantity: LOTS, liquidity: 'maker' }]);
  });

  it('lets an entry bring its pair of exits to life, of which one ends the other', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const list = witness.submitList('otoco', [ENTRY, PROFIT, LOSS]);
    const [entry, profit, loss] = idsOf(list);
    await settle();
    expect((await open()).toSorted()).toEqual([entry, profit, loss].toSorted());
    market(...AFTER_ENTRY);
    await settle();
    expect((await open()).toSorted()).toEqual([profit, loss].toSorted());
    market(...around(MID_TICKS - 12_000));
    await settle();
    expect(witness.kinds(loss)).toEqual(['order-accepted', 'order-triggered', 'order-filled']);
    expect(witness.kinds(profit)).toEqual(['order-accepted', 'order-expired']);
  });

  it('ends what waits for an order that is canceled', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const list = witness.submitList('otoco', [ENTRY, PROFIT, LOSS]);
    await settle();
    witness.cancel(idsOf(list)[0]);
    await settle();
    for (const id of idsOf(list)) expect(witness.kinds(id)).toEqual(['order-accepted', 'order-canceled']);
  });

  it('refuses a list as a whole: for its prices, for its money, and where an order of it was seen before', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const rests = witness.submit({ limitPrice: price(BID - 5_000) });
    await settle();
    const before = expectOk(await bench.venue.balances());
    const wrong = witness.submitList('oco', [{ ...PROFIT, limitPrice: price(MID_TICKS - 20_000) }, LOSS]);
    const most = { quantity: quantity(10_000_000) };
    const unpaid = witness.submitList('oco', [
      { ...PROFIT, ...most },
      { ...LOSS, ...most },
    ]);
    await settle();
    for (const { clientOrderId: id } of [...wrong.orders, ...unpaid.orders]) {
      expect(witness.of(id)).toMatchObject([{ kind: 'order-rejected', reason: REASON }]);
    }
    const first = witness.requests.get(rests);
    const again = witness.submitList('oto', [ENTRY, PROFIT]);
    await settle();
    witness.cancelList(again.listId);
    await settle();
    if (first !== undefined) {
      const fresh = { ...first, clientOrderId: clientOrderId('conformance-fresh'), limitPrice: price(BID - 7_000) };
      witness.requests.set(fresh.clientOrderId, fresh);
      const orders = [first, fresh].map((order) => ({ ...order, listId: clientOrderId('conformance-other') }));
      witness.listAgain({ listId: clientOrderId('conformance-other'), kind: 'oto', orders });
      await settle();
      expect(witness.of(first.clientOrderId).at(-1)).toMatchObject({ kind: 'order-rejected', code: 'duplicate_order' });
      expect(witness.kinds(fresh.clientOrderId)).toEqual(['order-rejected']);
    }
    expect(await open()).toEqual([rests]);
    expect(expectOk(await bench.venue.balances())).toEqual(before);
  });
}

/** One order for another. */
export function replaceCases(bench: ExecutionBench): void {
  const { market, settle } = bench;

  it('replaces an order: the old one is canceled, then the new one is there', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const before = witness.submit({ limitPrice: price(BID - 1_000) });
    await settle();
    const after = witness.replace(before, { limitPrice: price(BID - 2_000), quantity: quantity(300) });
    await settle();
    expect(witness.events.slice(-2)).toMatchObject([
      { kind: 'order-canceled', clientOrderId: before },
      { kind: 'order-accepted', clientOrderId: after },
    ]);
    expect(expectOk(await bench.venue.openOrders())).toMatchObject([{ clientOrderId: after, quantity: 300 }]);
  });

  it('places nothing where the cancel is refused', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const filled = witness.submit();
    await settle();
    for (const gone of [filled, clientOrderId('nobody')]) {
      const after = witness.replace(gone, { limitPrice: price(BID - 2_000) });
      await settle();
      expect(witness.of(gone).at(-1)).toMatchObject({ kind: 'cancel-rejected', code: 'order_unknown' });
      expect(witness.of(after)).toMatchObject([{ kind: 'order-rejected', code: 'not_replaced', reason: REASON }]);
    }
    expect(expectOk(await bench.venue.openOrders())).toEqual([]);
  });

  it('keeps an order that has been filled in part: what was traded is not ordered again', async () => {
    const { witness } = bench;
    market(BID, ASK, quantity(400));
    const before = witness.submit({ limitPrice: price(ASK), quantity: quantity(1_000) });
    await settle();
    const after = witness.replace(before, { limitPrice: price(BID - 1_000), quantity: quantity(1_000) });
    await settle();
    expect(witness.of(before).at(-1)).toMatchObject({ kind: 'cancel-rejected', code: 'cancel_restricted' });
    expect(witness.of(after)).toMatchObject([{ kind: 'order-rejected', code: 'not_replaced', reason: REASON }]);
    expect(expectOk(await bench.venue.openOrders())).toMatchObject([{ clientOrderId: before, filledQuantity: 400 }]);
  });

  it('keeps the old order where a filter refuses the new one', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const before = witness.submit({ limitPrice: price(BID - 1_000) });
    await settle();
    const after = witness.replace(before, { limitPrice: price(BID - 2_000), quantity: quantity(0) });
    await settle();
    expect(witness.of(after)).toMatchObject([
      { kind: 'order-rejected', code: expect.stringMatching(/^filter_/) as string },
    ]);
    expect(witness.of(before).at(-1)).toMatchObject({ kind: 'cancel-rejected', code: 'not_replaced' });
    expect(expectOk(await bench.venue.openOrders())).toMatchObject([{ clientOrderId: before }]);
  });

  it('has neither order where the new one can not be paid once the old one is canceled', async () => {
    const { witness } = bench;
    market(BID, ASK);
    const before = witness.submit({ side: 'sell', limitPrice: price(ASK + 1_000) });
    await settle();
    const after = witness.replace(before, {
      side: 'sell',
      limitPrice: price(ASK + 2_000),
      quantity: quantity(10_000_000),
    });
    await settle();
    expect(witness.kinds(before)).toEqual(['order-accepted', 'order-canceled']);
    expect(witness.of(after)).toMatchObject([{ kind: 'order-rejected', code: 'insufficient_balance' }]);
    expect(expectOk(await bench.venue.openOrders())).toEqual([]);
  });
}
