import { emptyBarSeries, inferInstrument, instrumentId, intervalMs, type BarSeries, type Interval } from '@monsta/core';

const INSTRUMENT = inferInstrument({
  id: instrumentId('BTCUSDT'),
  tick: { units: 1, scale: 2 },
  lot: { units: 1, scale: 8 },
  quote: null,
});

interface Given {
  readonly interval?: Interval;
  readonly startMs?: number;
  /** In ticks. */
  readonly closes: readonly number[];
  /** By index; 1 where nothing is said. */
  readonly volumes?: readonly number[];
  /** Before which of the bars so many are missing. */
  readonly missingBefore?: Readonly<Record<number, number>>;
}

/** Bars that open at the close before and reach no further than either. */
export function barsOf({ interval = '1h', startMs = 0, closes, volumes, missingBefore = {} }: Given): BarSeries {
  const series = emptyBarSeries(INSTRUMENT, interval, closes.length);
  const stepMs = intervalMs(interval);
  let openMs = startMs - stepMs;
  for (const [index, close] of closes.entries()) {
    openMs += stepMs * (1 + (missingBefore[index] ?? 0));
    const open = closes[index - 1] ?? close;
    series.openTimeMs[index] = openMs;
    series.open[index] = open;
    series.high[index] = Math.max(open, close);
    series.low[index] = Math.min(open, close);
    series.close[index] = close;
    series.volume[index] = volumes?.[index] ?? 1;
  }
  return series;
}
