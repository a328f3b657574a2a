import type {
  AccountId,
  Amount,
  AssetId,
  Balance,
  Bar,
  BookSnapshot,
  ClientOrderId,
  FeedState,
  Fill,
  Instrument,
  InstrumentId,
  Interval,
  OrderListRequest,
  OrderRequest,
  Price,
  QuoteTick,
  StrategyId,
  TimestampUs,
  TradeTick,
  VenueAccountEvent,
  VenueOrderEvent,
} from '@monsta/core';
import type { ExitPlan } from './exit-plan.ts';
import type { Answer, KernelAction } from './kernel-action.ts';
import type { Protection } from './protection.ts';
import type { EquitySample, FeesRecord, RoundTrip, TripRecord } from './book-records.ts';
import type { EndedTrip } from './round-trip.ts';
import type { DivergenceFound, ReconcilePlan } from './reconcile.ts';
import type { StrategyFailure } from './strategy/failure.ts';
import type { StrategyPrediction } from './strategy/vocabulary.ts';
import type {
  DecisionRecord,
  PositionRecord,
  AccountRecord,
  TransferRecord,
  StrategyRecord,
  OrderInSteps,
  RecoveredState,
} from './records.ts';
import type { SizingConfig } from './risk/allocation.ts';
import type { RiskApproved } from './risk/denial.ts';
import type { RiskLimits } from './risk/limits.ts';
import type { GateState } from './trading-gate.ts';

export interface KernelConfig {
  readonly accountId: AccountId;
  readonly quoteAsset: AssetId;
  readonly limits: RiskLimits;
  /** The share of equity that a target of 1 means, for each strategy and instrument, at most `exposureMax`. Below the position limit, so that fees and slippage have room. */
  readonly allocationPpm: number;
  /** How much of that a target of 1 is worth; left out: all of it. */
  readonly sizing?: SizingConfig;
  /** Lets positions be short against a margin, in backtests alone; null, or left out: long only. */
  readonly short?: { readonly initialMarginPpm: number } | null;
  /** When what a strategy asks for at the market is sized: as it asks, or when a backtest says so (`sizing`): at the next open or close of its instrument, or at the close once all instruments have been decided. Left out: as it asks. */
  readonly sizedAt?: 'decision' | 'next-open' | 'next-close' | 'close';
  /** True: bars on both sides of a gap are neighbours, as of markets that rest. Left out: behind a gap windows begin anew. */
  readonly joinsGaps?: boolean;
  /** Bars of these come; parameters with which a strategy wants others are refused. Left out: bars of any may come. */
  readonly intervals?: readonly Interval[];
  /** A target nearer to what is held than this share of the allocation changes nothing. */
  readonly rebalanceBandPpm: number;
  /** How positions are left that have no plan of their own; its prices are distances. Null: nothing rests at the venue for them. */
  readonly exitPlan: ExitPlan | null;
  /** The equity is kept this often, by the kernel's clock; and when money came or went, and when a day began. */
  readonly equitySampleMs: number;
}

/** The model's words on an instrument, at the time of the bar they were made at. */
export type KernelPrediction = StrategyPrediction & { readonly instrument: InstrumentId };

/** Everything that can happen to the kernel. `tsUs` is the venue's time; the kernel's clock moves by it alone and never back. */
export type KernelInput =
  /** At the start all, later those whose terms have changed: market data after it is in their steps, orders keep theirs. */
  | { readonly kind: 'instruments'; readonly tsUs: TimestampUs; readonly instruments: readonly Instrument[] }
  /** Once, after the instruments and before everything else. */
  | { readonly kind: 'recover'; readonly tsUs: TimestampUs; readonly state: RecoveredState }
  /** What the venue says, compared: at the start, and whenever nothing is under way. The balances are those of `tsUs`. */
  | {
      readonly kind: 'reconcile';
      readonly tsUs: TimestampUs;
      readonly plan: ReconcilePlan;
      readonly balances: readonly Balance[];
    }
  /** Closed bars of the past: they fill windows and are decided upon never. */
  | { readonly kind: 'warm-up'; readonly tsUs: TimestampUs; readonly bars: readonly Bar[] }
  | {
      readonly kind: 'market';
      readonly tsUs: TimestampUs;
      readonly event: TradeTick | QuoteTick | BookSnapshot | Bar | FeedState;
    }
  /** A strategy that never returned was cut off, and the kernel with it; told to the next one, once it is recovered. */
  | {
      readonly kind: 'strategy-failed';
      readonly tsUs: TimestampUs;
      readonly strategyId: StrategyId;
      readonly failure: StrategyFailure;
    }
  | { readonly kind: 'prediction'; readonly tsUs: TimestampUs; readonly prediction: KernelPrediction }
  | { readonly kind: 'venue'; readonly tsUs: TimestampUs; readonly event: VenueOrderEvent }
  /** What happened on the account beside our orders. */
  | { readonly kind: 'account'; readonly tsUs: TimestampUs; readonly event: VenueAccountEvent }
  | { readonly kind: 'tick'; readonly tsUs: TimestampUs }
  /** In backtests alone: what waits to be sized in these instruments is, by the prices that are known by now; `exits` alone, which pay for others, or `all`. */
  | {
      readonly kind: 'sizing';
      readonly tsUs: TimestampUs;
      readonly instruments: readonly InstrumentId[];
      readonly what: 'exits' | 'all';
    }
  /** What the surroundings found (queue overflow, lag, a lost venue); `state` null lifts it. */
  | {
      readonly kind: 'condition';
      readonly tsUs: TimestampUs;
      readonly code: string;
      readonly state: 'REDUCING' | 'HALTED' | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'command';
      readonly tsUs: TimestampUs;
      readonly id: string;
      /** Who asks, for the audit. */
      readonly actor: string;
      readonly action: KernelAction;
    };

/**
 * What the kernel wants done, in order. Records (`order`, `fill`, `decision`, `strategy`, `position`, `round-trip`, `equity`, `balances`, `transfer`, `account`, `divergence`) of one call are one atomic change,
 * durable before any of its commands (`submit`, `submit-list`, `cancel`, `cancel-list`, `replace`) is carried out and before any `reply` is given.
 */
export type KernelOutput =
  | { readonly kind: 'submit'; readonly request: RiskApproved<OrderRequest> }
  | { readonly kind: 'cancel'; readonly clientOrderId: ClientOrderId }
  /** All orders of the list or none; see the port's `submitList`. */
  | { readonly kind: 'submit-list'; readonly request: ApprovedList }
  | { readonly kind: 'cancel-list'; readonly listId: ClientOrderId }
  /** Cancel that order and place this one in its stead; see the port's `replace`. */
  | {
      readonly kind: 'replace';
      readonly clientOrderId: ClientOrderId;
      readonly request: RiskApproved<OrderRequest>;
    }
  | ({ readonly kind: 'order' } & OrderInSteps)
  /** In the steps of its order. */
  | { readonly kind: 'fill'; readonly fill: Fill; readonly instrument: Instrument }
  | { readonly kind: 'decision'; readonly decision: DecisionRecord }
  | { readonly kind: 'strategy'; readonly strategy: StrategyRecord }
  | { readonly kind: 'position'; readonly position: PositionRecord }
  /** A position that was closed, in amounts; `round-trip` is the same as the ledger keeps it. */
  | { readonly kind: 'trip-ended'; readonly ended: EndedTrip }
  | { readonly kind: 'round-trip'; readonly roundTrip: RoundTrip }
  | { readonly kind: 'equity'; readonly sample: EquitySample }
  | { readonly kind: 'balances'; readonly balances: readonly Balance[] }
  | { readonly kind: 'transfer'; readonly transfer: TransferRecord }
  | { readonly kind: 'account'; readonly account: AccountRecord }
  | {
      readonly kind: 'divergence';
      readonly divergence: Omit<DivergenceFound, 'grade'> & {
        readonly accountId: AccountId;
        readonly tsUs: TimestampUs;
      };
    }
  | { readonly kind: 'trading-state'; readonly gate: GateState }
  | ({ readonly kind: 'reply'; readonly id: string; readonly gate: GateState } & Answer)
  | {
      readonly kind: 'note';
      readonly level: 'info' | 'warn' | 'error';
      readonly code: string;
      readonly message: string;
    };

/** A list of which risk has approved every order. */
export interface ApprovedList extends OrderListRequest {
  readonly orders: readonly RiskApproved<OrderRequest>[];
}

/** A position as it is worth now, for publication. */
export interface PositionView {
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly quantity: Amount;
  readonly averagePrice: Amount | null;
  /** What it is valued at; null before a price was seen, as are the two figures that follow from it. */
  readonly mark: Price | null;
  readonly value: Amount | null;
  readonly realizedProfit: Amount;
  readonly unrealizedProfit: Amount | null;
  readonly feesPaid: Amount;
  readonly fees: FeesRecord;
  /** Realised profit less fees in third assets; null while one of those has no known price, and why. */
  readonly netProfit: Amount | null;
  readonly netProfitAbsence: string | null;
  /** Value as a share of the equity, parts per million; null while one of the two is unknown, or there is no equity. */
  readonly exposurePpm: number | null;
  /** Since it was opened; null while flat. */
  readonly excursions: TripRecord['excursions'] | null;
  /** What stands between the position and a falling price; null while nothing does. */
  readonly protection: Protection | null;
  readonly openedUs: TimestampUs | null;
  readonly updatedUs: TimestampUs;
}

/** The account as it stands now, for publication. */
export interface AccountView {
  readonly balances: readonly Balance[];
  readonly equity: Amount | null;
  readonly dayStartUs: TimestampUs | null;
  readonly dayStartEquity: Amount | null;
  readonly peakEquity: Amount | null;
  readonly gate: GateState;
  readonly nowUs: TimestampUs;
}

/** Events that changed nothing, by what was wrong with them. */
export type IgnoredCounts = Readonly<Record<string, number>>;

/** Where the parts of the kernel put what it is to say. */
export type Emit = (output: KernelOutput) => void;
