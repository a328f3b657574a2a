import type { BacktestSpec } from '@monsta/contracts';
import {
  emptyBarSeries,
  err,
  instrumentId,
  intervalMs,
  ok,
  parseStep,
  price,
  quantity,
  sliceBarSeries,
  timestampUs,
  type AssetId,
  type BarSeries,
  type Instrument,
  type Interval,
  type Result,
} from '@monsta/core';
import { readHistory } from '@monsta/venue-replay';
import { instrumentTerms } from './terms.ts';

/** The bars of a backtest: one series an instrument, in their order, and the finer ones that decide paths inside them. */
export interface BacktestData {
  readonly series: readonly BarSeries[];
  readonly finer: readonly BarSeries[];
}

/** What the bars of an instrument are, for whoever judges a result. */
export interface DataFacts {
  readonly instrument: string;
  readonly source: string;
  readonly interval: Interval;
  readonly bars: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Places where bars are missing, and how many are. */
  readonly gaps: number;
  readonly missingBars: number;
  /** Bars in which nothing was traded. */
  readonly emptyBars: number;
}

export function factsOf(series: BarSeries, source: string): DataFacts {
  const { openTimeMs, volume, length, interval, instrument } = series;
  const stepMs = intervalMs(interval);
  let [gaps, missingBars, emptyBars] = [0, 0, 0];
  for (let index = 0; index < length; index += 1) {
    if (volume[index] === 0) emptyBars += 1;
    const apart = (openTimeMs[index] ?? 0) - (openTimeMs[index - 1] ?? openTimeMs[index] ?? 0);
    if (apart <= stepMs) continue;
    gaps += 1;
    missingBars += Math.round(apart / stepMs) - 1;
  }
  const startMs = openTimeMs[0] ?? 0;
  const endMs = (openTimeMs[length - 1] ?? startMs) + stepMs;
  return { instrument: instrument.id, source, interval, bars: length, startMs, endMs, gaps, missingBars, emptyBars };
}

/** Where the bars of the index-th instrument come from, in words. */
export function sourceOf({ data }: BacktestSpec, index: number): string {
  switch (data.kind) {
    case 'file':
    case 'ticks':
      return data.paths[index] ?? data.paths[0] ?? '';
    case 'catalogue':
      return 'catalogue';
    case 'collected':
      return 'collected by the running program';
  }
}

/** The first index whose time is at least `ms`. */
export function indexFrom(times: Float64Array, ms: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? Infinity) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function readBars(path: string, id: string, tick: string | null): Promise<Result<BarSeries>> {
  for (const text of tick === null ? ['0.01', '0.00000001'] : [tick]) {
    const step = parseStep(text);
    if (!step.ok) return step;
    const instrument: Instrument = {
      id: instrumentId(id),
      ...({ base: id, quote: id } as Pick<Instrument, 'base' | 'quote'>),
      tick: step.value,
      lot: step.value,
      quantityMin: quantity(1),
      quantityMax: quantity(1),
      marketQuantityMax: null,
      notionalMin: null,
      notionalMax: null,
      status: 'trading',
      version: 1,
      validFromUs: timestampUs(0),
    };
    const history = await readHistory(path, [instrument]);
    if (!history.ok && tick === null && text === '0.01') continue;
    if (!history.ok) return history;
    const { interval, length } = history.value;
    const series = emptyBarSeries(instrument, interval, length, true);
    for (let index = 0; index < length; index += 1) {
      const bar = history.value.bar(interval, index);
      series.openTimeMs[index] = history.value.openMs(interval, index);
      series.open[index] = price(bar.open);
      series.high[index] = bar.high;
      series.low[index] = bar.low;
      series.close[index] = bar.close;
      series.volume[index] = Number(bar.volume);
    }
    return ok(series);
  }
  return err('history_corrupt', `${path} has no tick`);
}

/** Loads all bars of a specification, up to its end. */
export async function loadBacktestData(spec: BacktestSpec, quote: AssetId): Promise<Result<BacktestData>> {
  if (spec.data.kind !== 'file') return err('backtest_data', 'only files of bars can be read');
  const series: BarSeries[] = [];
  for (const [index, id] of spec.instruments.entries()) {
    const read = await readBars(spec.data.paths[index] ?? '', id, spec.tick);
    if (!read.ok) return read;
    const { openTimeMs } = read.value;
    const to = spec.toMs === null ? openTimeMs.length : indexFrom(openTimeMs, spec.toMs);
    series.push({
      ...sliceBarSeries(read.value, 0, to),
      instrument: instrumentTerms(read.value.instrument, spec, quote),
    });
  }
  return ok({ series, finer: [] });
}
