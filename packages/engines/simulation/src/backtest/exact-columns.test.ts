import { fillId, venueOrderId, type Amount, type Fill } from '@monsta/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClosedTrades, type ClosedTrade } from './closed-trades.ts';
import { ExactColumns } from './exact-columns.ts';
import { FillColumns } from './fill-columns.ts';

const amounts = fc.oneof(
  fc.bigInt({ min: -(2n ** 90n), max: 2n ** 90n }),
  fc.bigInt({ min: -(2n ** 140n), max: 2n ** 140n }),
);
const ids = fc.oneof(
  fc.integer({ min: 0 }).map(String),
  fc.constantFrom('', '007', '1e3', '-1', 'x12', '12345678901234567890', '0'),
);

it('gives back every amount to the last digit, however large, also after the columns have grown', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(amounts, amounts)), (rows) => {
      const columns = new ExactColumns(2);
      for (const [row, [one, other]] of rows.entries()) {
        columns.reserve(row + 1);
        columns.set(row, 0, one);
        columns.set(row, 1, other);
      }
      expect(rows.map((_, row) => [columns.get(row, 0), columns.get(row, 1)])).toEqual(rows);
    }),
  );
});

it('gives back every fill as it came, whatever its ids, and as many as are asked for', () => {
  const fills = fc.record({
    fillId: ids.map(fillId),
    clientOrderId: fc.string(),
    venueOrderId: ids.map(venueOrderId),
    strategyId: fc.constantFrom('one', 'two'),
    instrument: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
    side: fc.constantFrom('buy', 'sell'),
    price: fc.maxSafeNat(),
    quantity: fc.maxSafeNat(),
    fee: amounts,
    feeAsset: fc.constantFrom('BTC', 'USDT', 'BNB'),
    liquidity: fc.constantFrom('maker', 'taker'),
    tsEventUs: fc.maxSafeNat(),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<Fill>;
  fc.assert(
    fc.property(fc.array(fills, { maxLength: 80 }), fc.nat(80), (all, count) => {
      const columns = new FillColumns();
      const asked = Math.min(count, all.length);
      for (const fill of all.slice(0, asked)) columns.add(fill);
      const early = columns.first(asked);
      for (const fill of all.slice(asked)) columns.add(fill);
      expect(columns.first(all.length)).toEqual(all);
      expect(columns.first(asked)).toEqual(early);
      expect(early).toEqual(all.slice(0, asked));
    }),
  );
});

it('gives back every closed trade as it came, however many tags there are', () => {
  const exact = (): fc.Arbitrary<Amount> => amounts as fc.Arbitrary<Amount>;
  const trades = fc.record({
    strategyId: fc.constantFrom('one', 'two'),
    instrument: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
    direction: fc.constantFrom('long', 'short'),
    entryTag: fc.option(fc.string()),
    exitTag: fc.option(fc.string()),
    exitCause: fc.constantFrom('stop', 'strategy', 'end_of_data', null),
    key: ids,
    openedMs: fc.maxSafeNat(),
    closedMs: fc.maxSafeNat(),
    adversePpm: fc.maxSafeNat(),
    favourablePpm: fc.maxSafeNat(),
    entryQuantity: exact(),
    entryValue: exact(),
    exitQuantity: exact(),
    exitValue: exact(),
    largest: exact(),
    profit: exact(),
    fees: exact(),
  }) as fc.Arbitrary<unknown> as fc.Arbitrary<ClosedTrade>;
  fc.assert(
    fc.property(fc.array(trades, { maxLength: 80 }), (all) => {
      const columns = new ClosedTrades();
      for (const trade of all) columns.add(trade);
      expect(all.map((_, row) => columns.at(row))).toEqual(all);
    }),
  );
});
