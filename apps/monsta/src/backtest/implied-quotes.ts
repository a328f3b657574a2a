import { price, quantity, type MarketEvent, type QuoteTick, type TradeTick } from '@monsta/core';

/** What somebody last traded at on one side of the book, and how much in a row. */
interface Side {
  readonly price: number;
  readonly quantity: number;
}

/** Best bid and ask as far as trades tell them: whoever sold met a bid, whoever bought an ask. */
class ImpliedQuote {
  #bid: Side | null = null;
  #ask: Side | null = null;
  #updates = 0;

  /** The quote after a trade; null until there was one of each side. */
  after(trade: TradeTick): QuoteTick | null {
    const sold = trade.buyerIsMaker;
    const before = sold ? this.#bid : this.#ask;
    const side: Side = {
      price: trade.price,
      quantity: trade.quantity + (before?.price === trade.price ? before.quantity : 0),
    };
    if (sold) this.#bid = side;
    else this.#ask = side;
    if (this.#bid === null || this.#ask === null) return null;
    // The older side has moved away where the newer trade went through it: it is at least a tick behind.
    if (this.#bid.price >= this.#ask.price) {
      if (sold) this.#ask = { ...this.#ask, price: this.#bid.price + 1 };
      else this.#bid = { ...this.#bid, price: this.#ask.price - 1 };
    }
    if (this.#bid.price <= 0) return null;
    this.#updates += 1;
    const { instrument, tsEventUs, tsInitUs } = trade;
    return {
      kind: 'quote',
      instrument,
      updateId: this.#updates,
      bidPrice: price(this.#bid.price),
      bidQuantity: quantity(this.#bid.quantity),
      askPrice: price(this.#ask.price),
      askQuantity: quantity(this.#ask.quantity),
      tsEventUs,
      tsInitUs,
    };
  }
}

/** Events of one instrument whose quotes were not recorded, each trade with the quote behind it that it implies. */
export function* withImpliedQuotes(events: Iterable<MarketEvent>): Generator<MarketEvent> {
  const quote = new ImpliedQuote();
  for (const event of events) {
    yield event;
    const implied = event.kind === 'trade' ? quote.after(event) : null;
    if (implied !== null) yield implied;
  }
}
