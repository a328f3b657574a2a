import type { DataDescription } from '@monsta/contracts';
import { err, formatUnits, intervalMs, ok, type BarSeries, type Result } from '@monsta/core';
import { extremeIndices } from '../backtest/extremes.ts';
import { at } from '../statistics/columns.ts';
import { autocorrelationPart, stationarityPart } from './dependence.ts';
import { barReturns, type BarReturns } from './bar-returns.ts';
import { distributionOf } from './distribution.ts';
import { missingPart } from './missing.ts';
import { seasonalityPart } from './seasonality.ts';
import { tailsOf } from './tail-part.ts';
import { Unknowns } from './unknowns.ts';
import { volatilityPart } from './volatility.ts';

export interface DescriptionOptions {
  readonly source: DataDescription['source'];
  /** Null: nobody knows. */
  readonly simulated: boolean | null;
  /** Most lags of autocorrelations. */
  readonly lags: number;
}

/** Points of the line of closes. */
const CLOSES_DRAWN = 1_000;

function zerosOf({ values }: BarReturns): number {
  let zero = 0;
  for (let index = 0; index < values.length; index += 1) if (at(values, index) === 0) zero += 1;
  return zero;
}

function pricesOf({ instrument: { tick }, close, high, low, length }: BarSeries): DataDescription['price'] {
  const text = (ticks: number): string => formatUnits(BigInt(ticks) * BigInt(tick.units), tick.scale);
  let [lowest, highest] = [Infinity, -Infinity];
  for (let index = 0; index < length; index += 1) {
    lowest = Math.min(lowest, at(low, index));
    highest = Math.max(highest, at(high, index));
  }
  return { first: text(at(close, 0)), last: text(at(close, length - 1)), low: text(lowest), high: text(highest) };
}

function closesOf({ instrument: { tick }, close, openTimeMs, interval }: BarSeries): DataDescription['closes'] {
  const kept = extremeIndices([close], CLOSES_DRAWN);
  const stepMs = intervalMs(interval);
  return {
    timeMs: kept.map((index) => at(openTimeMs, index) + stepMs),
    close: kept.map((index) => (at(close, index) * tick.units) / 10 ** tick.scale),
  };
}

/**
 * Everything there is to say of bars: docs/describe.md defines each figure. What can't be known is null or empty, and `unknown` says why. Time grows with bars × lags, and beside the series it takes
 * about 60 bytes a bar. Faults: `data_none` (no bar), `data_unfit` (a close that is not above zero).
 */
export function describeBars(series: BarSeries, options: DescriptionOptions): Result<DataDescription> {
  const { instrument, interval, length, openTimeMs } = series;
  if (length === 0) return err('data_none', `there are no bars of ${instrument.id} of ${interval} in that time`);
  const found = barReturns(series);
  if (!found.ok) return found;
  const returns = found.value;
  const unknowns = new Unknowns();
  const sorted = returns.values.slice().sort();
  const distribution = distributionOf(returns.values, sorted, unknowns);
  const { deviation } = distribution;
  const flat = deviation === 0;
  return ok({
    instrument: instrument.id,
    interval,
    tick: formatUnits(BigInt(instrument.tick.units), instrument.tick.scale),
    source: options.source,
    simulated: options.simulated,
    fromMs: at(openTimeMs, 0),
    toMs: at(openTimeMs, length - 1) + intervalMs(interval),
    bars: length,
    price: pricesOf(series),
    closes: closesOf(series),
    returns: { count: returns.values.length, overGaps: returns.overGaps, zero: zerosOf(returns) },
    distribution,
    tails: tailsOf(series, returns, sorted, distribution, unknowns),
    stationarity: stationarityPart(returns, flat, unknowns),
    ...autocorrelationPart(returns, options.lags, flat, unknowns),
    volatility: volatilityPart(series, returns, deviation, unknowns),
    seasonality: seasonalityPart(series, returns, unknowns),
    missing: missingPart(series),
    unknown: [...unknowns.all],
  });
}
