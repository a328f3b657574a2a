import {
  msFromUs,
  US_PER_MS,
  type BookSnapshot,
  type FeedState,
  type MarketEvent,
  type QuoteTick,
  type TradeTick,
} from '@monsta/core';
import type { MarketTruth } from './market-truth.ts';

/** A feed that says it is live has everything that is older than this: the venue's own limit for a stale feed, and a second to see it. */
const UNNOTICED_MS = 16_000;

const MISSING = /trades (\d+) to (\d+) are missing/;
const sameLevels = (left: BookSnapshot['bids'], right: BookSnapshot['bids']): boolean =>
  left.length === right.length &&
  left.every(([price, quantity], index) => price === right[index]?.[0] && quantity === right[index]?.[1]);

/**
 * Compares all that the collector's client tells with what happened: each trade once and in order, with holes only where they were said before; every quote and every book as it was;
 * and `live` said only while nothing is missing.
 */
export class CollectorWitness {
  readonly violations: string[] = [];
  /** A line for each thing told, so that two runs can be compared. */
  readonly transcript: string[] = [];
  readonly #truth: MarketTruth;
  readonly #missing: (readonly [from: number, to: number])[] = [];
  feed: FeedState | null = null;
  #liveSinceUs = 0;
  #lastTradeId: number | null = null;
  #lastQuote: QuoteTick | null = null;
  booksCompared = 0;

  constructor(truth: MarketTruth) {
    this.#truth = truth;
  }

  get live(): boolean {
    return this.feed?.status === 'live';
  }

  take(event: MarketEvent): void {
    switch (event.kind) {
      case 'trade':
        this.#takeTrade(event);
        break;
      case 'quote':
        this.#takeQuote(event);
        break;
      case 'feed':
        this.#takeFeed(event);
        break;
      default:
        this.transcript.push(`${event.kind} ${event.tsEventUs}`);
    }
  }

  #takeTrade(trade: TradeTick): void {
    const { tradeId } = trade;
    this.transcript.push(`trade ${tradeId}`);
    const last = this.#lastTradeId;
    if (last !== null && tradeId <= last) this.#wrong(`trade ${tradeId} came after trade ${last}`);
    if (last !== null && tradeId > last + 1) this.#checkMissing(last + 1, tradeId - 1);
    this.#lastTradeId = Math.max(last ?? 0, tradeId);
    const real = this.#truth.trades.get(tradeId);
    const differs =
      real !== undefined &&
      (real.price !== trade.price ||
        real.quantity !== trade.quantity ||
        real.buyerIsMaker !== trade.buyerIsMaker ||
        real.tsEventUs !== trade.tsEventUs);
    if (real === undefined || differs) this.#wrong(`trade ${tradeId} is not as it was traded`);
  }

  #checkMissing(from: number, to: number): void {
    for (let id = from; id <= to; id += 1) {
      if (this.#missing.some(([first, last]) => id >= first && id <= last)) continue;
      this.#wrong(`trade ${id} is missing and nobody said so`);
      return;
    }
  }

  #takeQuote(quote: QuoteTick): void {
    this.transcript.push(`quote ${quote.updateId}`);
    if (this.#lastQuote !== null && quote.updateId <= this.#lastQuote.updateId)
      this.#wrong(`quote ${quote.updateId} came after quote ${this.#lastQuote.updateId}`);
    this.#lastQuote = quote;
    const real = this.#truth.quotes.get(quote.updateId);
    if (real === undefined || real.bidPrice !== quote.bidPrice || real.askPrice !== quote.askPrice)
      this.#wrong(`quote ${quote.updateId} is not as it was`);
  }

  #takeFeed(feed: FeedState): void {
    this.transcript.push(`${feed.status} ${feed.reason ?? ''}`);
    if (feed.status === 'live' && !this.live) this.#liveSinceUs = feed.tsEventUs;
    const missing = feed.status === 'gap' ? MISSING.exec(feed.reason ?? '') : null;
    if (missing !== null) this.#missing.push([Number(missing[1]), Number(missing[2])]);
    this.feed = feed;
  }

  /** Looks at the state as somebody would who asks at this moment. */
  look(nowUs: number, book: BookSnapshot | null): void {
    if (book !== null) this.#compareBook(book);
    if (!this.live) return;
    if (book === null) this.#wrong('live without a book');
    const beforeUs = nowUs - UNNOTICED_MS * US_PER_MS;
    if (this.#liveSinceUs > beforeUs) return;
    const told = this.#lastTradeId ?? this.#truth.lastTradeId;
    const next = this.#truth.trades.get(told + 1);
    if (next !== undefined && next.tsEventUs < beforeUs)
      this.#wrong(`live for ${UNNOTICED_MS} ms, and trade ${told + 1} has not come`);
    const quote = this.#lastQuote?.updateId ?? 0;
    // A stream tells of changes: what was before the feed was live it need not have told.
    if ((this.#truth.quoteUsAfter(quote, this.#liveSinceUs) ?? nowUs) < beforeUs)
      this.#wrong(`live for ${UNNOTICED_MS} ms, and the quote after ${quote} has not come`);
    if (book !== null && (this.#truth.bookUsAfter(book.lastUpdateId) ?? nowUs) < beforeUs)
      this.#wrong(`live for ${UNNOTICED_MS} ms with a book that stands still at ${book.lastUpdateId}`);
  }

  #compareBook(book: BookSnapshot): void {
    const real = this.#truth.books.get(book.lastUpdateId);
    // A snapshot may show the book between two changes as they are told.
    if (real === undefined) return;
    this.booksCompared += 1;
    const levels = real.bids.length;
    if (!sameLevels(book.bids.slice(0, levels), real.bids) || !sameLevels(book.asks.slice(0, levels), real.asks))
      this.#wrong(`the book at update ${book.lastUpdateId} is not as it was`);
  }

  /** After all is over: everything that happened until `untilUs` has come, or was said to be missing. */
  finish(untilUs: number): void {
    const first = this.#lastTradeId === null ? this.#truth.lastTradeId : this.#lastTradeId + 1;
    for (let id = first; id <= this.#truth.lastTradeId; id += 1) {
      const real = this.#truth.trades.get(id);
      if (real !== undefined && real.tsEventUs < untilUs)
        this.#wrong(`trade ${id} of ${msFromUs(real.tsEventUs)} never came`);
    }
    if (this.booksCompared === 0) this.#wrong('no book was ever compared');
  }

  #wrong(what: string): void {
    if (this.violations.length < 20) this.violations.push(what);
  }
}
