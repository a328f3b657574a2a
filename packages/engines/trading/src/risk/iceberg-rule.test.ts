import { PLAIN_TERMS, price, quantity, type OrderRequest } from '@monsta/core';
import { expect, test } from 'vitest';
import { AlgoWorld, TRADER } from '../algo-desk.test-support.ts';
import { BTC } from '../kernel.test-support.ts';

const order: Omit<OrderRequest, 'clientOrderId' | 'createdUs'> = {
  strategyId: TRADER,
  instrument: BTC.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(1_000),
  ...PLAIN_TERMS,
  limitPrice: price(5_990_000),
  reduceOnly: false,
};

test.each([
  [{ icebergQuantity: quantity(300) }, null],
  [{ icebergQuantity: quantity(1_000) }, null],
  [{ icebergQuantity: quantity(1_001) }, { limit: '0.00001…0.01000', actual: '0.01001' }],
  [{ icebergQuantity: quantity(0) }, { actual: '0.00000' }],
  [
    { icebergQuantity: quantity(300), timeInForce: 'ioc' as const },
    { limit: 'gtc', actual: 'ioc' },
  ],
  [{ icebergQuantity: quantity(300), type: 'market' as const, limitPrice: null }, { actual: 'market' }],
])('an order of 1,000 lots with %o is asked about as an iceberg', (terms, denied) => {
  const world = new AlgoWorld();
  const placed = world.place({ ...order, ...terms });
  if (denied === null) {
    expect(world.venue.resting()).toMatchObject([terms]);
  } else {
    expect(placed).toMatchObject({ denied: { rule: 'iceberg', ...denied } });
    expect(world.venue.resting()).toEqual([]);
  }
});
