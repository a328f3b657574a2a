import type { BacktestOutcome } from '../backtest/outcome.ts';
import { deflatedSharpe } from '../statistics/deflated-sharpe.ts';
import { momentsOf } from '../statistics/moments.ts';
import { momentsInBlocks, type BlockMoments, type ReturnSums } from '../statistics/overfitting.ts';
import { periodEnds, returnsOf, valuesAtEnds } from '../statistics/returns.ts';
import { spreadOfTrials, type TrialMemory } from '../statistics/trials.ts';

/**
 * A run's returns from point to point, in blocks for the probability of overfitting; null for too few. One that has lost all has returns of 0 from there on: all trials of a window
 * are cut into the same blocks.
 */
export function returnBlocks({ curve: { equity } }: BacktestOutcome): BlockMoments | null {
  return momentsInBlocks(Math.max(0, equity.length - 1), (from, to) => returnSums(equity, from, to));
}

/** Of the returns from one point on and before another, made as they are added up: a column of them would be as long as the curve, for each trial. */
function returnSums(equity: Float64Array, from: number, to: number): ReturnSums {
  let sum = 0;
  let square = 0;
  let before = equity[from] as number;
  for (let index = from; index < to; index += 1) {
    const after = equity[index + 1] as number;
    // No return: nothing would be added.
    if (after === before) continue;
    const value = before > 0 ? after / before - 1 : 0;
    before = after;
    sum += value;
    square += value * value;
  }
  return { sum, square };
}

/** The deflated Sharpe ratio of a run's daily returns, against all that was tried. */
export function deflatedSharpeOf({ curve: { timeMs, equity } }: BacktestOutcome, trials: TrialMemory): number | null {
  const daily = returnsOf(valuesAtEnds(equity, periodEnds(timeMs, 'day')));
  return deflatedSharpe(momentsOf(daily), spreadOfTrials(trials));
}
