import type { Random } from '@monsta/core';
import { at } from './columns.ts';
import { momentsOf } from './moments.ts';

/** K of the rule, max(5, √log₁₀ n): 5 for all that fits into a computer. */
const QUIET_LAGS = 5;

/**
 * Mean length of the blocks for the stationary bootstrap of a mean, at least 1: the automatic rule of Politis and White 2004 ("Automatic block-length selection for the dependent
 * bootstrap") with the correction of Patton, Politis and White 2009. As long as neighbours are alike; 1 where they are not.
 */
export function automaticBlockLength(values: Float64Array): number {
  const { length } = values;
  const { mean, sharpe } = momentsOf(values);
  if (mean === null || sharpe === null || length < 4) return 1;
  const logarithm = Math.log10(length);
  const lagMax = Math.min(length - 1, Math.ceil(Math.sqrt(length)) + QUIET_LAGS);
  const covariances: number[] = [];
  for (let lag = 0; lag <= lagMax; lag += 1) {
    let sum = 0;
    for (let index = lag; index < length; index += 1)
      sum += (at(values, index) - mean) * (at(values, index - lag) - mean);
    covariances.push(sum / length);
  }
  const [variance = 1] = covariances;
  const bound = 2 * Math.sqrt(logarithm / length);
  const silent = covariances.map((covariance) => Math.abs(covariance / variance) < bound);
  // The last lag before so many in a row that can't be told from zero; where there are never so many, the last that can.
  const settled = silent.findIndex(
    (_, lag) => lag > 0 && lag + QUIET_LAGS <= silent.length && silent.slice(lag, lag + QUIET_LAGS).every(Boolean),
  );
  const lastLoud = silent.lastIndexOf(false);
  const settledAt = settled === -1 ? Math.max(1, lastLoud) : Math.max(1, settled - 1);
  const bandwidth = Math.min(2 * settledAt, lagMax);
  let [slope, density] = [0, variance];
  for (let lag = 1; lag <= bandwidth; lag += 1) {
    const place = lag / bandwidth;
    const weight = place <= 0.5 ? 1 : 2 * (1 - place);
    const covariance = covariances[lag] ?? 0;
    slope += 2 * weight * lag * covariance;
    density += 2 * weight * covariance;
  }
  if (density === 0) return 1;
  const best = Math.cbrt((2 * slope * slope * length) / (2 * density * density));
  const most = Math.ceil(Math.min(3 * Math.sqrt(length), length / 3));
  return Math.min(Math.max(1, best), most);
}

/**
 * Draws one resample's indices into `into`: blocks of geometrically distributed length with the mean given, from places drawn evenly, going on at the start where the series ends.
 * (Politis and Romano 1994, "The stationary bootstrap".)
 */
export function drawStationary(random: Random, length: number, blockLength: number, into: Int32Array): void {
  const stay = blockLength <= 1 ? 0 : Math.log(1 - 1 / blockLength);
  let filled = 0;
  while (filled < into.length) {
    // Even to one in 2³²; an exactly even integer costs several times as much.
    let from = Math.floor(random.next() * length);
    const wanted = stay === 0 ? 1 : 1 + Math.floor(Math.log(1 - random.next()) / stay);
    const until = Math.min(into.length, filled + wanted);
    for (; filled < until; filled += 1) {
      into[filled] = from;
      from = from + 1 === length ? 0 : from + 1;
    }
  }
}
