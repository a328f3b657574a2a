import type { BacktestOutcome } from '../backtest/outcome.ts';
import { at, indexAt } from './columns.ts';
import { drawdownsOf } from './drawdowns.ts';
import { periodEnds, valuesAtEnds, type Period } from './returns.ts';

/** A UTC day, month or year in which there is a point of the curve. Its beginning is the last point before it. */
export interface PeriodFigures {
  readonly fromMs: number;
  /** Share; null where nothing was left at its beginning. */
  readonly return: number | null;
  /** In the quote asset. */
  readonly profit: number;
  readonly equity: number;
  /** Deepest within the period, its beginning included, as a share; null where nothing was left at its beginning. */
  readonly maxDrawdown: number | null;
  readonly buyAndHoldReturn: number | null;
  /** Closed within it. */
  readonly trades: number;
  readonly wins: number;
}

const growth = (before: number, after: number): number | null => (before > 0 ? after / before - 1 : null);

/** What came of each period, oldest first. */
export function perPeriod(
  outcome: Pick<BacktestOutcome, 'curve' | 'benchmark' | 'trades'>,
  period: Period,
): readonly PeriodFigures[] {
  const { curve, benchmark, trades } = outcome;
  const ends = periodEnds(curve.timeMs, period);
  const [equity, held, untilMs] = [curve.equity, benchmark, curve.timeMs].map((values) => valuesAtEnds(values, ends));
  if (equity === undefined || held === undefined || untilMs === undefined) return [];
  const counts = new Float64Array(ends.last.length);
  const wins = new Float64Array(ends.last.length);
  let index = 0;
  for (const { closedMs, profit } of trades) {
    if (closedMs === null) continue;
    while (index + 1 < counts.length && closedMs > at(untilMs, index + 1)) index += 1;
    while (index > 0 && closedMs <= at(untilMs, index)) index -= 1;
    counts[index] = at(counts, index) + 1;
    if (Number(profit) > 0) wins[index] = at(wins, index) + 1;
  }
  return Array.from(ends.last, (last, place) => {
    const first = place === 0 ? 0 : indexAt(ends.last, place - 1);
    const [before, after] = [at(equity, place), at(equity, place + 1)];
    const points = [curve.timeMs.subarray(first, last + 1), curve.equity.subarray(first, last + 1)] as const;
    return {
      fromMs: at(ends.fromMs, place),
      return: growth(before, after),
      profit: after - before,
      equity: after,
      maxDrawdown: before > 0 ? (drawdownsOf(...points).summary.deepest?.share ?? 0) : null,
      buyAndHoldReturn: growth(at(held, place), at(held, place + 1)),
      trades: at(counts, place),
      wins: at(wins, place),
    };
  });
}
