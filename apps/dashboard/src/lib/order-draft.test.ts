import type { InstrumentMessage } from '@monsta/contracts';
import { manualOrderSchema } from '@monsta/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, isMultiple, multiply } from './exact.ts';
import { EMPTY_DRAFT, ENTRY_TYPES, faultsByField, fieldsOf, readDraft, type OrderDraft } from './order-draft.ts';

const BTC: InstrumentMessage = {
  id: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.00001',
  quantityMin: '0.00001',
  quantityMax: '9000',
  marketQuantityMax: '100',
  notionalMin: '5',
  notionalMax: '9000000',
  status: 'trading',
  version: 1,
  validFromMs: 0,
};
const MARKET = { bestBid: '59999.99', bestAsk: '60000.01', lastTrade: '60000.00' };
const BLIND = { bestBid: null, bestAsk: null, lastTrade: null };
const draft = (changes: Partial<OrderDraft>): OrderDraft => ({ ...EMPTY_DRAFT, ...changes });

describe('an order as it is typed', () => {
  it('is what the server takes, once it is complete', () => {
    const { order, faults, estimate } = readDraft(draft({ size: '0.01', limitPrice: '58000.5' }), BTC, MARKET);
    expect(faults).toEqual({});
    expect(order).toMatchObject({ side: 'buy', type: 'limit', quantity: '0.01', limitPrice: '58000.5', exit: null });
    expect(manualOrderSchema.safeParse(order).success).toBe(true);
    expect(estimate).toEqual({ quantity: '0.01', price: '58000.5', source: 'limit', value: '580.005' });
  });

  it('names what is missing, and what is off the instrument’s steps, with the step', () => {
    expect(readDraft(EMPTY_DRAFT, BTC, MARKET)).toMatchObject({
      order: null,
      faults: { size: { code: 'needed' }, limitPrice: { code: 'needed' } },
    });
    const { faults } = readDraft(draft({ size: '0.000015', limitPrice: '58000.005' }), BTC, MARKET);
    expect(faults).toEqual({ size: { code: 'lot', limit: '0.00001' }, limitPrice: { code: 'tick', limit: '0.01' } });
    for (const size of ['0', '-1', '1e3', '1,000', 'x', '.5'])
      expect(readDraft(draft({ size, limitPrice: '1' }), BTC, MARKET).faults.size?.code).toBe('number');
  });

  it('is held to what the exchange takes at once', () => {
    const code = (changes: Partial<OrderDraft>) => readDraft(draft(changes), BTC, MARKET).faults.size;
    expect(code({ size: '0.00008', limitPrice: '60000' })).toEqual({ code: 'notionalMin', limit: '5' });
    expect(code({ size: '151', limitPrice: '60000' })).toEqual({ code: 'notionalMax', limit: '9000000' });
    expect(code({ size: '101', type: 'market' })).toEqual({ code: 'quantityMax', limit: '100' });
    expect(code({ size: '9001', limitPrice: '1' })).toEqual({ code: 'quantityMax', limit: '9000' });
  });

  it('turns money into whole lots at the price that it would be filled at, and never more than it pays for', () => {
    const amount = fc.integer({ min: 600, max: 100_000_000 }).map((cents) => (cents / 100).toFixed(2));
    fc.assert(
      fc.property(amount, fc.constantFrom('buy', 'sell' as const), (size, side) => {
        const { estimate, order } = readDraft(draft({ type: 'market', sizeIn: 'quote', size, side }), BTC, MARKET);
        expect(estimate?.source).toBe(side === 'buy' ? 'bestAsk' : 'bestBid');
        expect(isMultiple(order?.quantity ?? '', BTC.lotSize)).toBe(true);
        expect(compare(multiply(order?.quantity ?? '', estimate?.price ?? '') ?? '', size)).not.toBe(1);
      }),
    );
  });

  it('has no quantity and no estimate where no price is known, and says so', () => {
    const { faults, estimate, order } = readDraft(draft({ type: 'market', sizeIn: 'quote', size: '100' }), BTC, BLIND);
    expect([faults.size?.code, estimate, order]).toEqual(['noPrice', null, null]);
    // In coins a market order needs no price of ours.
    expect(readDraft(draft({ type: 'market', size: '0.01' }), BTC, BLIND).order).toMatchObject({ quantity: '0.01' });
  });

  it('follows the market at a distance in percent, kept as basis points', () => {
    const trailing = (text: string) =>
      readDraft(draft({ type: 'trailing_stop', side: 'sell', size: '0.01', trailing: text }), BTC, MARKET);
    expect(trailing('1.5').order).toMatchObject({ type: 'stop_loss', trailingBps: 150, stopPrice: null });
    expect(trailing('0.01').order).toMatchObject({ trailingBps: 1 });
    for (const text of ['0', '0.001', '100.01', '1.234', 'x'])
      expect(trailing(text).faults.trailing?.code).toBe('percent');
  });

  it('shows no more than it is, and its exits lie on their sides of the price', () => {
    const limit = { size: '0.01', limitPrice: '60000' };
    expect(readDraft(draft({ ...limit, icebergQuantity: '0.02' }), BTC, MARKET).faults.icebergQuantity).toEqual({
      code: 'shownTooMuch',
      limit: '0.01',
    });
    const { faults } = readDraft(draft({ ...limit, exitStop: '60000', exitProfit: '59999' }), BTC, MARKET);
    expect([faults.exitStop?.code, faults.exitProfit?.code]).toEqual(['exitStopSide', 'exitProfitSide']);
    expect(readDraft(draft({ ...limit, exitStop: '59000' }), BTC, MARKET).order?.exit).toEqual({
      stop: { price: '59000' },
      takeProfit: null,
    });
  });

  it('sends nothing of a field that its type does not have', () => {
    const everything = {
      size: '0.01',
      limitPrice: '60000',
      stopPrice: '61000',
      stopLimitPrice: '61001',
      trailing: '1',
      icebergQuantity: '0.001',
      exitStop: '50000',
      exitProfit: '70000',
    };
    for (const type of ENTRY_TYPES) {
      for (const side of ['buy', 'sell'] as const) {
        const typed = draft({ ...everything, type, side });
        const { order } = readDraft(typed, BTC, MARKET);
        const has = fieldsOf(typed);
        expect([type, side, manualOrderSchema.safeParse(order).error]).toEqual([type, side, undefined]);
        expect([type, order?.limitPrice !== null]).toEqual([type, has.limitPrice !== null]);
        expect([type, order?.stopPrice !== null]).toEqual([type, has.stopPrice !== null]);
        expect([type, order?.stopLimitPrice !== null]).toEqual([type, type === 'oco']);
        expect([type, order?.trailingBps !== null]).toEqual([type, type === 'trailing_stop']);
        expect([type, order?.icebergQuantity !== null]).toEqual([type, has.icebergQuantity !== null]);
        expect([side, order?.exit !== null]).toEqual([side, side === 'buy']);
      }
    }
  });

  it('gets the server’s objections at the fields that they are about', () => {
    const said = [
      { where: 'quantity', message: 'too many lots' },
      { where: 'exit.stop.price', message: 'below' },
      { where: 'elsewhere', message: 'lost' },
    ];
    expect(faultsByField(said)).toEqual({ size: 'too many lots', exitStop: 'below' });
  });
});
