import { barAt, intervalMs, type Bar, type BarSeries, type Interval } from '@monsta/core';

/** How many closed bars of an interval somebody wants to have seen. */
export interface Need {
  readonly interval: Interval;
  readonly bars: number;
}

/** The bars that have closed before bar `begin` of the main series and fill what is needed, the newest of the main series last. `longer`: of the same instrument. */
export function historyOf(
  series: BarSeries,
  begin: number,
  needs: readonly Need[],
  longer: readonly BarSeries[],
): readonly Bar[] {
  const nowMs = (series.openTimeMs[begin - 1] ?? -Infinity) + intervalMs(series.interval);
  return [...longer, series].flatMap((each) => {
    const end = each === series ? begin : closedBy(each, nowMs);
    const needed = needs.filter(({ interval }) => interval === each.interval).map(({ bars }) => bars);
    // The newest of the main series says where the market stands, whether anybody watches it or not.
    const count = Math.max(each === series ? 1 : 0, ...needed);
    const from = Math.max(0, end - count);
    return Array.from({ length: end - from }, (_, index) => barAt(each, from + index));
  });
}

/** How many bars have closed by a time. */
export function closedBy({ openTimeMs, interval, length }: BarSeries, ms: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openTimeMs[middle] as number) + intervalMs(interval) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
