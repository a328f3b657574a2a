import { basename } from 'node:path';
import {
  err,
  formatUnits,
  ok,
  VOLUME_SCALE,
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

/** A column as text: `quoted` where JSON puts it in quotes, so that no reader makes a binary number of it. */
interface TextColumn {
  readonly name: string;
  readonly quoted: boolean;
  readonly at: (row: number) => string;
}

const decimals = (name: string, column: Float64Array, { units, scale }: Step): TextColumn => {
  const factor = BigInt(units);
  return { name, quoted: true, at: (row) => formatUnits(BigInt(column[row] ?? 0) * factor, scale) };
};
const numbers = (name: string, column: Float64Array): TextColumn => ({
  name,
  quoted: false,
  at: (row) => String(column[row] ?? 0),
});

function barColumns(series: BarSeries): readonly TextColumn[] {
  const { tick } = series.instrument;
  return [
    numbers('openTimeMs', series.openTimeMs),
    decimals('open', series.open, tick),
    decimals('high', series.high, tick),
    decimals('low', series.low, tick),
    decimals('close', series.close, tick),
    decimals('volume', series.volume, { units: 1, scale: VOLUME_SCALE }),
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

const jsonValue = ({ quoted, at }: TextColumn, row: number): string => (quoted ? `"${at(row)}"` : at(row));
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

/** Series piece by piece, as a catalogue gives them; a fault is the last that comes. */
export type Pieces<S> = AsyncIterable<Result<S>> | Iterable<Result<S>>;

/** Takes out of a stream the fault that ended it. */
class Broken extends Error {
  override readonly name = 'Broken';
}

async function writeText<S extends { readonly length: number }>(
  path: string,
  { form, packing, inner }: Target & { form: Exclude<Form, 'parquet'> },
  pieces: Pieces<S>,
  columnsOf: (series: S) => readonly TextColumn[],
): Promise<Result<number>> {
  const style = STYLES[form];
  let rows = 0;
  let failed: Result<never> | null = null;
  const texts = async function* (): AsyncIterable<string> {
    for await (const piece of pieces) {
      if (!piece.ok) {
        failed = piece;
        throw new Broken(piece.fault.message);
      }
      const columns = columnsOf(piece.value);
      if (rows === 0) yield style.head(columns);
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
const TRADE_SPECS: readonly ColumnSpec[] = [
  { name: 'trade_id', type: 'BIGINT', factor: 1 },
  { name: 'time', type: 'TIMESTAMP WITH TIME ZONE', factor: 1 },
  { name: 'price', type: decimalType, factor: 1 },
  { name: 'quantity', type: 'DECIMAL(38,8)', factor: 1 },
  { name: 'buyer_is_maker', type: 'BOOLEAN', factor: 1 },
];

/** Columns of a piece, prices and quantities in units of 10^-8. */
type Stored<S> = (series: S) => readonly { readonly values: ArrayLike<number>; readonly factor: number }[];

const worth = ({ units, scale }: Step): number => units * 10 ** (STORED_SCALE - scale);
const whole = (values: ArrayLike<number>, factor = 1): { values: ArrayLike<number>; factor: number } => ({
  values,
  factor,
});

const storedBars: Stored<BarSeries> = ({ instrument, openTimeMs, open, high, low, close, volume }) => [
  whole(openTimeMs),
  ...[open, high, low, close].map((column) => whole(column, worth(instrument.tick))),
  whole(volume),
];
const storedTrades: Stored<TradeSeries> = ({ instrument, tradeId, timeUs, price, quantity, buyerIsMaker }) => [
  whole(tradeId),
  whole(timeUs),
  whole(price, worth(instrument.tick)),
  whole(quantity, worth(instrument.lot)),
  whole(buyerIsMaker),
];

/** How a kind of series is written. */
interface Written<S> {
  readonly text: (series: S) => readonly TextColumn[];
  readonly specs: readonly ColumnSpec[];
  readonly stored: Stored<S>;
  readonly metadataOf: (series: S) => Readonly<Record<string, string>>;
}

const BARS: Written<BarSeries> = {
  text: barColumns,
  specs: BAR_SPECS,
  stored: storedBars,
  metadataOf: ({ instrument, interval }) => ({
    monsta_kind: 'bars',
    monsta_instrument: instrument.id,
    monsta_interval: interval,
  }),
};
const TRADES: Written<TradeSeries> = {
  text: tradeColumns,
  specs: TRADE_SPECS,
  stored: storedTrades,
  metadataOf: ({ instrument }) => ({ monsta_kind: 'trades', monsta_instrument: instrument.id }),
};

async function writeParquet<S extends { readonly length: number }>(
  path: string,
  pieces: Pieces<S>,
  { specs, stored, metadataOf }: Written<S>,
): Promise<Result<number>> {
  let metadata: Readonly<Record<string, string>> = {};
  const columns = specs.map(() => new BlockColumn());
  let rows = 0;
  for await (const piece of pieces) {
    if (!piece.ok) return piece;
    const values = stored(piece.value);
    metadata = metadataOf(piece.value);
    for (const [index, { values: from, factor }] of values.entries()) {
      for (let row = 0; row < piece.value.length; row += 1) {
        const value = (from[row] ?? 0) * factor;
        if (!Number.isSafeInteger(value) && factor !== 1)
          return err(
            'data_too_large',
            `${specs[index]?.name ?? ''}: ${from[row] ?? ''} × ${factor} × 10^-8 is too large for Parquet; write text`,
          );
        columns[index]?.push(value);
      }
    }
    rows += piece.value.length;
  }
  const arrays = columns.map((column) => {
    const array = new Float64Array(rows);
    column.moveInto(array);
    return array;
  });
  const db = new DuckDb({ memoryMaxMb: MEMORY_MAX_MB, threads: 1 });
  try {
    const written = await db.writeColumns(path, specs, arrays, metadata);
    return written.ok ? ok(rows) : written;
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
        : await writeText(temporary, { ...target.value, form }, pieces, kind.text);
    if (!done.ok) return done;
    rows = done.value;
    return rows === 0 ? err('data_none', `there is no row to write into ${path}`) : ok(null);
  });
  return written.ok ? ok(rows) : written;
}

/**
 * Writes bars into a file that `readBarFile` reads to the same, exactly: by the end of its name as `.csv` or `.json` (a list of lists, the columns `openTimeMs`, `open`, `high`, `low`, `close`,
 * `volume`), `.ndjson` (objects with these names), each also `.gz` or `.zip`, or as `.parquet` in the columns of the catalogue. Wholly or not at all; a file that is there is kept unless `replace`.
 * Returns the number of rows. Faults: `data_form`, `data_exists`, `data_none` (no row), `data_too_large`, `data_unwritable`, those of the pieces.
 */
export const writeBarFile = (path: string, pieces: Pieces<BarSeries>, replace: boolean): Promise<Result<number>> =>
  writeSeries(path, pieces, replace, BARS);

/** As `writeBarFile`, of trades: `id`, `price`, `qty`, `timeUs`, `isBuyerMaker`; `readTradeFile` reads them. */
export const writeTradeFile = (path: string, pieces: Pieces<TradeSeries>, replace: boolean): Promise<Result<number>> =>
  writeSeries(path, pieces, replace, TRADES);
