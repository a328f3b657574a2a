import { gzipSync } from 'node:zlib';
import { expectOk, instrumentId, tradeAt } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { temporaryFile } from './files.test-support.ts';
import { readTradeFile } from './trade-file.ts';
import type { TradeTerms } from './trade-terms.ts';

const TERMS: TradeTerms = {
  instrument: { id: instrumentId('BTCUSDT'), tick: null, lot: { units: 1, scale: 5 }, quote: null },
  fromMs: null,
  toMs: null,
};
const TRADES = `3735683259,61837.63000000,0.02000000,1236.75260000,1723161255342,True,True
3735683260,61837.64000000,0.00010000,6.18376400,1723161255342,False,True
3735683262,61837.6,1.5,92756.4,1723161256000,False,True
`;
const MICROSECONDS = TRADES.replaceAll(/,(172316125\d{4}),/g, ',$1123,');

async function faultOf(content: string, terms = TERMS): Promise<string> {
  const path = temporaryFile('trades.csv', content);
  const result = await readTradeFile(path, terms);
  return result.ok ? 'none' : `${result.fault.code}: ${result.fault.message.replaceAll(path, 'FILE')}`;
}

describe('a file of trades', () => {
  it.each([
    ['as Binance’s archive has it', TRADES, 0],
    ['with a header', `id,price,qty,quote_qty,time,is_buyer_maker,is_best_match\n${TRADES}`, 0],
    ['packed', gzipSync(TRADES), 0],
    ['in microseconds', MICROSECONDS, 123],
    ['of aggregates', TRADES.replaceAll(/^(\d+),([^,]+),([^,]+),[^,]+,/gm, '$1,$2,$3,70,71,'), 0],
    [
      'of aggregates without the last column',
      TRADES.replaceAll(/^(\d+),([^,]+),([^,]+),[^,]+,/gm, '$1,$2,$3,70,71,').replaceAll(',True\n', '\n'),
      0,
    ],
  ])('is read %s', async (_, content, micros) => {
    const series = expectOk(await readTradeFile(temporaryFile('BTCUSDT-trades.csv', content), TERMS));
    expect(series.instrument.tick).toEqual({ units: 1, scale: 2 });
    expect([...series.tradeId]).toEqual([3_735_683_259, 3_735_683_260, 3_735_683_262]);
    expect([...series.price]).toEqual([6_183_763, 6_183_764, 6_183_760]);
    expect([...series.quantity]).toEqual([2_000, 10, 150_000]);
    expect([...series.buyerIsMaker]).toEqual([1, 0, 0]);
    expect(tradeAt(series, 2)).toMatchObject({ kind: 'trade', tsEventUs: 1_723_161_256_000_000 + micros });
  });

  it('gives the trades from one time on and before another', async () => {
    const path = temporaryFile('trades.csv', TRADES);
    const later = expectOk(await readTradeFile(path, { ...TERMS, fromMs: 1_723_161_256_000, shared: true }));
    expect([...later.tradeId]).toEqual([3_735_683_262]);
    expect(later.price.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(expectOk(await readTradeFile(path, { ...TERMS, toMs: 1_723_161_255_343 })).length).toBe(2);
  });

  it('with a fault says file, line and what', async () => {
    expect(await faultOf(TRADES.replace('683262', '683260'))).toContain('trades_duplicate: FILE, line 3: the trade');
    expect(await faultOf(TRADES.replace('683262', '683200'))).toContain('trades_disorder: FILE, line 3');
    expect(await faultOf(TRADES.replace('56000', '00000'))).toContain('trades_disorder: FILE, line 3');
    expect(await faultOf(TRADES.replace('1.5', '0.000001'))).toContain('trades_off_lot: FILE, line 3');
    expect(await faultOf(TRADES.replace('61837.6,', '0,'))).toContain('trades_impossible: FILE, line 3');
    expect(await faultOf(TRADES.replace('False', 'maybe'))).toContain("trades_corrupt: FILE, line 2: 'maybe'");
    expect(await faultOf('1,2,3\n')).toContain('trades_layout: FILE, line 1: 3 columns');
    expect(await faultOf('id,price,qty,time,is_buyer_maker\n')).toBe('trades_empty: FILE: it holds no trade');
    expect(await faultOf('id,price\n')).toContain('names no column for quantity, time, maker');
    const tick = { units: 1, scale: 1 };
    expect(await faultOf(TRADES, { ...TERMS, instrument: { ...TERMS.instrument, tick } })).toContain('trades_off_tick');
  });
});
