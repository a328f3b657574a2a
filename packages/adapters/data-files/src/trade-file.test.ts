import { gzipSync } from 'node:zlib';
import { expectOk, instrumentId, tradeAt } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { temporaryFile } from './files.test-support.ts';
import { readTradeFile, surveyTradeFile } from './trade-file.ts';
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
    [
      'with a header in an order of its own and the side that took',
      'Time,side,amount,price,trade_id\n1723161255342,sell,0.02,61837.63,3735683259\n1723161255342,buy,0.0001,61837.64,3735683260\n1723161256000,BUY,1.5,61837.6,3735683262\n',
      0,
    ],
    [
      'as REST answers, in JSON',
      '[{"id":3735683259,"price":"61837.63","qty":"0.02","quoteQty":"1236.7","time":1723161255342,"isBuyerMaker":true,"isBestMatch":true},{"id":3735683260,"price":"61837.64","qty":"0.0001","quoteQty":"6.1","time":1723161255342,"isBuyerMaker":false,"isBestMatch":true},{"id":3735683262,"price":"61837.6","qty":"1.5","quoteQty":"92756.4","time":1723161256000,"isBuyerMaker":false,"isBestMatch":true}]',
      0,
    ],
    [
      'as streams tell aggregates, line by line',
      '{"e":"aggTrade","E":1,"s":"BTCUSDT","a":3735683259,"p":"61837.63","q":"0.02","f":1,"l":2,"T":1723161255342,"m":true,"M":true}\n{"e":"aggTrade","E":1,"s":"BTCUSDT","a":3735683260,"p":"61837.64","q":"0.0001","f":1,"l":2,"T":1723161255342,"m":false,"M":true}\n{"e":"aggTrade","E":1,"s":"BTCUSDT","a":3735683262,"p":"61837.6","q":"1.5","f":1,"l":2,"T":1723161256000,"m":false,"M":true}\n',
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

describe('a survey of a file of trades', () => {
  /** Trades one behind the other, one a second. */
  const rows = Array.from(
    { length: 40 },
    (_, at) => `${100 + at},61837.6${at % 10},0.5,30918.8,${1_723_161_255_000 + at * 1_000},True,True`,
  );
  const survey = async (lines: readonly string[]) =>
    expectOk(await surveyTradeFile(temporaryFile('trades.csv', `${lines.join('\n')}\n`), TERMS, 100));

  it('finds nothing in a sound one', async () => {
    expect(await survey(rows)).toMatchObject({ faults: [], notices: [], series: { length: 40 } });
  });

  it('finds each planted fault at its line, and keeps the sound trades', async () => {
    const cells = (at: number, column: number, text: string): string =>
      (rows[at] ?? '').split(',').with(column, text).join(',');
    const lines = [
      ...rows.slice(0, 4),
      cells(4, 1, '0'),
      cells(5, 1, '-3.5'),
      cells(6, 2, '0'),
      cells(7, 2, '0.000001'),
      cells(8, 5, 'maybe'),
      cells(9, 0, 'x'),
      ...rows.slice(10, 14),
      rows[12] ?? '',
      cells(13, 1, '61837.99'),
      ...rows.slice(15, 20),
      rows[14] ?? '',
      ...rows.slice(20, 24),
      cells(24, 4, '1723161255000'),
      cells(25, 4, '1823161255000'),
      ...rows.slice(26),
    ];
    const { faults, series } = await survey(lines);
    expect(faults.map(({ kind, count, examples }) => [kind, count, examples.map(({ line }) => line)])).toEqual([
      ['impossible', 3, [5, 6, 7]],
      ['off_lot', 1, [8]],
      ['corrupt', 2, [9, 10]],
      ['duplicate', 2, [15, 16]],
      ['disorder', 3, [22, 27, 28]],
    ]);
    expect([...series.tradeId]).toEqual([
      100,
      101,
      102,
      103,
      ...Array.from({ length: 4 }, (_, at) => 110 + at),
      ...Array.from({ length: 9 }, (_, at) => 115 + at),
      ...Array.from({ length: 14 }, (_, at) => 126 + at),
    ]);
  });

  it('ends where the file as a whole can’t be read', async () => {
    const gone = await surveyTradeFile('/nowhere/trades.csv', TERMS, 5);
    expect(gone).toMatchObject({ fault: { code: 'trades_missing' } });
    const nameless = await surveyTradeFile(
      '/nowhere',
      { ...TERMS, instrument: { ...TERMS.instrument, id: instrumentId('GOOG') } },
      5,
    );
    expect(nameless).toMatchObject({ fault: { code: 'trades_instrument' } });
  });
});
