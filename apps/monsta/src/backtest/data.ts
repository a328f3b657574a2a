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
  type Step,
} from '@monsta/core';
import { readBarFile } from '@monsta/data-files';
import type { Catalog, MarketHistory } from '@monsta/ports';
import { collectedSeries } from './collected.ts';
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
      return data.market === null ? 'catalogue' : `catalogue of ${data.market}`;
    case 'collected':
      return 'collected by the running program';
  }
}

/** The catalogue of each market, by its name; null: Binance’s. */
export interface CatalogSource {
  of(market: string | null): Result<Catalog>;
}

/** Beside the specification. */
interface DataSources {
  readonly catalogs?: CatalogSource;
  /** What the running program collects. */
  readonly history?: MarketHistory;
  /** In memory that worker threads can see. */
  readonly shared?: boolean;
}

interface Reading extends DataSources {
  readonly spec: BacktestSpec;
  readonly quote: AssetId;
  /** Of each instrument, where they are known already. */
  readonly ticks?: readonly Step[];
}

/** Loads all bars of a specification, up to its end. Faults: those of reading them, `backtest_data`. */
export async function loadBacktestData(
  spec: BacktestSpec,
  quote: AssetId,
  sources: DataSources = {},
): Promise<Result<BacktestData>> {
  const reading = { spec, quote, ...sources };
  const series = await mainSeries(reading);
  if (!series.ok || spec.finer === null) return series.ok ? ok({ series: series.value, finer: [] }) : series;
  const finer = await readAll(spec.finer.paths, null, reading);
  if (!finer.ok) return finer;
  // One exchange has one tick: the finer one of the two files, where they differ.
  const ticks = series.value.map((each, index) => finerTick(each, finer.value[index] ?? each));
  const again = { ...reading, ticks };
  const [main, parts] = [await mainSeries(again), await readAll(spec.finer.paths, null, again)];
  if (!main.ok) return main;
  return parts.ok ? ok({ series: main.value, finer: parts.value }) : parts;
}

const sizeOf = ({ units, scale }: Step): number => units * 10 ** -scale;

const finerTick = ({ instrument: { tick } }: BarSeries, { instrument: other }: BarSeries): Step =>
  sizeOf(other.tick) < sizeOf(tick) ? other.tick : tick;

async function mainSeries(reading: Reading): Promise<Result<readonly BarSeries[]>> {
  const { data, interval } = reading.spec;
  switch (data.kind) {
    case 'file':
      return readAll(data.paths, interval, reading);
    case 'catalogue':
      return fromCatalogue(reading, data.market);
    case 'collected':
      return reading.history === undefined
        ? err('backtest_data', 'only a running MONSTA has bars that it collected; give files of bars, or the catalogue')
        : collectedSeries(reading.spec, reading.quote, reading.history, reading.shared);
    case 'ticks':
      return err('backtest_data', `bars can’t be read from ${data.kind} here`);
  }
}

const termsOf = ({ spec, quote, ticks }: Reading, id: string) => ({
  id: instrumentId(id),
  tick: ticks?.[spec.instruments.indexOf(id)] ?? (spec.tick === null ? null : expectOk(parseStep(spec.tick))),
  lot: expectOk(parseStep(spec.lot)),
  quote,
});

/** The only interval that a catalogue has of an instrument. Fault `backtest_data`. */
async function onlyInterval(catalog: Catalog, id: string): Promise<Result<Interval>> {
  const listed = await catalog.list();
  if (!listed.ok) return listed;
  const bars = listed.value.filter(({ kind }) => kind === 'bars');
  const held = bars.flatMap(({ instrument, interval }) => (instrument === id && interval !== null ? [interval] : []));
  const [only] = held;
  if (only === undefined) {
    const known = [...new Set(bars.map(({ instrument }) => instrument))].join(', ');
    return err(
      'backtest_data',
      `--bars: the catalogue has no bars of ${id}; it has ${known === '' ? 'none at all' : known}`,
    );
  }
  return held.length === 1
    ? ok(only)
    : err('backtest_data', `--interval: the catalogue has bars of ${id} of ${held.join(', ')}; say which`);
}

async function fromCatalogue(reading: Reading, market: string | null): Promise<Result<readonly BarSeries[]>> {
  const { spec, catalogs, shared = false } = reading;
  if (catalogs === undefined) return err('backtest_data', '--bars: there is no catalogue here');
  const opened = catalogs.of(market);
  if (!opened.ok) return err('backtest_data', `--bars: ${opened.fault.message}`);
  const catalog = opened.value;
  const read: BarSeries[] = [];
  for (const id of spec.instruments) {
    const interval = spec.interval === null ? await onlyInterval(catalog, id) : ok(spec.interval);
    if (!interval.ok) return interval;
    const series = await catalog.bars({
      instrument: termsOf(reading, id),
      interval: interval.value,
      fromMs: null,
      toMs: spec.toMs,
      shared,
    });
    if (!series.ok) return series;
    if (series.value.length === 0)
      return err('backtest_data', `--bars: the catalogue has no bars of ${id} of ${interval.value}`);
    read.push({ ...series.value, instrument: instrumentTerms(series.value.instrument, spec, reading.quote) });
  }
  return ok(read);
}

/** A file for each instrument, in their order. */
async function readAll(
  paths: readonly string[],
  interval: Interval | null,
  reading: Reading,
): Promise<Result<readonly BarSeries[]>> {
  const { spec, quote, shared = false } = reading;
  const read: BarSeries[] = [];
  for (const [index, id] of spec.instruments.entries()) {
    const series = await readBarFile(paths[index] ?? '', {
      instrument: termsOf(reading, id),
      interval,
      fromMs: null,
      toMs: spec.toMs,
      shared,
      offGrid: 'take',
      // Who names a tick wants prices on it; without one the data's own digits say.
      offTick: spec.tick === null ? 'refuse' : 'round',
    });
    if (!series.ok) return series;
    read.push({ ...series.value, instrument: instrumentTerms(series.value.instrument, spec, quote) });
  }
  return ok(read);
}
