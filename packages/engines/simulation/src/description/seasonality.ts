import type { DataDescription } from '@monsta/contracts';
import { intervalMs, MS_PER_DAY, MS_PER_HOUR, type BarSeries } from '@monsta/core';
import { chiSquaredAbove } from '../statistics/chi-squared.ts';
import { at, indexAt } from '../statistics/columns.ts';
import type { BarReturns } from './bar-returns.ts';
import type { Unknowns } from './unknowns.ts';

type Groups = NonNullable<DataDescription['seasonality']['hours']>;
type Group = Groups['groups'][number];

/** The first Thursday of 1970 is its first day: Monday lies four days later, and is 1. */
const weekdayOf = (ms: number): number => ((Math.floor(ms / MS_PER_DAY) + 3) % 7) + 1;
const hourOf = (ms: number): number => Math.floor(ms / MS_PER_HOUR) % 24;

/** Running sums of one hour or weekday; the mean and the squares around it as Welford 1962 has them. */
class Sums {
  bars = 0;
  volume = 0;
  returns = 0;
  #mean = 0;
  #squares = 0;
  #sizes = 0;

  add(value: number): void {
    this.returns += 1;
    const apart = value - this.#mean;
    this.#mean += apart / this.returns;
    this.#squares += apart * (value - this.#mean);
    this.#sizes += Math.abs(value);
  }

  told(of: number, volumeAll: number): Group {
    const { bars, returns } = this;
    return {
      of,
      bars,
      returns,
      mean: returns === 0 ? null : this.#mean,
      standardError: returns < 2 ? null : Math.sqrt(this.#squares / (returns - 1) / returns),
      meanAbsolute: returns === 0 ? null : this.#sizes / returns,
      volumeShare: volumeAll > 0 ? this.volume / volumeAll : null,
    };
  }
}

/**
 * Whether all groups have the same mean: Σ (m_g − m)² ÷ e_g², e_g the standard errors and m the mean of m_g weighted by 1 ÷ e_g², against χ² of one degree less than groups (Cochran 1937; Welch's test of
 * many). Null where a group has no error to weigh it by.
 */
function equalMeans(groups: readonly Group[]): Groups['equalMeans'] {
  const known = groups.flatMap(({ mean, standardError }) =>
    mean === null || standardError === null || standardError === 0 ? [] : [{ mean, weight: standardError ** -2 }],
  );
  if (known.length < groups.length || known.length < 2) return null;
  const weights = known.reduce((sum, { weight }) => sum + weight, 0);
  const middle = known.reduce((sum, { mean, weight }) => sum + mean * weight, 0) / weights;
  const statistic = known.reduce((sum, { mean, weight }) => sum + weight * (mean - middle) ** 2, 0);
  const degrees = known.length - 1;
  return { statistic, degrees, p: chiSquaredAbove(statistic, degrees) };
}

function groupsOf(
  series: BarSeries,
  { values, bar }: BarReturns,
  groupOf: (openMs: number) => number,
  figure: string,
  unknowns: Unknowns,
): Groups {
  const sums = new Map<number, Sums>();
  const { openTimeMs, volume, length } = series;
  const sumsAt = (index: number): Sums => {
    const group = groupOf(at(openTimeMs, index));
    const found = sums.get(group) ?? new Sums();
    sums.set(group, found);
    return found;
  };
  let volumeAll = 0;
  for (let index = 0; index < length; index += 1) {
    const found = sumsAt(index);
    found.bars += 1;
    found.volume += at(volume, index);
    volumeAll += at(volume, index);
  }
  for (let index = 0; index < values.length; index += 1) sumsAt(indexAt(bar, index)).add(at(values, index));
  const groups = [...sums]
    .toSorted(([one], [other]) => one - other)
    .map(([group, found]) => found.told(group, volumeAll));
  const test = equalMeans(groups);
  if (test === null) {
    const least = groups.reduce((most, { returns }) => Math.min(most, returns), Infinity);
    if (groups.length < 2) unknowns.tooFew(`${figure}.equalMeans`, 2, groups.length);
    else if (least < 2) unknowns.tooFew(`${figure}.equalMeans`, 2, least);
    else unknowns.because(`${figure}.equalMeans`, 'constant');
  }
  if (volumeAll === 0 && length > 0) unknowns.because(`${figure}.volumeShare`, 'no_volume');
  return { groups, equalMeans: test };
}

/** By the hour and the day of the week in which bars open, UTC. A day has no hour of its own. */
export function seasonalityPart(
  series: BarSeries,
  returns: BarReturns,
  unknowns: Unknowns,
): DataDescription['seasonality'] {
  const long = intervalMs(series.interval) >= MS_PER_DAY;
  if (long) unknowns.because('seasonality.hours', 'interval_too_long');
  return {
    hours: long ? null : groupsOf(series, returns, hourOf, 'seasonality.hours', unknowns),
    weekdays: groupsOf(series, returns, weekdayOf, 'seasonality.weekdays', unknowns),
  };
}
