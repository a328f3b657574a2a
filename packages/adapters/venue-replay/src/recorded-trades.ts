import type { AggregateTrade } from '@monsta/binance-server';
import { timestampUs, type Instrument, type TradeTick } from '@monsta/core';
import { Column, firstIndex } from './columns.ts';
import { gridConversion, type GridConversion, type RecordedSymbol } from './recorded-symbol.ts';
import type { Recording } from './recording.ts';

/** The trades of one symbol, in ticks and lots, and their aggregates. */
export class RecordedTrades {
  readonly #recording: Recording;
  readonly #symbol: RecordedSymbol;
  readonly #instrument: Instrument;
  readonly #grid: GridConversion;
  /** Row of the last trade of each aggregate. */
  readonly #aggregateLast = new Column();

  constructor(recording: Recording, symbol: RecordedSymbol, instrument: Instrument) {
    this.#recording = recording;
    this.#symbol = symbol;
    this.#instrument = instrument;
    this.#grid = gridConversion(instrument);
    for (let row = 0; row < this.length; row += 1) {
      if (row === this.length - 1 || !this.#sameOrder(row, row + 1)) this.#aggregateLast.push(row);
    }
    this.#aggregateLast.trim();
  }

  get length(): number {
    return this.#symbol.tradeId.length;
  }

  /** The exchange joins what one taker order took at one price; from outside that is: same time, price and side, in a row. */
  #sameOrder(row: number, next: number): boolean {
    const { tradeTimeUs, tradePrice, tradeBuyerIsMaker } = this.#symbol;
    return (
      tradeTimeUs.at(row) === tradeTimeUs.at(next) &&
      tradePrice.at(row) === tradePrice.at(next) &&
      tradeBuyerIsMaker.at(row) === tradeBuyerIsMaker.at(next)
    );
  }

  /** How many trades had been told by `nowUs`. */
  toldBy(nowUs: number): number {
    const events = this.#recording.countUpTo(nowUs);
    return this.#symbol.tradeEvent.countBelow(events);
  }

  trade(row: number): TradeTick {
    const symbol = this.#symbol;
    return {
      kind: 'trade',
      instrument: this.#instrument.id,
      tradeId: symbol.tradeId.at(row),
      price: this.#grid.price(symbol.tradePrice.at(row)),
      quantity: this.#grid.quantity(symbol.tradeQuantity.at(row)),
      buyerIsMaker: symbol.tradeBuyerIsMaker.at(row) === 1,
      tsEventUs: timestampUs(symbol.tradeTimeUs.at(row)),
      tsInitUs: timestampUs(this.#recording.atUs(symbol.tradeEvent.at(row))),
    };
  }

  /** First row whose id is at least `id`. */
  rowOfId(id: number): number {
    return this.#symbol.tradeId.countBelow(id);
  }

  /** The aggregate that ends with this row; null when the next trade belongs to it too. */
  aggregateEndingAt(row: number): AggregateTrade | null {
    const index = this.#aggregateLast.countBelow(row);
    return index < this.#aggregateLast.length && this.#aggregateLast.at(index) === row ? this.aggregate(index) : null;
  }

  /** How many aggregates are complete within the first `told` trades. */
  aggregatesWithin(told: number): number {
    return this.#aggregateLast.countBelow(told);
  }

  /** First aggregate whose time is at least `us`. */
  aggregateFrom(us: number): number {
    return firstIndex(
      this.#aggregateLast.length,
      (index) => this.#symbol.tradeTimeUs.at(this.#aggregateLast.at(index)) >= us,
    );
  }

  /** Aggregates are numbered from 1 within the recording: the exchange's own numbers were not recorded. */
  aggregate(index: number): AggregateTrade {
    const last = this.#aggregateLast.at(index);
    const first = index === 0 ? 0 : this.#aggregateLast.at(index - 1) + 1;
    const { price, buyerIsMaker, tsEventUs } = this.trade(first);
    let units = 0;
    for (let row = first; row <= last; row += 1) units += this.#symbol.tradeQuantity.at(row);
    return {
      instrument: this.#instrument.id,
      aggregateId: index + 1,
      price,
      quantity: this.#grid.quantity(units),
      firstTradeId: this.#symbol.tradeId.at(first),
      lastTradeId: this.#symbol.tradeId.at(last),
      buyerIsMaker,
      tsEventUs,
    };
  }

  /** The longest time between a trade and its event, ms, rounded up. */
  publishLagMs(): number {
    let longestUs = 0;
    for (let row = 0; row < this.length; row += 1) {
      const toldUs = this.#recording.atUs(this.#symbol.tradeEvent.at(row));
      longestUs = Math.max(longestUs, toldUs - this.#symbol.tradeTimeUs.at(row));
    }
    return Math.ceil(longestUs / 1_000);
  }
}
