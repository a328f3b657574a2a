import type { BacktestOutcome } from '../backtest/outcome.ts';
import { annualised, at, extremeOf, meanOf, perYear, ratio, type Elapsed } from './columns.ts';
import { probabilisticSharpe } from './deflated-sharpe.ts';
import { deepestShareOf, drawdownsOf } from './drawdowns.ts';
import { momentsOf, spreadFrom } from './moments.ts';
import { annualGrowth, elapsedTo, periodEnds, quantileOf, returnsOf, valuesAtEnds } from './returns.ts';

/** Definitions, units and sources are in docs/statistics.md. `yearDays`: how many days with a point a year has, null: years go by time. Each function is of one group and passes over the curve as few times as it can. */

/** Fewer days say nothing of the worst twentieth of them. */
const TAIL_DAYS_MIN = 20;

const firstOf = (values: Float64Array): number => values[0] ?? 0;
const lastOf = (values: Float64Array): number => values.at(-1) ?? 0;

export const durationOf = ({ curve: { timeMs } }: BacktestOutcome): number => lastOf(timeMs) - firstOf(timeMs);

/** From the first point to the last. */
export const elapsedOf = ({ curve: { timeMs } }: BacktestOutcome, yearDays: number | null): Elapsed =>
  elapsedTo(timeMs, timeMs.length - 1, yearDays);

const cagrOf = (outcome: BacktestOutcome, yearDays: number | null): number | null =>
  annualGrowth(firstOf(outcome.curve.equity), lastOf(outcome.curve.equity), elapsedOf(outcome, yearDays));

const growthOf = (values: Float64Array): number | null => {
  const growth = ratio(lastOf(values), firstOf(values));
  return growth === null ? null : growth - 1;
};

export function growthFigures(outcome: BacktestOutcome, yearDays: number | null) {
  const { equity } = outcome.curve;
  const known = equity.length > 0;
  return {
    bars: outcome.bars,
    durationMs: known ? durationOf(outcome) : null,
    initialEquity: known ? firstOf(equity) : null,
    finalEquity: known ? lastOf(equity) : null,
    profit: known ? lastOf(equity) - firstOf(equity) : null,
    totalReturn: growthOf(equity),
    cagr: cagrOf(outcome, yearDays),
  };
}

/** How many returns a year holds: their number over the time from the first point to the last that has one. */
const yearlyOf = (timeMs: Float64Array, count: number, yearDays: number | null): number | null =>
  perYear(count, elapsedTo(timeMs, count, yearDays));

/** Points that are gone through in one call. A loop that is left once a backtest is never compiled whole; one that is left every few thousand points is. */
const STRETCH = 4_096;

/** What one pass over returns adds up. */
interface BarSums {
  count: number;
  /** Of what they lie apart from the first one. */
  sum: number;
  squares: number;
  lossSquares: number;
}

/** Adds the returns at the points from one on and before another; false after the last that counts. */
function addBars(equity: Float64Array, from: number, to: number, shift: number, sums: BarSums): boolean {
  let { sum, squares, lossSquares } = sums;
  let before = equity[from - 1] as number;
  let index = from;
  // As many returns as `countReturns` says.
  for (; index < to && before > 0; index += 1) {
    const value = equity[index] as number;
    // While nothing is held nothing is added: what lies 0 apart from a first return of 0.
    if (value === before && shift === 0) continue;
    const change = value / before - 1;
    const apart = change - shift;
    before = value;
    sum += apart;
    squares += apart * apart;
    // 0 of a gain. Not a branch: which way returns go can't be foreseen, by processors either.
    const loss = (Math.abs(change) - change) / 2;
    lossSquares += loss * loss;
  }
  sums.count += index - from;
  sums.sum = sum;
  sums.squares = squares;
  sums.lossSquares = lossSquares;
  return index === to;
}

/** In one pass, and without a column of returns: a backtest has a million bars, and an optimiser a thousand backtests. */
export function barFigures({ curve: { timeMs, equity } }: BacktestOutcome, yearDays: number | null) {
  const shift = at(equity, 1) / firstOf(equity) - 1;
  const sums: BarSums = { count: 0, sum: 0, squares: 0, lossSquares: 0 };
  let from = 1;
  while (from < equity.length && addBars(equity, from, Math.min(from + STRETCH, equity.length), shift, sums))
    from += STRETCH;
  const { count, sum, squares, lossSquares } = sums;
  const { mean, deviation, sharpe } = spreadFrom(count, shift, sum, squares);
  const yearly = yearlyOf(timeMs, count, yearDays);
  return {
    volatilityAnnual: annualised(deviation, yearly),
    sharpe: annualised(sharpe, yearly),
    sortino: annualised(ratio(mean, Math.sqrt(lossSquares / count)), yearly),
  };
}

/** Sum of the returns above zero over that of those below. */
function omegaOf(returns: Float64Array): number | null {
  let [gained, lost] = [0, 0];
  for (let index = 0; index < returns.length; index += 1) {
    const value = at(returns, index);
    if (value > 0) gained += value;
    else lost -= value;
  }
  return ratio(gained, lost);
}

const shareAboveZero = (values: Float64Array): number | null =>
  ratio(
    values.reduce((count, value) => count + (value > 0 ? 1 : 0), 0),
    values.length,
  );

function tailFigures(returns: Float64Array) {
  if (returns.length < TAIL_DAYS_MIN) return { valueAtRisk95: null, expectedShortfall95: null, tailRatio: null };
  const sorted = returns.toSorted();
  const [low, high] = [quantileOf(sorted, 0.05) ?? 0, quantileOf(sorted, 0.95) ?? 0];
  const worst = sorted.subarray(0, sorted.findLastIndex((value) => value <= low) + 1);
  return {
    valueAtRisk95: -low,
    expectedShortfall95: -(meanOf(worst) ?? low),
    tailRatio: ratio(Math.abs(high), Math.abs(low)),
  };
}

export function dayFigures({ curve: { timeMs, equity } }: BacktestOutcome, yearDays: number | null) {
  const ends = periodEnds(timeMs, 'day');
  const [daysMs, worth] = [valuesAtEnds(timeMs, ends), valuesAtEnds(equity, ends)];
  const returns = returnsOf(worth);
  const months = returnsOf(valuesAtEnds(worth, periodEnds(daysMs, 'month')));
  const moments = momentsOf(returns);
  const yearly = yearlyOf(daysMs, returns.length, yearDays);
  return {
    days: returns.length,
    sharpePerDay: moments.sharpe,
    sharpeDaily: annualised(moments.sharpe, yearly),
    probabilisticSharpe: probabilisticSharpe(moments),
    omega: omegaOf(returns),
    skew: moments.skew,
    kurtosis: moments.kurtosis,
    ...tailFigures(returns),
    bestDay: extremeOf(returns, 1),
    worstDay: extremeOf(returns, -1),
    winningDays: shareAboveZero(returns),
    bestMonth: extremeOf(months, 1),
    worstMonth: extremeOf(months, -1),
    winningMonths: shareAboveZero(months),
  };
}

export function drawdownFigures(outcome: BacktestOutcome, yearDays: number | null) {
  const { timeMs, equity } = outcome.curve;
  if (!(firstOf(equity) > 0)) return NO_DRAWDOWN_FIGURES;
  const { summary } = drawdownsOf(timeMs, equity);
  const maxDrawdown = summary.deepest?.share ?? 0;
  return {
    peakEquity: summary.peak,
    maxDrawdown,
    maxDrawdownAmount: summary.largestAmount,
    maxDrawdownDurationMs: summary.deepest?.durationMs ?? 0,
    longestDrawdownMs: summary.longestMs,
    drawdowns: summary.count,
    averageDrawdown: ratio(summary.shareSum, summary.count),
    averageDrawdownDurationMs: ratio(summary.durationSumMs, summary.count),
    ulcerIndex: Math.sqrt(summary.squareSum / equity.length),
    calmar: ratio(cagrOf(outcome, yearDays), maxDrawdown),
    recoveryFactor: ratio(lastOf(equity) - firstOf(equity), summary.largestAmount),
  };
}

const NO_DRAWDOWN_FIGURES = {
  peakEquity: null,
  maxDrawdown: null,
  maxDrawdownAmount: null,
  maxDrawdownDurationMs: null,
  longestDrawdownMs: null,
  drawdowns: null,
  averageDrawdown: null,
  averageDrawdownDurationMs: null,
  ulcerIndex: null,
  calmar: null,
  recoveryFactor: null,
};

/** Means and deviations of the bars' returns of the account, of buy-and-hold and of their difference, and the covariance of the two, in one pass. */
function besideOf(own: Float64Array, held: Float64Array) {
  const length = Math.min(own.length, held.length);
  let [ownBefore, heldBefore] = [firstOf(own), firstOf(held)];
  const [ownShift, heldShift] = [at(own, 1) / ownBefore - 1, at(held, 1) / heldBefore - 1];
  let [ownSum, ownSquares, heldSum, heldSquares, products, apartSum, apartSquares] = [0, 0, 0, 0, 0, 0, 0];
  let index = 1;
  // As many returns as both have.
  for (; index < length && ownBefore > 0 && heldBefore > 0; index += 1) {
    const ownValue = own[index] ?? Number.NaN;
    const heldValue = held[index] ?? Number.NaN;
    const x = heldValue / heldBefore - 1 - heldShift;
    const y = ownValue / ownBefore - 1 - ownShift;
    ownBefore = ownValue;
    heldBefore = heldValue;
    heldSum += x;
    heldSquares += x * x;
    ownSum += y;
    ownSquares += y * y;
    products += x * y;
    apartSum += y - x;
    apartSquares += (y - x) * (y - x);
  }
  const count = index - 1;
  return {
    count,
    own: spreadFrom(count, ownShift, ownSum, ownSquares),
    held: spreadFrom(count, heldShift, heldSum, heldSquares),
    apart: spreadFrom(count, ownShift - heldShift, apartSum, apartSquares),
    covariance: (products - (ownSum * heldSum) / count) / (count - 1),
  };
}

/** Against buy-and-hold; all null where that is not known. */
export function marketFigures(outcome: BacktestOutcome, yearDays: number | null) {
  const { benchmark, curve } = outcome;
  const { count, own, held, apart, covariance } = besideOf(curve.equity, benchmark);
  const yearly = yearlyOf(curve.timeMs, count, yearDays);
  const beta = held.sharpe === null || held.deviation === null ? null : covariance / held.deviation ** 2;
  const [grown, made] = [growthOf(benchmark), growthOf(curve.equity)];
  return {
    buyAndHoldReturn: grown,
    buyAndHoldCagr: annualGrowth(firstOf(benchmark), lastOf(benchmark), elapsedOf(outcome, yearDays)),
    buyAndHoldVolatility: annualised(held.deviation, yearly),
    buyAndHoldSharpe: annualised(held.sharpe, yearly),
    buyAndHoldMaxDrawdown: firstOf(benchmark) > 0 ? deepestShareOf(benchmark) : null,
    excessReturn: made === null || grown === null ? null : made - grown,
    beta,
    alpha:
      beta === null || own.mean === null || held.mean === null || yearly === null
        ? null
        : (own.mean - beta * held.mean) * yearly,
    correlation: beta === null ? null : ratio(covariance, (own.deviation ?? 0) * (held.deviation ?? 0)),
    informationRatio: annualised(apart.sharpe, yearly),
  };
}
