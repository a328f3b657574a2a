import type { DataDescription } from '@monsta/contracts';
import { intervalMs, MS_PER_DAY, type BarSeries } from '@monsta/core';
import { at, indexAt, YEAR_MS } from '../statistics/columns.ts';
import { quantileOf } from '../statistics/returns.ts';
import type { BarReturns } from './bar-returns.ts';
import type { Unknowns } from './unknowns.ts';

type Volatility = DataDescription['volatility'];

const DAYS_A_YEAR = YEAR_MS / MS_PER_DAY;

/** Of all returns, annualised, and of each whole day. `deviation`: of the returns. */
export function volatilityPart(
  series: BarSeries,
  returns: BarReturns,
  deviation: number | null,
  unknowns: Unknowns,
): Volatility {
  const annualised = deviation === null ? null : deviation * Math.sqrt(YEAR_MS / intervalMs(series.interval));
  return { annualised, daily: realisedDaily(series, returns, unknowns) };
}

/**
 * Realised volatility of days, annualised: √(365 Σ r²) of a day's returns (Andersen, Bollerslev, Diebold and Labys 2003), a return belonging to the day in which its bar opens. A day that lacks one is left
 * out: it would look quieter than it was.
 */
function realisedDaily(
  { interval, openTimeMs, length }: BarSeries,
  { values, bar }: BarReturns,
  unknowns: Unknowns,
): Volatility['daily'] {
  const stepMs = intervalMs(interval);
  if (stepMs >= MS_PER_DAY) return unknowns.because('volatility.daily', 'interval_too_long');
  const whole = MS_PER_DAY / stepMs;
  const [days, found]: [number[], number[]] = [[], []];
  let [day, count, squares] = [Number.NaN, 0, 0];
  const end = (): void => {
    if (count === whole) {
      days.push(day * MS_PER_DAY);
      found.push(Math.sqrt(DAYS_A_YEAR * squares));
    }
    [count, squares] = [0, 0];
  };
  for (let index = 0; index < values.length; index += 1) {
    const own = Math.floor(at(openTimeMs, indexAt(bar, index)) / MS_PER_DAY);
    if (own !== day) end();
    day = own;
    count += 1;
    squares += at(values, index) ** 2;
  }
  end();
  if (found.length === 0) return unknowns.tooFew('volatility.daily', whole, values.length);
  const dayOf = (index: number): number => Math.floor(at(openTimeMs, index) / MS_PER_DAY);
  const sorted = Float64Array.from(found).sort();
  const [lowest, highest] = [at(sorted, 0), at(sorted, sorted.length - 1)];
  const told = (value: number): Readonly<{ dayMs: number; value: number }> => ({
    dayMs: days[found.indexOf(value)] ?? 0,
    value,
  });
  return {
    days: found.length,
    leftOut: dayOf(length - 1) - dayOf(0) + 1 - found.length,
    mean: found.reduce((sum, value) => sum + value, 0) / found.length,
    median: quantileOf(sorted, 0.5) ?? lowest,
    lowest: told(lowest),
    highest: told(highest),
    dayMs: days,
    values: found,
  };
}
