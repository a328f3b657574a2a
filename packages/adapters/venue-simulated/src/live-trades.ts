import { price, quantity, timestampUs, type InstrumentId, type TradeTick } from '@monsta/core';
import type { ExchangeTrade } from '@monsta/matching';

const ROWS_FIRST = 1_024;

/**
 * The trades of a session, newest kept: so many that what is asked for in practice is there, in a ring of plain numbers. When it is full the oldest are forgotten.
 */
export class LiveTrades {
  readonly #instrument: InstrumentId;
  readonly #capacity: number;
  #prices = new Float64Array(ROWS_FIRST);
  #lots = new Float64Array(ROWS_FIRST);
  #timesUs = new Float64Array(ROWS_FIRST);
  #aggregateIds = new Float64Array(ROWS_FIRST);
  #buyerIsMaker = new Uint8Array(ROWS_FIRST);
  /** Ids kept: from `#firstId`, `#count` of them. */
  #firstId: number;
  #count = 0;

  /** `firstId` is the id of the session's first trade. */
  constructor(instrument: InstrumentId, firstId: number, capacity: number) {
    this.#instrument = instrument;
    this.#firstId = firstId;
    this.#capacity = Math.max(ROWS_FIRST, capacity);
  }

  /** The first id that is kept, and the one after the last. */
  get firstId(): number {
    return this.#firstId;
  }

  get endId(): number {
    return this.#firstId + this.#count;
  }

  add(trade: ExchangeTrade, aggregateId: number): void {
    if (this.#count === this.#prices.length) {
      if (this.#prices.length < this.#capacity) this.#grow();
      else {
        this.#firstId += 1;
        this.#count -= 1;
      }
    }
    const at = trade.tradeId % this.#prices.length;
    this.#prices[at] = trade.price;
    this.#lots[at] = trade.quantity;
    this.#timesUs[at] = trade.timeUs;
    this.#aggregateIds[at] = aggregateId;
    this.#buyerIsMaker[at] = trade.buyerIsMaker ? 1 : 0;
    this.#count += 1;
  }

  #grow(): void {
    const size = Math.min(this.#capacity, this.#prices.length * 2);
    const moved = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(size);
      for (let id = this.#firstId; id < this.endId; id += 1) to[id % size] = from[id % from.length] ?? 0;
      return to;
    };
    const sides = new Uint8Array(size);
    for (let id = this.#firstId; id < this.endId; id += 1) {
      sides[id % size] = this.#buyerIsMaker[id % this.#buyerIsMaker.length] ?? 0;
    }
    this.#prices = moved(this.#prices);
    this.#lots = moved(this.#lots);
    this.#timesUs = moved(this.#timesUs);
    this.#aggregateIds = moved(this.#aggregateIds);
    this.#buyerIsMaker = sides;
  }

  /** A trade that is kept. */
  at(tradeId: number): TradeTick {
    const row = tradeId % this.#prices.length;
    const tsEventUs = timestampUs(this.#timesUs[row] ?? 0);
    return {
      kind: 'trade',
      instrument: this.#instrument,
      tradeId,
      price: price(this.#prices[row] ?? 0),
      quantity: quantity(this.#lots[row] ?? 0),
      buyerIsMaker: this.#buyerIsMaker[row] === 1,
      tsEventUs,
      tsInitUs: tsEventUs,
    };
  }

  aggregateIdOf(tradeId: number): number {
    return this.#aggregateIds[tradeId % this.#aggregateIds.length] ?? 0;
  }

  /** The first trade kept whose aggregate is `aggregateId` or a later one; `endId` where there is none. */
  firstOfAggregate(aggregateId: number): number {
    return this.#firstWhere((row) => (this.#aggregateIds[row] ?? 0) >= aggregateId);
  }

  /** The first trade kept at or after a time; `endId` where there is none. */
  firstAt(timeUs: number): number {
    return this.#firstWhere((row) => (this.#timesUs[row] ?? 0) >= timeUs);
  }

  #firstWhere(reached: (row: number) => boolean): number {
    const size = this.#prices.length;
    let low = this.#firstId;
    let high = this.endId;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (reached(middle % size)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
