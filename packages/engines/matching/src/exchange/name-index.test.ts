import { accountId } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Account } from './account.ts';
import { OPEN_RULES, terms } from './exchange.test-support.ts';
import { NameIndex } from './name-index.ts';
import { OrderIndex } from './order-index.ts';
import { Order, Trader } from './order.ts';

const options = {
  fees: { makerPpm: 0, takerPpm: 0 },
  tradeGroupId: null,
  paysInDiscountAsset: false,
  canTrade: true,
  feesFrom: 'received' as const,
};
const trader = new Trader(new Account(accountId('a'), options, new Map()), OPEN_RULES);
const named = (name: string): Order => new Order(trader, name, terms({ price: 1, quantity: 1 }), 'NONE', 0);

describe('the indexes of open orders', () => {
  it('by name: hold what was added and not taken out, as a map does', () => {
    // Few names, so that they come again; long runs of slots, so that taking out has to close gaps.
    const name = fc.integer({ min: 0, max: 60 }).map((index) => `order-${index}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), name), { maxLength: 400, size: 'max' }), (steps) => {
        const index = new NameIndex<Order>();
        const model = new Map<string, Order>();
        for (const [adds, id] of steps) {
          if (adds && !model.has(id)) {
            const order = named(id);
            index.add(order);
            model.set(id, order);
          } else if (!adds) {
            const order = model.get(id);
            index.delete(order ?? named(id));
            model.delete(id);
          }
          expect(index.size).toBe(model.size);
          expect(index.get(id)).toBe(model.get(id));
          expect(index.has(id)).toBe(model.has(id));
        }
        for (const [id, order] of model) expect(index.get(id)).toBe(order);
        expect(new Set(index.values())).toEqual(new Set(model.values()));
      }),
    );
  });

  it('by number: hold what was added and not taken out, near one another and far apart', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(2 ** 41)), fc.nat(30)), {
          maxLength: 400,
          size: 'max',
        }),
        (steps) => {
          const index = new OrderIndex();
          const model = new Map<number, Order>();
          let number = 0;
          for (const [step, keep] of steps) {
            number += step;
            const order = named(String(number));
            order.orderId = number;
            index.add(order);
            model.set(number, order);
            for (const [id, old] of [...model].slice(0, Math.max(0, model.size - keep))) {
              index.delete(old);
              index.delete(old);
              model.delete(id);
              expect(index.get(id)).toBeUndefined();
            }
          }
          for (const [id, order] of model) expect(index.get(id)).toBe(order);
          expect(index.get(number + 1)).toBeUndefined();
        },
      ),
    );
  });
});
