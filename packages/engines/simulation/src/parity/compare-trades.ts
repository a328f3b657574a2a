import type { BacktestTrade } from '../backtest/outcome.ts';

/** One trade as it was traded and as a backtest of the same data has it. Costs in basis points, above 0 where the run did worse than the backtest says. */
export interface TradePair {
  readonly run: BacktestTrade;
  readonly backtest: BacktestTrade;
  /** How much later the run entered, milliseconds. */
  readonly lateMs: number;
  /** Of the average entry price. */
  readonly entryCostBps: number;
  /** Of the average exit price; null while one of the two is open. */
  readonly exitCostBps: number | null;
  /** Return of the backtest's trade less that of the run's, net of fees. */
  readonly returnCostBps: number | null;
}

/** Of one figure over all pairs that have it. */
export interface CostSummary {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** The one farthest from 0. */
  readonly worst: number;
}

export interface ParityComparison {
  readonly pairs: readonly TradePair[];
  /** Trades without a counterpart. */
  readonly onlyRun: readonly BacktestTrade[];
  readonly onlyBacktest: readonly BacktestTrade[];
  readonly entryCostBps: CostSummary | null;
  readonly exitCostBps: CostSummary | null;
  readonly returnCostBps: CostSummary | null;
}

const BPS = 10_000;

const signOf = ({ direction }: BacktestTrade): number => (direction === 'long' ? 1 : -1);

function pairOf(run: BacktestTrade, backtest: BacktestTrade): TradePair {
  const sign = signOf(run);
  const closed = run.closedMs !== null && backtest.closedMs !== null;
  const exits = closed && run.exitPrice !== null && backtest.exitPrice !== null;
  return {
    run,
    backtest,
    lateMs: run.openedMs - backtest.openedMs,
    entryCostBps: sign * (Number(run.entryPrice) / Number(backtest.entryPrice) - 1) * BPS,
    exitCostBps: exits ? sign * (1 - Number(run.exitPrice) / Number(backtest.exitPrice)) * BPS : null,
    returnCostBps: closed ? (backtest.returnShare - run.returnShare) * BPS : null,
  };
}

/** Null over nothing. */
export function summaryOf(values: readonly number[]): CostSummary | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
  const worst = values.reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most), 0);
  return { count: values.length, mean: values.reduce((sum, each) => sum + each, 0) / values.length, median, worst };
}

/**
 * Puts the trades of a run and of a backtest of the same data side by side: of each strategy, instrument and direction those that were entered within `toleranceMs` of each other, in the
 * order of time, each once.
 */
export function compareTrades(
  run: readonly BacktestTrade[],
  backtest: readonly BacktestTrade[],
  toleranceMs: number,
): ParityComparison {
  const free = new Set(backtest.toSorted((left, right) => left.openedMs - right.openedMs));
  const pairs: TradePair[] = [];
  const onlyRun: BacktestTrade[] = [];
  for (const trade of run.toSorted((left, right) => left.openedMs - right.openedMs)) {
    let nearest: BacktestTrade | null = null;
    for (const other of free) {
      const same =
        other.strategyId === trade.strategyId &&
        other.instrument === trade.instrument &&
        other.direction === trade.direction;
      const apart = Math.abs(other.openedMs - trade.openedMs);
      if (!same || apart > toleranceMs) continue;
      if (nearest === null || apart < Math.abs(nearest.openedMs - trade.openedMs)) nearest = other;
    }
    if (nearest === null) onlyRun.push(trade);
    else {
      free.delete(nearest);
      pairs.push(pairOf(trade, nearest));
    }
  }
  const known = (of: (pair: TradePair) => number | null): readonly number[] =>
    pairs.map(of).filter((value) => value !== null);
  return {
    pairs,
    onlyRun,
    onlyBacktest: [...free],
    entryCostBps: summaryOf(known(({ entryCostBps }) => entryCostBps)),
    exitCostBps: summaryOf(known(({ exitCostBps }) => exitCostBps)),
    returnCostBps: summaryOf(known(({ returnCostBps }) => returnCostBps)),
  };
}
