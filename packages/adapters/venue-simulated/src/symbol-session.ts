import type { AggregateTrade, ExchangeSymbol } from '@monsta/binance-server';
import {
  invariant,
  timestampUs,
  usFromMs,
  type BookSnapshot,
  type QuoteTick,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { BestBidAsk, Exchange, ExchangeTrade } from '@monsta/matching';
import type { Logger } from '@monsta/ports';
import { STEP_MS, SymbolAgents } from './agents/symbol-agents.ts';
import { LiveMinutes } from './live-minutes.ts';
import { LiveTrades } from './live-trades.ts';
import { type MinuteTrades, type PriceProcess } from './price-process.ts';
import { SymbolFeeds } from './symbol-feeds.ts';

/** Trades are kept for so many hours of the symbol's ordinary rate. */
const KEPT_HOURS = 48;
/** Without listeners the changes of a book are let go once in so many steps. */
const DISCARD_EVERY_STEPS = 100;

/** One symbol from the session's start on: its agents, what they and the users did, and who is told of it. */
export class SymbolSession {
  readonly symbol: ExchangeSymbol;
  readonly feeds: SymbolFeeds;
  readonly trades: LiveTrades;
  readonly minutes: LiveMinutes;
  readonly startMs: number;
  readonly #exchange: Exchange;
  readonly #agents: SymbolAgents;
  readonly #logger: Logger | null;
  #step: number;
  #minute: MinuteTrades;
  #place: number;
  #aggregate: { readonly taker: number; readonly first: ExchangeTrade; lots: number; last: number } | null = null;
  #aggregateId: number;
  /** The newest best prices that are not told yet. */
  #best: BestBidAsk | null = null;
  #toldBest: BestBidAsk | null = null;
  #batching = false;

  constructor(
    exchange: Exchange,
    seed: number,
    process: PriceProcess,
    startMs: number,
    lastTradeId: number,
    logger: Logger | null,
  ) {
    const { symbol, tradesPerHour } = process.profile;
    const { instrument } = symbol;
    this.symbol = symbol;
    this.startMs = startMs;
    this.#exchange = exchange;
    this.#logger = logger;
    this.feeds = new SymbolFeeds(instrument);
    this.trades = new LiveTrades(instrument.id, lastTradeId + 1, KEPT_HOURS * tradesPerHour);
    this.minutes = new LiveMinutes(startMs);
    this.#aggregateId = lastTradeId;
    this.#agents = new SymbolAgents(exchange, seed, process, logger);
    this.#step = Math.floor(startMs / STEP_MS);
    const { minute, count } = this.#agents.minuteAt(startMs);
    this.#minute = minute;
    this.#place = count;
  }

  /** When the agents do something next. */
  nextMs(): number {
    return Math.min((this.#step + 1) * STEP_MS, this.#nextTradeMs());
  }

  #nextTradeMs(): number {
    if (this.#place >= this.#minute.count) {
      const next = this.#agents.minuteAfter(this.#minute);
      this.#minute = next;
      this.#place = 0;
    }
    return this.#minute.timesMs[this.#place] ?? Number.POSITIVE_INFINITY;
  }

  /** Opens the book at the session's start. */
  open(): void {
    this.#runStep(this.#step, this.startMs);
  }

  /** Lets happen what is due next; a trade comes before the step of the same moment, whose quotes follow it. */
  runNext(): void {
    const tradeMs = this.#nextTradeMs();
    const stepMs = (this.#step + 1) * STEP_MS;
    if (tradeMs <= stepMs) this.#runTrade(tradeMs);
    else {
      this.#step += 1;
      this.#runStep(this.#step, stepMs);
    }
  }

  /** Passes over everything until `ms`, as if the exchange had been closed, and opens the book again at that time. */
  skipTo(ms: number): void {
    const { minute, count } = this.#agents.minuteAt(ms);
    this.#minute = minute;
    this.#place = count;
    this.#step = Math.floor(ms / STEP_MS);
    this.#runStep(this.#step, ms);
  }

  #runTrade(timeMs: number): void {
    const place = this.#place;
    this.#place += 1;
    // The session's trades never run ahead of those that the process counts, so that their ids are not given out again after a restart.
    if (this.trades.endId > this.#minute.firstTradeId + place || !this.#isTrading()) return;
    this.#batching = true;
    this.#agents.trade(this.#minute, place, timeMs);
    this.#batching = false;
    this.#tellBest(usFromMs(timeMs), true);
  }

  #runStep(step: number, timeMs: number): void {
    const timeUs = usFromMs(timeMs);
    if (this.#isTrading()) {
      this.#batching = true;
      this.#agents.step(step, timeMs);
      this.#batching = false;
      this.#tellBest(timeUs, true);
    }
    if (this.feeds.depthCount > 0) this.#tellDepth(timeUs);
    else if (step % DISCARD_EVERY_STEPS === 0) this.#exchange.drainDepth(this.symbol.instrument.id);
  }

  /** Closed by a halt or a maintenance, the agents wait like everybody. */
  #isTrading(): boolean {
    return this.#exchange.rules(this.symbol.instrument.id)?.status === 'TRADING';
  }

  /** Lets go of what changed before the first listener came. */
  beginDepth(): void {
    if (this.feeds.depthCount === 0) this.#exchange.drainDepth(this.symbol.instrument.id);
  }

  #tellDepth(tsEventUs: TimestampUs): void {
    const { id } = this.symbol.instrument;
    const delta = this.#exchange.drainDepth(id);
    if (delta === null) return;
    if (delta === 'overflowed') {
      // Whoever follows sees the gap in the update ids and takes a snapshot, as at the exchange.
      this.#logger?.warn('more of a book changed at once than is told', { instrument: id });
      return;
    }
    this.feeds.tellDepth({ kind: 'book-delta', instrument: id, ...delta, tsEventUs, tsInitUs: tsEventUs });
  }

  onTrade(trade: ExchangeTrade): void {
    const taker = trade.buyerIsMaker ? trade.sellerOrderId : trade.buyerOrderId;
    const open = this.#aggregate;
    if (open !== null && open.taker === taker && open.first.price === trade.price) {
      open.lots += trade.quantity;
      open.last = trade.tradeId;
    } else {
      this.#closeAggregate();
      this.#aggregateId += 1;
      this.#aggregate = { taker, first: trade, lots: trade.quantity, last: trade.tradeId };
    }
    this.trades.add(trade, this.#aggregateId);
    this.minutes.add(trade);
    this.#agents.onTrade(trade);
    this.feeds.tellTrade(tickOf(trade));
  }

  /** Hears that a command is over. */
  onCommandEnd(): void {
    this.#closeAggregate();
  }

  #closeAggregate(): void {
    const open = this.#aggregate;
    if (open === null) return;
    this.#aggregate = null;
    const { first } = open;
    this.feeds.tellAggregate({
      instrument: first.symbol,
      aggregateId: this.#aggregateId,
      price: first.price,
      quantity: open.lots as AggregateTrade['quantity'],
      firstTradeId: first.tradeId,
      lastTradeId: open.last,
      buyerIsMaker: first.buyerIsMaker,
      tsEventUs: timestampUs(first.timeUs),
    });
  }

  onBest(best: BestBidAsk, timeUs: number): void {
    this.#best = best;
    this.#agents.onBest();
    if (!this.#batching) this.#tellBest(timestampUs(timeUs), false);
  }

  /** What agents do in one go is told as one change. */
  #tellBest(timeUs: TimestampUs, isBatch: boolean): void {
    const heard = this.#best;
    const told = this.#toldBest;
    this.#best = null;
    if (heard === null) return;
    // After a batch the id is that of the book as it stands, so that the change of the book told with it ends at the same one.
    const best = isBatch ? (this.#exchange.best(heard.symbol) ?? heard) : heard;
    this.#toldBest = best;
    const same =
      told !== null &&
      told.bidPrice === best.bidPrice &&
      told.bidQuantity === best.bidQuantity &&
      told.askPrice === best.askPrice &&
      told.askQuantity === best.askQuantity;
    if (!same) this.feeds.tellQuote(quoteOf(best, timeUs));
  }

  quote(nowUs: TimestampUs): QuoteTick {
    const best = this.#exchange.best(this.symbol.instrument.id);
    invariant(best !== null, 'the symbol is traded here');
    return quoteOf(best, nowUs);
  }

  book(depth: number, nowUs: TimestampUs): BookSnapshot {
    const { id } = this.symbol.instrument;
    const book = this.#exchange.depth(id, depth);
    invariant(book !== null, 'the symbol is traded here');
    return { kind: 'book-snapshot', instrument: id, ...book, tsEventUs: nowUs, tsInitUs: nowUs };
  }
}

const quoteOf = (best: BestBidAsk, tsEventUs: TimestampUs): QuoteTick => ({
  kind: 'quote',
  instrument: best.symbol,
  updateId: best.updateId,
  bidPrice: best.bidPrice,
  bidQuantity: best.bidQuantity,
  askPrice: best.askPrice,
  askQuantity: best.askQuantity,
  tsEventUs,
  tsInitUs: tsEventUs,
});

function tickOf(trade: ExchangeTrade): TradeTick {
  const { tradeId, price, quantity, buyerIsMaker } = trade;
  const tsEventUs = timestampUs(trade.timeUs);
  return {
    kind: 'trade',
    instrument: trade.symbol,
    tradeId,
    price,
    quantity,
    buyerIsMaker,
    tsEventUs,
    tsInitUs: tsEventUs,
  };
}
