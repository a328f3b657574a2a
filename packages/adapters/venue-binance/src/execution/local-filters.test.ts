import {
  clientOrderId,
  PLAIN_TERMS,
  price,
  quantity,
  strategyId,
  timestampUs,
  type MarketEvent,
  type OrderRequest,
  type TimestampUs,
} from '@monsta/core';
import { rulesOfInstrument, type SymbolRules } from '@monsta/matching';
import { sampleInstrument } from '@monsta/testkit';
import { describe, expect, it } from 'vitest';
import { LocalFilters } from './local-filters.ts';

const BTC = sampleInstrument();
const START_US = 1_740_830_400_000_000;
const MINUTE_US = 60_000_000;
const times = (units: bigint, scale: number) => ({ units, scale });
const RULES: SymbolRules = {
  ...rulesOfInstrument(BTC),
  percentPrice: {
    name: 'PERCENT_PRICE_BY_SIDE',
    bidUp: times(12n, 1),
    bidDown: times(8n, 1),
    askUp: times(12n, 1),
    askDown: times(8n, 1),
    averageMinutes: 5,
  },
};

function make(rules: SymbolRules = RULES) {
  const state = { nowUs: START_US, rules: rules as SymbolRules | null };
  const nowUs = (): TimestampUs => timestampUs(state.nowUs);
  const filters = new LocalFilters({ rulesOf: () => state.rules, nowUs, onRulesDoubted: () => undefined });
  const trade = (ticks: number): void => {
    const event: MarketEvent = {
      kind: 'trade',
      instrument: BTC.id,
      tradeId: 1,
      price: price(ticks),
      quantity: quantity(1),
      buyerIsMaker: false,
      tsEventUs: nowUs(),
      tsInitUs: nowUs(),
    };
    filters.observe(event);
  };
  const codeOf = (terms: Partial<OrderRequest>): string | null => {
    const checked = filters.check({
      clientOrderId: clientOrderId('w-1'),
      strategyId: strategyId('s'),
      instrument: BTC.id,
      side: 'buy',
      type: 'limit',
      timeInForce: 'gtc',
      quantity: quantity(1_000),
      limitPrice: price(6_000_000),
      ...PLAIN_TERMS,
      reduceOnly: false,
      createdUs: timestampUs(START_US),
      ...terms,
    });
    return 'code' in checked ? checked.code : null;
  };
  return { state, trade, codeOf };
}

describe('filters before an order is sent', () => {
  it('let pass what depends on an average until the market was watched for as long as it reaches back', () => {
    const { state, trade, codeOf } = make();
    const far = { limitPrice: price(7_300_000) };
    expect(codeOf(far)).toBeNull();
    trade(6_000_000);
    expect(codeOf(far)).toBeNull();
    state.nowUs += 5 * MINUTE_US;
    expect(codeOf(far)).toBe('filter_percent_price_by_side');
    expect(codeOf({})).toBeNull();
    // The old trade has left the average; there is the last price still.
    state.nowUs += 10 * MINUTE_US;
    expect(codeOf(far)).toBe('filter_percent_price_by_side');
    trade(7_000_000);
    expect(codeOf(far)).toBeNull();
  });

  it('refuse what the symbol does not take, in the words of its rules as they are now', () => {
    const { state, codeOf } = make();
    expect(codeOf({ type: 'stop_loss', limitPrice: null })).toBe('parameter_missing');
    expect(codeOf({ quantity: quantity(0) })).toBe('filter_lot_size');
    expect(codeOf({ clientOrderId: clientOrderId('x'.repeat(37)) })).toBe('order_id_malformed');
    state.rules = { ...RULES, orderTypes: ['MARKET'] };
    expect(codeOf({})).toBe('order_type_barred');
    state.rules = null;
    expect(codeOf({})).toBe('instrument_unknown');
  });

  it('leave to the venue what depends on what the account holds', () => {
    const { codeOf } = make({ ...RULES, positionMax: 1n as SymbolRules['positionMax'] });
    expect(codeOf({})).toBeNull();
  });
});
