import {
  PLAIN_TERMS,
  isFinal,
  price,
  quantity,
  type Order,
  type OrderStatus,
  type VenueOrderEvent,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atMs, BTC } from './kernel.test-support.ts';
import { mayBecome, stepOrder, TRANSITIONS } from './order-state.ts';

const order = (part: Partial<Order> = {}): Order => ({
  clientOrderId: 'c' as Order['clientOrderId'],
  strategyId: 's' as Order['strategyId'],
  instrument: BTC.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(10),
  limitPrice: price(100),
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: atMs(0),
  venueOrderId: null,
  status: 'pending_submit',
  filledQuantity: quantity(0),
  filledNotional: 0n as Order['filledNotional'],
  reasonCode: null,
  reason: null,
  updatedUs: atMs(0),
  ...part,
});
const at = { clientOrderId: order().clientOrderId, tsEventUs: atMs(1) };
const filled = (size: number): VenueOrderEvent => ({
  kind: 'order-filled',
  tsEventUs: atMs(1),
  fill: {
    fillId: 'f' as never,
    clientOrderId: at.clientOrderId,
    venueOrderId: 'v' as never,
    strategyId: order().strategyId,
    instrument: BTC.id,
    side: 'buy',
    price: price(100),
    quantity: quantity(size),
    fee: 0n as never,
    feeAsset: BTC.quote,
    liquidity: 'maker',
    tsEventUs: atMs(1),
  },
});
const accepted: VenueOrderEvent = { kind: 'order-accepted', venueOrderId: 'v' as never, ...at };
const rejected: VenueOrderEvent = { kind: 'order-rejected', code: 'no_quote', reason: 'none', ...at };
const canceled: VenueOrderEvent = { kind: 'order-canceled', reason: 'asked', ...at };
const expired: VenueOrderEvent = { kind: 'order-expired', reason: 'ioc', ...at };
const triggered: VenueOrderEvent = { kind: 'order-triggered', ...at };
const notCanceled: VenueOrderEvent = { kind: 'cancel-rejected', code: 'too_late', reason: '', ...at };

describe('an order', () => {
  test.each<[OrderStatus, VenueOrderEvent, OrderStatus | 'ignored']>([
    ['pending_submit', accepted, 'accepted'],
    ['pending_submit', rejected, 'rejected'],
    ['pending_submit', filled(4), 'partially_filled'],
    ['pending_submit', filled(10), 'filled'],
    ['pending_submit', notCanceled, 'ignored'],
    ['accepted', accepted, 'ignored'],
    ['accepted', rejected, 'ignored'],
    ['accepted', filled(4), 'partially_filled'],
    ['accepted', filled(11), 'ignored'],
    ['accepted', expired, 'expired'],
    ['pending_cancel', canceled, 'canceled'],
    ['pending_cancel', filled(4), 'pending_cancel'],
    ['pending_cancel', filled(10), 'filled'],
    ['pending_cancel', notCanceled, 'accepted'],
    ['filled', canceled, 'ignored'],
    ['canceled', filled(4), 'ignored'],
    ['rejected', accepted, 'ignored'],
    ['pending_submit', triggered, 'accepted'],
    ['accepted', triggered, 'accepted'],
    ['partially_filled', triggered, 'partially_filled'],
    ['pending_cancel', triggered, 'pending_cancel'],
    ['expired', triggered, 'ignored'],
  ])('that is %s on %o becomes %s', (status, event, expected) => {
    const venueOrderId = status === 'pending_submit' ? null : ('v' as never);
    const step = stepOrder(order({ type: 'stop_loss_limit', status, venueOrderId }), event, BTC);
    expect('order' in step ? step.order.status : 'ignored').toBe(expected);
  });

  test('whose trigger was told before its acceptance still learns the venue’s id', () => {
    const first = stepOrder(order({ type: 'stop_loss' }), triggered, BTC);
    expect(first).toMatchObject({ order: { status: 'accepted', venueOrderId: null } });
    const second = 'order' in first ? stepOrder(first.order, accepted, BTC) : first;
    expect(second).toMatchObject({ order: { status: 'accepted', venueOrderId: 'v' } });
    expect('order' in second ? stepOrder(second.order, accepted, BTC) : second).toMatchObject({
      ignored: 'accepted twice',
    });
  });

  test('of which the venue has told nothing is as unknown as before when its cancel is refused', () => {
    const step = stepOrder(order({ status: 'pending_cancel' }), notCanceled, BTC);
    expect(step).toMatchObject({ order: { status: 'pending_submit', venueOrderId: null } });
    expect('order' in step ? stepOrder(step.order, rejected, BTC) : step).toMatchObject({
      order: { status: 'rejected' },
    });
  });

  test('that waits for no trigger has none', () => {
    expect(stepOrder(order(), triggered, BTC)).toHaveProperty('ignored');
  });

  test('a refusal of a duplicate says nothing of the first', () => {
    const step = stepOrder(order(), { ...rejected, code: 'duplicate_order' }, BTC);
    expect(step).toMatchObject({ ignored: expect.any(String) as string });
  });

  test('never makes a transition that the table has not, never leaves a final state, never fills beyond its quantity', () => {
    const event = fc.constantFrom(
      accepted,
      rejected,
      triggered,
      canceled,
      expired,
      notCanceled,
      filled(1),
      filled(4),
      filled(9),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.boolean(), (events, canceling) => {
        let current = order(canceling ? { status: 'pending_cancel' } : {});
        for (const each of events) {
          const step = stepOrder(current, each, BTC);
          if (!('order' in step)) continue;
          const stays = current.status === step.order.status;
          expect(stays || mayBecome(current.status, step.order.status)).toBe(true);
          expect(isFinal(current.status)).toBe(false);
          expect(step.order.filledQuantity).toBeLessThanOrEqual(step.order.quantity);
          current = step.order;
        }
      }),
    );
  });

  test('the table lists every status, and nothing leaves a final one', () => {
    for (const [status, next] of Object.entries(TRANSITIONS)) {
      expect(isFinal(status as OrderStatus)).toBe(next.length === 0);
    }
  });
});
