import type { BacktestOutcome } from '../backtest/outcome.ts';
import { deflatedSharpe } from '../statistics/deflated-sharpe.ts';
import { momentsOf } from '../statistics/moments.ts';
import { blockMoments, type BlockMoments } from '../statistics/overfitting.ts';
import { periodEnds, returnsOf, valuesAtEnds } from '../statistics/returns.ts';
import { spreadOfTrials, type TrialMemory } from '../statistics/trials.ts';

/**
 * A run's returns from point to point, in blocks for the probability of overfitting; null for too few. One that has lost all has returns of 0 from there on: all trials of a window
 * are cut into the same blocks.
 */
export function returnBlocks({ curve: { equity } }: BacktestOutcome): BlockMoments | null {
  const returns = new Float64Array(Math.max(0, equity.length - 1));
  for (let index = 0; index < returns.length; index += 1) {
    const before = equity[index] ?? 0;
    returns[index] = before > 0 ? (equity[index + 1] ?? 0) / before - 1 : 0;
  }
  return blockMoments(returns);
}

/** The deflated Sharpe ratio of a run's daily returns, against all that was tried. */
export function deflatedSharpeOf({ curve: { timeMs, equity } }: BacktestOutcome, trials: TrialMemory): number | null {
  const daily = returnsOf(valuesAtEnds(equity, periodEnds(timeMs, 'day')));
  return deflatedSharpe(momentsOf(daily), spreadOfTrials(trials));
}
