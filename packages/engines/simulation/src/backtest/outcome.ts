import type { ExitCause, Fill, InstrumentId, Order, StrategyId } from '@monsta/core';
import type { DecisionRecord, Kernel, StrategyFailure } from '@monsta/trading';

/**
 * What the account was worth over time: columns of equal length, binary numbers, for statistics alone. The first point is the beginning with nothing but the cash; after it one for
 * each close of the finest main series, marked at its close.
 */
export interface EquityCurve {
  readonly timeMs: Float64Array;
  /** Cash and the value of all positions, in the quote asset. */
  readonly equity: Float64Array;
  /** Value of all positions, a short one below 0. */
  readonly exposure: Float64Array;
}

/** A position from flat to flat; while it is still open, as it stands at the last mark (`closedMs` null). Money in the quote asset, as exact text; shares as numbers. */
export interface BacktestTrade {
  readonly id: string;
  readonly strategyId: StrategyId;
  readonly instrument: InstrumentId;
  readonly direction: 'long' | 'short';
  readonly openedMs: number;
  readonly closedMs: number | null;
  /** Averages without fees; `exitPrice` of an open one is the mark. */
  readonly entryPrice: string;
  readonly exitPrice: string | null;
  /** The largest that was held, in the base asset. */
  readonly quantity: string;
  /** Net of all fees; of an open one, as if it were closed at the mark without a fee. */
  readonly profit: string;
  readonly fees: string;
  /** Net profit as a share of what was paid (or, short, received) at the entries. */
  readonly returnShare: number;
  /** The worst and the best that it stood at, as shares of the same; both 0 or more. */
  readonly adverseShare: number;
  readonly favourableShare: number;
  /** Closes of the main interval that it was held over. */
  readonly bars: number;
  readonly entryTag: string | null;
  readonly exitTag: string | null;
  /** Of trading, or that the data ended and what was open was closed for that. */
  readonly exitCause: ExitCause | 'end_of_data' | null;
}

/** How orders were refused, by the rule that did. */
export type DenialCounts = Readonly<Record<string, number>>;

/** All that came of a backtest, before anything is reckoned from it. */
export interface BacktestOutcome {
  readonly startMs: number;
  readonly endMs: number;
  /** Closes of the finest main series from the start on. */
  readonly bars: number;
  readonly initialCash: number;
  readonly curve: EquityCurve;
  /** Buy-and-hold on the same points: all cash, spread evenly over the instruments, bought at the first fill price of each (fees and slippage included) and held. */
  readonly benchmark: Float64Array;
  /** In the order of their closes; then those that are open at the end. */
  readonly trades: readonly BacktestTrade[];
  /** As each was last heard of, in the order in which they were placed; empty where no records were wanted. */
  readonly orders: readonly Order[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly DecisionRecord[];
  readonly orderCount: number;
  readonly fillCount: number;
  /** All that was bought and sold, in the quote asset. */
  readonly turnover: number;
  /** What fills cost against the prices at which they were decided, in the quote asset; below 0: gained. */
  readonly slippage: number;
  readonly denials: DenialCounts;
  /** Strategies that failed, and how. */
  readonly failures: readonly { readonly strategyId: StrategyId; readonly failure: StrategyFailure }[];
}

/** Strategies that failed and were not started again. */
export const failuresOf = (kernel: Kernel): BacktestOutcome['failures'] =>
  kernel
    .strategies()
    .flatMap(({ strategy, failure }) => (failure === null ? [] : [{ strategyId: strategy.id, failure }]));
