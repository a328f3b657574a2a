import type {
  ClientOrderId,
  InstrumentId,
  Interval,
  OrderSide,
  OrderStatus,
  OrderType,
  TimeInForce,
} from '@monsta/core';
import type { Indicator, IndicatorBar } from '@monsta/features/indicators';
import type { ParameterSpecs, ParameterValues } from '../parameters.ts';

/** A closed bar as a strategy sees it: binary numbers, good for indicators, never used for orders. */
export type StrategyBar = IndicatorBar;

/** What a model last said of the instrument; `probabilityUp` is null when it had nothing to say. */
export interface StrategyPrediction {
  readonly model: string;
  readonly interval: Interval;
  readonly horizonMs: number;
  readonly timeMs: number;
  /** 0 to 1, calibrated where `calibrated` says so. */
  readonly probabilityUp: number | null;
  /** As the model said it. */
  readonly rawProbabilityUp: number | null;
  /** True where `probabilityUp` was made to agree with how often the price rose after such forecasts, out of sample. */
  readonly calibrated: boolean;
  /** Lower end of the interval of its skill over the best baseline; null while it was not measured. */
  readonly skillLow: number | null;
  readonly hasVote: boolean;
  /** What its vote is judged by; null while it was not measured. Journals of before have none. */
  readonly evidence?: StrategyEvidence | null;
  readonly absence: { readonly code: string; readonly reason: string } | null;
}

/** Both ends of an interval. */
interface Ends {
  readonly low: number;
  readonly high: number;
}

/** What was measured of a model out of sample. */
export interface StrategyEvidence {
  /** Of its accuracy less the best baseline's. */
  readonly skill: Ends;
  /** Of what trading it naively brought after costs, in basis points a bar; null where too little was traded to tell. */
  readonly netBps: Ends | null;
}

export interface StrategyPosition {
  /** The share of this instrument's allocation that is invested, 0 when flat, below 0 when short; null while a price or the equity is unknown. */
  readonly fraction: number | null;
  /** Base quantity; 0 when flat, below 0 when short. What is left below one lot counts as flat. */
  readonly quantity: number;
  readonly averagePrice: number | null;
  /** In the quote asset, at the last price; null while that is unknown. */
  readonly unrealizedProfit: number | null;
  /** When it was opened; null while flat. */
  readonly openedMs: number | null;
}

/** An order of the strategy that is not over yet. What the exit plan or the resting stop placed is not among them. */
export interface StrategyOrder {
  readonly id: ClientOrderId;
  /** What the strategy called it; `target` for one that `setTarget` placed. */
  readonly tag: string | null;
  readonly side: OrderSide;
  readonly type: OrderType;
  readonly status: OrderStatus;
  readonly quantity: number;
  readonly filledQuantity: number;
  readonly limitPrice: number | null;
  readonly stopPrice: number | null;
  /** Why it was rejected, expired or canceled; null otherwise. */
  readonly reason: string | null;
}

export interface StrategyFill {
  readonly id: string;
  readonly orderId: ClientOrderId;
  /** Of its order; `stop` and `take-profit` for what protected the position. */
  readonly tag: string | null;
  readonly side: OrderSide;
  readonly price: number;
  readonly quantity: number;
  readonly fee: number;
  readonly feeAsset: string;
  readonly liquidity: 'maker' | 'taker';
  readonly timeMs: number;
}

export interface StrategyTrade {
  readonly id: number;
  readonly price: number;
  readonly quantity: number;
  /** Who took: `buy` where the seller was resting in the book. */
  readonly taker: OrderSide;
  readonly timeMs: number;
}

export interface StrategyBook {
  /** Best first: `[price, quantity]`. */
  readonly bids: readonly (readonly [price: number, quantity: number])[];
  readonly asks: readonly (readonly [price: number, quantity: number])[];
  readonly timeMs: number;
}

export interface StrategyTimer {
  readonly name: string;
  /** When it was due; it may come later, never earlier. */
  readonly dueMs: number;
  /** Its rhythm; null: it rang once. */
  readonly everyMs: number | null;
}

/** Why something is asked for; both go to the decision's record, the confidence to risk too. */
export interface Why {
  /** Words, or a function that makes them of the indicators: it is called when the handler has returned, and only where the decision is kept, so that it must do nothing else. */
  readonly reason?: string | ((indicators: never) => string);
  /** 0 to 1. */
  readonly confidence?: number;
}

export interface TargetOptions extends Why {
  /** Rest at this price (rounded to the tick, never for the worse) instead of taking the market. */
  readonly limitPrice?: number;
}

/** How much: of the base asset, as a share of the allocation (0 to 1), or for so much of the quote asset. Rounded down to the lot. */
export type Size =
  | { readonly quantity: number; readonly fraction?: undefined; readonly notional?: undefined }
  | { readonly fraction: number; readonly quantity?: undefined; readonly notional?: undefined }
  | { readonly notional: number; readonly quantity?: undefined; readonly fraction?: undefined };

interface Tagged extends Why {
  /** `a-z A-Z 0-9 . _ : -`, at most 40 characters; no two open orders of a strategy in an instrument have the same. `target`, `close`, `stop`, `take-profit`, `flatten`, `manual` and `twap:…` are the engine's own. */
  readonly tag?: string;
}

/** An order. Where positions are long only, a sell is never larger than what is held and free: a larger one is made so small. Where they may be short, one that is larger than what it closes opens the other side with the rest. */
export type OrderAsk = Tagged &
  Size & {
    readonly side: OrderSide;
    readonly type: OrderType;
    readonly limitPrice?: number;
    readonly stopPrice?: number;
    /** The trigger follows the market at this distance, in basis points. */
    readonly trailingBps?: number;
    /** `gtc` unless given. */
    readonly timeInForce?: TimeInForce;
    /** What the book shows of it at a time, in the base asset. */
    readonly iceberg?: number;
    /** Makes it no larger than what there is to close: a sell of what is held, a buy of what is owed. A sell is so always where positions are long only. */
    readonly reduceOnly?: boolean;
  };

/** What protects and what ends a position; distances are shares of the average price paid (0.02: 2 % below, or above). Of a short position the stop is above, the take profit below. */
export interface ExitAsk {
  readonly stopPrice?: number;
  readonly stopDistance?: number;
  /** How far below its trigger the stop may sell, as a share; 0.005 unless given. */
  readonly stopLimitOffset?: number;
  readonly takeProfitPrice?: number;
  readonly takeProfitDistance?: number;
  /** The stop follows the highest price at this distance, in basis points; of a short position the lowest. */
  readonly trailingBps?: number;
}

/** A buy, or with `side: 'sell'` a short sale, with its exit: `limitPrice` rests there, without it the market is taken. */
export type BracketAsk = Tagged & Size & ExitAsk & { readonly side?: OrderSide; readonly limitPrice?: number };

/** One cancels the other, both close: a limit above the market, and a stop below it; for a short position, which both buy back, the limit below and the stop above. */
export type OcoAsk = Tagged &
  Size & {
    readonly limitPrice: number;
    readonly stopPrice: number;
    /** What the stop trades at, at worst; 0.5 % beyond `stopPrice` unless given. */
    readonly stopLimitPrice?: number;
  };

/** Evenly over time: `slices` orders within `durationMs`. */
export type TwapAsk = Tagged &
  Size & {
    readonly side: OrderSide;
    readonly durationMs: number;
    readonly slices: number;
    /** No slice trades beyond it. */
    readonly limitPrice?: number;
  };

export interface CloseOptions extends Why {
  readonly tag?: string;
}

/** By name. */
export type Indicators = Readonly<Record<string, Indicator>>;
export type IndicatorValues<I extends Indicators> = {
  readonly [K in keyof I]: I[K] extends Indicator<infer V> ? V : never;
};

/** The state of a strategy that keeps none. */
export type NoState = Readonly<Record<string, never>>;

/**
 * What a strategy sees of one instrument, as of now, and what it can ask for. Everything asked for is carried out when the handler has returned; a handler that throws asks for
 * nothing. Numbers are binary, good for indicators; the prices and sizes of orders are made exact.
 */
export interface StrategyContext<
  S extends ParameterSpecs = ParameterSpecs,
  I extends Indicators = Indicators,
  T extends object = object,
> {
  /** The kernel's clock, which is the venue's. */
  readonly nowMs: number;
  readonly instrument: InstrumentId;
  /** All that the strategy runs on. */
  readonly instruments: readonly InstrumentId[];
  readonly parameters: ParameterValues<S>;
  /** The main one: the first of `intervals`. */
  readonly interval: Interval;
  /** The newest closed bar of the main interval: the last of `bars`. */
  readonly bar: StrategyBar;
  /** The newest closed bars of the main interval without a gap, oldest first: always exactly as many as the strategy needs, so that a restart changes nothing. */
  readonly bars: readonly StrategyBar[];
  /** The same of another of its intervals. */
  barsOf(this: void, interval: Interval): readonly StrategyBar[];
  /** As of the newest closed bars. */
  readonly indicators: IndicatorValues<I>;
  readonly position: StrategyPosition;
  /** Its open orders in this instrument, oldest first. */
  readonly orders: readonly StrategyOrder[];
  /** Of the whole account, in the quote asset; null while unknown. */
  readonly account: { readonly equity: number | null; readonly free: number };
  /** Null before the first. */
  readonly quote: { readonly bid: number | null; readonly ask: number | null; readonly last: number | null };
  /** What the fills of the strategy's orders cost against the last price when they were decided, so far: the spread crossed and the depth taken. In basis points; null before the first. */
  readonly slippage: { readonly fills: number; readonly bps: number | null };
  /** The newest prediction of each model; empty where none has spoken. */
  readonly predictions: readonly StrategyPrediction[];
  /** What the strategy remembers of this instrument: change it in place. Plain JSON of at most 64 KiB; it survives restarts. */
  readonly state: T;
  /** The same for another of its instruments; null while that is still warming up. Throws for one that it does not run on. */
  of(this: void, instrument: string): StrategyContext<S, I, T> | null;

  /** Asks for a position of `fraction` (−1…1) of this instrument's allocation; below 0 is short, which is denied where positions are long only. The last call of a handler counts; none leaves things as they are. */
  setTarget(this: void, fraction: number, options?: TargetOptions): void;
  /** `setTarget` of what is held plus `fraction` (default: all that is allocated), at most 1. */
  buy(this: void, fraction?: number, options?: TargetOptions): void;
  /** `setTarget` of what is held minus `fraction` (default: everything), at least 0; leaves a short position as it is. */
  sell(this: void, fraction?: number, options?: TargetOptions): void;
  /** `setTarget` of what is held minus `fraction` (default: all that is allocated, short), at least −1. */
  short(this: void, fraction?: number, options?: TargetOptions): void;
  /** `setTarget` of a short position plus `fraction` (default: everything), at most 0; leaves a long one as it is. */
  cover(this: void, fraction?: number, options?: TargetOptions): void;
  /** Takes off all its orders in this instrument and closes its position at the market, as soon as its coins are free. */
  close(this: void, options?: CloseOptions): void;
  order(this: void, order: OrderAsk): void;
  /** Enters, and protects and ends what was entered by the exit that is given with it. */
  bracket(this: void, bracket: BracketAsk): void;
  oco(this: void, oco: OcoAsk): void;
  /** How the position is protected and ended from now on, in the stead of the configured stop; null: as configured. Forgotten when the position is closed. */
  protect(this: void, plan: ExitAsk | null): void;
  twap(this: void, twap: TwapAsk): void;
  /** Cancels its open orders (and TWAPs) of that tag in this instrument. */
  cancel(this: void, tag: string): void;
  /** Cancels all its open orders (and TWAPs) in this instrument. What protects the position stays. */
  cancelAll(this: void): void;
  /** Rings once after, or each; another timer of that name in this instrument is replaced. At least 100 ms, at most 366 days. */
  setTimer(this: void, name: string, when: { readonly afterMs: number } | { readonly everyMs: number }): void;
  cancelTimer(this: void, name: string): void;
  /** A sentence for the decision's record. */
  log(this: void, text: string): void;
}
