import { mixSeed, seededRandom } from '@monsta/core';
import { annualised, at, indexAt } from './columns.ts';
import { momentsOf, spreadFrom } from './moments.ts';
import { quantileOf } from './returns.ts';
import { automaticBlockLength, drawStationary } from './stationary-bootstrap.ts';
import { profitFactorOf } from './trade-figures.ts';

/** A measured figure with the interval that resamples of it fall into. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  /** Null: without bound, as a profit factor where nothing was lost. */
  readonly high: number | null;
}

export interface Resampling {
  readonly seed: number;
  /** Fewer of very many trades: see `resamplesOf`. */
  readonly resamples: number;
  /** Share of the resamples that an interval holds, 0–1: as many are left out below as above. */
  readonly level: number;
}

/** With fewer of them an interval would pretend to know. */
export const OBSERVATIONS_MIN = 20;

/** Trades that are drawn in all: of many of them fewer resamples are made, but never fewer than 200. */
const DRAWN_MAX = 10_000_000;
const RESAMPLES_MIN = 200;

/** How many resamples of so many trades are made. */
export const resamplesOf = (wanted: number, trades: number): number =>
  Math.min(wanted, Math.max(RESAMPLES_MIN, Math.floor(DRAWN_MAX / trades)));

function percentileInterval(value: number | null, resampled: Float64Array, level: number): Interval | null {
  if (value === null) return null;
  const sorted = resampled.filter((each) => !Number.isNaN(each)).sort();
  const low = quantileOf(sorted, (1 - level) / 2);
  const high = quantileOf(sorted, (1 + level) / 2);
  if (low === null || !Number.isFinite(low)) return null;
  return { value, low, high: high !== null && Number.isFinite(high) ? high : null };
}

interface PathFigures {
  readonly growth: number;
  readonly drawdown: number;
  readonly sharpe: number;
}

/** What a sequence of returns comes to: growth, Sharpe ratio over one return (NaN without variance), and the largest share lost from a peak. */
function pathOf(returns: Float64Array): PathFigures {
  let [worth, peak, drawdown] = [1, 1, 0];
  const shift = at(returns, 0);
  let [sum, squares] = [0, 0];
  for (let index = 0; index < returns.length; index += 1) {
    const value = at(returns, index);
    sum += value - shift;
    squares += (value - shift) * (value - shift);
    worth *= Math.max(0, 1 + value);
    if (worth > peak) peak = worth;
    else drawdown = Math.max(drawdown, 1 - worth / peak);
  }
  return { growth: worth - 1, drawdown, sharpe: spreadFrom(returns.length, shift, sum, squares).sharpe ?? Number.NaN };
}

export interface ReturnIntervals {
  /** Mean length of the blocks that days are drawn in. */
  readonly blockDays: number;
  readonly totalReturn: Interval | null;
  readonly sharpeDaily: Interval | null;
  /** Of the days' last points: never above that of all points. */
  readonly maxDrawdown: Interval | null;
}

/**
 * Percentile intervals by the stationary bootstrap of daily returns: what else might have come of days like these. Null with fewer than 20 days.
 * `yearly`: how many of the returns a year holds.
 */
export function returnIntervals(
  returns: Float64Array,
  yearly: number | null,
  { seed, resamples, level }: Resampling,
): ReturnIntervals | null {
  const { length } = returns;
  if (length < OBSERVATIONS_MIN) return null;
  const blockDays = automaticBlockLength(returns);
  const random = seededRandom(mixSeed(seed, 1));
  const [drawn, path] = [new Int32Array(length), new Float64Array(length)];
  const [growths, drawdowns, sharpes] = [
    new Float64Array(resamples),
    new Float64Array(resamples),
    new Float64Array(resamples),
  ];
  for (let resample = 0; resample < resamples; resample += 1) {
    drawStationary(random, length, blockDays, drawn);
    for (let index = 0; index < length; index += 1) path[index] = at(returns, indexAt(drawn, index));
    const figures = pathOf(path);
    growths[resample] = figures.growth;
    drawdowns[resample] = figures.drawdown;
    sharpes[resample] = annualised(figures.sharpe, yearly) ?? Number.NaN;
  }
  const measured = pathOf(returns);
  const sharpe = Number.isNaN(measured.sharpe) ? null : annualised(measured.sharpe, yearly);
  return {
    blockDays,
    totalReturn: percentileInterval(measured.growth, growths, level),
    sharpeDaily: percentileInterval(sharpe, sharpes, level),
    maxDrawdown: percentileInterval(measured.drawdown, drawdowns, level),
  };
}

/** The same of the profit factor, by the stationary bootstrap of trades in the order of their closes. Null with fewer than 20 trades, and where none lost. */
export function profitFactorInterval(profits: Float64Array, { seed, resamples, level }: Resampling): Interval | null {
  const { length } = profits;
  const value = profitFactorOf(profits);
  if (length < OBSERVATIONS_MIN || value === null) return null;
  const block = automaticBlockLength(profits);
  const random = seededRandom(mixSeed(seed, 2));
  const [drawn, path] = [new Int32Array(length), new Float64Array(length)];
  const factors = new Float64Array(resamplesOf(resamples, length));
  for (let resample = 0; resample < factors.length; resample += 1) {
    drawStationary(random, length, block, drawn);
    for (let index = 0; index < length; index += 1) path[index] = at(profits, indexAt(drawn, index));
    factors[resample] = profitFactorOf(path) ?? Infinity;
  }
  return percentileInterval(value, factors, level);
}

export interface HoldingTest {
  /** What the account grew by a year beyond buy-and-hold, as a difference of logarithms, with its interval. */
  readonly excessGrowth: Interval;
  /** Probability of an advantage at least as large where there is none, 0–1. */
  readonly pValue: number;
}

/**
 * Whether the account grew faster than buy-and-hold: the mean of the days' differences of logarithmic returns, against what the stationary bootstrap of these differences, moved to
 * mean 0, gives by chance (one-sided, as White 2000 has it for a single rule). Both are of the same days. Null with fewer than 20 days, and where nothing was left of either.
 */
export function againstHolding(
  own: Float64Array,
  held: Float64Array,
  yearly: number | null,
  { seed, resamples, level }: Resampling,
): HoldingTest | null {
  const { length } = own;
  if (length !== held.length || length < OBSERVATIONS_MIN || yearly === null) return null;
  const apart = own.map((value, index) => Math.log1p(value) - Math.log1p(at(held, index)));
  const { mean } = momentsOf(apart);
  if (mean === null || !Number.isFinite(mean)) return null;
  const block = automaticBlockLength(apart);
  const random = seededRandom(mixSeed(seed, 3));
  const drawn = new Int32Array(length);
  const means = new Float64Array(resamples);
  let asLarge = 0;
  for (let resample = 0; resample < resamples; resample += 1) {
    drawStationary(random, length, block, drawn);
    let sum = 0;
    for (let index = 0; index < length; index += 1) sum += at(apart, indexAt(drawn, index));
    if (sum / length - mean >= mean) asLarge += 1;
    means[resample] = (sum / length) * yearly;
  }
  const excessGrowth = percentileInterval(mean * yearly, means, level);
  return excessGrowth === null ? null : { excessGrowth, pValue: (1 + asLarge) / (1 + resamples) };
}
