import type { DataDescription } from '@monsta/contracts';
import { formatUnits, intervalMs, type BarSeries } from '@monsta/core';
import { at, indexAt } from '../statistics/columns.ts';
import { hillEstimate, tailRisk } from '../statistics/tails.ts';
import type { BarReturns } from './bar-returns.ts';
import type { Unknowns } from './unknowns.ts';

type Tail = DataDescription['tails']['lower'];

/** What of one side's returns is taken for its tail: three, since the index hangs on it. */
const TAIL_SHARES = [0.025, 0.05, 0.1] as const;
const RISK_LEVELS = [0.95, 0.99] as const;
/** Fewest returns in a tail. */
const ORDER_MIN = 10;
const LARGEST = 10;

interface Spread {
  readonly mean: number | null;
  readonly deviation: number | null;
}

/** One side: `sorted` from the smallest return on, with all signs changed for the upper side. */
function tailOf(name: string, sorted: Float64Array, { mean, deviation }: Spread, unknowns: Unknowns): Tail {
  let count = 0;
  while (count < sorted.length && at(sorted, count) < 0) count += 1;
  const sizes = new Float64Array(count);
  for (let index = 0; index < count; index += 1) sizes[index] = -at(sorted, count - 1 - index);
  const hill = TAIL_SHARES.flatMap((share) => {
    const order = Math.floor(share * count);
    const found = order < ORDER_MIN ? null : hillEstimate(sizes, order);
    return found === null ? [] : [{ share, ...found }];
  });
  const needed = Math.ceil(ORDER_MIN / TAIL_SHARES[0]);
  if (hill.length < TAIL_SHARES.length) {
    if (count < needed) unknowns.tooFew(`tails.${name}.hill`, needed, count);
    else unknowns.because(`tails.${name}.hill`, 'constant');
  }
  const known = mean !== null && deviation !== null;
  const risk = known ? RISK_LEVELS.flatMap((level) => tailRisk(sorted, level, mean, deviation) ?? []) : [];
  if (!known) unknowns.tooFew(`tails.${name}.risk`, 2, sorted.length);
  return { count, hill, risk };
}

/** Both tails, and the largest moves. `sorted`: the returns from the smallest on. */
export function tailsOf(
  series: BarSeries,
  returns: BarReturns,
  sorted: Float64Array,
  spread: Spread,
  unknowns: Unknowns,
): DataDescription['tails'] {
  const mirrored = sorted.map((value) => -value).reverse();
  const { mean, deviation } = spread;
  return {
    lower: tailOf('lower', sorted, spread, unknowns),
    upper: tailOf('upper', mirrored, { mean: mean === null ? null : -mean, deviation }, unknowns),
    largest: largestMoves(series, returns, sorted),
  };
}

/** The largest moves of either sign, the largest first; of equal ones the earlier. */
function largestMoves(
  { openTimeMs, close, interval, instrument: { tick } }: BarSeries,
  { values, bar }: BarReturns,
  sorted: Float64Array,
): DataDescription['tails']['largest'] {
  const { length } = sorted;
  // The largest are among as many from either end; only those as large as the last of them are looked for.
  const ends = [...sorted.subarray(0, LARGEST), ...sorted.subarray(Math.max(0, length - LARGEST))].map(Math.abs);
  const least = ends.toSorted((one, other) => other - one)[Math.min(LARGEST, length) - 1] ?? Infinity;
  const found: number[] = [];
  for (let index = 0; index < values.length; index += 1) if (Math.abs(at(values, index)) >= least) found.push(index);
  const priceAt = (index: number): string => formatUnits(BigInt(at(close, index)) * BigInt(tick.units), tick.scale);
  return found
    .toSorted((one, other) => Math.abs(at(values, other)) - Math.abs(at(values, one)) || one - other)
    .slice(0, LARGEST)
    .filter((index) => at(values, index) !== 0)
    .map((index) => {
      const at_ = indexAt(bar, index);
      return {
        closeTimeMs: at(openTimeMs, at_) + intervalMs(interval),
        return: at(values, index),
        fromPrice: priceAt(at_ - 1),
        toPrice: priceAt(at_),
      };
    });
}
