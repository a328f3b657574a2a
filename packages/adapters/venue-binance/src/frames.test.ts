import { assetId, instrumentId, quantity, timestampUs, type Instrument } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameDecoder } from './frames.ts';

const NOW_US = timestampUs(1_723_161_255_000_000);

const instrument = (tick: Instrument['tick'], lot: Instrument['lot']): Instrument => ({
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick,
  lot,
  quantityMin: quantity(1),
  quantityMax: quantity(900_000_000),
  marketQuantityMax: null,
  notionalMin: null,
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
});

const step = fc.record({ units: fc.constantFrom(1, 5, 25, 100), scale: fc.integer({ min: 0, max: 8 }) });
/** Numbers as an exchange prints them, and what it never should. */
const decimalText = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat(9_999_999), fc.nat(99_999_999))
      .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(8, '0')}`),
  },
  { weight: 3, arbitrary: fc.nat(99_999).map((whole) => `${whole}.00000000`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '.',
      '1.',
      '.5',
      '-1.0',
      '1e5',
      ' 1',
      '0',
      '00',
      '007',
      '1.0.0',
      '9007199254740993',
      '99999999999999999999.1',
      'NaN',
      '１',
    ),
  },
);

describe('decoding frames', () => {
  it('gives the same by scanning as by the full parser, for any number on any grid, or the same refusal', () => {
    const frames = fc.record({
      tick: step,
      lot: step,
      at: decimalText,
      size: decimalText,
      id: fc.oneof(fc.nat(), fc.constantFrom(2 ** 53, -1, 1.5)),
      kind: fc.constantFrom('trade', 'bookTicker', 'depth'),
    });
    fc.assert(
      fc.property(frames, ({ tick, lot, at, size, id, kind }) => {
        const text = {
          trade: `{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":${id},"p":"${at}","q":"${size}","T":1723161255342,"m":true,"M":true}}`,
          bookTicker: `{"stream":"btcusdt@bookTicker","data":{"u":${id},"s":"BTCUSDT","b":"${at}","B":"${size}","a":"${at}","A":"${size}"}}`,
          depth: `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":${id},"u":${id},"b":[["${at}","${size}"]],"a":[]}}`,
        }[kind];
        const decoder = new FrameDecoder([instrument(tick, lot)]);
        const decoded = decoder.decode(text, NOW_US);
        expect(decoded).toEqual(decoder.decodeFully(text, NOW_US));
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads a frame whose fields stand in another order', () => {
    const decoder = new FrameDecoder([instrument({ units: 1, scale: 2 }, { units: 1, scale: 5 })]);
    const text =
      '{"data":{"A":"1.54698000","a":"61837.64000000","B":"3.78826000","b":"61837.63000000","s":"BTCUSDT","u":7},"stream":"btcusdt@bookTicker"}';
    expect(decoder.decode(text, NOW_US)).toMatchObject({
      ok: true,
      value: { kind: 'quote', updateId: 7, bidPrice: 6_183_763, askQuantity: 154_698 },
    });
    expect(decoder.slowFrames).toBe(1);
  });

  it('rounds what rests between two lots down, but refuses a trade there', () => {
    const decoder = new FrameDecoder([instrument({ units: 1, scale: 2 }, { units: 1, scale: 5 })]);
    const depth =
      '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[["200000.00000000","25.42618900"]]}}';
    expect(decoder.decode(depth, NOW_US)).toMatchObject({ ok: true, value: { asks: [[20_000_000, 2_542_618]] } });
    const trade =
      '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255343,"s":"BTCUSDT","t":1,"p":"1.00","q":"0.000001","T":1723161255342,"m":true,"M":true}}';
    expect(decoder.decode(trade, NOW_US)).toMatchObject({ ok: false, fault: { code: 'off_grid' } });
  });

  it('reads the exchange’s bar, with no trade ids where there was no trade', () => {
    const decoder = new FrameDecoder([instrument({ units: 1, scale: 2 }, { units: 1, scale: 5 })]);
    const k = {
      t: 1_723_161_240_000,
      T: 1_723_161_299_999,
      s: 'BTCUSDT',
      i: '1m',
      f: -1,
      L: -1,
      o: '61837.63',
      c: '61837.63',
      h: '61837.63',
      l: '61837.63',
      v: '0',
      n: 0,
      x: true,
      q: '0',
      V: '0',
      Q: '0',
    };
    const text = JSON.stringify({
      stream: 'btcusdt@kline_1m',
      data: { e: 'kline', E: 1_723_161_300_010, s: 'BTCUSDT', k },
    });
    expect(decoder.decode(text, NOW_US)).toMatchObject({
      ok: true,
      value: {
        kind: 'bar',
        closed: true,
        closeTimeUs: 1_723_161_300_000_000,
        tsEventUs: 1_723_161_300_000_000,
        firstTradeId: null,
        lastTradeId: null,
        trades: 0,
      },
    });
  });
});
