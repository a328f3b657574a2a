import { chiSquaredAbove } from './chi-squared.ts';
import { at } from './columns.ts';
import { normalCdf } from '@monsta/core';
import { pairsAt, type Stretch } from './stretches.ts';

/** A value of a test, and how probable one at least as far out is if its hypothesis holds. */
export interface Tested {
  readonly statistic: number;
  readonly p: number;
}

export interface Autocorrelation {
  readonly count: number;
  /** How many pairs there are at each lag. */
  readonly pairs: Float64Array;
  /** ρ at lags 1, 2, …: Σ (x_t − x̄)(x_{t−k} − x̄) ÷ Σ (x_t − x̄)². */
  readonly values: Float64Array;
  /** Standard errors that hold under changing variance: √Σ (x_t − x̄)²(x_{t−k} − x̄)² ÷ Σ (x_t − x̄)² (Taylor 1984; the δ of Lo and MacKinlay 1988). */
  readonly robustErrors: Float64Array;
}

/**
 * Autocorrelations at lags 1 … `lags`; pairs lie within one stretch. Null where fewer than two values are left, or all are the same.
 */
export function autocorrelationOf(
  values: Float64Array,
  stretches: readonly Stretch[],
  lags: number,
): Autocorrelation | null {
  const count = values.length;
  if (count < 2) return null;
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += at(values, index);
  const mean = sum / count;
  const apart = new Float64Array(count);
  let [squares, largest] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    const value = at(values, index) - mean;
    apart[index] = value;
    squares += value * value;
    largest = Math.max(largest, Math.abs(at(values, index)));
  }
  // What rounding leaves of equal values is no variance.
  if (Math.sqrt(squares / count) <= 1e-12 * largest || squares === 0) return null;
  const [pairs, found, errors] = [new Float64Array(lags), new Float64Array(lags), new Float64Array(lags)];
  for (let lag = 1; lag <= lags; lag += 1) {
    let [product, both] = [0, 0];
    for (const { from, to } of stretches) {
      for (let index = from + lag; index < to; index += 1) {
        const each = at(apart, index) * at(apart, index - lag);
        product += each;
        both += each * each;
      }
    }
    pairs[lag - 1] = pairsAt(stretches, lag);
    found[lag - 1] = product / squares;
    errors[lag - 1] = Math.sqrt(both) / squares;
  }
  return { count, pairs, values: found, robustErrors: errors };
}

/**
 * Ljung and Box 1978, of all lags up to each: Q = n(n + 2) Σ ρ_k² ÷ (pairs at k), against χ² of as many degrees as lags. Without gaps the pairs at k are n − k. Ends before a lag without
 * pairs.
 */
export function ljungBox({ count, pairs, values }: Autocorrelation): readonly Tested[] {
  let sum = 0;
  return upTo(values, (value, index) => {
    const there = at(pairs, index);
    if (there === 0) return null;
    sum += (value * value) / there;
    return count * (count + 2) * sum;
  });
}

/** The same where volatility clusters, which the plain one takes for correlation: Q = Σ (ρ_k ÷ robust error)² (Lobato, Nankervis and Savin 2001). */
export function robustPortmanteau({ values, robustErrors }: Autocorrelation): readonly Tested[] {
  let sum = 0;
  return upTo(values, (value, index) => {
    const error = at(robustErrors, index);
    if (error === 0) return null;
    sum += (value / error) ** 2;
    return sum;
  });
}

function upTo(values: Float64Array, next: (value: number, index: number) => number | null): readonly Tested[] {
  const found: Tested[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const statistic = next(at(values, index), index);
    if (statistic === null) break;
    found.push({ statistic, p: chiSquaredAbove(statistic, index + 1) });
  }
  return found;
}

export interface VarianceRatio {
  /** How many returns are added up. */
  readonly bars: number;
  readonly ratio: number;
  readonly z: number;
  readonly p: number;
}

/**
 * Variance of sums of q returns over q times that of one, by their autocorrelations: 1 + 2 Σ (1 − k ÷ q) ρ_k, and its z robust to changing variance, √ of Σ (2(q − k) ÷ q)² δ_k under it (Lo
 * and MacKinlay 1988, equations 18 and 20). Two-sided. Null where `autocorrelation` has fewer than q − 1 lags, or nothing to scale by.
 */
export function varianceRatioOf({ values, robustErrors }: Autocorrelation, q: number): VarianceRatio | null {
  if (q < 2 || values.length < q - 1) return null;
  let [ratio, variance] = [1, 0];
  for (let lag = 1; lag < q; lag += 1) {
    const weight = 2 * (1 - lag / q);
    ratio += weight * at(values, lag - 1);
    variance += (weight * at(robustErrors, lag - 1)) ** 2;
  }
  if (!(variance > 0)) return null;
  const z = (ratio - 1) / Math.sqrt(variance);
  return { bars: q, ratio, z, p: Math.min(1, 2 * normalCdf(-Math.abs(z))) };
}
