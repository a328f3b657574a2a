import type {
  AccountId,
  AlertDelivery,
  AlertRecord,
  Amount,
  AssetId,
  Balance,
  ClientOrderId,
  ExitCause,
  Fill,
  Instrument,
  InstrumentId,
  Order,
  Result,
  StrategyId,
  TimestampUs,
  TradingState,
  TransferCause,
} from '@monsta/core';

/** Why something was done or not, each time a strategy was asked. */
export interface Decision {
  /** Unique: `<strategy>:<instrument>:<interval>:<bar open time ms>`, so that a restart can't decide a bar twice; `command:<id>` for what a person asked for. */
  readonly id: string;
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  /** Null for what concerns the account as a whole. */
  readonly instrument: InstrumentId | null;
  /** When the deciding bar closed, or the person asked. */
  readonly tsEventUs: TimestampUs;
  /** `enter`, `exit`, `hold`, `warm_up`, `not_trading`, `error`, `command`. */
  readonly action: string;
  /** What the strategy wanted and why, in words and numbers (JSON value). */
  readonly wanted: unknown;
  /** What the model said at that time; null when no model was asked or it had nothing to say. */
  readonly prediction: unknown;
  /** What risk answered: `approved`, `denied` with rule and numbers, or null when nothing was asked of it. */
  readonly risk: unknown;
  readonly orders: readonly ClientOrderId[];
}

/** An exact long position (spot), derived from its fills. */
export interface StoredPosition {
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  /** Decimal text, exact. */
  readonly quantity: string;
  readonly costBasis: string;
  readonly realizedProfit: string;
  /** Fees in the base and the quote asset, in quote. */
  readonly feesPaid: string;
  readonly fees: StoredFees;
  readonly openedUs: TimestampUs | null;
  /** The round trip under way; null while flat. */
  readonly trip: StoredTrip | null;
  readonly updatedUs: TimestampUs;
}

/** Decimal text by asset. */
export type AmountsByAsset = Readonly<Record<string, string>>;

/** Fees as they were paid, in whatever asset. */
export interface StoredFees {
  readonly byAsset: AmountsByAsset;
  /** Those in a third asset (neither base nor quote), in quote at the time they were paid, as far as a price was known. */
  readonly otherValue: string;
  /** The part of those whose price was not known then: what they were worth is unknown. */
  readonly unvalued: AmountsByAsset;
}

/** How far the market went against a position and in its favour while it was held: see docs/performance.md. */
export interface StoredExcursions {
  /** In quote, not below zero. */
  readonly adverse: string;
  readonly favourable: string;
  /** As shares of what the coins held at that moment had cost, parts per million. */
  readonly adversePpm: number;
  readonly favourablePpm: number;
}

/** From flat to where it is now. */
export interface StoredTrip {
  readonly openedUs: TimestampUs;
  /** Base asset bought and what was paid for it, without fees; the same of what was sold. */
  readonly entryQuantity: string;
  readonly entryValue: string;
  readonly exitQuantity: string;
  readonly exitValue: string;
  /** Base asset that somebody took away by hand: neither profit nor loss. */
  readonly takenAway: string;
  readonly realizedProfit: string;
  readonly fees: StoredFees;
  readonly excursions: StoredExcursions;
  readonly fills: number;
}

/** A position from flat to flat. */
export interface StoredRoundTrip extends StoredTrip {
  /** Unique in an account. */
  readonly id: string;
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly closedUs: TimestampUs;
  /** Average prices, fees not included, at 18 digits; null where nothing was bought (or sold) within it. */
  readonly entryPrice: string | null;
  readonly exitPrice: string | null;
  /** `realizedProfit` (net of fees in base and quote) less those in a third asset; null while what one of those was worth is unknown. */
  readonly profit: string | null;
  /** The order that closed it and what that was for; null where its last coins were taken away by hand. */
  readonly exitOrderId: ClientOrderId | null;
  readonly exitTag: string | null;
  /** Null where the order that closed it was not known any more. */
  readonly exitCause: ExitCause | null;
}

/** What the account was worth at an instant; taken only when that was known. */
export interface StoredEquitySample {
  readonly accountId: AccountId;
  readonly tsUs: TimestampUs;
  /** Decimal text in quote, as all amounts here. */
  readonly equity: string;
  readonly cash: string;
  /** Value of all positions. */
  readonly exposure: string;
  /** Deposits less withdrawals since the first sample. */
  readonly deposits: string;
  /** Growth of one unit of money since the first sample, without what deposits and withdrawals did: time-weighted. */
  readonly growth: string;
  /** Profit since ever, by strategy id. */
  readonly byStrategy: Readonly<Record<string, { readonly realized: string; readonly unrealized: string }>>;
}

/** A strategy as it stands: what a restart goes on from. */
export interface StoredStrategy {
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  /** Of the definition. */
  readonly name: string;
  readonly status: 'running' | 'reducing' | 'paused' | 'failed';
  readonly reason: string | null;
  /** JSON values, all of them. */
  readonly parameters: unknown;
  readonly configuredParameters: unknown;
  readonly state: unknown;
  readonly timers: unknown;
  readonly causes: unknown;
  readonly updatedUs: TimestampUs;
}

/** What reconciliation or an invariant found wrong; reported once each. */
export interface Divergence {
  readonly id: string;
  readonly accountId: AccountId;
  readonly tsUs: TimestampUs;
  readonly code: string;
  readonly message: string;
}

/** Money that came or went without an order of ours; `amount` is below zero for what left. */
export interface Transfer {
  readonly id: string;
  readonly accountId: AccountId;
  readonly cause: TransferCause;
  readonly asset: AssetId;
  readonly amount: Amount;
  readonly tsUs: TimestampUs;
}

export interface AccountState {
  readonly accountId: AccountId;
  readonly tradingState: TradingState;
  readonly tradingStateReason: string | null;
  /** `user` when a person set it: only a person may lift it. */
  readonly tradingStateBy: 'user' | 'risk' | 'system';
  /** Decimal text of the quote currency; null before the first valuation. */
  readonly peakEquity: string | null;
  readonly dayStartEquity: string | null;
  readonly dayStartUs: TimestampUs | null;
  /** The kernel's own small state (strategy state, counters) as a JSON value; null at first. */
  readonly kernelState: unknown;
  readonly updatedUs: TimestampUs;
}

/** One atomic change. Everything in it becomes durable, or nothing does. Orders are upserts by client order id, strategies by their id, equity samples by their time; fills, decisions, transfers, divergences and round trips inserts that ignore an id already there. */
export interface LedgerBatch {
  readonly accountId: AccountId;
  readonly orders?: readonly Order[];
  readonly fills?: readonly Fill[];
  readonly decisions?: readonly Decision[];
  readonly positions?: readonly StoredPosition[];
  readonly balances?: readonly Balance[];
  readonly transfers?: readonly Transfer[];
  readonly divergences?: readonly Divergence[];
  readonly strategies?: readonly StoredStrategy[];
  readonly roundTrips?: readonly StoredRoundTrip[];
  readonly equitySamples?: readonly StoredEquitySample[];
  readonly account?: AccountState;
}

export interface PageRequest {
  readonly limit: number;
  /** Opaque, from the previous page; null for the first (newest). */
  readonly cursor: string | null;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A span of time, both ends included; an end left out is open. */
export interface TimeSpan {
  readonly fromUs?: TimestampUs;
  readonly toUs?: TimestampUs;
}

/** An order, fill … with the instrument version it was stored with, so that ticks and lots can be read for ever. */
export interface WithInstrument<T> {
  readonly value: T;
  readonly instrument: Instrument;
}

/** A venue's whole list of instruments as it was read once. */
export interface Listing {
  /** The market that it is a list of; markets keep apart, a simulated one and a real one above all. */
  readonly market: string;
  readonly observedUs: TimestampUs;
  readonly instruments: readonly Instrument[];
  /** Listed, but with terms that could not be read: what was known of them stays. */
  readonly unreadable: readonly InstrumentId[];
}

/** What a market listed at an instant, as far as it was observed. */
export type ListingAt =
  | {
      /** The newest reading by then; what the market changed between it and that instant is not known. */
      readonly observedUs: TimestampUs;
      /** By name, delisted ones left out. `validFromUs`: when a version was first seen. */
      readonly instruments: readonly Instrument[];
    }
  /** Nothing was observed by then: the list is unknown, whatever it is today. `firstObservedUs` null: it was never read at all. */
  | { readonly observedUs: null; readonly firstObservedUs: TimestampUs | null };

export interface CommitReceipt {
  /** Fills of the batch that were not there before. */
  readonly newFills: number;
  readonly newDecisions: number;
}

/**
 * Orders, fills, positions, balances, decisions, instruments: durable when `commit` resolves (concurrent commits may share one disk sync).
 * Faults: `ledger_unavailable` (retryable), `ledger_corrupt` (fatal), `instrument_unknown`, `cursor_invalid`, `ledger_schema_newer` at opening.
 */
export interface Ledger {
  commit(batch: LedgerBatch): Promise<Result<CommitReceipt>>;
  /** Stores a new version where it differs from the newest stored one. */
  putInstruments(instruments: readonly Instrument[]): Promise<Result<null>>;
  instruments(): Promise<Result<readonly Instrument[]>>;
  /**
   * Keeps what changed in a market's list since it was read last: new terms, new instruments, and those that are no longer listed. Written in parts, so that orders
   * are not kept waiting; it counts once all of it is durable. Returns the number of changes. Faults: `listing_out_of_order` for one not newer than the newest, `state_conflict`
   * while another is being written.
   */
  putListing(listing: Listing): Promise<Result<number>>;
  instrumentsAt(market: string, atUs: TimestampUs): Promise<Result<ListingAt>>;
  /** Those that a state was recorded of, by id. */
  accounts(): Promise<Result<readonly AccountId[]>>;
  account(accountId: AccountId): Promise<Result<AccountState | null>>;
  balances(accountId: AccountId): Promise<Result<readonly Balance[]>>;
  positions(accountId: AccountId): Promise<Result<readonly StoredPosition[]>>;
  openOrders(accountId: AccountId): Promise<Result<readonly WithInstrument<Order>[]>>;
  order(accountId: AccountId, id: ClientOrderId): Promise<Result<WithInstrument<Order> | null>>;
  /** Newest first. */
  orders(accountId: AccountId, page: PageRequest): Promise<Result<Page<WithInstrument<Order>>>>;
  fills(
    accountId: AccountId,
    page: PageRequest & { readonly instrument?: InstrumentId },
  ): Promise<Result<Page<WithInstrument<Fill>>>>;
  /** Those of one order in time order; none where it is not known. */
  fillsOf(accountId: AccountId, id: ClientOrderId): Promise<Result<readonly WithInstrument<Fill>[]>>;
  /** All fills of a span in time order, read in parts: memory stays the same however many there are. */
  allFills(accountId: AccountId, span?: TimeSpan): AsyncIterable<Result<WithInstrument<Fill>>>;
  decisions(
    accountId: AccountId,
    page: PageRequest & { readonly instrument?: InstrumentId },
  ): Promise<Result<Page<Decision>>>;
  lastDecisionUs(
    accountId: AccountId,
    strategyId: StrategyId,
    instrument: InstrumentId,
  ): Promise<Result<TimestampUs | null>>;
  /** Newest first. */
  transfers(accountId: AccountId, page: PageRequest): Promise<Result<Page<Transfer>>>;
  divergences(accountId: AccountId, page: PageRequest): Promise<Result<Page<Divergence>>>;
  /** By strategy id. */
  strategies(accountId: AccountId): Promise<Result<readonly StoredStrategy[]>>;
  /** Newest first, by when they closed. */
  roundTrips(
    accountId: AccountId,
    page: PageRequest & { readonly strategyId?: StrategyId; readonly instrument?: InstrumentId },
  ): Promise<Result<Page<StoredRoundTrip>>>;
  /** All that closed within a span in time order, read in parts. */
  allRoundTrips(accountId: AccountId, span?: TimeSpan): AsyncIterable<Result<StoredRoundTrip>>;
  /**
   * In time order, at most `max` (at least 2) of a span: all where there are no more, else the first, the last and those next after instants spread evenly between
   * them. Every one is as it was stored; none is made up. Fault `parameter_invalid`.
   */
  equitySamples(
    accountId: AccountId,
    span: TimeSpan & { readonly max: number },
  ): Promise<Result<readonly StoredEquitySample[]>>;
  /** All of a span in time order, read in parts. */
  allEquitySamples(accountId: AccountId, span?: TimeSpan): AsyncIterable<Result<StoredEquitySample>>;
  /** Keeps alerts; one whose id is there already is ignored. Returns how many were new. */
  putAlerts(accountId: AccountId, alerts: readonly AlertRecord[]): Promise<Result<number>>;
  /** What became of alerts, in the place of what was known of it. Returns how many are there. */
  putAlertDeliveries(
    accountId: AccountId,
    changes: readonly { readonly id: string; readonly deliveries: readonly AlertDelivery[] }[],
  ): Promise<Result<number>>;
  /** Newest first. */
  alerts(accountId: AccountId, page: PageRequest): Promise<Result<Page<AlertRecord>>>;
  /** Small durable facts of the installation (token hash, session anchors), by key. */
  getSetting(key: string): Promise<Result<string | null>>;
  putSetting(key: string, value: string): Promise<Result<null>>;
  close(): Promise<void>;
}
