import {
  aggregateTradeEvent,
  bookTickerEvent,
  depthUpdateEvent,
  tellListeners,
  tradeEvent,
  type AggregateTrade,
  type FeedEvent,
  type FeedKind,
  type FeedValues,
} from '@monsta/binance-server';
import type { BookDelta, Instrument, QuoteTick, TradeTick } from '@monsta/core';

/** Who listens to one symbol, and how it is told. */
export class SymbolFeeds {
  readonly #instrument: Instrument;
  readonly #listeners: { readonly [K in FeedKind]: Set<(event: FeedEvent<FeedValues[K]>) => void> } = {
    trade: new Set(),
    aggTrade: new Set(),
    bookTicker: new Set(),
    depth: new Set(),
  };

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  get count(): number {
    const { trade, aggTrade, bookTicker, depth } = this.#listeners;
    return trade.size + aggTrade.size + bookTicker.size + depth.size;
  }

  /** How many listen to changes of the book. */
  get depthCount(): number {
    return this.#listeners.depth.size;
  }

  listen<K extends FeedKind>(kind: K, listener: (event: FeedEvent<FeedValues[K]>) => void): () => void {
    const listeners = this.#listeners[kind];
    // A listener of its own, so that the same function may listen twice.
    const own = (event: FeedEvent<FeedValues[K]>): void => listener(event);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  tellTrade(trade: TradeTick): void {
    tellListeners(
      this.#listeners.trade,
      () => trade,
      () => tradeEvent(trade, this.#instrument, trade.tsEventUs),
    );
  }

  tellAggregate(trade: AggregateTrade): void {
    tellListeners(
      this.#listeners.aggTrade,
      () => trade,
      () => aggregateTradeEvent(trade, this.#instrument, trade.tsEventUs),
    );
  }

  tellQuote(quote: QuoteTick): void {
    tellListeners(
      this.#listeners.bookTicker,
      () => quote,
      () => bookTickerEvent(quote, this.#instrument),
    );
  }

  tellDepth(delta: BookDelta): void {
    tellListeners(
      this.#listeners.depth,
      () => delta,
      () => depthUpdateEvent(delta, this.#instrument, delta.tsEventUs),
    );
  }

  clear(): void {
    for (const listeners of Object.values(this.#listeners)) listeners.clear();
  }
}
