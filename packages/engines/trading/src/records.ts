import type {
  AccountId,
  Amount,
  AssetId,
  Balance,
  ClientOrderId,
  Instrument,
  InstrumentId,
  Order,
  StrategyId,
  TimestampUs,
  TradingState,
  TransferCause,
} from '@monsta/core';
import type { FeesRecord, RoundTrip, TripRecord } from './book-records.ts';
import type { GateOwner } from './trading-gate.ts';

/** One decision, in the form of the ledger's `Decision`. */
export interface DecisionRecord {
  readonly id: string;
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  /** Null for what concerns the account as a whole. */
  readonly instrument: InstrumentId | null;
  readonly tsEventUs: TimestampUs;
  /** `command`: what a person asked for, under strategy `manual`. */
  readonly action: 'enter' | 'exit' | 'protect' | 'hold' | 'warm_up' | 'not_trading' | 'error' | 'command';
  readonly wanted: unknown;
  readonly prediction: unknown;
  readonly risk: unknown;
  readonly orders: readonly ClientOrderId[];
}

/** A position in the form of the ledger's `StoredPosition`. */
export interface PositionRecord {
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly quantity: string;
  readonly costBasis: string;
  readonly realizedProfit: string;
  /** Fees in the base and the quote asset, in quote. */
  readonly feesPaid: string;
  readonly fees: FeesRecord;
  readonly openedUs: TimestampUs | null;
  /** The round trip under way; null while flat. */
  readonly trip: TripRecord | null;
  readonly updatedUs: TimestampUs;
}

/** The account in the form of the ledger's `AccountState`. */
export interface AccountRecord {
  readonly accountId: AccountId;
  readonly tradingState: TradingState;
  readonly tradingStateReason: string | null;
  readonly tradingStateBy: GateOwner;
  readonly peakEquity: string | null;
  readonly dayStartEquity: string | null;
  readonly dayStartUs: TimestampUs | null;
  readonly kernelState: unknown;
  readonly updatedUs: TimestampUs;
}

/** A transfer in the form of the ledger's `Transfer`. */
export interface TransferRecord {
  readonly id: string;
  readonly accountId: AccountId;
  readonly cause: TransferCause;
  readonly asset: AssetId;
  readonly amount: Amount;
  readonly tsUs: TimestampUs;
}

/** A strategy as it stands, in the form of the ledger's `StoredStrategy`: what a restart goes on from. */
export interface StrategyRecord {
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  /** Of the definition. */
  readonly name: string;
  readonly status: 'running' | 'reducing' | 'paused' | 'failed';
  /** Why it is not running; null while it is. */
  readonly reason: string | null;
  /** In force. */
  readonly parameters: unknown;
  /** Those of the configuration when they were last taken: what a person changed since then stays until the configuration's own change. */
  readonly configuredParameters: unknown;
  /** By instrument; JSON of at most 64 KiB. */
  readonly state: unknown;
  readonly timers: unknown;
  /** The lasting causes of its gate. */
  readonly causes: unknown;
  readonly updatedUs: TimestampUs;
}

/** When a strategy last decided an instrument: the close of that bar. */
export interface Decided {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly tsUs: TimestampUs;
}

/** An order, and the instrument in whose steps its prices and quantities are counted for as long as it lives, whatever the venue changes meanwhile. */
export interface OrderInSteps {
  readonly order: Order;
  readonly instrument: Instrument;
}

/** What the ledger holds when the program starts. */
export interface RecoveredState {
  readonly account: AccountRecord | null;
  readonly balances: readonly Balance[];
  readonly positions: readonly PositionRecord[];
  readonly openOrders: readonly OrderInSteps[];
  /** `fillKey`s of the newest fills, ours and those of others. */
  readonly seenFills: readonly string[];
  /** Ids of the newest transfers. */
  readonly seenTransfers: readonly string[];
  readonly decided: readonly Decided[];
  readonly strategies: readonly StrategyRecord[];
  /** The newest, oldest first. */
  readonly roundTrips: readonly RoundTrip[];
}
