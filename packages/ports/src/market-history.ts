import type {
  Bar,
  BookSnapshot,
  FeedState,
  Instrument,
  InstrumentId,
  Interval,
  Result,
  TimestampUs,
  TradeTick,
} from '@monsta/core';

export interface BarQuery {
  readonly instrument: InstrumentId;
  readonly interval: Interval;
  /** The newest `limit` bars that opened before `beforeUs` (null: now, the forming bar included). */
  readonly limit: number;
  readonly beforeUs: TimestampUs | null;
}

/** Read access to what the price collector holds: instruments, bars, recent trades, books. Faults: `instrument_unknown`, `not_ready`. */
export interface MarketHistory {
  instruments(): Promise<Result<readonly Instrument[]>>;
  /** Oldest first. Missing bars are missing: nothing is filled in. */
  bars(query: BarQuery): Promise<Result<readonly Bar[]>>;
  /** The newest `limit` trades, oldest first. */
  trades(instrument: InstrumentId, limit: number): Promise<Result<readonly TradeTick[]>>;
  /** Null while the book is not in step with the venue. */
  book(instrument: InstrumentId, depth: number): Promise<Result<BookSnapshot | null>>;
  feeds(): Promise<Result<readonly FeedState[]>>;
  /** Now on the venue's clock; null before it is known. */
  venueTimeUs(): Promise<Result<TimestampUs | null>>;
}
