import { join } from 'node:path';
import {
  err,
  IMBALANCE_UNITS,
  inferInstrument,
  instrumentId,
  INTERVALS,
  intervalMs,
  ok,
  unknownBarFlow,
  type BarSeries,
  type Instrument,
  type InstrumentId,
  type InstrumentTerms,
  type Interval,
  type Result,
  type Step,
  type TradeSeries,
} from '@monsta/core';
import type {
  AppendOutcome,
  BarCoverage,
  StoredBarQuery,
  Catalog,
  CatalogEntry,
  PruneOutcome,
  PruneRequest,
  StoredTradeDay,
  StoredTradeQuery,
} from '@monsta/ports';
import { DuckDb, type DuckDbOptions } from '@monsta/parquet-duckdb';
import { ALL_TIME, folderSpan, type TableName } from './partitions.ts';
import type { Rows, TableShape } from './rows.ts';
import { foldersIn } from './stored-files.ts';
import { TableStore } from './table-store.ts';

/** Digits behind the point that are stored: those of Binance. */
const STORED_SCALE = 8;

export interface ParquetCatalogOptions extends DuckDbOptions {
  /** The folder of the catalogue. */
  readonly path: string;
}

/** What one step is worth in units of 10^-8. Fault `catalog_refused`: it is finer. */
function factorOf(step: Step, what: string): Result<number> {
  const factor = step.units * 10 ** (STORED_SCALE - step.scale);
  return Number.isSafeInteger(factor) && factor >= 1
    ? ok(factor)
    : err('catalog_refused', `a ${what} of ${step.units} × 10^-${step.scale} can't be stored in units of 10^-8`);
}

/** What not every source of bars says. */
const FLOW_SPECS = [
  { name: 'taker_buy_volume', type: 'DECIMAL(38,8)', factor: 1, nullable: true },
  { name: 'trades', type: 'BIGINT', factor: 1, nullable: true },
  { name: 'book_imbalance', type: 'DECIMAL(18,8)', factor: 10 ** STORED_SCALE / IMBALANCE_UNITS, nullable: true },
] as const;

/** `flow`: with the columns that may be unknown. */
function barShape(priceFactor: number | null, flow: boolean): TableShape {
  const price = { type: 'DECIMAL(18,8)', factor: priceFactor } as const;
  return {
    specs: [
      { name: 'open_time', type: 'TIMESTAMP WITH TIME ZONE', factor: 1_000 },
      { name: 'open', ...price },
      { name: 'high', ...price },
      { name: 'low', ...price },
      { name: 'close', ...price },
      { name: 'volume', type: 'DECIMAL(38,8)', factor: 1 },
      ...(flow ? FLOW_SPECS : []),
    ],
    timeColumn: 0,
    unitsPerMs: 1,
  };
}

function tradeShape(priceFactor: number | null, quantityFactor: number): TableShape {
  return {
    specs: [
      { name: 'trade_id', type: 'BIGINT', factor: 1 },
      { name: 'time', type: 'TIMESTAMP WITH TIME ZONE', factor: 1 },
      { name: 'price', type: 'DECIMAL(18,8)', factor: priceFactor },
      { name: 'quantity', type: 'DECIMAL(38,8)', factor: quantityFactor },
      { name: 'buyer_is_maker', type: 'BOOLEAN', factor: 1 },
    ],
    timeColumn: 1,
    unitsPerMs: 1_000,
  };
}

const none = new Float64Array(0);

/** The instrument of what was read: without a tick of its own, prices are brought to the finest digit there is. */
function settleTick(terms: InstrumentTerms, rows: Rows, prices: readonly number[]): Instrument {
  if (terms.tick !== null) return inferInstrument({ ...terms, tick: terms.tick });
  const scale = STORED_SCALE - Math.round(Math.log10(rows.finest));
  for (const index of prices) {
    const column = rows.columns[index] ?? none;
    for (let row = 0; row < column.length; row += 1) column[row] = (column[row] ?? 0) / rows.finest;
  }
  return inferInstrument({ ...terms, tick: { units: 1, scale } });
}

/** A catalogue in a folder of Parquet files that DuckDB, pandas and polars read as they are. docs/catalog.md says how they lie. */
export class ParquetCatalog implements Catalog {
  readonly #path: string;
  readonly #db: DuckDb;
  readonly #store: TableStore;

  constructor(options: ParquetCatalogOptions) {
    this.#path = options.path;
    this.#db = new DuckDb(options);
    this.#store = new TableStore(options.path, this.#db);
  }

  async bars(query: StoredBarQuery): Promise<Result<BarSeries>> {
    const { instrument, interval, fromMs, toMs, flow = false } = query;
    const factor = instrument.tick === null ? ok(null) : factorOf(instrument.tick, 'tick');
    if (!factor.ok) return factor;
    const table: TableName = { kind: 'bars', instrument: instrument.id, interval };
    const rows = await this.#store.read(table, barShape(factor.value, flow), { fromMs, toMs }, query.shared);
    if (!rows.ok) return rows;
    const [openTimeMs = none, open = none, high = none, low = none, close = none, volume = none] = rows.value.columns;
    const [takerBuyVolume = none, trades = none, bookImbalance = none] = rows.value.columns.slice(6);
    const settled = settleTick(instrument, rows.value, [1, 2, 3, 4]);
    const { length } = rows.value;
    return ok({
      ...{ instrument: settled, interval, length, openTimeMs, open, high, low, close, volume },
      ...(flow ? { flow: { takerBuyVolume, trades, bookImbalance } } : {}),
    });
  }

  async trades(query: StoredTradeQuery): Promise<Result<TradeSeries>> {
    const { instrument, fromMs, toMs, shared = false } = query;
    const price = instrument.tick === null ? ok(null) : factorOf(instrument.tick, 'tick');
    if (!price.ok) return price;
    const lot = factorOf(instrument.lot, 'lot');
    if (!lot.ok) return lot;
    const table: TableName = { kind: 'trades', instrument: instrument.id, interval: null };
    const rows = await this.#store.read(table, tradeShape(price.value, lot.value), { fromMs, toMs }, shared);
    if (!rows.ok) return rows;
    const { length } = rows.value;
    const [tradeId = none, timeUs = none, prices = none, quantity = none, maker = none] = rows.value.columns;
    const buyerIsMaker = new Uint8Array(shared ? new SharedArrayBuffer(length) : new ArrayBuffer(length));
    buyerIsMaker.set(maker);
    const settled = settleTick(instrument, rows.value, [2]);
    return ok({ instrument: settled, length, tradeId, timeUs, price: prices, quantity, buyerIsMaker });
  }

  async appendBars(series: BarSeries): Promise<Result<AppendOutcome>> {
    const { instrument, interval, length } = series;
    const factor = factorOf(instrument.tick, 'tick');
    if (!factor.ok) return factor;
    const { takerBuyVolume, trades, bookImbalance } = series.flow ?? unknownBarFlow(length);
    const prices = [series.openTimeMs, series.open, series.high, series.low, series.close, series.volume];
    const columns = [...prices, takerBuyVolume, trades, bookImbalance].map((column) => column.subarray(0, length));
    const table: TableName = { kind: 'bars', instrument: instrument.id, interval };
    return this.#store.append(table, barShape(factor.value, true), columns);
  }

  async appendTrades(series: TradeSeries): Promise<Result<AppendOutcome>> {
    const { instrument, length } = series;
    const price = factorOf(instrument.tick, 'tick');
    if (!price.ok) return price;
    const lot = factorOf(instrument.lot, 'lot');
    if (!lot.ok) return lot;
    const columns = [
      series.tradeId,
      series.timeUs,
      series.price,
      series.quantity,
      Float64Array.from(series.buyerIsMaker),
    ].map((column) => column.subarray(0, length));
    const table: TableName = { kind: 'trades', instrument: instrument.id, interval: null };
    return this.#store.append(table, tradeShape(price.value, lot.value), columns);
  }

  async list(): Promise<Result<readonly CatalogEntry[]>> {
    const tables = await this.#tables();
    if (!tables.ok) return tables;
    const entries: CatalogEntry[] = [];
    for (const table of tables.value) {
      const extent = await this.#store.extent(table);
      if (!extent.ok) return extent;
      const { files, bytes } = extent.value;
      const [oldest] = files;
      if (oldest === undefined) continue;
      entries.push({
        ...table,
        rows: files.reduce((sum, { rows }) => sum + rows, 0),
        first: files.reduce((least, { first }) => Math.min(least, first), oldest.first),
        last: files.reduce((most, { last }) => Math.max(most, last), oldest.last),
        files: files.length,
        bytes,
      });
    }
    return ok(entries);
  }

  async #tables(): Promise<Result<readonly TableName[]>> {
    const tables: TableName[] = [];
    for (const kind of ['bars', 'trades'] as const) {
      const instruments = await foldersIn(join(this.#path, `kind=${kind}`));
      if (!instruments.ok) return instruments;
      for (const folder of instruments.value) {
        const instrument = instrumentId(folder.replace(/^instrument=/, ''));
        if (kind === 'trades') tables.push({ kind, instrument, interval: null });
        else {
          const intervals = await foldersIn(join(this.#path, `kind=${kind}`, folder));
          if (!intervals.ok) return intervals;
          const known = INTERVALS.filter((interval) => intervals.value.includes(`interval=${interval}`));
          tables.push(...known.map((interval) => ({ kind, instrument, interval })));
        }
      }
    }
    return ok(tables);
  }

  async coverage(instrument: InstrumentId, interval: Interval): Promise<Result<BarCoverage>> {
    const bars = barShape(1, false);
    const shape: TableShape = { ...bars, specs: bars.specs.slice(0, 1) };
    const rows = await this.#store.read({ kind: 'bars', instrument, interval }, shape, ALL_TIME);
    if (!rows.ok) return rows;
    const { length } = rows.value;
    const times = rows.value.columns[0] ?? none;
    const step = intervalMs(interval);
    const gaps: { beforeMs: number; afterMs: number }[] = [];
    let missing = 0;
    for (let row = 1; row < length; row += 1) {
      const [beforeMs, afterMs] = [times[row - 1] ?? 0, times[row] ?? 0];
      if (afterMs - beforeMs <= step) continue;
      gaps.push({ beforeMs, afterMs });
      missing += (afterMs - beforeMs) / step - 1;
    }
    return ok({ rows: length, firstMs: times[0] ?? null, lastMs: times[length - 1] ?? null, missing, gaps });
  }

  async tradeDays(instrument: InstrumentId): Promise<Result<readonly StoredTradeDay[]>> {
    const extent = await this.#store.extent({ kind: 'trades', instrument, interval: null });
    if (!extent.ok) return extent;
    const days = Map.groupBy(extent.value.files, ({ partition }) => partition);
    return ok(
      [...days].map(([partition, files]) => ({
        dayMs: folderSpan(partition.split('/'))?.fromMs ?? Number.NaN,
        firstId: Math.min(...files.map(({ first }) => first)),
        lastId: Math.max(...files.map(({ last }) => last)),
        rows: files.reduce((sum, { rows }) => sum + rows, 0),
      })),
    );
  }

  async compact(endedByMs: number | null): Promise<Result<null>> {
    const tables = await this.#tables();
    if (!tables.ok) return tables;
    for (const table of tables.value) {
      const compacted = await this.#store.compact(table, storedShape(table), endedByMs);
      if (!compacted.ok) return compacted;
    }
    return ok(null);
  }

  prune({ kind, instrument, interval, beforeMs, dryRun = false }: PruneRequest): Promise<Result<PruneOutcome>> {
    const table = { kind, instrument, interval };
    return this.#store.prune(table, storedShape(table), beforeMs, dryRun);
  }

  /** Cuts off what is under way: nothing of it counts. */
  interrupt(): void {
    this.#db.interrupt();
  }

  async close(): Promise<void> {
    await this.#store.settle();
    await this.#db.close();
  }
}

const storedShape = ({ kind }: TableName): TableShape => (kind === 'bars' ? barShape(1, true) : tradeShape(1, 1));
