import type { DataDescription } from '@monsta/contracts';
import { at } from '../statistics/columns.ts';
import { momentsOf, type Moments } from '../statistics/moments.ts';
import { normalCdf } from '@monsta/core';
import { quantileOf } from '../statistics/returns.ts';
import type { Unknowns } from './unknowns.ts';

type Distribution = DataDescription['distribution'];

const QUANTILES = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999] as const;

/** The histogram: so many deviations on both sides of the mean, in bins of so much of one. */
const SIDE = 5;
const BIN = 0.2;
const BINS = Math.round((2 * SIDE) / BIN);
/** With fewer returns a histogram and tests would pretend to know. */
const RETURNS_MIN = 20;

/** Points of the normal plot: quantiles of the standard normal from −4 to 4. */
const NORMAL_POINTS = Array.from({ length: 41 }, (_, index) => (index - 20) / 5);

/** How returns are distributed. `sorted`: the same from the smallest on. */
export function distributionOf(returns: Float64Array, sorted: Float64Array, unknowns: Unknowns): Distribution {
  const moments = momentsOf(returns);
  const { count, mean, deviation, skew, kurtosis } = moments;
  const quantiles = QUANTILES.flatMap((share) => {
    const value = quantileOf(sorted, share);
    return value === null ? [] : [{ share, value }];
  });
  const base = {
    mean,
    meanStandardError: deviation === null ? null : deviation / Math.sqrt(count),
    deviation,
    min: count === 0 ? null : at(sorted, 0),
    max: count === 0 ? null : at(sorted, count - 1),
    skewness: skew,
    excessKurtosis: kurtosis === null ? null : kurtosis - 3,
    quantiles,
  };
  const nothing = { ...base, jarqueBera: null, histogram: null, normalPlot: [] };
  if (count < RETURNS_MIN || mean === null || deviation === null) {
    unknowns.tooFew('distribution', RETURNS_MIN, count);
    return nothing;
  }
  if (skew === null || kurtosis === null) {
    unknowns.because('distribution', 'constant');
    return nothing;
  }
  return {
    ...base,
    jarqueBera: jarqueBera(moments),
    histogram: histogramOf(returns, mean, deviation),
    normalPlot: normalPlotOf(sorted, mean, deviation),
  };
}

/** n ÷ 6 (S² + K² ÷ 4), S the skewness and K the excess kurtosis, against χ² of two degrees, whose upper tail is e^(−x ÷ 2) (Jarque and Bera 1980). */
function jarqueBera({ count, skew, kurtosis }: Moments): Distribution['jarqueBera'] {
  if (skew === null || kurtosis === null) return null;
  const statistic = (count / 6) * (skew ** 2 + (kurtosis - 3) ** 2 / 4);
  return { statistic, p: Math.exp(-statistic / 2) };
}

function histogramOf(returns: Float64Array, mean: number, deviation: number): Distribution['histogram'] {
  const low = mean - SIDE * deviation;
  const width = BIN * deviation;
  const counts = new Array<number>(BINS).fill(0);
  let [below, above] = [0, 0];
  for (let index = 0; index < returns.length; index += 1) {
    const bin = Math.floor((at(returns, index) - low) / width);
    if (bin < 0) below += 1;
    else if (bin >= BINS) above += 1;
    else counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const normal = counts.map(
    (_, index) => returns.length * (normalCdf(-SIDE + (index + 1) * BIN) - normalCdf(-SIDE + index * BIN)),
  );
  return { low, width, counts, normal, below, above };
}

/** As far out as there is at least one return beyond. */
function normalPlotOf(sorted: Float64Array, mean: number, deviation: number): Distribution['normalPlot'] {
  return NORMAL_POINTS.flatMap((normal) => {
    if (normalCdf(-Math.abs(normal)) * sorted.length < 1) return [];
    const value = quantileOf(sorted, normalCdf(normal));
    return value === null ? [] : [{ normal, value: (value - mean) / deviation }];
  });
}
