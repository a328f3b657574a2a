import { seededRandom } from '@monsta/core';
import {
  blockBootstrapSums,
  honestStretch,
  percentileEstimate,
  type Estimate,
  type Series,
} from '../block-bootstrap.ts';
import { bootstrapBlock } from '../evaluation.ts';

/** At what levels something is judged, and by how many resamples. */
export interface Judgement {
  /** Of an interval on its own, 0–1. */
  readonly level: number;
  /** Of an interval that allows for the looks that were taken before (`levelOfLook`); `level` where there were none. */
  readonly correctedLevel: number;
  readonly resamples: number;
  /** Seeds the resampling: the same data and seed give the same intervals. */
  readonly seed: number;
  /** Bars that neighbouring rows share. */
  readonly horizonBars: number;
}

/** A measured quantity with its interval at the level, and at the level that allows for earlier looks. */
export interface Judged extends Estimate {
  readonly corrected: { readonly low: number; readonly high: number; readonly level: number };
}

/** The interval of a statistic from its value on resamples; those on which it has no meaning (NaN) are left out. */
export function judge(value: number, resampled: Float64Array, rows: number, judgement: Judgement): Judged {
  const { level, correctedLevel, horizonBars } = judgement;
  const block = bootstrapBlock(rows, horizonBars);
  const known = resampled.filter((each) => !Number.isNaN(each));
  const at = (wanted: number): Estimate =>
    percentileEstimate(value, known, wanted, honestStretch(rows, block, horizonBars, wanted));
  const corrected = correctedLevel === level ? at(level) : at(correctedLevel);
  return { ...at(level), corrected: { low: corrected.low, high: corrected.high, level: correctedLevel } };
}

/** Sums of series, and of each of the resamples, from which statistics are reckoned. */
export interface ResampledSums<Name extends string> {
  readonly rows: number;
  readonly totals: Readonly<Record<Name, number>>;
  /** A statistic of the sums with its interval; null where the statistic has no meaning (NaN). */
  judge(statistic: (sums: Readonly<Record<Name, number>>) => number): Judged | null;
  /**
   * The same for a statistic that cannot be below 0 and that chance moves upwards: what resampling adds to it is taken off (the basic interval, Davison and Hinkley 1997, 5.2), and 0 is the
   * least end.
   */
  judgeUpwardBiased(statistic: (sums: Readonly<Record<Name, number>>) => number): Judged | null;
}

/** Resamples series of equally many rows by one and the same blocks, in steps: differences between them are paired. */
export function* resampleSteps<Name extends string>(
  series: Readonly<Record<Name, Series>>,
  judgement: Judgement,
): Generator<void, ResampledSums<Name>> {
  const names = Object.keys(series) as Name[];
  const lists: readonly Series[] = names.map((name) => series[name]);
  const rows = lists[0]?.length ?? 0;
  const { resamples, seed, horizonBars } = judgement;
  const block = bootstrapBlock(rows, horizonBars);
  const drawn = yield* blockBootstrapSums(lists, { random: seededRandom(seed), block, resamples });
  const record = (valueOf: (index: number) => number): Record<Name, number> =>
    Object.fromEntries(names.map((name, index) => [name, valueOf(index)])) as Record<Name, number>;
  const totals = record((index) => {
    let total = 0;
    for (const value of lists[index] ?? []) total += value;
    return total;
  });
  const values = (statistic: (sums: Readonly<Record<Name, number>>) => number): Float64Array => {
    const sums = record(() => Number.NaN);
    return Float64Array.from({ length: resamples }, (_, resample) => {
      for (const [index, name] of names.entries()) sums[name] = drawn[index]?.[resample] ?? Number.NaN;
      return statistic(sums);
    });
  };
  return {
    rows,
    totals,
    judge(statistic) {
      const value = statistic(totals);
      return Number.isNaN(value) ? null : judge(value, values(statistic), rows, judgement);
    },
    judgeUpwardBiased(statistic) {
      const value = statistic(totals);
      if (Number.isNaN(value)) return null;
      const found = judge(
        value,
        values(statistic).map((each) => 2 * value - each),
        rows,
        judgement,
      );
      const { low, high, corrected } = found;
      return {
        ...found,
        low: Math.max(0, low),
        high: Math.max(0, high),
        corrected: { ...corrected, low: Math.max(0, corrected.low), high: Math.max(0, corrected.high) },
      };
    },
  };
}

/**
 * The least of several differences, with the least of their intervals' ends. The low end is above zero only where each one's is: better than every baseline at the level, whichever is the
 * best of them (an intersection–union test, Berger 1982, which needs no correction for their number).
 */
export function leastOf(all: readonly Judged[]): Judged | null {
  const [first] = all;
  if (first === undefined) return null;
  const least = (of: (each: Judged) => number): number => Math.min(...all.map(of));
  return {
    value: least(({ value }) => value),
    low: least(({ low }) => low),
    high: least(({ high }) => high),
    level: first.level,
    corrected: {
      low: least(({ corrected }) => corrected.low),
      high: least(({ corrected }) => corrected.high),
      level: first.corrected.level,
    },
  };
}

/**
 * The level of the `look`-th evaluation (1, 2, …) of the same data: of what may be wrong at `level`, the share 1 / (look · (look + 1)) is spent on it. However often somebody looks, these shares
 * add up to 1 at most, so that the chance of even one interval that errs stays within 1 − `level` (alpha spending, after Foster and Stine 2008, "α-investing", with the spending rule that
 * never earns back). The first look is at half of it.
 */
export const levelOfLook = (level: number, look: number): number => 1 - (1 - level) / (look * (look + 1));
