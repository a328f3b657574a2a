/** The mean of the last `period` values at each of them, by a sum that slides; NaN before. */
function means(values: Float64Array, period: number): Float64Array {
  const means = new Float64Array(values.length).fill(Number.NaN);
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) {
    sum += values[index] as number;
    if (index >= period) sum -= values[index - period] as number;
    if (index >= period - 1) means[index] = sum / period;
  }
  return means;
}

/**
 * What a vectorised engine does of a crossing of two means at the least: all in or all out at the next open, a fee, the Sharpe ratio of the bars' returns. No order, no tick or lot,
 * no risk, no account: a bound from below for what the same costs in full.
 */
export function bareCross(open: Float64Array, close: Float64Array, fast: number, slow: number): number {
  const [quick, calm] = [means(close, fast), means(close, slow)];
  let [cash, coins, wanted, before] = [10_000, 0, false, 10_000];
  let [sum, squares, count] = [0, 0, 0];
  for (let index = 0; index < close.length; index += 1) {
    const price = open[index] as number;
    if (wanted && coins === 0) {
      coins = cash / (price * 1.001);
      cash = 0;
    } else if (!wanted && coins > 0) {
      cash = coins * price * 0.999;
      coins = 0;
    }
    wanted = (quick[index] as number) > (calm[index] as number);
    const equity = cash + coins * (close[index] as number);
    const share = equity / before - 1;
    before = equity;
    sum += share;
    squares += share * share;
    count += 1;
  }
  const mean = sum / count;
  return mean / Math.sqrt(squares / count - mean * mean);
}
