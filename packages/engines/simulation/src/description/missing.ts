import type { DataDescription } from '@monsta/contracts';
import { intervalMs, type BarSeries } from '@monsta/core';
import { at } from '../statistics/columns.ts';

type Missing = DataDescription['missing'];
type Year = Missing['years'][number];

/** So many of the longest gaps and runs are told. */
const LONGEST = 10;

const yearOf = (ms: number): number => new Date(ms).getUTCFullYear();

/** Bars that open from a time on and before another, a whole number of steps after `firstMs`. */
function barsBetween(firstMs: number, stepMs: number, fromMs: number, toMs: number): number {
  const before = (ms: number): number => Math.max(0, Math.ceil((ms - firstMs) / stepMs));
  return before(toMs) - before(fromMs);
}

/** Which bars are missing between the first and the last, and which have no volume. The series has at least one bar. */
export function missingPart({ openTimeMs, volume, interval, length }: BarSeries): Missing {
  const stepMs = intervalMs(interval);
  const [firstMs, endMs] = [at(openTimeMs, 0), at(openTimeMs, length - 1) + stepMs];
  const years = new Map<number, { -readonly [K in keyof Year]: Year[K] }>();
  for (let year = yearOf(firstMs); year <= yearOf(endMs - stepMs); year += 1) {
    const expected = barsBetween(firstMs, stepMs, Date.UTC(year, 0, 1), Math.min(endMs, Date.UTC(year + 1, 0, 1)));
    years.set(year, { year, expected, missing: expected, gapsBegun: 0, zeroVolume: 0 });
  }
  const [gaps, quiet]: [Missing['longest'][number][], Missing['zeroVolume']['longest'][number][]] = [[], []];
  let [missing, quietBars, run, ofYear, until] = [
    0,
    0,
    0,
    years.get(yearOf(firstMs)),
    Date.UTC(yearOf(firstMs) + 1, 0, 1),
  ];
  const endRun = (to: number): void => {
    if (run > 0) quiet.push({ fromMs: at(openTimeMs, to - run), bars: run });
    run = 0;
  };
  for (let index = 0; index < length; index += 1) {
    const openMs = at(openTimeMs, index);
    if (index > 0 && openMs - at(openTimeMs, index - 1) > stepMs) {
      const beforeMs = at(openTimeMs, index - 1);
      const lost = Math.round((openMs - beforeMs) / stepMs) - 1;
      gaps.push({ beforeMs, afterMs: openMs, missing: lost });
      missing += lost;
      const begun = years.get(yearOf(beforeMs + stepMs));
      if (begun !== undefined) begun.gapsBegun += 1;
    }
    if (openMs >= until) [ofYear, until] = [years.get(yearOf(openMs)), Date.UTC(yearOf(openMs) + 1, 0, 1)];
    if (ofYear !== undefined) ofYear.missing -= 1;
    if (at(volume, index) === 0) {
      quietBars += 1;
      run += 1;
      if (ofYear !== undefined) ofYear.zeroVolume += 1;
    } else endRun(index);
  }
  endRun(length);
  return {
    expected: length + missing,
    missing,
    gaps: gaps.length,
    longest: gaps.toSorted((one, other) => other.missing - one.missing).slice(0, LONGEST),
    zeroVolume: {
      bars: quietBars,
      runs: quiet.length,
      longest: quiet.toSorted((one, other) => other.bars - one.bars).slice(0, LONGEST),
    },
    years: [...years.values()],
  };
}
