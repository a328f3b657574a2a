import {
  assetId,
  clientOrderId,
  instrumentId,
  PLAIN_TERMS,
  price,
  quantity,
  strategyId,
  timestampUs,
  type Instrument,
  type OrderRequest,
} from '@monsta/core';
import { rulesOfInstrument, type SymbolRules } from '@monsta/matching';
import { describe, expect, it } from 'vitest';
import { LocalFilters } from './local-filters.ts';

const BTC: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: null,
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};
const FINER: Instrument = { ...BTC, tick: { units: 1, scale: 3 }, version: 2 };
const ORDER: OrderRequest = {
  clientOrderId: clientOrderId('m-1'),
  strategyId: strategyId('test'),
  instrument: BTC.id,
  side: 'buy',
  type: 'limit',
  timeInForce: 'gtc',
  quantity: quantity(1_000),
  limitPrice: price(6_000_000),
  ...PLAIN_TERMS,
  reduceOnly: false,
  createdUs: timestampUs(1),
};

function make() {
  const venue: { rules: SymbolRules } = { rules: rulesOfInstrument(BTC) };
  const doubts: string[] = [];
  const filters = new LocalFilters({
    rulesOf: () => venue.rules,
    nowUs: () => timestampUs(1),
    onRulesDoubted: () => doubts.push('doubted'),
  });
  return { venue, doubts, filters };
}

describe('an order counted in other steps than the venue’s', () => {
  it('is never sent: written in those it would be another price; the rules are read anew', () => {
    const { venue, doubts, filters } = make();
    filters.use([BTC]);
    expect(filters.check(ORDER)).toHaveProperty('rules');
    venue.rules = rulesOfInstrument(FINER);
    expect(filters.check(ORDER)).toMatchObject({ code: 'instrument_changed' });
    expect(doubts).toHaveLength(1);
    filters.use([FINER]);
    expect(filters.check(ORDER)).toEqual({ rules: venue.rules });
    expect(doubts).toHaveLength(1);
  });

  it('is not sent either while the rules known here are the older ones', () => {
    const { doubts, filters } = make();
    filters.use([FINER]);
    expect(filters.check(ORDER)).toMatchObject({ code: 'instrument_changed' });
    expect(doubts).toHaveLength(1);
  });
});
