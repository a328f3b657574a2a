import type { BarSeries } from '@monsta/core';

/**
 * The indices of at most `points` (at least 10) points of columns of equal length, rising, so that a picture of them loses nothing that is seen: the first and the last, and of each
 * stretch between where each column is lowest and highest. All indices where there are no more.
 */
export function extremeIndices(columns: readonly Float64Array[], points: number): readonly number[] {
  const length = columns[0]?.length ?? 0;
  if (length <= points) return Array.from({ length }, (_, index) => index);
  const stretches = Math.max(1, Math.floor((points - 2) / (2 * columns.length)));
  const kept = new Set<number>([0]);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    for (const column of columns) {
      let [lowest, highest] = [from, from];
      for (let index = from + 1; index < to; index += 1) {
        const value = column[index] ?? 0;
        if (value < (column[lowest] ?? 0)) lowest = index;
        if (value > (column[highest] ?? 0)) highest = index;
      }
      kept.add(lowest).add(highest);
    }
  }
  kept.add(length - 1);
  return [...kept].toSorted((one, other) => one - other);
}

/** Bars for looking at: prices as binary numbers, not ticks. */
export interface BarPicture {
  readonly openTimeMs: number[];
  readonly open: number[];
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
}

/** A series as at most `bars` bars, each of as many neighbours as it takes: the first one's open, their highest and lowest, the last one's close. */
export function pictureOf(series: BarSeries, bars: number): BarPicture {
  const { length, instrument } = series;
  const tick = instrument.tick.units / 10 ** instrument.tick.scale;
  const each = Math.max(1, Math.ceil(length / bars));
  const picture: BarPicture = { openTimeMs: [], open: [], high: [], low: [], close: [] };
  for (let from = 0; from < length; from += each) {
    const to = Math.min(length, from + each);
    let [high, low] = [-Infinity, Infinity];
    for (let index = from; index < to; index += 1) {
      high = Math.max(high, series.high[index] ?? high);
      low = Math.min(low, series.low[index] ?? low);
    }
    picture.openTimeMs.push(series.openTimeMs[from] ?? 0);
    picture.open.push((series.open[from] ?? 0) * tick);
    picture.high.push(high * tick);
    picture.low.push(low * tick);
    picture.close.push((series.close[to - 1] ?? 0) * tick);
  }
  return picture;
}
