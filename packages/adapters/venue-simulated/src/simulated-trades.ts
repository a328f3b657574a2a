import type { AggregateTrade, AggregateTradeQuery, TradeQuery } from '@monsta/binance-server';
import type { Quantity, TradeTick } from '@monsta/core';
import { historyTrade, lastTradeIdBy } from './history-trades.ts';
import type { LiveTrades } from './live-trades.ts';
import type { PriceProcess } from './price-process.ts';

/** In history every trade is an order of its own: its aggregate has its number. */
const aggregateOf = (trade: TradeTick): AggregateTrade => ({
  instrument: trade.instrument,
  aggregateId: trade.tradeId,
  price: trade.price,
  quantity: trade.quantity,
  firstTradeId: trade.tradeId,
  lastTradeId: trade.tradeId,
  buyerIsMaker: trade.buyerIsMaker,
  tsEventUs: trade.tsEventUs,
});

/** The trades of one symbol over the seam: the process' until the session's start, the exchange's own from then on, under consecutive ids. */
export class SimulatedTrades {
  readonly #process: PriceProcess;
  readonly #live: LiveTrades;
  /** Of the last trade before the session. */
  readonly #historyEndId: number;

  constructor(process: PriceProcess, live: LiveTrades) {
    this.#process = process;
    this.#live = live;
    this.#historyEndId = live.firstId - 1;
  }

  query({ fromId, limit }: TradeQuery): readonly TradeTick[] {
    const end = this.#live.endId;
    const trades: TradeTick[] = [];
    let id = Math.max(1, fromId ?? end - limit);
    while (id < end && trades.length < limit) {
      id = this.#kept(id);
      trades.push(this.#at(id));
      id += 1;
    }
    return trades;
  }

  /** The id itself, or the oldest that is kept where the session has forgotten it. */
  #kept(id: number): number {
    return id <= this.#historyEndId ? id : Math.max(id, this.#live.firstId);
  }

  #at(id: number): TradeTick {
    return id <= this.#historyEndId ? historyTrade(this.#process, id) : this.#live.at(id);
  }

  aggregates({ fromId, fromUs, toUs, limit }: AggregateTradeQuery): readonly AggregateTrade[] {
    const live = this.#live;
    const end = toUs === null ? live.endId : this.#endBy(toUs);
    let id: number;
    if (fromId !== null) id = this.#firstOfAggregate(fromId);
    else if (fromUs !== null) id = this.#endBy(fromUs - 1);
    else id = this.#firstOfAggregate(this.#aggregateIdOf(end - 1) - limit + 1);
    id = this.#kept(Math.max(1, id));
    const found: AggregateTrade[] = [];
    while (id < end && found.length < limit) {
      const aggregate = id <= this.#historyEndId ? aggregateOf(this.#at(id)) : this.#liveAggregate(id);
      found.push(aggregate);
      id = this.#kept(aggregate.lastTradeId + 1);
    }
    return found;
  }

  /** The id after the last trade at or before a time. */
  #endBy(timeUs: number): number {
    const live = this.#live;
    if (live.endId > live.firstId && timeUs >= live.at(live.firstId).tsEventUs) return live.firstAt(timeUs + 1);
    // Trades of the process have whole milliseconds.
    const ms = Math.floor(timeUs / 1_000);
    return Math.min(this.#historyEndId, lastTradeIdBy(this.#process, ms)) + 1;
  }

  #aggregateIdOf(id: number): number {
    return id <= this.#historyEndId ? id : this.#live.aggregateIdOf(this.#kept(id));
  }

  #firstOfAggregate(aggregateId: number): number {
    return aggregateId <= this.#historyEndId ? aggregateId : this.#live.firstOfAggregate(aggregateId);
  }

  #liveAggregate(id: number): AggregateTrade {
    const live = this.#live;
    const first = live.at(id);
    const aggregateId = live.aggregateIdOf(id);
    let quantity: number = first.quantity;
    let lastTradeId = id;
    while (lastTradeId + 1 < live.endId && live.aggregateIdOf(lastTradeId + 1) === aggregateId) {
      lastTradeId += 1;
      quantity += live.at(lastTradeId).quantity;
    }
    return { ...aggregateOf(first), aggregateId, quantity: quantity as Quantity, lastTradeId };
  }
}
