import type { BacktestDataFacts, BacktestSpec } from '@monsta/contracts';
import {
  barGaps,
  err,
  expectOk,
  instrumentId,
  intervalMs,
  ok,
  parseStep,
  type AssetId,
  type BarSeries,
  type Interval,
  type Result,
} from '@monsta/core';
import { readBarFile } from '@monsta/data-files';
import { instrumentTerms } from './terms.ts';

/** The bars of a backtest: one series an instrument, in their order, and the finer ones that decide paths inside them. */
export interface BacktestData {
  readonly series: readonly BarSeries[];
  readonly finer: readonly BarSeries[];
}

/** What the bars of an instrument are, for whoever judges a result. */
export function factsOf(series: BarSeries, source: string): BacktestDataFacts {
  const { openTimeMs, volume, length, interval, instrument } = series;
  const stepMs = intervalMs(interval);
  const { count: gaps, missing: missingBars } = barGaps(series);
  const emptyBars = volume.reduce((count, traded) => (traded === 0 ? count + 1 : count), 0);
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

/** Loads all bars of a specification, up to its end. Faults: those of reading them, `backtest_data`. */
export async function loadBacktestData(
  spec: BacktestSpec,
  quote: AssetId,
  shared = false,
): Promise<Result<BacktestData>> {
  const { data, finer, interval } = spec;
  if (data.kind !== 'file') return err('backtest_data', `bars can’t be read from ${data.kind} here`);
  const series = await readAll(data.paths, interval, { spec, quote, shared });
  if (!series.ok) return series;
  if (finer === null) return ok({ series: series.value, finer: [] });
  const parts = await readAll(finer.paths, null, { spec, quote, shared });
  return parts.ok ? ok({ series: series.value, finer: parts.value }) : parts;
}

interface Reading {
  readonly spec: BacktestSpec;
  readonly quote: AssetId;
  readonly shared: boolean;
}

/** A file for each instrument, in their order. */
async function readAll(
  paths: readonly string[],
  interval: Interval | null,
  { spec, quote, shared }: Reading,
): Promise<Result<readonly BarSeries[]>> {
  const tick = spec.tick === null ? null : expectOk(parseStep(spec.tick));
  const lot = expectOk(parseStep(spec.lot));
  const read: BarSeries[] = [];
  for (const [index, id] of spec.instruments.entries()) {
    const series = await readBarFile(paths[index] ?? '', {
      instrument: { id: instrumentId(id), tick, lot, quote },
      interval,
      fromMs: null,
      toMs: spec.toMs,
      shared,
      // Who names a tick wants prices on it; without one the data's own digits say.
      offTick: tick === null ? 'refuse' : 'round',
    });
    if (!series.ok) return series;
    read.push({ ...series.value, instrument: instrumentTerms(series.value.instrument, spec, quote) });
  }
  return ok(read);
}
