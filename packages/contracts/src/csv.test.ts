import {
  amount,
  assetId,
  clientOrderId,
  fillId,
  instrumentId,
  price,
  quantity,
  strategyId,
  timestampUs,
  venueOrderId,
  type Fill,
  type Instrument,
} from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine, fillCsvLine, FILLS_CSV_HEADER } from './csv.ts';

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

const FILL: Fill = {
  fillId: fillId('77'),
  clientOrderId: clientOrderId('m1-1'),
  venueOrderId: venueOrderId('42'),
  strategyId: strategyId('=cmd|calc'),
  instrument: BTC.id,
  side: 'buy',
  price: price(6_173_763),
  quantity: quantity(1_234),
  fee: amount(10n ** 12n),
  feeAsset: assetId('BNB'),
  liquidity: 'maker',
  tsEventUs: timestampUs(1_723_075_200_123_456),
};

/** Reads a line back as RFC 4180 has it. */
function cellsOf(line: string): string[] {
  const cells: string[] = [];
  let text = '';
  let quoted = false;
  for (let at = 0; at < line.length - 2; at += 1) {
    const char = line.charAt(at);
    if (quoted && char === '"' && line[at + 1] === '"') {
      text += '"';
      at += 1;
    } else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      cells.push(text);
      text = '';
    } else text += char;
  }
  return [...cells, text];
}

test('a fill is a line of exact decimals and UTC times, and its names are no formulas', () => {
  expect(fillCsvLine(FILL, BTC)).toBe(
    "2024-08-08T00:00:00.123Z,1723075200123,BTCUSDT,BTC,USDT,buy,61737.63,0.01234,761.8423542,0.000001,BNB,maker,'=cmd|calc,77,m1-1,42\r\n",
  );
  expect(cellsOf(FILLS_CSV_HEADER)).toHaveLength(cellsOf(fillCsvLine(FILL, BTC)).length);
});

test('a spreadsheet reads back every text, and takes none but a number for anything else than text', () => {
  const anyText = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc
      .tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r'), fc.string({ maxLength: 8 }))
      .map((parts) => parts.join('')),
    fc.integer().map(String),
  );
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1, maxLength: 6 }), (texts) => {
      const line = csvLine(texts);
      expect(line.endsWith('\r\n')).toBe(true);
      const cells = cellsOf(line);
      expect(cells.map((cell, index) => (cell === `'${texts[index] ?? ''}` ? cell.slice(1) : cell))).toEqual(texts);
      for (const cell of cells) {
        if (/^[=+\-@\t\r]/.test(cell)) expect(cell).toMatch(/^-\d+(\.\d+)?$/);
      }
    }),
  );
});

test('what is not known is an empty cell', () => {
  expect(csvLine([null, 'a', 0])).toBe(',a,0\r\n');
});
