import { basename } from 'node:path';
import {
  err,
  formatUnits,
  IMBALANCE_UNITS,
  ok,
  unknownBarFlow,
  VOLUME_SCALE,
  type BarFlow,
  type BarSeries,
  type Result,
  type Step,
  type TradeSeries,
} from '@monsta/core';
import { DuckDb, type ColumnSpec } from '@monsta/parquet-duckdb';
import { BlockColumn } from './bar-columns.ts';
import { writePacked, type Packing } from './packed-text.ts';
import { writeWhole } from './whole-file.ts';

const MEMORY_MAX_MB = 512;
/** Rows that are made text at once. */
const ROWS = 4_096;
/** Digits behind the point in Parquet. */
const STORED_SCALE = 8;

type Form = 'csv' | 'json' | 'ndjson' | 'parquet';

interface Target {
  readonly form: Form;
  readonly packing: Packing;
  /** Of the file within a zip. */
  readonly inner: string;
}

const ENDINGS: Readonly<Record<string, Form>> = {
  csv: 'csv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  parquet: 'parquet',
};
const PACKINGS: Readonly<Record<string, Packing>> = { gz: 'gzip', zip: 'zip' };

/** How a file is written is said by the end of its name. Fault `data_form`. */
function targetOf(path: string): Result<Target> {
  const name = basename(path);
  const [, packed] = /\.(gz|zip)$/i.exec(name) ?? [];
  const bare = packed === undefined ? name : name.slice(0, -packed.length - 1);
  // `BTCUSDT-1h.zip` holds a CSV, as those of Binance's archive do.
  const ending = /\.([a-z]+)$/i.exec(bare)?.[1]?.toLowerCase() ?? '';
  const form = ENDINGS[ending] ?? (packed?.toLowerCase() === 'zip' ? 'csv' : undefined);
  if (form === undefined || (form === 'parquet' && packed !== undefined))
    return err('data_form', `${path}: data is written as .csv, .json, .ndjson (each also .gz or .zip) or .parquet`);
  const packing = packed === undefined ? 'plain' : (PACKINGS[packed.toLowerCase()] ?? 'plain');
  return ok({ form, packing, inner: ENDINGS[ending] === undefined ? `${bare}.csv` : bare });
}

/** A column as text: `quoted` where JSON puts it in quotes, so that no reader makes a binary number of it. '': not known. */
interface TextColumn {
  readonly name: string;
  readonly quoted: boolean;
  readonly at: (row: number) => string;
}

const decimals = (name: string, column: Float64Array, { units, scale }: Step): TextColumn => {
  const factor = BigInt(units);
  return { name, quoted: true, at: (row) => formatUnits(BigInt(column[row] ?? 0) * factor, scale) };
};
const whereKnown = (column: Float64Array, { name, quoted, at }: TextColumn): TextColumn => ({
  ...{ name, quoted },
  at: (row) => (Number.isNaN(column[row]) ? '' : at(row)),
});
const numbers = (name: string, column: Float64Array): TextColumn => ({
  name,
  quoted: false,
  at: (row) => String(column[row] ?? 0),
});

const VOLUME_STEP: Step = { units: 1, scale: VOLUME_SCALE };
const IMBALANCE_STEP: Step = { units: 1, scale: Math.log10(IMBALANCE_UNITS) };

const flowOf = (series: BarSeries): BarFlow => series.flow ?? unknownBarFlow(series.length);

function flowColumns(series: BarSeries): readonly TextColumn[] {
  const { takerBuyVolume, trades, bookImbalance } = flowOf(series);
  return [
    whereKnown(takerBuyVolume, decimals('takerBuyVolume', takerBuyVolume, VOLUME_STEP)),
    whereKnown(trades, numbers('trades', trades)),
    whereKnown(bookImbalance, decimals('bookImbalance', bookImbalance, IMBALANCE_STEP)),
  ];
}

function barColumns(series: BarSeries): readonly TextColumn[] {
  const { tick } = series.instrument;
  return [
    numbers('openTimeMs', series.openTimeMs),
    decimals('open', series.open, tick),
    decimals('high', series.high, tick),
    decimals('low', series.low, tick),
    decimals('close', series.close, tick),
    decimals('volume', series.volume, VOLUME_STEP),
  ];
}

function tradeColumns(series: TradeSeries): readonly TextColumn[] {
  const { tick, lot } = series.instrument;
  return [
    numbers('id', series.tradeId),
    decimals('price', series.price, tick),
    decimals('qty', series.quantity, lot),
    numbers('timeUs', series.timeUs),
    { name: 'isBuyerMaker', quoted: false, at: (row) => String(series.buyerIsMaker[row] === 1) },
  ];
}

const csvRow = (columns: readonly TextColumn[], row: number): string =>
  `${columns.map(({ at }) => at(row)).join(',')}\r\n`;

function jsonValue({ quoted, at }: TextColumn, row: number): string {
  const text = at(row);
  return text === '' ? 'null' : quoted ? `"${text}"` : text;
}
const jsonList = (columns: readonly TextColumn[], row: number): string =>
  `[${columns.map((column) => jsonValue(column, row)).join(',')}]`;
const jsonObject = (columns: readonly TextColumn[], row: number): string =>
  `{${columns.map((column) => `"${column.name}":${jsonValue(column, row)}`).join(',')}}`;

/** What stands before the rows, each row, and behind them. */
interface Style {
  readonly head: (columns: readonly TextColumn[]) => string;
  readonly row: (columns: readonly TextColumn[], row: number) => string;
  readonly between: string;
  readonly tail: string;
}
const STYLES: Readonly<Record<Exclude<Form, 'parquet'>, Style>> = {
  csv: { head: (columns) => `${columns.map(({ name }) => name).join(',')}\r\n`, row: csvRow, between: '', tail: '' },
  json: { head: () => '[\n', row: jsonList, between: ',\n', tail: '\n]\n' },
  ndjson: { head: () => '', row: (columns, row) => `${jsonObject(columns, row)}\n`, between: '', tail: '' },
};

const NAMED_JSON: Style = { ...STYLES.json, row: jsonObject };

/** Series piece by piece, as a catalogue gives them; a fault is the last that comes. */
export type Pieces<S> = AsyncIterable<Result<S>> | Iterable<Result<S>>;

/** How a kind of series is written. */
interface Written<S> {
  readonly text: (series: S) => readonly TextColumn[];
  /** Rows of JSON are objects: in a list of lists nobody would know which is what. */
  readonly named: boolean;
  readonly specs: readonly ColumnSpec[];
  readonly stored: Stored<S>;
  readonly metadataOf: (series: S) => Readonly<Record<string, string>>;
}

/** Takes out of a stream the fault that ended it. */
class Broken extends Error {
  override readonly name = 'Broken';
}

async function writeText<S extends { readonly length: number }>(
  path: string,
  { form, packing, inner }: Target & { form: Exclude<Form, 'parquet'> },
  pieces: Pieces<S>,
  { text: columnsOf, named }: Pick<Written<S>, 'text' | 'named'>,
): Promise<Result<number>> {
  const style = form === 'json' && named ? NAMED_JSON : STYLES[form];
  let rows = 0;
  let failed: Result<never> | null = null;
  const texts = async function* (): AsyncIterable<string> {
    for await (const piece of pieces) {
      if (!piece.ok) {
        failed = piece;
        throw new Broken(piece.fault.message);
      }
      const columns = columnsOf(piece.value);
      if (piece.value.length > 0 && rows === 0) yield style.head(columns);
      for (let from = 0; from < piece.value.length; from += ROWS) {
        let text = '';
        for (let row = from; row < Math.min(piece.value.length, from + ROWS); row += 1)
          text += (rows + row === 0 ? '' : style.between) + style.row(columns, row);
        yield text;
      }
      rows += piece.value.length;
    }
    yield style.tail;
  };
  try {
    const written = await writePacked(path, packing, inner, texts());
    return written.ok ? ok(rows) : written;
  } catch (thrown) {
    if (thrown instanceof Broken && failed !== null) return failed;
    throw thrown;
  }
}

const decimalType = 'DECIMAL(18,8)';
const BAR_SPECS: readonly ColumnSpec[] = [
  { name: 'open_time', type: 'TIMESTAMP WITH TIME ZONE', factor: 1_000 },
  ...['open', 'high', 'low', 'close'].map((name) => ({ name, type: decimalType, factor: 1 }) as const),
  { name: 'volume', type: 'DECIMAL(38,8)', factor: 1 },
];
const FLOW_SPECS: readonly ColumnSpec[] = [
  { name: 'taker_buy_volume', type: 'DECIMAL(38,8)', factor: 1, nullable: true },
  { name: 'trades', type: 'BIGINT', factor: 1, nullable: true },
  { name: 'book_imbalance', type: decimalType, factor: 1, nullable: true },
];
const TRADE_SPECS: readonly ColumnSpec[] = [
  { name: 'trade_id', type: 'BIGINT', factor: 1 },
  { name: 'time', type: 'TIMESTAMP WITH TIME ZONE', factor: 1 },
  { name: 'price', type: decimalType, factor: 1 },
  { name: 'quantity', type: 'DECIMAL(38,8)', factor: 1 },
  { name: 'buyer_is_maker', type: 'BOOLEAN', factor: 1 },
];

/** Columns of a piece; `step`: what one of its whole numbers is worth, where it is no time or id. */
type Stored<S> = (series: S) => readonly { readonly values: ArrayLike<number>; readonly step: Step | null }[];

const plain = (values: ArrayLike<number>): { values: ArrayLike<number>; step: null } => ({ values, step: null });

const storedBars: Stored<BarSeries> = ({ instrument: { tick }, openTimeMs, open, high, low, close, volume }) => [
  plain(openTimeMs),
  ...[open, high, low, close].map((values) => ({ values, step: tick })),
  { values: volume, step: VOLUME_STEP },
];
const storedFlow: Stored<BarSeries> = (series) => {
  const { takerBuyVolume, trades, bookImbalance } = flowOf(series);
  return [
    { values: takerBuyVolume, step: VOLUME_STEP },
    plain(trades),
    { values: bookImbalance, step: IMBALANCE_STEP },
  ];
};
const storedTrades: Stored<TradeSeries> = ({
  instrument: { tick, lot },
  tradeId,
  timeUs,
  price,
  quantity,
  buyerIsMaker,
}) => [
  plain(tradeId),
  plain(timeUs),
  { values: price, step: tick },
  { values: quantity, step: lot },
  plain(buyerIsMaker),
];

/** A column of Parquet, whose pieces may have different steps: whole numbers of the finest digit so far. */
class StoredColumn {
  readonly #spec: ColumnSpec;
  readonly #column = new BlockColumn();
  #scale = 0;
  #largest = 0;

  constructor(spec: ColumnSpec) {
    this.#spec = spec;
  }

  /** Faults: `data_too_large`, `data_form` (a step finer than can be held). */
  take(values: ArrayLike<number>, step: Step | null, rows: number): Result<null> {
    if (step !== null && step.scale > STORED_SCALE)
      return err(
        'data_form',
        `${this.#spec.name}: Parquet has ${STORED_SCALE} digits behind the point, not ${step.scale}; write text`,
      );
    const finer = Math.max(0, (step?.scale ?? 0) - this.#scale);
    this.#column.scale(10 ** finer);
    this.#largest *= 10 ** finer;
    this.#scale += finer;
    const factor = (step?.units ?? 1) * 10 ** (this.#scale - (step?.scale ?? this.#scale));
    for (let row = 0; row < rows; row += 1) {
      const value = (values[row] ?? 0) * factor;
      this.#column.push(value);
      if (value > this.#largest) this.#largest = value;
    }
    const most =
      this.#spec.type === 'DECIMAL(18,8)' ? 10 ** (18 - STORED_SCALE + this.#scale) : Number.POSITIVE_INFINITY;
    return this.#largest < most && (factor === 1 && finer === 0 ? true : this.#largest <= Number.MAX_SAFE_INTEGER)
      ? ok(null)
      : err(
          'data_too_large',
          `${this.#spec.name}: a number is too large for Parquet with ${STORED_SCALE} digits behind the point; write text`,
        );
  }

  finish(): { readonly spec: ColumnSpec; readonly values: Float64Array } {
    const values = new Float64Array(this.#column.length);
    this.#column.moveInto(values);
    const spec = this.#spec.type.startsWith('DECIMAL')
      ? { ...this.#spec, factor: 10 ** (STORED_SCALE - this.#scale) }
      : this.#spec;
    return { spec, values };
  }
}

const BARS: Written<BarSeries> = {
  text: barColumns,
  named: false,
  specs: BAR_SPECS,
  stored: storedBars,
  metadataOf: ({ instrument, interval }) => ({
    monsta_kind: 'bars',
    monsta_instrument: instrument.id,
    monsta_interval: interval,
  }),
};
const BARS_WITH_FLOW: Written<BarSeries> = {
  ...BARS,
  text: (series) => [...barColumns(series), ...flowColumns(series)],
  named: true,
  specs: [...BAR_SPECS, ...FLOW_SPECS],
  stored: (series) => [...storedBars(series), ...storedFlow(series)],
};
const TRADES: Written<TradeSeries> = {
  text: tradeColumns,
  named: true,
  specs: TRADE_SPECS,
  stored: storedTrades,
  metadataOf: ({ instrument }) => ({ monsta_kind: 'trades', monsta_instrument: instrument.id }),
};

async function writeParquet<S extends { readonly length: number }>(
  path: string,
  pieces: Pieces<S>,
  { specs, stored, metadataOf }: Written<S>,
): Promise<Result<number>> {
  const columns = specs.map((spec) => new StoredColumn(spec));
  let metadata: Readonly<Record<string, string>> = {};
  let rows = 0;
  for await (const piece of pieces) {
    if (!piece.ok) return piece;
    metadata = metadataOf(piece.value);
    const values = stored(piece.value);
    for (const [index, column] of columns.entries()) {
      const from = values[index] ?? plain([]);
      const taken = column.take(from.values, from.step, piece.value.length);
      if (!taken.ok) return taken;
    }
    rows += piece.value.length;
  }
  if (rows === 0) return ok(0);
  const written = columns.map((column) => column.finish());
  const db = new DuckDb({ memoryMaxMb: MEMORY_MAX_MB, threads: 1 });
  try {
    const done = await db.writeColumns(
      path,
      written.map(({ spec }) => spec),
      written.map(({ values }) => values),
      metadata,
    );
    return done.ok ? ok(rows) : done;
  } finally {
    await db.close();
  }
}

async function writeSeries<S extends { readonly length: number }>(
  path: string,
  pieces: Pieces<S>,
  replace: boolean,
  kind: Written<S>,
): Promise<Result<number>> {
  const target = targetOf(path);
  if (!target.ok) return target;
  const { form } = target.value;
  let rows = 0;
  const written = await writeWhole(path, 'data', replace, async (temporary) => {
    const done =
      form === 'parquet'
        ? await writeParquet(temporary, pieces, kind)
        : await writeText(temporary, { ...target.value, form }, pieces, kind);
    if (!done.ok) return done;
    rows = done.value;
    return rows === 0 ? err('data_none', `there is no row to write into ${path}`) : ok(null);
  });
  return written.ok ? ok(rows) : written;
}

/**
 * Writes bars into a file that `readBarFile` reads to the same, exactly: by the end of its name as `.csv` or `.json` (a list of lists, the columns `openTimeMs`, `open`, `high`, `low`, `close`,
 * `volume`), `.ndjson` (objects with these names), each also `.gz` or `.zip`, or as `.parquet` in the columns of the catalogue. `withFlow`: with `takerBuyVolume`, `trades` and `bookImbalance` beside, empty where they are not known; `.json` is then a list of objects. Wholly or not at all; a file that is there is kept unless `replace`.
 * Returns the number of rows. Faults: `data_form`, `data_exists`, `data_none` (no row), `data_too_large`, `data_unwritable`, those of the pieces.
 */
export const writeBarFile = (
  path: string,
  pieces: Pieces<BarSeries>,
  replace: boolean,
  withFlow = false,
): Promise<Result<number>> => writeSeries(path, pieces, replace, withFlow ? BARS_WITH_FLOW : BARS);

/** As `writeBarFile`, of trades: `id`, `price`, `qty`, `timeUs`, `isBuyerMaker`, in `.json` a list of objects; `readTradeFile` reads them. */
export const writeTradeFile = (path: string, pieces: Pieces<TradeSeries>, replace: boolean): Promise<Result<number>> =>
  writeSeries(path, pieces, replace, TRADES);
