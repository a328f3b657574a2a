import type { EquityCurve } from '../backtest/outcome.ts';
import { annualised, at, perYear } from './columns.ts';
import { momentsOf } from './moments.ts';
import { elapsedTo, periodEnds, returnsOf, valuesAtEnds } from './returns.ts';

/** Figures of the last so many days at the end of each day from the first full window on, in columns. NaN: not known. */
export interface RollingFigures {
  readonly windowDays: number;
  readonly timeMs: Float64Array;
  readonly return: Float64Array;
  /** Annualised. */
  readonly sharpe: Float64Array;
  /** Annualised. */
  readonly volatility: Float64Array;
  /** Of the days' last points. */
  readonly maxDrawdown: Float64Array;
}

/** Rolling figures over windows of so many UTC days in which there is a point. Empty where there are fewer. `yearDays`: how many of them a year has; null: years go by time. */
export function rollingOf(
  { timeMs, equity }: EquityCurve,
  windowDays: number,
  yearDays: number | null = null,
): RollingFigures {
  const ends = periodEnds(timeMs, 'day');
  const [days, worth] = [valuesAtEnds(timeMs, ends), valuesAtEnds(equity, ends)];
  const returns = returnsOf(worth);
  const count = Math.max(0, returns.length - windowDays + 1);
  const column = (): Float64Array => new Float64Array(count);
  const rolling = {
    windowDays,
    timeMs: column(),
    return: column(),
    sharpe: column(),
    volatility: column(),
    maxDrawdown: column(),
  };
  for (let from = 0; from < count; from += 1) {
    const to = from + windowDays;
    const { sharpe, deviation } = momentsOf(returns.subarray(from, to));
    const yearly = perYear(windowDays, elapsedTo(days.subarray(from, to + 1), windowDays, yearDays));
    rolling.timeMs[from] = at(days, to);
    rolling.return[from] = at(worth, to) / at(worth, from) - 1;
    rolling.sharpe[from] = annualised(sharpe, yearly) ?? Number.NaN;
    rolling.volatility[from] = annualised(deviation, yearly) ?? Number.NaN;
    let [peak, deepest] = [at(worth, from), 0];
    for (let index = from + 1; index <= to; index += 1) {
      const value = at(worth, index);
      if (value > peak) peak = value;
      else deepest = Math.max(deepest, 1 - value / peak);
    }
    rolling.maxDrawdown[from] = deepest;
  }
  return rolling;
}
