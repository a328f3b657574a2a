import { at } from './columns.ts';
import { quantileOf } from './returns.ts';
import { normalQuantile } from '@monsta/core';

export interface HillEstimate {
  readonly order: number;
  readonly index: number;
  readonly standardError: number;
}

/**
 * Tail index by Hill 1975: k ÷ Σ ln(x_(i) ÷ x_(k+1)) over the k largest of `sizes`, which are above zero and sorted from the smallest on; its standard error index ÷ √k. Null where there are no k + 1 of them,
 * or the k largest are all the same.
 */
export function hillEstimate(sizes: Float64Array, order: number): HillEstimate | null {
  const below = sizes.length - order - 1;
  if (order < 1 || below < 0) return null;
  const threshold = at(sizes, below);
  let sum = 0;
  for (let index = below + 1; index < sizes.length; index += 1) sum += Math.log(at(sizes, index) / threshold);
  if (!(sum > 0)) return null;
  const index = order / sum;
  return { order, index, standardError: index / Math.sqrt(order) };
}

export interface TailRisk {
  readonly level: number;
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
  readonly normalValueAtRisk: number;
}

/**
 * Losses of a holder by what was: the quantile of returns at 1 − level with its sign changed, the mean loss of returns at or below it, and what a normal distribution of that mean and
 * deviation would say. `sorted`: from the smallest on. Null of none.
 */
export function tailRisk(sorted: Float64Array, level: number, mean: number, deviation: number): TailRisk | null {
  const quantile = quantileOf(sorted, 1 - level);
  if (quantile === null) return null;
  let [sum, count] = [0, 0];
  while (count < sorted.length && at(sorted, count) <= quantile) {
    sum += at(sorted, count);
    count += 1;
  }
  return {
    level,
    valueAtRisk: -quantile,
    expectedShortfall: count === 0 ? -quantile : -(sum / count),
    normalValueAtRisk: -(mean + deviation * normalQuantile(1 - level)),
  };
}
