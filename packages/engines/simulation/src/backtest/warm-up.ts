import { barAt, intervalMs, type Bar, type BarSeries, type Interval } from '@monsta/core';
import type { LongerBars } from './longer-bars.ts';

/** How many closed bars of an interval somebody wants to have seen. */
export interface Need {
  readonly interval: Interval;
  readonly bars: number;
}

/**
 * The bars before index `begin` that fill what is needed, oldest first, with the longer ones that they make. `longer` is left in the middle of the bars that are under way there.
 */
export function historyOf(
  series: BarSeries,
  begin: number,
  needs: readonly Need[],
  longer: readonly LongerBars[],
): readonly Bar[] {
  // One more of the longest: the first may begin in its middle.
  const perBar = ({ interval, bars }: Need): number =>
    ((bars + 1) * intervalMs(interval)) / intervalMs(series.interval);
  const from = Math.max(0, begin - Math.ceil(Math.max(0, ...needs.map(perBar))));
  const bars: Bar[] = [];
  for (let index = from; index < begin; index += 1) {
    const bar = barAt(series, index);
    for (const each of longer) {
      const closed = each.push(bar);
      if (closed !== null) bars.push(closed);
    }
    bars.push(bar);
  }
  return bars;
}
