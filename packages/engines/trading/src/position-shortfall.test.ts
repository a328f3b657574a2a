import { price, quantity, type ClientOrderId, type Fill } from '@monsta/core';
import { describe, expect, test } from 'vitest';
import { atMs, barInput, BTC, money, only } from './kernel.test-support.ts';
import type { KernelOutput } from './kernel-types.ts';
import { guarded, LOTS, type Desk } from './protective-desk.test-support.ts';

describe('coins of a strategy that somebody else sold', () => {
  const handSale = (desk: Desk, lots: number): readonly KernelOutput[] => {
    const fill = {
      fillId: 'hand' as Fill['fillId'],
      clientOrderId: 'web_1' as ClientOrderId,
      venueOrderId: '9' as Fill['venueOrderId'],
      instrument: BTC.id,
      side: 'sell',
      price: price(6_000_000),
      quantity: quantity(lots),
      fee: money('0'),
      feeAsset: BTC.quote,
      liquidity: 'taker',
      tsEventUs: atMs(desk.ms),
    } as const;
    const event = { kind: 'foreign-fill', fill, tsEventUs: atMs(desk.ms) } as const;
    return desk.give({ kind: 'account', tsUs: atMs(desk.ms), event });
  };

  test('leave its position, are no loss, and nothing is bought back before a person has looked', () => {
    const desk = guarded([1, 1]);
    const stop = desk.last.id;
    const before = desk.kernel.account();
    const outputs = handSale(desk, 1_000);
    expect(only(outputs, 'divergence').map(({ divergence }) => divergence.code)).toEqual([
      'foreign_trade',
      'position_uncovered',
    ]);
    expect(only(outputs, 'position')).toMatchObject([{ position: { quantity: '0.00583', realizedProfit: '0' } }]);
    expect(desk.kernel.account()).toMatchObject({ equity: before.equity, peakEquity: before.peakEquity });
    expect(desk.kernel.gate).toMatchObject({ state: 'REDUCING', by: 'system' });
    expect(desk.asked.at(-1)).toMatchObject({ kind: 'replace', clientOrderId: stop, request: { quantity: 583 } });
    desk.cancel(stop);
    desk.accept();
    expect(only(desk.give(barInput(1, 6_000_000)), 'submit')).toEqual([]);
  });

  test('all of them: the position is closed and its stop taken off', () => {
    const desk = guarded();
    const stop = desk.last.id;
    handSale(desk, LOTS);
    expect(desk.kernel.positions()).toMatchObject([{ quantity: 0n, openedUs: null }]);
    expect(desk.last).toEqual({ kind: 'cancel', id: stop });
  });

  test('a fee that was paid in them takes its part of the position without a halt', () => {
    const desk = guarded();
    const event = {
      kind: 'transfer',
      id: 't',
      cause: 'conversion',
      asset: BTC.base,
      amount: money('-0.0001'),
      tsEventUs: atMs(desk.ms),
    } as const;
    const outputs = desk.give({ kind: 'account', tsUs: atMs(desk.ms), event });
    expect(only(outputs, 'position')).toMatchObject([{ position: { quantity: '0.01573' } }]);
    expect(only(outputs, 'divergence')).toEqual([]);
    expect(desk.kernel.gate.state).toBe('ACTIVE');
  });
});
