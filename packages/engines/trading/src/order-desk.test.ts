import { PLAIN_TERMS, price, quantity, type Fill, type Order, type VenueOrderEvent } from '@monsta/core';
import { expect, test } from 'vitest';
import {
  atMs,
  balance,
  BTC,
  CONFIG,
  EMPTY,
  money,
  only,
  scripted,
  startInputs,
  tradeInput,
  venueInput,
} from './kernel.test-support.ts';
import { Kernel } from './kernel.ts';
import type { KernelOutput } from './kernel-types.ts';
import type { PositionRecord } from './records.ts';

const strategyId = scripted([]).id;
const order = (id: string, part: Partial<Order>): Order => ({
  clientOrderId: id as Order['clientOrderId'],
  strategyId,
  instrument: BTC.id,
  side: 'sell',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(1_000),
  limitPrice: null,
  ...PLAIN_TERMS,
  listId: 'list' as Order['clientOrderId'],
  reduceOnly: true,
  createdUs: atMs(0),
  venueOrderId: `v${id}` as Order['venueOrderId'],
  status: 'accepted',
  filledQuantity: quantity(0),
  filledNotional: money('0'),
  reasonCode: null,
  reason: null,
  updatedUs: atMs(0),
  ...part,
});
const profit = order('m123456-1', { type: 'limit_maker', limitPrice: price(6_600_000) });
const loss = order('m123456-2', { type: 'stop_loss', stopPrice: price(5_700_000) });
const position: PositionRecord = {
  accountId: CONFIG.accountId,
  strategyId,
  instrument: BTC.id,
  quantity: '0.01',
  costBasis: '600',
  realizedProfit: '0',
  feesPaid: '0',
  fees: { byAsset: {}, otherValue: '0', unvalued: {} },
  trip: null,
  openedUs: atMs(0),
  updatedUs: atMs(0),
};

/** A kernel that a position and the pair of its exits were left to. */
function protectedPosition(): Kernel {
  const kernel = new Kernel(CONFIG, [scripted([])]);
  const balances = [balance('USDT', '9400'), balance('BTC', '0.01')];
  const state = {
    ...EMPTY,
    balances,
    positions: [position],
    openOrders: [profit, loss].map((order) => ({ order, instrument: BTC })),
  };
  for (const input of [...startInputs(0, balances, state), tradeInput(1, 6_000_000)]) kernel.handle(input);
  return kernel;
}

const tell = (kernel: Kernel, events: readonly VenueOrderEvent[]): readonly KernelOutput[] =>
  events.flatMap((event, index) => kernel.handle(venueInput(10 + index, event)));
const filled = ({ clientOrderId }: Order, at: number): VenueOrderEvent => ({
  kind: 'order-filled',
  fill: {
    fillId: `f-${clientOrderId}` as Fill['fillId'],
    clientOrderId,
    venueOrderId: '1' as Fill['venueOrderId'],
    strategyId,
    instrument: BTC.id,
    side: 'sell',
    price: price(at),
    quantity: quantity(1_000),
    fee: money('0'),
    feeAsset: BTC.quote,
    liquidity: 'taker',
    tsEventUs: atMs(10),
  },
  tsEventUs: atMs(10),
});

test('a stop that is triggered and filled closes the position, and the other order of its pair ends', () => {
  const kernel = protectedPosition();
  const outputs = tell(kernel, [
    { kind: 'order-expired', clientOrderId: profit.clientOrderId, reason: 'the pair', tsEventUs: atMs(10) },
    { kind: 'order-triggered', clientOrderId: loss.clientOrderId, tsEventUs: atMs(10) },
    filled(loss, 5_699_000),
  ]);
  expect(only(outputs, 'order').map(({ order: { clientOrderId, status } }) => `${clientOrderId} ${status}`)).toEqual([
    'm123456-1 expired',
    'm123456-2 accepted',
    'm123456-2 filled',
  ]);
  expect(only(outputs, 'note')).toEqual([]);
  expect(kernel.positions()).toMatchObject([{ quantity: 0n, realizedProfit: money('-30.1') }]);
  expect(kernel.workingOrders()).toEqual([]);
  expect(only(outputs, 'balances').at(-1)?.balances).toMatchObject([
    { asset: 'BTC', free: 0n, locked: 0n },
    { asset: 'USDT', free: money('9969.9') },
  ]);
});

test('a trigger of an order that has ended, or is not known, changes nothing and is counted', () => {
  const kernel = protectedPosition();
  tell(kernel, [filled(loss, 5_699_000)]);
  const late = tell(kernel, [
    { kind: 'order-triggered', clientOrderId: loss.clientOrderId, tsEventUs: atMs(11) },
    { kind: 'order-triggered', clientOrderId: profit.clientOrderId, tsEventUs: atMs(11) },
  ]);
  expect(only(late, 'order')).toEqual([]);
  expect(kernel.ignored).toEqual({ order_not_working: 1, 'order-triggered_accepted': 1 });
});

test('when only exits are allowed the orders that protect a position stay', () => {
  const kernel = protectedPosition();
  const reports = { kind: 'reports', state: 'lost', reason: 'silence', tsEventUs: atMs(20) } as const;
  expect(only(kernel.handle({ kind: 'account', tsUs: atMs(20), event: reports }), 'cancel')).toEqual([]);
  expect(kernel.workingOrders()).toHaveLength(2);
});
