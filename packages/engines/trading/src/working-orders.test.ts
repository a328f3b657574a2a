import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientOrderId, type Order } from '@monsta/core';
import { BTC } from './kernel.test-support.ts';
import { WorkingOrders } from './working-orders.ts';

const FINER = { ...BTC, version: 2 };

const orderOf = (n: number, status: Order['status']): Order =>
  ({ clientOrderId: clientOrderId(`m1234567-${n}`), status }) as Order;

test('keeps the newest of each order in the order in which they came, few or many, and lists that were given out stay as they are', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom('put', 'put', 'put', 'delete' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const working = new WorkingOrders();
      const model = new Map<string, Order>();
      for (const [place, [n, what]] of steps.entries()) {
        const order = orderOf(n, place % 2 === 0 ? 'accepted' : 'partially_filled');
        const before = [...model.values()];
        const given = working.orders;
        if (what === 'put') {
          working.put(order, place % 3 === 0 ? FINER : BTC);
          model.set(order.clientOrderId, order);
        } else {
          working.delete(order.clientOrderId);
          model.delete(order.clientOrderId);
        }
        expect(given).toEqual(before);
        expect(working.orders).toEqual([...model.values()]);
        expect(working.inSteps.map((each) => each.order)).toEqual([...model.values()]);
        expect(working.size).toBe(model.size);
        expect(working.get(order.clientOrderId)?.order ?? null).toEqual(model.get(order.clientOrderId) ?? null);
        if (what === 'put') expect(working.get(order.clientOrderId)?.instrument).toBe(place % 3 === 0 ? FINER : BTC);
      }
    }),
  );
});
