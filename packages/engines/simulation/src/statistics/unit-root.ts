import { at } from './columns.ts';
import { normalCdf } from '@monsta/core';
import type { Stretch } from './stretches.ts';
import { regressionSums, type RegressionSums } from './unit-root-sums.ts';

export interface Critical {
  readonly level: number;
  readonly value: number;
}

export interface UnitRootTest {
  readonly statistic: number;
  readonly p: number;
  readonly lags: number;
  readonly lagsMax: number;
  /** Rows of the regression. */
  readonly observations: number;
  readonly critical: readonly Critical[];
}

/** Rows that there must be beyond what is estimated, for the test to say anything. */
const FREEDOM_MIN = 10;
/** A regressor of which the others leave less than this share is none of its own. */
const PIVOT_MIN = 1e-12;

/** Response surfaces of MacKinnon 2010, "Critical Values for Cointegration Tests", table 2, with a constant: β∞ + β₁/T + β₂/T² + β₃/T³. */
const SURFACES: readonly (readonly [level: number, ...betas: number[]])[] = [
  [0.01, -3.43035, -6.5393, -16.786, -79.433],
  [0.05, -2.86154, -2.8903, -4.234, -40.04],
  [0.1, -2.56677, -1.5384, -2.809, 0],
];

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);

/** Asymptotic p-value of the Dickey–Fuller t with a constant (MacKinnon 1994, "Approximate Asymptotic Distribution Functions for Unit-Root and Cointegration Tests", tables 3 and 4). */
function mackinnonP(statistic: number): number {
  if (statistic > 2.74) return 1;
  if (statistic < -18.83) return 0;
  const coefficients = statistic <= -1.61 ? [2.1659, 1.4412, 0.038269] : [1.7339, 0.93202, -0.12745, -0.010368];
  return normalCdf(polynomial(coefficients, statistic));
}

/** ⌊12 (n ÷ 100)^¼⌋, Schwert's 1989 rule for the most lags. */
const schwertLags = (count: number): number => Math.floor(12 * (count / 100) ** 0.25);

/**
 * Factors the centred and scaled cross products in the given order of regressors (0: the level, k: the k-th lagged difference): the Cholesky factor's last row element, and what each
 * regressor takes off the sum of squares. Null where one of them is a combination of those before.
 */
function factored(
  { products, targets }: RegressionSums,
  order: readonly number[],
): { readonly explained: readonly number[]; readonly lastZ: number } | null {
  const size = order.length;
  const rows: Float64Array[] = [];
  const z: number[] = [];
  const explained: number[] = [];
  for (let row = 0; row < size; row += 1) {
    const own = order[row] ?? 0;
    const current = new Float64Array(row + 1);
    const scale = Math.sqrt(products(own, own));
    if (!(scale > 0)) return null;
    let target = targets(own) / scale;
    for (let column = 0; column <= row; column += 1) {
      const other = order[column] ?? 0;
      let value = products(own, other) / scale / Math.sqrt(products(other, other));
      const before = column === row ? current : (rows[column] ?? current);
      for (let index = 0; index < column; index += 1) value -= at(current, index) * at(before, index);
      if (column < row) current[column] = value / at(before, column);
      else if (!(value > PIVOT_MIN)) return null;
      else current[column] = Math.sqrt(value);
    }
    for (let index = 0; index < row; index += 1) target -= at(current, index) * (z[index] ?? 0);
    const found = target / at(current, row);
    rows.push(current);
    z.push(found);
    explained.push(found * found);
  }
  return { explained, lastZ: z.at(-1) ?? Number.NaN };
}

const counting = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** The lags with the least AIC, n ln(RSS ÷ n) + 2 × parameters, all on the rows that the most of them leave. */
function lagsByAic(sums: RegressionSums, lagsMax: number): number | null {
  const fit = factored(sums, counting(0, lagsMax));
  if (fit === null) return null;
  let [best, least] = [0, Infinity];
  let rest = sums.total - (fit.explained[0] ?? 0);
  for (let lags = 0; lags <= lagsMax; lags += 1) {
    if (lags > 0) rest -= fit.explained[lags] ?? 0;
    const aic = sums.rows * Math.log(rest / sums.rows) + 2 * (lags + 2);
    if (aic < least) [best, least] = [lags, aic];
  }
  return best;
}

/**
 * Augmented Dickey–Fuller test with a constant: t of γ in Δy_t = α + γ y_{t−1} + Σ δ_i Δy_{t−i} + ε_t (Said and Dickey 1984), lags by AIC up to Schwert's. Only rows all of whose values lie in one
 * stretch take part. Null where there are too few rows, or the regression can't be solved (a constant, a straight line).
 */
export function augmentedDickeyFuller(levels: Float64Array, stretches: readonly Stretch[]): UnitRootTest | null {
  const lagsMax = Math.min(schwertLags(levels.length), Math.floor(levels.length / 2) - 3);
  if (lagsMax < 0) return null;
  const widest = regressionSums(levels, stretches, lagsMax);
  if (widest.rows < lagsMax + 2 + FREEDOM_MIN) return null;
  const lags = lagsByAic(widest, lagsMax);
  if (lags === null) return null;
  const sums = lags === lagsMax ? widest : regressionSums(levels, stretches, lags);
  const { rows } = sums;
  // The level last: its t is then the last element of the factor's solution over the residual deviation.
  const fit = factored(sums, [...counting(1, lags), 0]);
  if (fit === null) return null;
  const rest = fit.explained.reduce((left, each) => left - each, sums.total);
  if (!(rest > PIVOT_MIN * sums.total)) return null;
  const statistic = fit.lastZ / Math.sqrt(rest / (rows - lags - 2));
  return {
    statistic,
    p: mackinnonP(statistic),
    lags,
    lagsMax,
    observations: rows,
    critical: SURFACES.map(([level, ...betas]) => ({ level, value: polynomial(betas, 1 / rows) })),
  };
}
