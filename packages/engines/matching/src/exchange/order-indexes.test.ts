import { accountId } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Account } from './account.ts';
import { OPEN_RULES, terms } from './exchange.test-support.ts';
import { hashOfName, NameIndex } from './name-index.ts';
import { OrderIndex } from './order-index.ts';
import { OrderPool, Trader, type Order } from './order.ts';
import { SlotTable } from './slot-table.ts';

const options = {
  fees: { makerPpm: 0, takerPpm: 0 },
  tradeGroupId: null,
  paysInDiscountAsset: false,
  canTrade: true,
  feesFrom: 'received' as const,
  feesOn: 'both' as const,
  margin: null,
  commission: null,
};

function openPool() {
  const pool = new OrderPool();
  const trader = new Trader(new Account(accountId('a'), options, new Map()), OPEN_RULES, pool);
  const named = (name: string): Order =>
    pool.create(trader, name, hashOfName(name), terms({ price: 1, quantity: 1 }), 'NONE', 0);
  return { pool, named };
}

describe('the indexes of open orders', () => {
  it('by name: hold what was added and not taken out, as a map does', () => {
    // Few names, so that they come again; long runs of places, so that taking out has to close gaps.
    const name = fc.integer({ min: 0, max: 60 }).map((index) => `order-${index}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), name), { maxLength: 400, size: 'max' }), (steps) => {
        const { pool, named } = openPool();
        const index = new NameIndex<Order>(pool);
        const model = new Map<string, Order>();
        for (const [adds, id] of steps) {
          const known = model.get(id);
          if (adds && known === undefined) {
            const order = named(id);
            index.add(order);
            model.set(id, order);
          } else if (!adds && known !== undefined) {
            index.delete(known);
            model.delete(id);
            pool.release(known);
            pool.reclaim();
          }
          expect(index.size).toBe(model.size);
          expect(index.get(id)).toBe(model.get(id));
          expect(index.has(id)).toBe(model.has(id));
        }
        for (const [id, order] of model) expect(index.get(id)).toBe(order);
        expect(new Set(index.values())).toEqual(new Set(model.values()));
        expect(pool.size).toBe(model.size);
      }),
    );
  });

  it('by number: hold what was added and not taken out, near one another and far apart', () => {
    const step = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 41));
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(30)), { maxLength: 400, size: 'max' }), (steps) => {
        const { pool, named } = openPool();
        const index = new OrderIndex(pool);
        const model = new Map<number, Order>();
        let number = 0;
        for (const [further, keep] of steps) {
          number += further;
          const order = named(String(number));
          order.orderId = number;
          index.add(order);
          model.set(number, order);
          for (const [id, old] of [...model].slice(0, Math.max(0, model.size - keep))) {
            index.delete(old);
            model.delete(id);
            expect(index.get(id)).toBeUndefined();
            pool.release(old);
            pool.reclaim();
          }
        }
        for (const [id, order] of model) expect(index.get(id)).toBe(order);
        expect(index.get(number + 1)).toBeUndefined();
        expect(index.values().map(({ orderId }) => orderId)).toEqual([...model.keys()]);
      }),
    );
  });

  it('know slots of one hash apart, and refuse to take out what is not there', () => {
    const table = new SlotTable();
    for (const slot of [0, 7, 9]) table.add(slot, 5);
    table.delete(7, 5);
    const found: number[] = [];
    for (let place = table.first(5); table.at(place) >= 0; place = table.next(5, place)) found.push(table.at(place));
    expect(found.toSorted((left, right) => left - right)).toEqual([0, 9]);
    expect(() => table.delete(7, 5)).toThrow('only what is in the table');
    expect(table.size).toBe(2);
  });
});
