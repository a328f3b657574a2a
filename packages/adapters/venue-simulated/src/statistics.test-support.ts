/** Statistics of a series of returns. */
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Fourth central moment over the square of the second: 3 for a normal distribution. */
export function kurtosis(values: readonly number[]): number {
  const middle = mean(values);
  const variance = mean(values.map((value) => (value - middle) ** 2));
  return mean(values.map((value) => (value - middle) ** 4)) / variance ** 2;
}

export function autocorrelation(values: readonly number[], lag: number): number {
  const middle = mean(values);
  let product = 0;
  let square = 0;
  values.forEach((value, index) => {
    square += (value - middle) ** 2;
    const later = values[index + lag];
    if (later !== undefined) product += (value - middle) * (later - middle);
  });
  return product / square;
}

/**
 * Standard error of an autocorrelation that is truly 0 when the variance itself changes in time (H. White, Econometrica 48, 1980): where large returns follow large ones
 * it is larger than 1 ÷ √n.
 */
export function autocorrelationError(values: readonly number[], lag: number): number {
  const middle = mean(values);
  let squares = 0;
  let products = 0;
  values.forEach((value, index) => {
    squares += (value - middle) ** 2;
    const later = values[index + lag];
    if (later !== undefined) products += (value - middle) ** 2 * (later - middle) ** 2;
  });
  return Math.sqrt(products) / squares;
}

/** Log returns from one value to the next. */
export const logReturns = (values: readonly number[]): number[] =>
  values.slice(1).map((value, index) => Math.log(value / (values[index] ?? value)));

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}
