import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { assetId, formatQuantity, instrumentId, quantity, timestampUs, type Instrument } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import {
  decodeAggregateTrades,
  decodeBody,
  decodeExchangeInfo,
  decodeInstrument,
  decodeKlines,
  decodeTrades,
} from './replies.ts';

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
const RECORDED = join(import.meta.dirname, '../../../../../shared/data/binance-exchangeinfo-2021.txt.gz');
const absent = !existsSync(RECORDED);

describe('replies of the REST interface', () => {
  it.skipIf(absent)(
    `give every instrument of a recorded exchangeInfo${absent ? ` (skipped: no ${RECORDED})` : ''}`,
    () => {
      const [text = ''] = gunzipSync(readFileSync(RECORDED)).toString('utf8').split('\n');
      const json = JSON.parse(text.slice(text.indexOf('{'))) as { symbols: { symbol: string }[] };
      const instruments = json.symbols.map((symbol) => decodeInstrument(symbol, NOW_US));
      expect(instruments).toHaveLength(1_695);
      const eth = instruments.find(({ id }) => id === 'ETHBTC');
      expect(eth).toMatchObject({
        base: 'ETH',
        quote: 'BTC',
        tick: { units: 1, scale: 6 },
        lot: { units: 1, scale: 4 },
        status: 'trading',
      });
      // MARKET_LOT_SIZE 873.90727776 with step 0: rounded down to the lot.
      expect(
        eth === undefined || eth.marketQuantityMax === null ? null : formatQuantity(eth.marketQuantityMax, eth),
      ).toBe('873.9072');
    },
  );

  it('say which symbols are missing and what is wrong with a filter', () => {
    const entry = {
      symbol: 'BTCUSDT',
      baseAsset: 'BTC',
      quoteAsset: 'USDT',
      status: 'BREAK',
      filters: [{ filterType: 'PRICE_FILTER', tickSize: '0.01' }],
    };
    const body = JSON.stringify({ symbols: [entry] });
    const decode = (wanted: string[]) =>
      decodeBody(body, 'exchangeInfo', (json) => decodeExchangeInfo(json, wanted, NOW_US));
    expect(decode(['NOPE'])).toMatchObject({
      ok: false,
      fault: { code: 'instrument_unknown', message: 'exchangeInfo: the venue does not know NOPE' },
    });
    expect(decode(['BTCUSDT'])).toMatchObject({
      ok: false,
      fault: { code: 'venue_protocol', message: 'exchangeInfo: BTCUSDT has no LOT_SIZE filter' },
    });
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
