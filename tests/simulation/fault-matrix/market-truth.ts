import type { ExchangeModel } from '@monsta/binance-server';
import type { BookSnapshot, InstrumentId, QuoteTick, TradeTick } from '@monsta/core';

const LEVELS = 20;

interface Told {
  readonly updateId: number;
  readonly tsEventUs: number;
}

function firstAfter(list: readonly Told[], updateId: number): number | null {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.updateId ?? 0) <= updateId) low = middle + 1;
    else high = middle;
  }
  return list[low]?.tsEventUs ?? null;
}

/** What happened on the exchange itself, kept as it happens: no network and no client is between. */
export class MarketTruth {
  readonly trades = new Map<number, TradeTick>();
  /** The first levels of the book as they were when it had come to an update. */
  readonly books = new Map<number, Pick<BookSnapshot, 'bids' | 'asks'>>();
  readonly quotes = new Map<number, QuoteTick>();
  readonly #quoteTimes: Told[] = [];
  readonly #bookTimes: Told[] = [];
  lastTradeId = 0;

  constructor(model: ExchangeModel, instrument: InstrumentId) {
    model.listen('trade', instrument, ({ value }) => {
      this.trades.set(value.tradeId, value);
      this.lastTradeId = value.tradeId;
    });
    model.listen('bookTicker', instrument, ({ value }) => {
      this.quotes.set(value.updateId, value);
      this.#quoteTimes.push(value);
    });
    model.listen('depth', instrument, ({ value }) => {
      const book = model.trading?.exchange.depth(instrument, LEVELS) ?? null;
      if (book === null || book.lastUpdateId !== value.lastUpdateId) return;
      this.books.set(book.lastUpdateId, book);
      this.#bookTimes.push({ updateId: book.lastUpdateId, tsEventUs: value.tsEventUs });
    });
  }

  /** When the first quote after an update, and not before a time, was told; null where there was none since. */
  quoteUsAfter(updateId: number, fromUs: number): number | null {
    const us = firstAfter(this.#quoteTimes, updateId);
    if (us === null || us >= fromUs) return us;
    return (
      this.#quoteTimes.find(({ tsEventUs, updateId: id }) => id > updateId && tsEventUs >= fromUs)?.tsEventUs ?? null
    );
  }

  /** When the first change of the book after an update was told; null where there was none since. */
  bookUsAfter(updateId: number): number | null {
    return firstAfter(this.#bookTimes, updateId);
  }
}
