import { emptyBarSeries, intervalMs, sliceBarSeries, type BarSeries, type Random } from '@monsta/core';

/** Index of the first bar that closes after a time; the length where none does. */
export function firstClosingAfter({ openTimeMs, interval, length }: BarSeries, ms: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((openTimeMs[middle] ?? Infinity) + intervalMs(interval) > ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Without what closes after a time. */
export const truncatedAfter = (series: BarSeries, ms: number): BarSeries =>
  sliceBarSeries(series, 0, firstClosingAfter(series, ms));

/** The step of a garbage market, as a share of its price: so wild that whatever looks at it notices. */
const STEP = 0.05;

/** The same up to a time; bars that close later keep their times and have prices and volumes of a random walk of their own. */
export function garbageAfter(series: BarSeries, ms: number, random: Random): BarSeries {
  const from = firstClosingAfter(series, ms);
  const changed = emptyBarSeries(series.instrument, series.interval, series.length);
  for (const name of ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) changed[name].set(series[name]);
  let last = series.close[from - 1] ?? series.open[from] ?? 1;
  for (let index = from; index < series.length; index += 1) {
    const step = (): number => Math.max(1, Math.round(last * Math.exp(STEP * random.gaussian())));
    const [open, close, one, other] = [step(), step(), step(), step()];
    changed.open[index] = open;
    changed.close[index] = close;
    changed.high[index] = Math.max(open, close, one, other);
    changed.low[index] = Math.min(open, close, one, other);
    changed.volume[index] = Math.round((series.volume[index] ?? 0) * random.next() * 2);
    last = close;
  }
  return changed;
}
