import { err, intervalMs, ok, type BarSeries, type Result } from '@monsta/core';
import { at } from '../statistics/columns.ts';
import type { Stretch } from '../statistics/stretches.ts';

/** Logarithms of closes and their differences, with where neighbours belong together. */
export interface BarReturns {
  readonly logCloses: Float64Array;
  /** Of bars that are one interval apart. */
  readonly closeStretches: readonly Stretch[];
  /** ln(close ÷ close before), of closes one interval apart; none over a gap. */
  readonly values: Float64Array;
  /** The bar at whose close each return is complete. */
  readonly bar: Int32Array;
  readonly stretches: readonly Stretch[];
  /** Returns left out since bars are missing between the two closes. */
  readonly overGaps: number;
}

/** Returns of a series of bars, in natural logarithms. Fault `data_unfit`: a close that is not above zero has none. */
export function barReturns({ instrument, openTimeMs, close, interval, length }: BarSeries): Result<BarReturns> {
  const stepMs = intervalMs(interval);
  const logCloses = new Float64Array(length);
  const [values, bar] = [new Float64Array(Math.max(0, length - 1)), new Int32Array(Math.max(0, length - 1))];
  const [closeStretches, stretches]: [Stretch[], Stretch[]] = [[], []];
  let [from, count, returnsFrom] = [0, 0, 0];
  const end = (to: number): void => {
    if (to > from) closeStretches.push({ from, to });
    if (count > returnsFrom) stretches.push({ from: returnsFrom, to: count });
    [from, returnsFrom] = [to, count];
  };
  for (let index = 0; index < length; index += 1) {
    const ticks = at(close, index);
    if (!(ticks > 0)) return unfit(instrument.id, at(openTimeMs, index), ticks);
    logCloses[index] = Math.log(ticks);
    if (index === 0) continue;
    if (at(openTimeMs, index) - at(openTimeMs, index - 1) === stepMs) {
      values[count] = at(logCloses, index) - at(logCloses, index - 1);
      bar[count] = index;
      count += 1;
    } else end(index);
  }
  end(length);
  return ok({
    logCloses,
    closeStretches,
    values: values.subarray(0, count),
    bar: bar.subarray(0, count),
    stretches,
    overGaps: Math.max(0, length - 1) - count,
  });
}

const unfit = (instrument: string, openMs: number, ticks: number): Result<never> =>
  err(
    'data_unfit',
    `the bar of ${instrument} that opens at ${new Date(openMs).toISOString()} closes at ${ticks}: a price that is not above zero has no return`,
  );
