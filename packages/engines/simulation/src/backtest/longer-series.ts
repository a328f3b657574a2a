import { emptyBarSeries, intervalMs, isMadeOf, opensInterval, sliceBarSeries } from '@monsta/core';
import type { BarSeries, Interval } from '@monsta/core';

const made = new WeakMap<BarSeries, Map<Interval, BarSeries>>();

/**
 * The bars of a longer interval that these make, each closed by the one that ends with it. A longer bar whose first or last part is missing is none: it would not be the whole of it. Made once
 * for each series. Throws a RangeError where whole bars of the series don't make those of the interval, or open on no whole interval.
 */
export function longerSeriesOf(series: BarSeries, interval: Interval): BarSeries {
  const known = made.get(series) ?? new Map<Interval, BarSeries>();
  made.set(series, known);
  const before = known.get(interval);
  if (before !== undefined) return before;
  const longer = putTogether(series, interval);
  known.set(interval, longer);
  return longer;
}

function putTogether(series: BarSeries, interval: Interval): BarSeries {
  const { openTimeMs, open, high, low, close, volume, length } = series;
  if (!isMadeOf(interval, series.interval))
    throw new RangeError(`bars of ${series.interval} don't make bars of ${interval}`);
  if (series.length > 0 && !opensInterval(series.openTimeMs[0] as number, series.interval))
    throw new RangeError(`bars that open on no whole ${series.interval} make no longer ones`);
  const [stepMs, longMs] = [intervalMs(series.interval), intervalMs(interval)];
  const longer = emptyBarSeries(series.instrument, interval, Math.ceil((length * stepMs) / longMs) + 1);
  let count = 0;
  // Where the bar under way began; −1 while its beginning is missing.
  let beganMs = -1;
  for (let index = 0; index < length; index += 1) {
    const openMs = openTimeMs[index] as number;
    const isWithin = beganMs >= 0 && openMs >= beganMs && openMs < beganMs + longMs;
    if (!isWithin) {
      beganMs = opensInterval(openMs, interval) ? openMs : -1;
      if (beganMs < 0) continue;
      longer.openTimeMs[count] = openMs;
      longer.open[count] = open[index] as number;
      longer.high[count] = high[index] as number;
      longer.low[count] = low[index] as number;
      longer.volume[count] = volume[index] as number;
    } else {
      longer.high[count] = Math.max(longer.high[count] as number, high[index] as number);
      longer.low[count] = Math.min(longer.low[count] as number, low[index] as number);
      longer.volume[count] = (longer.volume[count] as number) + (volume[index] as number);
    }
    longer.close[count] = close[index] as number;
    if (openMs + stepMs !== beganMs + longMs) continue;
    count += 1;
    beganMs = -1;
  }
  return sliceBarSeries(longer, 0, count);
}
