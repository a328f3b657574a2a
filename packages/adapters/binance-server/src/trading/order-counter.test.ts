import { accountId } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { DEFAULT_REQUEST_LIMITS } from '../request-limits.ts';
import { OrderCounter, OrderLimitError } from './order-counter.ts';

const ANN = accountId('ann');
const MIDNIGHT_MS = 1_740_787_200_000;

describe('the count of unfilled orders', () => {
  const counter = (): OrderCounter =>
    new OrderCounter({ ...DEFAULT_REQUEST_LIMITS, ordersPerTenSeconds: 5, ordersPerDay: 8 });

  it('falls by one where an order’s first fill was as taker, by five where as maker, and never below zero', () => {
    const orders = counter();
    for (let order = 0; order < 3; order += 1) orders.admit(ANN, 1, MIDNIGHT_MS);
    orders.filled(ANN, false, MIDNIGHT_MS);
    expect(orders.counts(ANN, MIDNIGHT_MS)).toEqual({ tenSeconds: 2, day: 2 });
    orders.filled(ANN, true, MIDNIGHT_MS);
    expect(orders.counts(ANN, MIDNIGHT_MS)).toEqual({ tenSeconds: 0, day: 0 });
  });

  it('begins anew with every ten seconds and every day of the clock', () => {
    const orders = counter();
    orders.admit(ANN, 4, MIDNIGHT_MS - 20_001);
    expect(orders.counts(ANN, MIDNIGHT_MS - 20_001)).toEqual({ tenSeconds: 4, day: 4 });
    expect(orders.counts(ANN, MIDNIGHT_MS - 20_000)).toEqual({ tenSeconds: 0, day: 4 });
    expect(orders.counts(ANN, MIDNIGHT_MS)).toEqual({ tenSeconds: 0, day: 0 });
  });

  it('refuses above either limit, says how long to wait, and counts nothing then', () => {
    const orders = counter();
    orders.admit(ANN, 4, MIDNIGHT_MS + 3_000);
    const refusal = (): unknown => {
      try {
        return orders.admit(ANN, 2, MIDNIGHT_MS + 3_000);
      } catch (thrown) {
        return thrown;
      }
    };
    const error = refusal();
    expect(error).toBeInstanceOf(OrderLimitError);
    expect(error).toMatchObject({
      code: -1015,
      status: 429,
      message: 'Too many new orders; current limit is 5 orders per 10 SECOND.',
      retryAtMs: MIDNIGHT_MS + 10_000,
    });
    orders.admit(ANN, 1, MIDNIGHT_MS + 3_000);
    orders.admit(ANN, 3, MIDNIGHT_MS + 13_000);
    expect(() => orders.admit(ANN, 1, MIDNIGHT_MS + 23_000)).toThrow('current limit is 8 orders per 1 DAY.');
    expect(() => orders.admit(accountId('ben'), 1, MIDNIGHT_MS + 23_000)).not.toThrow();
  });
});
