import type { BacktestOutcome } from '../backtest/outcome.ts';
import { annualised, perYear } from './columns.ts';
import { deflatedSharpe, expectedMaximumSharpe, minimumTrackRecord, probabilisticSharpe } from './deflated-sharpe.ts';
import {
  againstHolding,
  OBSERVATIONS_MIN,
  profitFactorInterval,
  returnIntervals,
  type HoldingTest,
  type Interval,
  type Resampling,
  type ReturnIntervals,
} from './intervals.ts';
import { momentsOf } from './moments.ts';
import { elapsedTo, periodEnds, returnsOf, valuesAtEnds } from './returns.ts';
import { closedTrades, profitsOf } from './trade-figures.ts';
import { tradeOrderOf, type TradeOrder } from './trade-order.ts';
import { spreadOfTrials, type TrialMemory } from './trials.ts';

export interface HonestyOptions {
  /** Of everything that is drawn. */
  readonly seed: number;
  /** All that has been tried of the strategy on this data, this backtest included. */
  readonly trials: TrialMemory;
  /** How many days with a point a year has; left out or null: years go by time. */
  readonly yearDays?: number | null;
  /** 2,000 unless given. */
  readonly resamples?: number;
}

/**
 * What the result is evidence of. `too-little`: fewer than 20 days or closed trades, or returns without variance. `none`: that the true Sharpe ratio is above zero has a
 * probability below 95 % once the trials are counted, or is not known. `not-above-holding`: it has, but an advantage over buy-and-hold may be chance (p ≥ 0.05). `some`: neither.
 */
export type Verdict = 'too-little' | 'none' | 'not-above-holding' | 'some';

/** How much of a result luck may have brought about. Definitions and sources are in docs/statistics.md. */
export interface Honesty {
  readonly verdict: Verdict;
  /** How many different things were tried, this one included. */
  readonly trials: number;
  readonly days: number;
  readonly sharpeDaily: number | null;
  /** The Sharpe ratio that the best of so many trials without skill is expected to show, annualised as `sharpeDaily`. */
  readonly luckySharpe: number | null;
  readonly probabilisticSharpe: number | null;
  readonly deflatedSharpe: number | null;
  /** Days until the Sharpe ratio is above zero with 95 %, the trials left out of account. */
  readonly minimumTrackRecordDays: number | null;
  readonly resamples: number;
  readonly level: number;
  readonly intervals: ReturnIntervals | null;
  readonly profitFactor: Interval | null;
  readonly tradeOrder: TradeOrder | null;
  readonly againstHolding: HoldingTest | null;
}

const RESAMPLES = 2_000;
const LEVEL = 0.95;

/** Honesty statistics of a backtest: the same options give the same figures. */
export function honestyOf(outcome: BacktestOutcome, options: HonestyOptions): Honesty {
  const { curve, benchmark } = outcome;
  const resampling: Resampling = { seed: options.seed, resamples: options.resamples ?? RESAMPLES, level: LEVEL };
  const ends = periodEnds(curve.timeMs, 'day');
  const returns = returnsOf(valuesAtEnds(curve.equity, ends));
  const held = returnsOf(valuesAtEnds(benchmark, ends));
  const timeMs = valuesAtEnds(curve.timeMs, ends);
  const yearly = perYear(returns.length, elapsedTo(timeMs, returns.length, options.yearDays ?? null));
  const moments = momentsOf(returns);
  const profits = profitsOf(closedTrades(outcome));
  const spread = spreadOfTrials(options.trials);
  const trials = Math.max(1, spread.count);
  const deflated = deflatedSharpe(moments, spread);
  const holding = againstHolding(returns, held, yearly, resampling);
  const little = returns.length < OBSERVATIONS_MIN || profits.length < OBSERVATIONS_MIN || moments.sharpe === null;
  return {
    verdict: little ? 'too-little' : verdictOf(deflated, holding),
    trials,
    days: returns.length,
    sharpeDaily: annualised(moments.sharpe, yearly),
    luckySharpe: annualised(expectedMaximumSharpe(spread), yearly),
    probabilisticSharpe: probabilisticSharpe(moments),
    deflatedSharpe: deflated,
    minimumTrackRecordDays: minimumTrackRecord(moments),
    resamples: resampling.resamples,
    level: LEVEL,
    intervals: returnIntervals(returns, yearly, resampling),
    profitFactor: profitFactorInterval(profits, resampling),
    tradeOrder: tradeOrderOf(outcome.initialCash, profits, resampling),
    againstHolding: holding,
  };
}

function verdictOf(deflated: number | null, holding: HoldingTest | null): Verdict {
  if (deflated === null || deflated < LEVEL) return 'none';
  return holding === null || holding.pValue >= 1 - LEVEL ? 'not-above-holding' : 'some';
}
