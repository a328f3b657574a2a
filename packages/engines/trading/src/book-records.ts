import type { AccountId, ClientOrderId, ExitCause, InstrumentId, StrategyId, TimestampUs } from '@monsta/core';

/** Fees in the form of the ledger's `StoredFees`. */
export interface FeesRecord {
  readonly byAsset: Readonly<Record<string, string>>;
  /** Those in a third asset, in quote at the time they were paid, as far as a price was known. */
  readonly otherValue: string;
  /** The part of those whose price was not known then. */
  readonly unvalued: Readonly<Record<string, string>>;
}

/** How a position has come to where it is since it was last flat, in the form of the ledger's `StoredTrip`. */
export interface TripRecord {
  readonly openedUs: TimestampUs;
  /** True of a short position; left out of a long one. */
  readonly short?: boolean;
  readonly entryQuantity: string;
  readonly entryValue: string;
  readonly exitQuantity: string;
  readonly exitValue: string;
  /** Base asset that somebody took away by hand: neither profit nor loss. */
  readonly takenAway: string;
  readonly realizedProfit: string;
  readonly fees: FeesRecord;
  /** MAE and MFE, in quote and as shares of the cost of what was held, parts per million. */
  readonly excursions: {
    readonly adverse: string;
    readonly favourable: string;
    readonly adversePpm: number;
    readonly favourablePpm: number;
  };
  readonly fills: number;
}

/** A position from flat to flat, in the form of the ledger's `StoredRoundTrip`. */
export interface RoundTrip extends TripRecord {
  readonly id: string;
  readonly accountId: AccountId;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly closedUs: TimestampUs;
  /** Average prices without fees; null where nothing was bought (or sold) within it. */
  readonly entryPrice: string | null;
  readonly exitPrice: string | null;
  /** `realizedProfit` (net of fees in base and quote) less those in a third asset; null while what one of those was worth is unknown. */
  readonly profit: string | null;
  /** The order that closed it and what that was for; null where its last coins were taken away by hand. */
  readonly exitOrderId: ClientOrderId | null;
  readonly exitTag: string | null;
  /** Null where the order that closed it was not known here any more. */
  readonly exitCause: ExitCause | null;
}

/** What the account was worth at an instant, in the form of the ledger's `StoredEquitySample`. */
export interface EquitySample {
  readonly accountId: AccountId;
  readonly tsUs: TimestampUs;
  readonly equity: string;
  readonly cash: string;
  readonly exposure: string;
  /** Deposits less withdrawals since the first sample. */
  readonly deposits: string;
  /** Growth of one unit of money since the first sample, time-weighted. */
  readonly growth: string;
  /** Profit since ever, by strategy id. */
  readonly byStrategy: Readonly<Record<string, { readonly realized: string; readonly unrealized: string }>>;
}
