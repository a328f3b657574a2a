import {
  aggregateTradeEvent,
  bookTickerEvent,
  depthUpdateEvent,
  tellListeners,
  tradeEvent,
  VenueTime,
  type AggregateTrade,
  type AggregateTradeQuery,
  type ExchangeModel,
  type ExchangeSymbol,
  type FeedEvent,
  type FeedKind,
  type FeedValues,
  type KlineQuery,
  type TradeQuery,
} from '@monsta/binance-server';
import {
  err,
  InvariantError,
  msFromUs,
  ok,
  price,
  quantity,
  timestampUs,
  usFromMs,
  type Bar,
  type BookSnapshot,
  type InstrumentId,
  type Interval,
  type QuoteTick,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { Clock, Logger, Timer } from '@monsta/ports';
import { BOOK_SLOT_MS, MINUTE_MS, PriceProcess, tradesBy } from './price-process.ts';
import { EPOCH_MS, SIMULATED_PROFILES } from './profiles.ts';
import { SimulatedBars } from './simulated-bars.ts';
import { SimulatedBook } from './simulated-book.ts';

/** What must be said wherever data of this market is shown. */
export const SIMULATION_DISCLOSURE =
  'Simulated market: synthetic prices from a seeded random process with no relation to any real market; their direction is unpredictable by construction, so a result obtained here says nothing about a real one.';

/** Trades told in one go when many are due (a process that slept); the next lot follows at once. */
const TRADES_PER_PUMP_MAX = 5_000;
const PUMP_LEAST_MS = 4;
const PUBLISH_LAG_MS = 50;
/** Book changes told one by one when several are due; of more (a process that slept) only the outcome is told. */
const SLOTS_PER_PUMP_MAX = 25;
/** Added to every seed: makes the default, 1, a market whose prices keep their magnitudes until the end of 2026 at least. */
const SEED_OFFSET = 15;

export interface SimulatedOptions {
  /** The same seed is the same market, in every process and at every time. */
  readonly seed: number;
  /** Default: all that can be simulated (BTC, ETH, BNB, SOL and XRP against USDT). */
  readonly instruments?: readonly InstrumentId[];
  readonly clock: Clock;
  readonly logger?: Logger;
}

interface Market {
  readonly symbol: ExchangeSymbol;
  readonly process: PriceProcess;
  readonly bars: SimulatedBars;
  readonly book: SimulatedBook;
  readonly listeners: { readonly [K in FeedKind]: Set<(event: FeedEvent<FeedValues[K]>) => void> };
  /** Last trade and slot told; null while nobody listens. */
  told: { tradeId: number; slot: number } | null;
}

const tradeListenersOf = ({ listeners }: Market): number => listeners.trade.size + listeners.aggTrade.size;
const bookListenersOf = ({ listeners }: Market): number => listeners.bookTicker.size + listeners.depth.size;

/** Every simulated trade is an order of its own: its aggregate has its number. */
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

class SimulatedExchange implements ExchangeModel {
  readonly origin = 'simulated';
  readonly disclosure = SIMULATION_DISCLOSURE;
  readonly publishLagMs = PUBLISH_LAG_MS;
  readonly trading = null;
  readonly #time: VenueTime;
  readonly #markets: readonly Market[];
  readonly #logger: Logger | null;
  #pump: Timer | null = null;

  constructor({ instruments, clock, logger, ...options }: SimulatedOptions) {
    if (!Number.isSafeInteger(options.seed)) {
      throw new RangeError(`createSimulatedExchange: the seed must be a whole number, not ${options.seed}`);
    }
    const seed = options.seed + SEED_OFFSET;
    this.#logger = logger ?? null;
    this.#time = new VenueTime(clock, 0, 0, 1);
    const wanted = instruments ?? SIMULATED_PROFILES.map(({ symbol }) => symbol.instrument.id);
    this.#markets = wanted.map((id) => {
      const index = SIMULATED_PROFILES.findIndex(({ symbol }) => symbol.instrument.id === id);
      const profile = SIMULATED_PROFILES[index];
      if (profile === undefined) throw new RangeError(`createSimulatedExchange: ${id} can't be simulated`);
      const process = new PriceProcess(seed, profile);
      // Each instrument's books change at another moment, so that the work is spread over the second.
      const phaseMs = Math.floor((index * BOOK_SLOT_MS) / SIMULATED_PROFILES.length);
      return {
        symbol: profile.symbol,
        process,
        bars: new SimulatedBars(process),
        book: new SimulatedBook(seed, process, phaseMs),
        listeners: { trade: new Set(), aggTrade: new Set(), bookTicker: new Set(), depth: new Set() },
        told: null,
      };
    });
  }

  nowUs(): TimestampUs {
    return this.#time.nowUs();
  }

  #nowMs(): number {
    return msFromUs(this.nowUs());
  }

  setVenueTimer(atUs: TimestampUs, task: () => void): Timer {
    return this.#time.setTimer(atUs, task);
  }

  symbols(): readonly ExchangeSymbol[] {
    return this.#markets.map(({ symbol }) => symbol);
  }

  #market(instrument: InstrumentId): Market {
    const market = this.#markets.find(({ symbol }) => symbol.instrument.id === instrument);
    if (market === undefined) throw new InvariantError(`${instrument} is not simulated here`);
    return market;
  }

  book(instrument: InstrumentId, depth: number): Result<BookSnapshot> {
    const { book } = this.#market(instrument);
    const slot = book.slotAt(this.#nowMs());
    if (slot < 0) return err('book_unknown', 'the simulated market begins on 2025-01-01; the clock is before it');
    return ok(book.snapshot(slot, depth, this.nowUs()));
  }

  quote(instrument: InstrumentId): QuoteTick | null {
    const { book } = this.#market(instrument);
    const slot = book.slotAt(this.#nowMs());
    return slot < 0 ? null : book.quote(slot);
  }

  klines(instrument: InstrumentId, interval: Interval, query: KlineQuery): readonly Bar[] {
    return this.#market(instrument).bars.query(interval, query, this.nowUs());
  }

  /** Id of the last trade at `ms`; 0 before the first. */
  #lastTradeId({ process }: Market, ms: number): number {
    if (ms < EPOCH_MS) return 0;
    const minute = process.minute(Math.floor((ms - EPOCH_MS) / MINUTE_MS));
    return minute.firstTradeId + tradesBy(minute, ms) - 1;
  }

  #trade({ process, symbol }: Market, tradeId: number): TradeTick {
    const { minuteIndex, place } = process.locate(tradeId);
    const minute = process.minute(minuteIndex);
    const buyerIsMaker = minute.buyerIsMaker[place] === 1;
    const timeUs = usFromMs(minute.timesMs[place] ?? 0);
    return {
      kind: 'trade',
      instrument: symbol.instrument.id,
      tradeId,
      price: price((minute.bids[place] ?? 0) + (buyerIsMaker ? 0 : 1)),
      quantity: quantity(minute.lots[place] ?? 0),
      buyerIsMaker,
      tsEventUs: timeUs,
      tsInitUs: timeUs,
    };
  }

  #tradeRange(market: Market, first: number, last: number, limit: number): TradeTick[] {
    const count = Math.max(0, Math.min(last - first + 1, limit));
    return Array.from({ length: count }, (_, index) => this.#trade(market, first + index));
  }

  trades(instrument: InstrumentId, { fromId, limit }: TradeQuery): readonly TradeTick[] {
    const market = this.#market(instrument);
    const last = this.#lastTradeId(market, this.#nowMs());
    return this.#tradeRange(market, Math.max(1, fromId ?? last - limit + 1), last, limit);
  }

  aggregateTrades(
    instrument: InstrumentId,
    { fromId, fromUs, toUs, limit }: AggregateTradeQuery,
  ): readonly AggregateTrade[] {
    const market = this.#market(instrument);
    const nowMs = this.#nowMs();
    const last = this.#lastTradeId(market, toUs === null ? nowMs : Math.min(nowMs, msFromUs(toUs)));
    let first = last - limit + 1;
    if (fromId !== null) first = fromId;
    // Trades have whole milliseconds: the first one at or after the start follows the last one before it.
    else if (fromUs !== null) first = this.#lastTradeId(market, Math.min(nowMs, Math.ceil(fromUs / 1_000) - 1)) + 1;
    return this.#tradeRange(market, Math.max(1, first), last, limit).map(aggregateOf);
  }

  listen<K extends FeedKind>(
    kind: K,
    instrument: InstrumentId,
    listener: (event: FeedEvent<FeedValues[K]>) => void,
  ): () => void {
    const market = this.#market(instrument);
    const listeners = market.listeners[kind];
    // A listener of its own, so that the same function may listen twice.
    const own = (event: FeedEvent<FeedValues[K]>): void => listener(event);
    const nowMs = this.#nowMs();
    market.told ??= { tradeId: 0, slot: 0 };
    // What nobody heard until now begins now, however long the other feeds have been running.
    if (tradeListenersOf(market) === 0) market.told.tradeId = this.#lastTradeId(market, nowMs);
    if (bookListenersOf(market) === 0) market.told.slot = Math.max(0, market.book.slotAt(nowMs));
    listeners.add(own);
    this.#arm();
    return () => {
      listeners.delete(own);
      if (tradeListenersOf(market) + bookListenersOf(market) === 0) market.told = null;
    };
  }

  /** When the next trade or change of a book is due; null while nobody listens. */
  #nextMs(): number | null {
    let next: number | null = null;
    for (const market of this.#markets) {
      if (market.told === null) continue;
      const { book, process, told } = market;
      if (bookListenersOf(market) > 0) {
        next = Math.min(next ?? Number.POSITIVE_INFINITY, book.timeOf(told.slot + 1));
      }
      if (tradeListenersOf(market) > 0) {
        const { minuteIndex, place } = process.locate(told.tradeId + 1);
        next = Math.min(next ?? Number.POSITIVE_INFINITY, process.minute(minuteIndex).timesMs[place] ?? 0);
      }
    }
    return next;
  }

  #arm(): void {
    this.#pump?.cancel();
    this.#pump = null;
    const nextMs = this.#nextMs();
    if (nextMs === null) return;
    this.#pump = this.#time.setTimer(usFromMs(nextMs), () => this.#send(), PUMP_LEAST_MS);
  }

  #send(): void {
    const nowMs = this.#nowMs();
    for (const market of this.#markets) this.#sendMarket(market, nowMs);
    this.#arm();
  }

  /** Trades and changes of the book in the order in which they happened, also when the process was kept from telling them in time. */
  #sendMarket(market: Market, nowMs: number): void {
    const { book } = market;
    const due = book.slotAt(nowMs);
    if (market.told !== null && due - market.told.slot <= SLOTS_PER_PUMP_MAX) {
      for (let slot = market.told.slot + 1; slot <= due; slot += 1) {
        this.#sendTrades(market, book.timeOf(slot));
        this.#sendBook(market, slot);
      }
      this.#sendTrades(market, nowMs);
    } else {
      this.#sendTrades(market, nowMs);
      this.#sendBook(market, due);
    }
  }

  #sendTrades(market: Market, nowMs: number): void {
    const { told, listeners, symbol } = market;
    if (told === null) return;
    const last = this.#lastTradeId(market, nowMs);
    if (tradeListenersOf(market) === 0) {
      told.tradeId = last;
      return;
    }
    const until = Math.min(last, told.tradeId + TRADES_PER_PUMP_MAX);
    if (until < last) {
      this.#logger?.warn('the simulated market has fallen behind its clock', {
        instrument: symbol.instrument.id,
        tradesWaiting: last - until,
      });
    }
    while (told.tradeId < until) {
      told.tradeId += 1;
      const trade = this.#trade(market, told.tradeId);
      tellListeners(
        listeners.trade,
        () => trade,
        () => tradeEvent(trade, symbol.instrument, trade.tsEventUs),
      );
      tellListeners(
        listeners.aggTrade,
        () => aggregateOf(trade),
        (value) => aggregateTradeEvent(value(), symbol.instrument, trade.tsEventUs),
      );
    }
  }

  #sendBook(market: Market, slot: number): void {
    const { told, listeners, symbol, book } = market;
    if (told === null) return;
    const from = told.slot;
    if (slot <= from) return;
    told.slot = slot;
    const timeUs = timestampUs(usFromMs(book.timeOf(slot)));
    if (listeners.bookTicker.size > 0) {
      const quote = book.quote(slot);
      const before = book.quote(from);
      if (
        quote.bidPrice !== before.bidPrice ||
        quote.bidQuantity !== before.bidQuantity ||
        quote.askQuantity !== before.askQuantity
      ) {
        tellListeners(
          listeners.bookTicker,
          () => quote,
          () => bookTickerEvent(quote, symbol.instrument),
        );
      }
    }
    tellListeners(
      listeners.depth,
      () => book.delta(from, slot),
      (value) => depthUpdateEvent(value(), symbol.instrument, timeUs),
    );
  }

  ended(): boolean {
    return false;
  }

  close(): void {
    this.#time.cancelAll();
    this.#pump = null;
    for (const market of this.#markets) {
      market.told = null;
      market.listeners.trade.clear();
      market.listeners.aggTrade.clear();
      market.listeners.bookTicker.clear();
      market.listeners.depth.clear();
    }
  }
}

/**
 * A market made of nothing but a seed, from 2025-01-01 to now, as a model for the Binance-compatible server: the same at every start.
 * Throws `RangeError` for an instrument that can't be simulated (see `SIMULATED_PROFILES`).
 */
export function createSimulatedExchange(options: SimulatedOptions): ExchangeModel {
  return new SimulatedExchange(options);
}
