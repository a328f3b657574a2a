import type { BookDelta, BookSnapshot, QuoteTick, TradeTick } from '@monsta/core';
import { US_PER_MS } from '@monsta/core';
import { refusal, type ExchangeRefusal } from '../exchange/exchange-faults.ts';
import type { Order } from '../exchange/order.ts';
import type { SymbolFeed } from '../exchange/symbol-feed.ts';
import type { TickRules } from './fill-rules.ts';
import { QueuePlaces, type QueuePlacesState } from './queue-places.ts';
import { ShownBook } from './shown-book.ts';
import type { ShownSide, ShownSideState } from './shown-side.ts';
import { TradedVolume, type TradedVolumeState } from './traded-volume.ts';

const resting = (order: Order): boolean => order.place === 'resting';

/** What was shown and traded last, and where orders stand in the queue. */
export interface TickFillsState {
  readonly bids: ShownSideState;
  readonly asks: ShownSideState;
  readonly places: QueuePlacesState;
  /** Null where no rule asks for it. */
  readonly volume: TradedVolumeState | null;
  readonly shownUs: number;
  readonly lastTradeUs: number;
  readonly bookUs: number;
  readonly newestQuote: QuoteTick | null;
}

/**
 * Fills the orders of one symbol from quotes or books, and trades. Only the feed's trades move the last price, which triggers stops; until the first one the middle of the
 * newest quote stands for it and triggers nothing.
 */
export class TickFills {
  #feed: SymbolFeed;
  readonly #rules: TickRules;
  readonly #book: ShownBook;
  readonly #places: QueuePlaces;
  readonly #volume: TradedVolume | null;
  /** When what is offered was learned; -1 before. */
  #shownUs = -1;
  #lastTradeUs = -1;
  /** As of when the book is known; -1 before, and since the newest quote stands alone in its stead. */
  #bookUs = -1;
  #newestQuote: QuoteTick | null = null;

  constructor(feed: SymbolFeed, rules: TickRules) {
    this.#feed = feed;
    this.#rules = rules;
    this.#volume = rules.slippage.kind === 'square-root' ? new TradedVolume() : null;
    this.#book = new ShownBook(rules, () => this.#volume?.at(this.#feed.nowUs) ?? 0);
    this.#places = new QueuePlaces(rules.resting);
    feed.offer(this.#book);
  }

  /** Goes on with an exchange that took over the orders of the one before. */
  moveTo(feed: SymbolFeed): void {
    this.#feed = feed;
    feed.offer(this.#book);
  }

  /** Everything, for `goOn`. */
  state(): TickFillsState {
    return {
      bids: this.#book.bids.state(),
      asks: this.#book.asks.state(),
      places: this.#places.state(),
      volume: this.#volume?.state() ?? null,
      shownUs: this.#shownUs,
      lastTradeUs: this.#lastTradeUs,
      bookUs: this.#bookUs,
      newestQuote: this.#newestQuote,
    };
  }

  /** Goes on where another one of the same rules was, before it has seen anything. */
  goOn({ bids, asks, places, volume, shownUs, lastTradeUs, bookUs, newestQuote }: TickFillsState): void {
    this.#book.bids.goOn(bids);
    this.#book.asks.goOn(asks);
    this.#places.goOn(places);
    if (volume !== null) this.#volume?.goOn(volume);
    this.#shownUs = shownUs;
    this.#lastTradeUs = lastTradeUs;
    this.#bookUs = bookUs;
    this.#newestQuote = newestQuote;
  }

  /** Why nothing can be placed now; null where it can. */
  placingFault(nowUs: number): ExchangeRefusal | null {
    const { symbol } = this.#feed;
    if (this.#shownUs < 0) {
      return refusal('no_quote', -1112, `no price of ${symbol} has been seen yet that an order could fill at`);
    }
    const ageMs = (nowUs - this.#shownUs) / US_PER_MS;
    if (ageMs <= this.#rules.quoteAgeMsMax) return null;
    const age = Math.round(ageMs);
    return refusal(
      'quote_stale',
      -1112,
      `the newest price of ${symbol} is ${age} ms old, above ${this.#rules.quoteAgeMsMax} ms`,
    );
  }

  /** Notes an order that begins to rest at its price. */
  rests(order: Order): void {
    this.#places.arrive(order, order.isBuy ? this.#book.bids : this.#book.asks);
  }

  /** Takes back the orders that rest, each behind the lots that were written down for it. */
  takeBack(places: ReadonlyMap<number, number>): void {
    for (const order of this.#feed.orders())
      if (resting(order)) this.#places.takeBack(order.orderId, places.get(order.orderId) ?? null);
  }

  /** Lots of others before each resting order whose place is known. */
  get places(): readonly (readonly [orderId: number, ahead: number])[] {
    return this.#places.known;
  }

  /** Forgets an order that has ended. */
  ended(orderId: number): void {
    this.#places.leave(orderId);
  }

  /** Lots of others before a resting order at its price; null where that is not known. */
  queueAhead(order: Order): number | null {
    return this.#places.ahead(order);
  }

  quote(quote: QuoteTick): void {
    const { offers, quoteAgeMsMax } = this.#rules;
    if (offers === 'depth') return;
    const { tsInitUs } = quote;
    const hasBook = offers === 'both' && this.#bookUs >= 0 && tsInitUs - this.#bookUs <= quoteAgeMsMax * US_PER_MS;
    if (hasBook) this.#touch(quote);
    else {
      this.#bookUs = -1;
      this.#book.bids.setOne(quote.bidPrice, quote.bidQuantity);
      this.#book.asks.setOne(quote.askPrice, quote.askQuantity);
    }
    this.#newestQuote = quote;
    this.#shown(tsInitUs);
  }

  #touch({ bidPrice, bidQuantity, askPrice, askQuantity }: QuoteTick): void {
    this.#book.bids.setBest(bidPrice, bidQuantity);
    this.#book.asks.setBest(askPrice, askQuantity);
  }

  snapshot({ bids, asks, lastUpdateId, tsInitUs }: BookSnapshot): void {
    if (this.#rules.offers === 'quotes') return;
    this.#book.bids.setAll(bids);
    this.#book.asks.setAll(asks);
    this.#knows(lastUpdateId, tsInitUs);
  }

  /** Changes of a book that is known whole; without that they say nothing. */
  delta({ bids, asks, lastUpdateId, tsInitUs }: BookDelta): void {
    if (this.#rules.offers === 'quotes' || this.#bookUs < 0) return;
    for (const [price, quantity] of bids) this.#book.bids.change(price, quantity);
    for (const [price, quantity] of asks) this.#book.asks.change(price, quantity);
    this.#knows(lastUpdateId, tsInitUs);
  }

  /** The book is known as of an update. It may be older than the newest quote. */
  #knows(lastUpdateId: number, tsInitUs: number): void {
    this.#bookUs = tsInitUs;
    const quote = this.#newestQuote;
    if (quote !== null && quote.updateId > lastUpdateId) this.#touch(quote);
    this.#shown(tsInitUs);
  }

  trade({ price, quantity, buyerIsMaker, tsEventUs, tsInitUs }: TradeTick): void {
    const feed = this.#feed;
    feed.advance(tsInitUs);
    this.#volume?.add(quantity, tsEventUs);
    // One that came late, from a repaired gap, is no longer the last.
    const isLast = tsEventUs >= this.#lastTradeUs;
    if (isLast) {
      this.#lastTradeUs = tsEventUs;
      feed.setLast(price, quantity);
    }
    if (feed.openOrders === 0) return;
    this.#fillFromTrade(price, quantity, buyerIsMaker, tsEventUs);
    if (isLast) feed.showLast();
  }

  #shown(tsInitUs: number): void {
    const feed = this.#feed;
    feed.advance(tsInitUs);
    this.#shownUs = tsInitUs;
    const { bids, asks } = this.#book;
    if (this.#lastTradeUs < 0) {
      const middle = bids.best > 0 && asks.best > 0 ? Math.floor((bids.best + asks.best) / 2) : bids.best + asks.best;
      if (middle > 0) feed.setLast(middle, 0);
    }
    if (feed.openOrders === 0) return;
    let crossed = false;
    for (const order of feed.orders()) {
      if (!resting(order)) continue;
      this.#places.show(order, order.isBuy ? bids : asks);
      const best = order.isBuy ? asks.best : bids.best;
      if (best > 0 && this.#reaches(best, order)) crossed = true;
    }
    if (!crossed) return;
    const orders = feed.orders().filter(resting);
    this.#fillCrossed(orders, true, asks);
    this.#fillCrossed(orders, false, bids);
  }

  /** The opposite side crosses the prices of resting orders: best price first, then oldest, each at its own price. */
  #fillCrossed(orders: readonly Order[], isBuy: boolean, side: ShownSide): void {
    for (const order of byPrice(orders, isBuy)) {
      for (let index = 0; index < side.count && resting(order); index += 1) {
        const price = side.prices[index] as number;
        if (!this.#reaches(price, order)) break;
        const quantity = Math.min(side.left[index] as number, order.remaining);
        if (quantity <= 0) continue;
        side.left[index] = (side.left[index] as number) - quantity;
        this.#feed.fill(order, order.price, quantity);
      }
    }
  }

  #fillFromTrade(price: number, size: number, buyerIsMaker: boolean, tsEventUs: number): void {
    if (!this.#feed.orders().some((order) => resting(order) && meets(price, order))) return;
    // An order that was not there yet when the trade happened has no part in it.
    const orders = this.#feed.orders().filter((order) => resting(order) && order.workingUs <= tsEventUs);
    for (const isBuy of [true, false]) {
      let left = size;
      for (const order of byPrice(orders, isBuy)) {
        if (left === 0 || !resting(order)) continue;
        const { shown, icebergQuantity } = order;
        const reached = this.#traded(order, price, left, buyerIsMaker === isBuy);
        // Of an iceberg only the part that shows stands in the queue; the next one goes to its end.
        const inQueue = icebergQuantity > 0 && price === order.price;
        const quantity = Math.min(reached, inQueue ? shown : order.remaining);
        if (quantity <= 0) continue;
        left -= quantity;
        this.#feed.fill(order, order.price, quantity);
        if (inQueue && quantity === shown && resting(order)) this.rests(order);
      }
    }
  }

  /** How much of a trade reaches an order. `hitsSide`: the trade took from the order's side of the book. */
  #traded(order: Order, price: number, left: number, hitsSide: boolean): number {
    if (order.isBuy ? price < order.price : price > order.price) return left;
    if (price !== order.price || !hitsSide || this.#rules.resting === 'through') return 0;
    return this.#rules.resting === 'touch' ? left : this.#places.trade(order, left);
  }

  #reaches(price: number, order: Order): boolean {
    if (price === order.price) return this.#rules.resting === 'touch';
    return order.isBuy ? price < order.price : price > order.price;
  }
}

/** True where a trade may have something to do with an order: at its price or beyond. */
function meets(price: number, order: Order): boolean {
  return order.isBuy ? price <= order.price : price >= order.price;
}

/** The orders of one side, best price first, then oldest. */
function byPrice(orders: readonly Order[], isBuy: boolean): readonly Order[] {
  return orders
    .filter((order) => order.isBuy === isBuy)
    .sort((left, right) => (isBuy ? right.price - left.price : left.price - right.price));
}
