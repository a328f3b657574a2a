import {
  accountId,
  addAmounts,
  amount,
  assetId,
  expectOk,
  parseAmount,
  price,
  quantity,
  strategyId,
  timestampUs,
  type Amount,
  type AssetId,
  type Fill,
} from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTC, money } from './kernel.test-support.ts';
import { flatPosition, sellableLots, type Position } from './position.ts';
import { bookFill, endedTrip, observePrice, roundTripOf, takeCoins, type Moved } from './round-trip.ts';
import { decodeTrip, encodeTrip, type Trip } from './trip.ts';

const START = flatPosition(strategyId('s'), BTC.id, timestampUs(0));
const BNB = assetId('BNB');

interface FillTerms {
  readonly fee?: Amount;
  readonly feeAsset?: AssetId;
  readonly us?: number;
}

const fillOf = (side: 'buy' | 'sell', at: number, lots: number, terms: FillTerms = {}): Fill => ({
  fillId: 'f' as Fill['fillId'],
  clientOrderId: 'c' as Fill['clientOrderId'],
  venueOrderId: 'v' as Fill['venueOrderId'],
  strategyId: strategyId('s'),
  instrument: BTC.id,
  side,
  price: price(at),
  quantity: quantity(lots),
  fee: terms.fee ?? amount(0n),
  feeAsset: terms.feeAsset ?? BTC.quote,
  liquidity: 'taker',
  tsEventUs: timestampUs(terms.us ?? 1),
});

const book = (position: Position, fill: Fill, otherFeeValue: Amount | null = null): Moved =>
  bookFill(position, fill, BTC, otherFeeValue);

const record = (trip: Trip | null, closedUs = 9) => {
  if (trip === null) throw new Error('no trip ended');
  const closing = { key: 'f', closedUs: timestampUs(closedUs), orderId: null, tag: 'stop', cause: 'stop' } as const;
  return roundTripOf(endedTrip(trip, START, closing), accountId('paper:test'));
};

describe('a round trip', () => {
  test('has the averages of its fills, its profit net of fees, and what it was closed for', () => {
    const first = book(START, fillOf('buy', 10_000, 100_000, { fee: money('0.1'), us: 5 }));
    const second = book(first.position, fillOf('buy', 20_000, 100_000, { fee: money('0.2'), us: 6 }));
    const half = book(second.position, fillOf('sell', 18_000, 100_000, { fee: money('0.18'), us: 7 }));
    expect([first.closed, second.closed, half.closed]).toEqual([null, null, null]);
    const done = book(half.position, fillOf('sell', 14_000, 100_000, { fee: money('0.14'), us: 9 }));
    expect(done.position).toMatchObject({ trip: null, openedUs: null, quantity: 0n });
    expect(record(done.closed)).toMatchObject({
      id: 's:BTCUSDT:f',
      openedUs: 5,
      closedUs: 9,
      entryQuantity: '2',
      entryValue: '300',
      entryPrice: '150',
      exitQuantity: '2',
      exitValue: '320',
      exitPrice: '160',
      realizedProfit: '19.38',
      profit: '19.38',
      fees: { byAsset: { USDT: '0.62' }, otherValue: '0', unvalued: {} },
      fills: 4,
      exitTag: 'stop',
      exitCause: 'stop',
    });
  });

  test('ends with the dust of a fee in coins, which stays in the position with its cost', () => {
    const bought = book(START, fillOf('buy', 10_000, 999, { fee: amount(999n * 10n ** 10n), feeAsset: BTC.base }));
    const sold = book(bought.position, fillOf('sell', 10_000, sellableLots(bought.position, BTC)));
    expect(sold.closed).not.toBeNull();
    expect(sold.position.quantity > 0n).toBe(true);
    expect(sold.position.trip).toBeNull();
    const again = book(sold.position, fillOf('buy', 10_000, 5, { us: 3 }));
    expect(again.position.trip).toMatchObject({ openedUs: 3, fills: 1 });
  });

  test('begins with the first fill, also where that leaves less than a lot', () => {
    const speck = book(START, fillOf('buy', 10_000, 1, { fee: money('0.00000001'), feeAsset: BTC.base }));
    expect(speck).toMatchObject({ closed: null, position: { openedUs: null, trip: { fills: 1 } } });
    const more = book(speck.position, fillOf('buy', 10_000, 10));
    expect(more.position.trip).toMatchObject({ fills: 2, entryQuantity: money('0.00011') });
  });

  test('takes a fee in a third asset off the profit where it was worth something known', () => {
    const terms = { fee: money('0.001'), feeAsset: BNB };
    const bought = book(START, fillOf('buy', 10_000, 100_000, terms), money('0.6'));
    const sold = book(bought.position, fillOf('sell', 11_000, 100_000, terms), money('0.5'));
    expect(record(sold.closed)).toMatchObject({
      realizedProfit: '10',
      profit: '8.9',
      fees: { byAsset: { BNB: '0.002' }, otherValue: '1.1', unvalued: {} },
    });
    expect(sold.position).toMatchObject({ realizedProfit: money('10'), feesPaid: 0n });
  });

  test('has no profit known while the worth of one fee is not', () => {
    const terms = { fee: money('0.001'), feeAsset: BNB };
    const bought = book(START, fillOf('buy', 10_000, 100_000, terms), money('0.6'));
    const sold = book(bought.position, fillOf('sell', 11_000, 100_000, terms), null);
    expect(record(sold.closed)).toMatchObject({
      realizedProfit: '10',
      profit: null,
      fees: { byAsset: { BNB: '0.002' }, otherValue: '0.6', unvalued: { BNB: '0.001' } },
    });
  });

  test('whose coins were taken away by hand has neither profit nor loss of them, and says how many', () => {
    const bought = book(START, fillOf('buy', 10_000, 100_000, { fee: money('0.1') }));
    const part = takeCoins(bought.position, money('0.25'), BTC, timestampUs(7));
    expect(part).toMatchObject({ closed: null, position: { trip: { takenAway: money('0.25') } } });
    const gone = takeCoins(part.position, money('0.75'), BTC, timestampUs(8));
    expect(record(gone.closed)).toMatchObject({
      takenAway: '1',
      exitQuantity: '0',
      exitPrice: null,
      realizedProfit: '-0.1',
    });
    expect(gone.position.trip).toBeNull();
  });

  test('of a position that was held before trips were kept begins with what it holds', () => {
    const held: Position = { ...START, quantity: money('1'), costBasis: money('100'), openedUs: timestampUs(2) };
    const sold = book(held, fillOf('sell', 12_000, 100_000));
    expect(record(sold.closed)).toMatchObject({ openedUs: 2, entryPrice: '100', exitPrice: '120', profit: '20' });
  });
});

describe('how far the market went while a position was held', () => {
  const held = book(START, fillOf('buy', 10_000, 100_000)).position;
  const after = (position: Position, ...prices: number[]): Position =>
    prices.reduce((seen, at) => observePrice(seen, price(at), BTC), position);

  test('is the deepest loss and the highest profit, in quote and of the entry price', () => {
    expect(after(held, 9_900, 10_300, 9_500, 9_600, 10_250).trip?.excursions).toEqual({
      adverse: money('5'),
      favourable: money('3'),
      adversePpm: 50_000,
      favourablePpm: 30_000,
    });
  });

  test('counts from the price paid for what was held at the time', () => {
    const low = after(held, 9_000);
    const more = book(low, fillOf('buy', 8_000, 100_000)).position;
    // Two coins for 180: at 80 they had lost 20, at 100 they gain 20.
    expect(after(more, 10_000).trip?.excursions).toEqual({
      adverse: money('20'),
      favourable: money('20'),
      adversePpm: 200_000,
      favourablePpm: 111_111,
    });
  });

  test('sees the price of its own fills: who sold at a loss has had that loss', () => {
    const sold = book(held, fillOf('sell', 9_800, 100_000));
    expect(record(sold.closed).excursions).toMatchObject({ adverse: '2', favourable: '0', adversePpm: 20_000 });
  });

  test('is the same object while nothing new was seen, and nothing while flat', () => {
    const seen = after(held, 9_000, 11_000);
    expect(after(seen, 9_500, 10_500)).toBe(seen);
    expect(after(START, 1)).toBe(START);
  });

  test('is never less than what was lost or won at the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 100_000 }),
        fc.array(fc.integer({ min: 100, max: 100_000 }), { maxLength: 20 }),
        fc.integer({ min: 100, max: 100_000 }),
        (entry, path, exit) => {
          const bought = book(START, fillOf('buy', entry, 100_000)).position;
          const trip = record(book(after(bought, ...path), fillOf('sell', exit, 100_000)).closed);
          const [profit, adverse, favourable] = [
            trip.realizedProfit,
            trip.excursions.adverse,
            trip.excursions.favourable,
          ].map((text) => expectOk(parseAmount(text)));
          expect((profit ?? 0n) >= -(adverse ?? 0n)).toBe(true);
          expect((profit ?? 0n) <= (favourable ?? 0n)).toBe(true);
          const [low, high] = [Math.min(entry, exit, ...path), Math.max(entry, exit, ...path)];
          expect(adverse).toBe(BigInt(entry - low) * 10n ** 16n);
          expect(favourable).toBe(BigInt(high - entry) * 10n ** 16n);
        },
      ),
    );
  });
});

const anyStep = fc.record({
  kind: fc.constantFrom('buy' as const, 'sell' as const, 'take' as const),
  at: fc.integer({ min: 1, max: 10_000_000 }),
  lots: fc.integer({ min: 1, max: 1_000_000 }),
  feePpm: fc.integer({ min: 0, max: 2_000 }),
  feeIn: fc.constantFrom('base' as const, 'quote' as const, 'other' as const),
});

test('the profits of all round trips and of the one under way are the realised profit, to the last digit', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60 }), (steps) => {
      let position = START;
      let closed = amount(0n);
      for (const [index, { kind, at, lots, feePpm, feeIn }] of steps.entries()) {
        let moved: Moved;
        if (kind === 'take') {
          const by = amount((position.quantity * BigInt(feePpm)) / 2_000n);
          moved = takeCoins(position, by, BTC, timestampUs(index));
        } else {
          const size = kind === 'buy' ? lots : Math.min(lots, sellableLots(position, BTC));
          if (size === 0) continue;
          const worth = BigInt(size) * (feeIn === 'base' ? 10n ** 13n : BigInt(at) * 10n ** 11n);
          const fee = amount((worth * BigInt(feePpm)) / 1_000_000n);
          const feeAsset = feeIn === 'base' && kind === 'buy' ? BTC.base : feeIn === 'other' ? BNB : BTC.quote;
          moved = book(position, fillOf(kind, at, size, { fee, feeAsset, us: index }), feePpm % 2 === 0 ? fee : null);
        }
        if (moved.closed !== null) closed = addAmounts(closed, moved.closed.realizedProfit);
        position = moved.position;
        // What is kept of a trip is all of it.
        if (position.trip !== null) expect(decodeTrip(encodeTrip(position.trip))).toEqual(position.trip);
      }
      const open = position.trip?.realizedProfit ?? amount(0n);
      expect(addAmounts(closed, open)).toBe(position.realizedProfit);
    }),
    { numRuns: 300 },
  );
});
