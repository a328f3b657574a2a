import { instrumentId, price, quantity, timestampUs, type MarketEvent, type TradeTick } from '@monsta/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withImpliedQuotes } from './implied-quotes.ts';

const trade = (at: number, side: 'buy' | 'sell', ticks: number, lots: number): TradeTick => ({
  kind: 'trade',
  instrument: instrumentId('BTCUSDT'),
  tradeId: at,
  price: price(ticks),
  quantity: quantity(lots),
  buyerIsMaker: side === 'sell',
  tsEventUs: timestampUs(at),
  tsInitUs: timestampUs(at + 1),
});

/** Bid, its size, ask, its size; and the times of each. */
const quotesOf = (events: Iterable<MarketEvent>): readonly (readonly number[])[] =>
  [...withImpliedQuotes(events)].flatMap((event) =>
    event.kind === 'quote' ? [[event.bidPrice, event.bidQuantity, event.askPrice, event.askQuantity]] : [],
  );

describe('quotes that trades imply', () => {
  it('begin once somebody has sold and somebody has bought, and count what is traded there in a row', () => {
    expect(
      quotesOf([
        trade(1, 'sell', 100, 5),
        trade(2, 'sell', 100, 2),
        trade(3, 'buy', 103, 4),
        trade(4, 'buy', 104, 1),
        trade(5, 'sell', 101, 9),
      ]),
    ).toEqual([
      [100, 7, 103, 4],
      [100, 7, 104, 1],
      [101, 9, 104, 1],
    ]);
  });

  it('never cross: the side that was gone through is a tick behind', () => {
    expect(quotesOf([trade(1, 'sell', 100, 5), trade(2, 'buy', 101, 4), trade(3, 'sell', 105, 3)])).toEqual([
      [100, 5, 101, 4],
      [105, 3, 106, 4],
    ]);
    expect(quotesOf([trade(1, 'buy', 100, 5), trade(2, 'sell', 101, 4), trade(3, 'buy', 90, 2)])).toEqual([
      [101, 4, 102, 5],
      [89, 4, 90, 2],
    ]);
  });

  it('stand behind their trades, at the same moment, whatever the trades are', () => {
    const some = fc.array(
      fc.record({ sold: fc.boolean(), at: fc.integer({ min: 2, max: 60 }), lots: fc.integer({ min: 1, max: 9 }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(some, (made) => {
        const trades = made.map(({ sold, at, lots }, index) => trade(index, sold ? 'sell' : 'buy', at, lots));
        const events = [...withImpliedQuotes(trades)];
        expect(events.filter(({ kind }) => kind === 'trade')).toEqual(trades);
        for (const [index, event] of events.entries()) {
          if (event.kind !== 'quote') continue;
          const before = events[index - 1];
          if (before?.kind !== 'trade') throw new Error('a quote without its trade');
          expect([event.tsEventUs, event.tsInitUs]).toEqual([before.tsEventUs, before.tsInitUs]);
          expect(event.bidPrice).toBeLessThan(event.askPrice);
          expect(before.buyerIsMaker ? event.bidPrice : event.askPrice).toBe(before.price);
        }
      }),
    );
  });
});
