import type { BacktestOutcome } from '../backtest/outcome.ts';
import type { Honesty } from '../statistics/honesty.ts';
import type { BacktestStatistics } from '../statistics/statistics.ts';

/** Bars for looking at, oldest first, in the quote asset: neighbours may have been joined, as long as their extremes are kept. */
export interface ReportPrices {
  readonly instrument: string;
  readonly openTimeMs: ArrayLike<number>;
  readonly high: ArrayLike<number>;
  readonly low: ArrayLike<number>;
  readonly close: ArrayLike<number>;
}

/** All that a report of a finished backtest shows: what `result.json` and the files beside it hold. */
export interface BacktestRun {
  readonly id: string;
  readonly createdMs: number;
  /** The MONSTA that ran it. */
  readonly version: string;
  readonly strategy: string;
  readonly instruments: readonly string[];
  /** Null: ticks. */
  readonly interval: string | null;
  readonly quoteAsset: string;
  /** How many days with a point a year has for what is annualised; null: years go by time. */
  readonly yearDays: number | null;
  /** What it was to do. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly assumptions: readonly string[];
  readonly warnings: readonly string[];
  readonly outcome: Pick<BacktestOutcome, 'curve' | 'benchmark' | 'trades'>;
  readonly statistics: BacktestStatistics;
  readonly honesty: Honesty;
  /** Of each instrument from the start on; empty where they were not kept. */
  readonly prices: readonly ReportPrices[];
}
