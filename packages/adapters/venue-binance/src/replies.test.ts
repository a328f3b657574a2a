import { assetId, instrumentId, quantity, timestampUs, type Instrument } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { decodeAggregateTrades, decodeBody, decodeKlines, decodeTrades } from './replies.ts';

const NOW_US = timestampUs(1_723_161_255_000_000);
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

describe('replies of the REST interface', () => {
  it('say what is wrong with a body', () => {
    expect(decodeBody('<html>', 'time', () => 1)).toMatchObject({ ok: false, fault: { code: 'venue_protocol' } });
  });

  it('leave out what lies on no step of today’s grid instead of bending it', () => {
    const trade = { id: 1, price: '60000.00', qty: '0.00001', time: 1_723_161_255_000, isBuyerMaker: true };
    expect(
      decodeTrades([trade, { ...trade, id: 2, qty: '0.000001' }, { ...trade, id: 3 }], BTC, NOW_US).map(
        ({ tradeId }) => tradeId,
      ),
    ).toEqual([1, 3]);
    const row = [1_723_161_180_000, '1.01', '1.01', '1.01', '1.01', '5', 1_723_161_239_999, '5', 1, '0', '0', '0'];
    const finer = [...row.slice(0, 1), '1.015', ...row.slice(2)];
    expect(decodeKlines([row, finer], BTC, '1m', NOW_US)).toMatchObject({
      offGrid: 1,
      bars: [{ open: 101 }],
      lastOpenUs: 1_723_161_180_000_000,
    });
  });

  it('say null, not 0, for what a source of bare prices and volumes does not know', () => {
    const row = [1_723_161_180_000, '1.01', '1.01', '1.01', '1.01', '5', 1_723_161_239_999, '0', 0, '0', '0', '0'];
    expect(decodeKlines([row], BTC, '1m', NOW_US).bars[0]).toMatchObject({
      volume: 500_000_000n,
      quoteVolume: null,
      takerBuyVolume: null,
      trades: null,
    });
  });

  it('take from aggregates only those that are one trade', () => {
    const row = { a: 9, p: '1.00', q: '1.0', f: 5, l: 5, T: 1_723_161_255_000, m: false };
    expect(
      decodeAggregateTrades([row, { ...row, f: 6, l: 8 }, { ...row, f: 9, l: 9 }], BTC, NOW_US).map(
        ({ tradeId }) => tradeId,
      ),
    ).toEqual([5, 9]);
  });
});
