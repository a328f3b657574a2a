import { at } from './columns.ts';

/** What a column of returns looks like. A figure that it is too short or too flat for is null. */
export interface Moments {
  readonly count: number;
  readonly mean: number | null;
  /** Sample standard deviation, divisor n − 1. */
  readonly deviation: number | null;
  /** m₃ ÷ m₂^1.5 of the central moments with divisor n. */
  readonly skew: number | null;
  /** m₄ ÷ m₂², 3 for a normal distribution. */
  readonly kurtosis: number | null;
  /** Mean ÷ standard deviation, over one return: not annualised. */
  readonly sharpe: number | null;
}

/** A standard deviation at most this share of the mean is what rounding leaves of none: equal returns of an equity in binary numbers differ in their last digits. */
const ROUNDING = 1e-9;

/** Mean, deviation and Sharpe ratio, from sums that one pass has made. */
export type Spread = Pick<Moments, 'mean' | 'deviation' | 'sharpe'>;

/**
 * From sums of what returns lie apart from one of them, `shift`: with a shift among them little is lost by taking one large number from another. `sum` Σ(r − shift), `squares`
 * Σ(r − shift)².
 */
export function spreadFrom(count: number, shift: number, sum: number, squares: number): Spread {
  if (count === 0) return { mean: null, deviation: null, sharpe: null };
  const mean = shift + sum / count;
  if (count < 2) return { mean, deviation: null, sharpe: null };
  const deviation = Math.sqrt(Math.max(0, squares - (sum * sum) / count) / (count - 1));
  if (deviation <= ROUNDING * Math.abs(mean)) return { mean, deviation: 0, sharpe: null };
  return { mean, deviation, sharpe: mean / deviation };
}

/** Moments of returns in two passes. */
export function momentsOf(returns: Float64Array): Moments {
  const count = returns.length;
  if (count === 0) return { count, mean: null, deviation: null, skew: null, kurtosis: null, sharpe: null };
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += at(returns, index);
  const mean = sum / count;
  let [second, third, fourth] = [0, 0, 0];
  for (let index = 0; index < count; index += 1) {
    const apart = at(returns, index) - mean;
    const square = apart * apart;
    second += square;
    third += square * apart;
    fourth += square * square;
  }
  if (count < 2) return { count, mean, deviation: null, skew: null, kurtosis: null, sharpe: null };
  const deviation = Math.sqrt(second / (count - 1));
  if (deviation <= ROUNDING * Math.abs(mean))
    return { count, mean, deviation: 0, skew: null, kurtosis: null, sharpe: null };
  const variance = second / count;
  return {
    count,
    mean,
    deviation,
    skew: third / count / variance ** 1.5,
    kurtosis: fourth / count / (variance * variance),
    sharpe: mean / deviation,
  };
}
