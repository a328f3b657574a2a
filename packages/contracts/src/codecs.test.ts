import {
  assetId,
  expectOk,
  instrumentId,
  price,
  quantity,
  timestampUs,
  type BookSnapshot,
  type Instrument,
} from '@monsta/core';
import { expect, test } from 'vitest';
import { decodeBook, encodeBook } from './codecs.ts';

const instrument: Instrument = {
  id: instrumentId('BTCUSDT'),
  base: assetId('BTC'),
  quote: assetId('USDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 5 },
  quantityMin: quantity(1),
  quantityMax: quantity(900_000),
  marketQuantityMax: null,
  notionalMin: null,
  notionalMax: null,
  status: 'trading',
  version: 1,
  validFromUs: timestampUs(0),
};
const book: BookSnapshot = {
  kind: 'book-snapshot',
  instrument: instrument.id,
  lastUpdateId: 7,
  bids: [
    [price(100), quantity(5)],
    [price(99), quantity(6)],
  ],
  asks: [[price(101), quantity(7)]],
  tsEventUs: timestampUs(1_000),
  tsInitUs: timestampUs(1_000),
};

test('a book is read as it was written, and no deeper than is asked', () => {
  const message = encodeBook(book, instrument, 20);
  expect(expectOk(decodeBook(message, instrument, 20))).toEqual(book);
  expect(expectOk(decodeBook(message, instrument, 1))).toEqual({ ...book, bids: book.bids.slice(0, 1) });
  const off = { ...message, asks: [['1.001', '1'] as [string, string]] };
  expect(decodeBook(off, instrument, 20)).toMatchObject({ ok: false, fault: { code: 'off_grid' } });
});
