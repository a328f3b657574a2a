import { describe, expect, it } from 'vitest';
import { START_MS } from '../trading/trading-world.test-support.ts';
import { listening, short } from './user-data.test-support.ts';

describe('the events of lists', () => {
  const OCO = {
    side: 'SELL',
    quantity: '0.1',
    aboveType: 'LIMIT_MAKER',
    abovePrice: '20005',
    belowType: 'STOP_LOSS',
    belowStopPrice: '19000',
    listClientOrderId: 'pair',
    aboveClientOrderId: 'high',
    belowClientOrderId: 'low',
  } as const;

  it('an OCO is told as a list; the leg that trades ends the other, and the list is done', async () => {
    const { act, told, world } = listening();
    await act('POST', 'orderList/oco', OCO);
    const placed = await told();
    expect(placed.map(short).sort()).toEqual(['5 NEW/NEW', '6 NEW/NEW', 'list EXEC_STARTED/EXECUTING', 'position']);
    expect(placed.find(({ e }) => e === 'listStatus')).toEqual({
      e: 'listStatus',
      E: START_MS,
      s: 'BTCUSDT',
      g: 1,
      c: 'OCO',
      l: 'EXEC_STARTED',
      L: 'EXECUTING',
      r: 'NONE',
      C: 'pair',
      T: START_MS,
      O: [
        { s: 'BTCUSDT', i: 5, c: 'low' },
        { s: 'BTCUSDT', i: 6, c: 'high' },
      ],
    });
    world.provide('BTCUSDT', { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '20005', quantity: '0.6' });
    const events = await told();
    expect(events.map(short)).toEqual(['5 EXPIRED/EXPIRED', '6 TRADE/FILLED', 'list ALL_DONE/ALL_DONE', 'position']);
    expect(events[0]).toMatchObject({ eR: 'OCO_TRIGGER', g: 1 });
  });

  it('the pending order of an OTO is told as PENDING_NEW, and as NEW when the working one is filled', async () => {
    const { act, told } = listening();
    await act('POST', 'orderList/oto', {
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: '20000',
      workingQuantity: '0.1',
      workingTimeInForce: 'GTC',
      pendingType: 'LIMIT',
      pendingSide: 'SELL',
      pendingPrice: '21000',
      pendingQuantity: '0.05',
      pendingTimeInForce: 'GTC',
    });
    const events = (await told()).map(short);
    expect(events.filter((event) => event.startsWith('5'))).toEqual(['5 NEW/NEW', '5 TRADE/FILLED']);
    expect(events.filter((event) => event.startsWith('6'))).toEqual(['6 NEW/PENDING_NEW', '6 NEW/NEW']);
    expect(events.indexOf('6 NEW/NEW')).toBeGreaterThan(events.indexOf('5 TRADE/FILLED'));
    expect(events).toContain('list EXEC_STARTED/EXECUTING');
  });

  it('the pending orders of an OTOCO end with the working one', async () => {
    const { act, told } = listening();
    await act('POST', 'orderList/otoco', {
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: '20000',
      workingQuantity: '1',
      workingTimeInForce: 'FOK',
      pendingSide: 'SELL',
      pendingQuantity: '0.05',
      pendingAboveType: 'LIMIT_MAKER',
      pendingAbovePrice: '21000',
      pendingBelowType: 'STOP_LOSS',
      pendingBelowStopPrice: '18000',
    });
    const events = await told();
    const reasons = events.filter(({ X }) => X === 'EXPIRED').map(({ i, eR }) => [i, eR]);
    expect(reasons).toEqual([
      [5, 'UNFILLED_FOK_ORDER_EXPIRED'],
      [6, 'OTO_PHASE_ONE_EXPIRED'],
      [7, 'OTO_PHASE_ONE_EXPIRED'],
    ]);
    expect(events.map(short).at(-2)).toBe('list ALL_DONE/ALL_DONE');
  });

  it('canceling a list cancels all its orders', async () => {
    const { act, told } = listening();
    await act('POST', 'orderList/oco', OCO);
    await told();
    await act('DELETE', 'orderList', { listClientOrderId: 'pair' });
    const events = (await told()).map(short);
    expect(events.slice(0, 2).sort()).toEqual(['5 CANCELED/CANCELED', '6 CANCELED/CANCELED']);
    expect(events.slice(2)).toEqual(['list ALL_DONE/ALL_DONE', 'position']);
  });
});
