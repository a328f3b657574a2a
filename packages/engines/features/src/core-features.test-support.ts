/* The columns of the core set as they were first written: each row by itself, from its window, in the plainest way. */

import { intervalMs, MS_PER_DAY, type Interval } from '@monsta/core';
import { finiteEmaWeights } from './indicators.ts';

const RETURN_BARS = [1, 3, 6, 12, 24] as const;
const VOLATILITY_BARS = [12, 48] as const;
const STRENGTH_BARS = 14;
const EMA_PERIODS = [12, 24] as const;
/** Bars of an average for each bar of its period: what is cut off would weigh less than 0.3 %. */
const EMA_LENGTH_PER_PERIOD = 3;
const VOLUME_BARS = 24;
const RANGE_BARS = 24;

const EMA_WEIGHTS = EMA_PERIODS.map((period) => finiteEmaWeights(period, period * EMA_LENGTH_PER_PERIOD));

/** The columns that rows are computed from. */
export interface FeatureInputs {
  readonly openTimeMs: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly logClose: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

const at = (column: Float64Array, index: number): number => column[index] ?? Number.NaN;

/** Square root of the mean squared one-bar log return over `bars` returns (not annualised). */
function realizedVolatility(logClose: Float64Array, last: number, bars: number): number {
  let sum = 0;
  for (let index = last - bars + 1; index <= last; index += 1) {
    const move = at(logClose, index) - at(logClose, index - 1);
    sum += move * move;
  }
  return Math.sqrt(sum / bars);
}

/**
 * Gains less losses over gains plus losses, −1…1: Cutler's RSI (plain averages, so that its memory ends) as `rsi / 50 − 1`.
 * Not a number when the price did not move at all.
 */
function relativeStrength(close: Float64Array, last: number): number {
  let net = 0;
  let gross = 0;
  for (let index = last - STRENGTH_BARS + 1; index <= last; index += 1) {
    const move = at(close, index) - at(close, index - 1);
    net += move;
    gross += Math.abs(move);
  }
  return net / gross;
}

/** Log close less its exponential moving average. */
function emaDistance(logClose: Float64Array, last: number, weights: Float64Array): number {
  const newest = at(logClose, last);
  let sum = 0;
  for (let index = 0; index < weights.length; index += 1)
    sum += at(weights, index) * (newest - at(logClose, last - index));
  return sum;
}

/** The bar's volume over the mean of the last `VOLUME_BARS`, 0…`VOLUME_BARS`. Not a number when nothing was traded in them. */
function volumeRatio(volume: Float64Array, last: number): number {
  let sum = 0;
  for (let index = last - VOLUME_BARS + 1; index <= last; index += 1) sum += at(volume, index);
  return (at(volume, last) * VOLUME_BARS) / sum;
}

/** Where the close lies between the lowest low and the highest high, −0.5…0.5. Not a number when they are the same. */
function rangePosition(inputs: FeatureInputs, last: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  for (let index = last - RANGE_BARS + 1; index <= last; index += 1) {
    const high = at(inputs.high, index);
    const low = at(inputs.low, index);
    if (high > highest) highest = high;
    if (low < lowest) lowest = low;
  }
  return (at(inputs.close, last) - lowest) / (highest - lowest) - 0.5;
}

/**
 * Writes the row of the bar at `last` to `out` from `offset` on. The `LOOKBACK_BARS` bars up to `last` must be there and contiguous.
 * Returns false when a value is undefined (a price that never moved, no volume): such a row must not be used.
 */
export function writeFeatureRow(
  inputs: FeatureInputs,
  interval: Interval,
  last: number,
  out: Float64Array,
  offset: number,
): boolean {
  const { logClose } = inputs;
  let column = offset;
  let defined = true;
  const put = (value: number): void => {
    out[column] = value;
    column += 1;
    defined &&= Number.isFinite(value);
  };
  for (const bars of RETURN_BARS) put(at(logClose, last) - at(logClose, last - bars));
  for (const bars of VOLATILITY_BARS) put(realizedVolatility(logClose, last, bars));
  put(relativeStrength(inputs.close, last));
  for (const weights of EMA_WEIGHTS) put(emaDistance(logClose, last, weights));
  put(volumeRatio(inputs.volume, last));
  put(rangePosition(inputs, last));
  const closeTimeMs = at(inputs.openTimeMs, last) + intervalMs(interval);
  const angle = (2 * Math.PI * (closeTimeMs % MS_PER_DAY)) / MS_PER_DAY;
  put(Math.sin(angle));
  put(Math.cos(angle));
  return defined;
}
