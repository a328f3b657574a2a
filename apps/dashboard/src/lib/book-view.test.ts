import { describe, expect, it } from 'vitest';
import { bookView } from './book-view.ts';

describe('the top of the book', () => {
  const book = {
    bids: [
      ['100.00', '1.5'],
      ['99.99', '0.5'],
      ['99.98', '9'],
    ] as [string, string][],
    asks: [
      ['100.02', '0.3'],
      ['100.03', '0.7'],
    ] as [string, string][],
  };

  it('shows the best levels of each side, asks from above down to the spread', () => {
    const view = bookView(book, 2);
    expect(view.asks.map(({ price }) => price)).toEqual(['100.03', '100.02']);
    expect(view.bids.map(({ price }) => price)).toEqual(['100.00', '99.99']);
  });

  it('adds quantities up exactly from the best level on, and draws them against the deeper side', () => {
    const view = bookView(book, 2);
    expect(view.asks.map(({ sum, share }) => [sum, share])).toEqual([
      ['1.0', 0.5],
      ['0.3', 0.15],
    ]);
    expect(view.bids.map(({ sum, share }) => [sum, share])).toEqual([
      ['1.5', 0.75],
      ['2.0', 1],
    ]);
  });

  it('says the spread exactly, and in percent of the bid', () => {
    expect(bookView(book, 2)).toMatchObject({ spread: '0.02', spreadPercent: '0.020000' });
  });

  it('has no spread while a side is empty', () => {
    expect(bookView({ bids: book.bids, asks: [] }, 2)).toMatchObject({ asks: [], spread: null, spreadPercent: null });
    expect(bookView({ bids: [], asks: [] }, 2)).toMatchObject({ bids: [], spread: null });
  });
});
