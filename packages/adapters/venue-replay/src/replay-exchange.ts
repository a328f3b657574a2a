import {
  aggregateTradeEvent,
  tellListeners,
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
  InvariantError,
  timestampUs,
  type Bar,
  type BookDelta,
  type BookSnapshot,
  type InstrumentId,
  type Interval,
  type QuoteTick,
  type Result,
  type TimestampUs,
  type TradeTick,
} from '@monsta/core';
import type { Clock, Logger, Timer } from '@monsta/ports';
import { depthPayload } from './recorded-payloads.ts';
import { gridConversion } from './recorded-symbol.ts';
import { RecordedTrades } from './recorded-trades.ts';
import type { Recording } from './recording.ts';
import { ReplayBars } from './replay-bars.ts';
import { ReplayBook } from './replay-book.ts';

/** Events due within this time go out together: a wake-up for each would cost more than the events. */
const PUMP_LEAST_MS = 4;
/** Events sent in one go when many are due (a process that slept); the next lot follows at once. */
const PUMP_EVENTS_MAX = 2_000;

export interface ReplayOptions {
  readonly recording: Recording;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * When, on `clock`, the recording starts to play. A time in the past fast-forwards; until one in the future the venue's time stands still,
   * so that clients can subscribe before the first event.
   */
  readonly sessionStartUs: TimestampUs;
  /** 1 is as it was; 10 is ten times as fast. */
  readonly speed: number;
}

/** A replayed market; `startUs` and `endUs` are the recording's own, on the exchange's clock. */
export interface ReplayExchange extends ExchangeModel {
  readonly startUs: TimestampUs;
  readonly endUs: TimestampUs;
}

interface SymbolState {
  readonly symbol: ExchangeSymbol;
  readonly trades: RecordedTrades;
  readonly bars: ReplayBars;
  readonly book: ReplayBook;
  readonly listeners: { readonly [K in FeedKind]: Set<(event: FeedEvent<FeedValues[K]>) => void> };
}

class Replay implements ReplayExchange {
  readonly origin = 'replay';
  readonly disclosure: string;
  readonly publishLagMs: number;
  readonly trading = null;
  readonly startUs: TimestampUs;
  readonly endUs: TimestampUs;
  readonly #recording: Recording;
  readonly #time: VenueTime;
  readonly #logger: Logger;
  readonly #states: readonly SymbolState[];
  #listening = 0;
  #cursor = 0;
  #pump: Timer | null = null;
  #endTold = false;

  constructor({ recording, clock, logger, sessionStartUs, speed }: ReplayOptions) {
    this.#recording = recording;
    this.#logger = logger;
    this.startUs = timestampUs(recording.startUs);
    this.endUs = timestampUs(recording.endUs);
    // A microsecond before the first event, so that it is still to come for those who listen at the start.
    this.#time = new VenueTime(clock, recording.startUs - 1, sessionStartUs, speed, recording.endUs);
    this.#states = recording.symbols.map((recorded) => {
      const symbol = recorded.symbol();
      const trades = new RecordedTrades(recording, recorded, symbol.instrument);
      const history = recording.history?.instrument === symbol.instrument.id ? recording.history : null;
      return {
        symbol,
        trades,
        bars: new ReplayBars(symbol.instrument, trades, history),
        book: new ReplayBook(recording, recorded, symbol.instrument),
        listeners: { trade: new Set(), aggTrade: new Set(), bookTicker: new Set(), depth: new Set() },
      };
    });
    this.publishLagMs = Math.max(0, ...this.#states.map(({ trades }) => trades.publishLagMs()));
    const from = new Date(recording.startUs / 1_000).toISOString();
    const to = new Date(recording.endUs / 1_000).toISOString();
    this.disclosure = `Replay of recorded market data from ${from} to ${to}, at ${speed} times its speed; these are past prices, not the market of today.`;
  }

  nowUs(): TimestampUs {
    return this.#time.nowUs();
  }

  setVenueTimer(atUs: TimestampUs, task: () => void): Timer {
    return this.#time.setTimer(atUs, task);
  }

  symbols(): readonly ExchangeSymbol[] {
    return this.#states.map(({ symbol }) => symbol);
  }

  #state(instrument: InstrumentId): SymbolState {
    const state = this.#states.find(({ symbol }) => symbol.instrument.id === instrument);
    if (state === undefined) throw new InvariantError(`${instrument} is not in the recording`);
    return state;
  }

  book(instrument: InstrumentId, depth: number): Result<BookSnapshot> {
    return this.#state(instrument).book.at(this.nowUs(), depth);
  }

  quote(instrument: InstrumentId): QuoteTick | null {
    return this.#state(instrument).book.quote(this.nowUs());
  }

  klines(instrument: InstrumentId, interval: Interval, query: KlineQuery): readonly Bar[] {
    return this.#state(instrument).bars.query(interval, query, this.nowUs());
  }

  trades(instrument: InstrumentId, { fromId, limit }: TradeQuery): readonly TradeTick[] {
    const { trades } = this.#state(instrument);
    const told = trades.toldBy(this.nowUs());
    const first = fromId === null ? Math.max(0, told - limit) : trades.rowOfId(fromId);
    const count = Math.max(0, Math.min(told - first, limit));
    return Array.from({ length: count }, (_, index) => trades.trade(first + index));
  }

  aggregateTrades(instrument: InstrumentId, query: AggregateTradeQuery): readonly AggregateTrade[] {
    const { trades } = this.#state(instrument);
    const told = trades.aggregatesWithin(trades.toldBy(this.nowUs()));
    const end = query.toUs === null ? told : Math.min(told, trades.aggregateFrom(query.toUs + 1));
    let first = Math.max(0, end - query.limit);
    if (query.fromId !== null) first = Math.max(0, query.fromId - 1);
    else if (query.fromUs !== null) first = trades.aggregateFrom(query.fromUs);
    const count = Math.max(0, Math.min(end - first, query.limit));
    return Array.from({ length: count }, (_, index) => trades.aggregate(first + index));
  }

  listen<K extends FeedKind>(
    kind: K,
    instrument: InstrumentId,
    listener: (event: FeedEvent<FeedValues[K]>) => void,
  ): () => void {
    const listeners = this.#state(instrument).listeners[kind];
    // A listener of its own, so that the same function may listen twice.
    const own = (event: FeedEvent<FeedValues[K]>): void => listener(event);
    listeners.add(own);
    this.#listening += 1;
    if (this.#pump === null) {
      this.#cursor = this.#recording.countUpTo(this.nowUs());
      this.#arm();
    }
    return () => {
      if (!listeners.delete(own)) return;
      this.#listening -= 1;
      if (this.#listening > 0) return;
      this.#pump?.cancel();
      this.#pump = null;
    };
  }

  #arm(): void {
    this.#pump = null;
    if (this.#listening === 0) return;
    if (this.#cursor >= this.#recording.length) {
      if (!this.#endTold) this.#logger.info('the recording is over; nothing more will come', { endUs: this.endUs });
      this.#endTold = true;
      return;
    }
    const nextUs = timestampUs(this.#recording.atUs(this.#cursor));
    this.#pump = this.#time.setTimer(nextUs, () => this.#send(), PUMP_LEAST_MS);
  }

  #send(): void {
    const due = Math.min(this.#recording.countUpTo(this.nowUs()), this.#cursor + PUMP_EVENTS_MAX);
    while (this.#cursor < due) {
      const event = this.#cursor;
      this.#cursor += 1;
      this.#tell(event);
    }
    this.#arm();
  }

  #tell(event: number): void {
    const recording = this.#recording;
    const state = this.#states[recording.symbolOf(event)];
    if (state === undefined) return;
    const { listeners, trades, book, symbol } = state;
    const json = (): string => recording.payload(event);
    switch (recording.kindOf(event)) {
      case 'trade': {
        const row = recording.rowOf(event);
        tellListeners(listeners.trade, () => trades.trade(row), json);
        if (listeners.aggTrade.size === 0) return;
        const aggregate = trades.aggregateEndingAt(row);
        if (aggregate === null) return;
        const atUs = timestampUs(recording.atUs(event));
        tellListeners(
          listeners.aggTrade,
          () => aggregate,
          () => aggregateTradeEvent(aggregate, symbol.instrument, atUs),
        );
        return;
      }
      case 'bookTicker':
        tellListeners(listeners.bookTicker, () => book.quoteOf(event), json);
        return;
      case 'depth':
        tellListeners(listeners.depth, () => this.#delta(event, state), json);
        return;
      case 'snapshot':
    }
  }

  #delta(event: number, { symbol }: SymbolState): BookDelta {
    const grid = gridConversion(symbol.instrument);
    const delta = depthPayload(this.#recording.payloadFields(event));
    return {
      kind: 'book-delta',
      instrument: symbol.instrument.id,
      firstUpdateId: delta.firstUpdateId,
      lastUpdateId: delta.lastUpdateId,
      bids: grid.levels(delta.bids),
      asks: grid.levels(delta.asks),
      tsEventUs: timestampUs(delta.eventMs * 1_000),
      tsInitUs: timestampUs(this.#recording.atUs(event)),
    };
  }

  ended(): boolean {
    return this.#time.ended();
  }

  close(): void {
    this.#time.cancelAll();
    this.#pump = null;
    this.#listening = 0;
    for (const { listeners } of this.#states) {
      listeners.trade.clear();
      listeners.aggTrade.clear();
      listeners.bookTicker.clear();
      listeners.depth.clear();
    }
  }
}

/**
 * A recording as a market: its frames go out as they were recorded, at the recording's own pace times `speed`; klines and aggregate trades
 * are made from its trades. After its end the venue's time stands still, sockets stay open and nothing comes.
 */
export function createReplayExchange(options: ReplayOptions): ReplayExchange {
  if (!(options.speed > 0) || !Number.isFinite(options.speed)) {
    throw new RangeError('createReplayExchange: speed must be above 0');
  }
  return new Replay(options);
}
