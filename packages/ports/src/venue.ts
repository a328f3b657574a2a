import type {
  Balance,
  Bar,
  BookSnapshot,
  ClientOrderId,
  AccountFees,
  Fill,
  ForeignFill,
  Instrument,
  InstrumentId,
  Interval,
  MarketEvent,
  OrderListRequest,
  OrderRequest,
  Result,
  TimestampUs,
  TradeTick,
  VenueAccountEvent,
  VenueOrder,
  VenueOrderEvent,
} from '@monsta/core';

/** What kind of data a venue gives: shown wherever its data is shown. */
export type DataOrigin = 'real' | 'replay' | 'simulated' | 'testnet';

/** What a venue lists, as it was read. */
export interface InstrumentsRead {
  readonly observedUs: TimestampUs;
  /** Every instrument that the venue lists, collected or not. */
  readonly listed: readonly Instrument[];
  /** Listed, but with terms that could not be read. */
  readonly unreadable: readonly InstrumentId[];
  /** Collected instruments whose terms are not what they were, under the next version number; one that is gone is `delisted`. */
  readonly changed: readonly Instrument[];
}

export interface MarketDataSubscription {
  readonly instruments: readonly InstrumentId[];
  /** The venue's own bars of these come as events. */
  readonly intervals: readonly Interval[];
  /** Called in order, synchronously, for every event. */
  onEvent(event: MarketEvent): void;
  /** Called each time the venue's list was read, in order with the events: after it, those of a `changed` instrument are in its new steps. */
  onInstruments?(read: InstrumentsRead): void;
}

/** Market data of one venue. Bars are built from trades; the venue's own klines serve history and comparison. */
export interface MarketDataVenue {
  readonly name: string;
  /** Connects, measures the clock offset, loads the instruments. Faults: `venue_unreachable`, `venue_protocol`, `instrument_unknown`. */
  start(subscription: MarketDataSubscription): Promise<Result<readonly Instrument[]>>;
  instruments(): readonly Instrument[];
  /** Now on the venue's clock (with a replay: the recording's time). */
  nowUs(): TimestampUs;
  /** Closed bars with open times in [fromUs, toUs), oldest first, paged by the adapter. Faults: `venue_unreachable`, `venue_limited`, `venue_protocol`. */
  history(
    instrument: InstrumentId,
    interval: Interval,
    fromUs: TimestampUs,
    toUs: TimestampUs,
  ): Promise<Result<readonly Bar[]>>;
  /** Trades with ids from `fromId`, oldest first, at most `limit`. */
  tradesFrom(instrument: InstrumentId, fromId: number, limit: number): Promise<Result<readonly TradeTick[]>>;
  /** The local book as it stands, at most `depth` levels a side; null while it is not in step with the venue. */
  book(instrument: InstrumentId, depth: number): BookSnapshot | null;
  /** Something (an order refused by a filter) says that the terms known may be old: they are read again soon. */
  rulesDoubted(reason: string): void;
  /** Tells that the feeds have `ended`, and nothing after that; there are no books any more, and questions are answered by a fault. */
  stop(): Promise<void>;
}

/** A venue's clock as it was measured. */
export interface ClockReading {
  /** The venue's less ours. */
  readonly offsetMs: number;
  /** How wrong that may be by now. */
  readonly errorMs: number;
}

/**
 * Orders and account of one venue. `submit` and `cancel` return when the request was handed over, as do `submitList`, `cancelList` and `replace`; what became of it arrives by
 * `onEvent` only, never before the call has returned. Nothing is sent that the venue's filters refuse: such an order is rejected with the filter's code (`filter_…`).
 * Codes that every venue shares: `duplicate_order` (the first order of that id stands), `insufficient_balance`, `would_match_immediately`, `would_trigger_immediately` and
 * `instrument_unknown` of a rejected order, `order_unknown` of a rejected cancel. After `close` nothing more is told.
 */
export interface ExecutionVenue {
  readonly name: string;
  onEvent(listener: (event: VenueOrderEvent) => void): void;
  /**
   * The instruments as they are now, and later those whose terms have changed: market data and orders after it are in their steps. An order keeps the steps that it was
   * submitted in: all that is told of it, its fills among it, is counted in them.
   */
  useInstruments?(instruments: readonly Instrument[]): void;
  /** True where `observe` fills from the levels of books too, so that they have to be told. */
  readonly readsBooks?: boolean;
  /** Market data, for a venue that fills from a feed (paper, backtest); called before the strategy sees the event. */
  observe?(event: MarketEvent): void;
  /**
   * Not null while such a venue has done things that it has not told yet, and resolved when they are told. Its time is that of its feed, so whoever trades there lets nobody see
   * anything later until then: how fast its disk is decides nothing.
   */
  telling?(): Promise<void> | null;
  /** How far the trader's clock is, before commands of that time; for a venue whose own clock is its feed. */
  advance?(nowUs: TimestampUs): void;
  /** What happens on the account beyond our own orders; see `VenueAccountEvent`. A venue whose account nobody else can touch tells nothing. */
  onAccountEvent(listener: (event: VenueAccountEvent) => void): void;
  submit(request: OrderRequest): void;
  /** All orders of the list or none: where it is refused each of them is rejected, those with an id seen before as `duplicate_order`. An accepted leg that waits for another to fill is told of as accepted at once. */
  submitList(request: OrderListRequest): void;
  cancel(id: ClientOrderId): void;
  /** Cancels a list with all its open orders. Where none of them is open, the cancel of the list's own id is rejected. */
  cancelList(listId: ClientOrderId): void;
  /**
   * Cancels one order and, only if that succeeded, places another on the same instrument. Where the cancel is refused the new order is rejected as `not_replaced`. Where the new
   * order is refused before, as by a filter, the old one stays and its cancel is rejected as `not_replaced`. Where it is refused only after, the old one is gone. An order that has
   * been filled in part stays, so that no quantity is traded twice: its cancel is rejected as `cancel_restricted`.
   */
  replace(id: ClientOrderId, request: OrderRequest): void;
  openOrders(): Promise<Result<readonly VenueOrder[]>>;
  /** Null when the venue has never seen the id, nor will: fault `outcome_unknown` while a request that was sent may still arrive. */
  order(id: ClientOrderId): Promise<Result<VenueOrder | null>>;
  /** Whose an order of an earlier run was is for the ledger to know: the strategy of its fills may be any. */
  fillsOf(id: ClientOrderId): Promise<Result<readonly Fill[]>>;
  /** Fills on an instrument from `fromUs` on, oldest first, also those of orders that are not ours. */
  fillsSince(instrument: InstrumentId, fromUs: TimestampUs): Promise<Result<readonly ForeignFill[]>>;
  balances(): Promise<Result<readonly Balance[]>>;
  fees(instrument: InstrumentId): Promise<Result<AccountFees>>;
  /** Null before the first measurement. Left out by a venue that goes by our clock (paper, backtest). */
  clockReading?(): ClockReading | null;
  close(): Promise<void>;
}
