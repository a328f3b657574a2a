import type {
  Bar,
  BookDelta,
  BookSnapshot,
  Instrument,
  InstrumentId,
  Interval,
  Price,
  Quantity,
  QuoteTick,
  Result,
  TimestampUs,
  TradeTick,
} from '@monsta/core';
import type { Exchange, ExchangeListener } from '@monsta/matching';
import type { DataOrigin, Timer } from '@monsta/ports';

/** What can be traded on the model, and how sure its rules are. */
export interface ExchangeSymbol {
  readonly instrument: Instrument;
  /** `listed`: the exchange's published rules. `inferred`: tick and lot read off the data; no other rule is known. */
  readonly rules: 'listed' | 'inferred';
}

/** Trades of one taker order at one price, as Binance compresses them. */
export interface AggregateTrade {
  readonly instrument: InstrumentId;
  readonly aggregateId: number;
  readonly price: Price;
  readonly quantity: Quantity;
  readonly firstTradeId: number;
  readonly lastTradeId: number;
  readonly buyerIsMaker: boolean;
  readonly tsEventUs: TimestampUs;
}

/** What a feed carries, by name. `depth` is what Binance calls `depth@100ms`. */
export interface FeedValues {
  readonly trade: TradeTick;
  readonly aggTrade: AggregateTrade;
  readonly bookTicker: QuoteTick;
  readonly depth: BookDelta;
}
export type FeedKind = keyof FeedValues;

/** One event of a feed. Both forms are made when they are first asked for, and kept. */
export interface FeedEvent<T> {
  readonly value: T;
  /** The payload as Binance writes it, without the `{"stream","data"}` envelope; a recording gives its own text. */
  readonly json: string;
}

export interface KlineQuery {
  /** First and last open time, inclusive; null: open. With a start the oldest bars come first to be counted, without it the newest. */
  readonly fromUs: TimestampUs | null;
  readonly toUs: TimestampUs | null;
  readonly limit: number;
}

export interface TradeQuery {
  /** The first trade id wanted; null: the newest trades. */
  readonly fromId: number | null;
  readonly limit: number;
}

export interface AggregateTradeQuery {
  readonly fromId: number | null;
  /** Inclusive; null: open. */
  readonly fromUs: TimestampUs | null;
  readonly toUs: TimestampUs | null;
  readonly limit: number;
}

/** The exchange behind a model that takes orders. */
export interface TradingModel {
  /** Everything that clients command goes to this; it is brought up to now by `advance` first. */
  readonly exchange: Exchange;
  /** Lets everything happen in the market that was due until now. Called before every command and every question about orders or balances. */
  advance(): void;
  /** Hears all that the exchange does, within the call that does it, whoever caused it. The function returned ends it. */
  listen(listener: ExchangeListener): () => void;
}

/**
 * A market that can be served as Binance serves its own. Everything is on the venue's clock, and no answer holds anything later than `nowUs()`.
 * Lists are oldest first. Instruments asked for are always among `symbols()`.
 */
export interface ExchangeModel {
  readonly origin: DataOrigin;
  /** One sentence for people: what this data is. */
  readonly disclosure: string;
  /** The longest time between a trade and its event, so that a bar is closed only after its last trade was told. */
  readonly publishLagMs: number;
  /** Null where no orders are taken: a replay. */
  readonly trading: TradingModel | null;
  nowUs(): TimestampUs;
  /** Runs `task` once, as soon as `nowUs()` has reached `atUs`. */
  setVenueTimer(atUs: TimestampUs, task: () => void): Timer;
  symbols(): readonly ExchangeSymbol[];
  /** At most `depth` levels a side. Fault `book_unknown` where the model has none. */
  book(instrument: InstrumentId, depth: number): Result<BookSnapshot>;
  /** Null before the first one is known. */
  quote(instrument: InstrumentId): QuoteTick | null;
  /** Closed bars and the one that is forming. */
  klines(instrument: InstrumentId, interval: Interval, query: KlineQuery): readonly Bar[];
  trades(instrument: InstrumentId, query: TradeQuery): readonly TradeTick[];
  aggregateTrades(instrument: InstrumentId, query: AggregateTradeQuery): readonly AggregateTrade[];
  /** Events from now on, never called from within `listen`. The function returned ends it; a feed without listeners costs nothing. */
  listen<K extends FeedKind>(
    kind: K,
    instrument: InstrumentId,
    listener: (event: FeedEvent<FeedValues[K]>) => void,
  ): () => void;
  /** True when the market is over: no event will ever come again. */
  ended(): boolean;
  /** Cancels the model's timers. */
  close(): void;
}
