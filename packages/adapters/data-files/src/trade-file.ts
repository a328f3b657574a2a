import {
  emptyTradeSeries,
  err,
  inferInstrument,
  ok,
  symbolAssets,
  type InstrumentTerms,
  type Result,
  type TradeSeries,
} from '@monsta/core';
import { BlockColumn } from './bar-columns.ts';
import { DecimalCell, powerOfTen } from './decimal-cell.ts';
import { eachRow, located } from './row-file.ts';
import { cellText, type Cells } from './rows.ts';
import { TickColumns } from './tick-column.ts';
import { readTimeMs } from './time-cell.ts';

/** 100 million trades have 3.3 GB. */
const ROWS_MAX = 100_000_000;

export interface TradeTerms {
  readonly instrument: InstrumentTerms;
  /** Trades from this time on, and before `toMs`; null: all. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** In memory that worker threads can see. */
  readonly shared?: boolean;
}

/** Which cell is what, in the two tables of Binance's archive. */
interface TradeLayout {
  readonly time: number;
  readonly maker: number;
}
const TRADES: TradeLayout = { time: 4, maker: 5 };
const AGGREGATES: TradeLayout = { time: 5, maker: 6 };
const FLAG = /^(true|false|1|0)$/i;

/** Trades have seven columns (id, price, qty, quoteQty, time, isBuyerMaker, isBestMatch), aggregates seven or eight (id, price, qty, first, last, time, isBuyerMaker, isBestMatch). */
function layoutOf(cells: Cells): Result<TradeLayout> {
  if (cells.count === 8) return ok(AGGREGATES);
  if (cells.count === 7 || cells.count === 6) return ok(FLAG.test(cellText(cells, TRADES.maker)) ? TRADES : AGGREGATES);
  return err(
    'layout',
    `${cells.count} columns; a trade has Binance's id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch, an aggregate id,price,qty,firstId,lastId,time,isBuyerMaker,isBestMatch`,
  );
}

class TradeReader {
  readonly #terms: TradeTerms;
  readonly #cell = new DecimalCell();
  readonly #prices: TickColumns;
  readonly #id = new BlockColumn();
  readonly #time = new BlockColumn();
  readonly #quantity = new BlockColumn();
  readonly #maker = new BlockColumn();
  #layout: TradeLayout | null = null;
  #seen = 0;
  #lastId = -1;
  #lastMs = -Infinity;
  line = 0;

  constructor(terms: TradeTerms) {
    this.#terms = terms;
    this.#prices = new TickColumns(1, terms.instrument.tick, 'refuse');
  }

  readonly take = (cells: Cells): Result<null> => {
    this.line = cells.line;
    if (this.#layout === null) {
      // A header has no number in front.
      if (!/^\d/.test(cellText(cells, 0))) return ok(null);
      const layout = layoutOf(cells);
      if (!layout.ok) return layout;
      this.#layout = layout.value;
    }
    const { bytes, starts, ends } = cells;
    const { time, maker } = this.#layout;
    const cell = this.#cell;
    const read = (index: number): boolean => cell.read(bytes, starts[index] ?? 0, ends[index] ?? 0);
    if (cells.count <= maker) return err('corrupt', `${cells.count} columns, where at least ${maker + 1} are expected`);
    if (!read(0) || cell.scale !== 0 || cell.units < 0) return err('corrupt', `'${cellText(cells, 0)}' is no id`);
    const id = cell.units;
    if (id <= this.#lastId)
      return err(
        id === this.#lastId ? 'duplicate' : 'disorder',
        `the trade ${id} stands behind ${this.#lastId}; sort the file by id, each once`,
      );
    const timeMs = readTimeMs(bytes, starts[time] ?? 0, ends[time] ?? 0, 'auto');
    if (Number.isNaN(timeMs)) return err('corrupt', `'${cellText(cells, time)}' is no time`);
    if (timeMs < this.#lastMs) return err('disorder', `the trade ${id} is told to be before the one above it`);
    if (!read(1)) return err('corrupt', `price '${cellText(cells, 1)}' is no decimal number`);
    const price = this.#prices.read(cell, 0, 'price');
    if (!price.ok) return price;
    if ((this.#prices.row[0] ?? 0) <= 0) return err('impossible', `price ${cellText(cells, 1)} is not above zero`);
    if (!read(2)) return err('corrupt', `quantity '${cellText(cells, 2)}' is no decimal number`);
    const quantity = this.#lots(cells);
    if (!quantity.ok) return quantity;
    const flag = cellText(cells, maker);
    if (!FLAG.test(flag)) return err('corrupt', `'${flag}' says neither true nor false of the buyer being the maker`);
    this.#seen += 1;
    this.#lastId = id;
    this.#lastMs = timeMs;
    return this.#keep(id, timeMs, quantity.value, /^(true|1)$/i.test(flag) ? 1 : 0);
  };

  #lots(cells: Cells): Result<number> {
    const { lot } = this.#terms.instrument;
    const cell = this.#cell;
    const shift = lot.scale - cell.scale;
    const lots = cell.long === null && shift >= 0 ? (cell.units * powerOfTen(shift)) / lot.units : Number.NaN;
    return Number.isSafeInteger(lots) && lots > 0
      ? ok(lots)
      : err('off_lot', `quantity ${cellText(cells, 2)} is no multiple of the lot ${lot.units / powerOfTen(lot.scale)}`);
  }

  #keep(id: number, timeMs: number, lots: number, maker: number): Result<null> {
    const { fromMs, toMs } = this.#terms;
    if ((fromMs !== null && timeMs < fromMs) || (toMs !== null && timeMs >= toMs)) return ok(null);
    if (this.#id.length >= ROWS_MAX) return err('too_large', `more than ${ROWS_MAX} trades; ask for a part of them`);
    this.#id.push(id);
    this.#time.push(Math.round(timeMs * 1_000));
    this.#prices.keep();
    this.#quantity.push(lots);
    this.#maker.push(maker);
    return ok(null);
  }

  finish(): Result<TradeSeries> {
    if (this.#seen === 0) return err('empty', 'it holds no trade');
    const instrument = inferInstrument({ ...this.#terms.instrument, tick: this.#prices.tick });
    const series = emptyTradeSeries(instrument, this.#id.length, this.#terms.shared);
    const maker = new Float64Array(this.#maker.length);
    this.#maker.moveInto(maker);
    series.buyerIsMaker.set(maker);
    this.#id.moveInto(series.tradeId);
    this.#time.moveInto(series.timeUs);
    this.#prices.columns[0]?.moveInto(series.price);
    this.#quantity.moveInto(series.quantity);
    return ok(series);
  }
}

/**
 * Trades of one instrument from a file of Binance's archive, in columns: `trades` or `aggTrades` (an aggregate counts as one trade, with its own id), with a header or without; plain, gzip or
 * a zip of one file; ms or µs. Prices and quantities are exact.
 * Faults as `readBarFile`, with `trades` for `bars`; `trades_off_lot`: a quantity that is no whole number of lots.
 */
export async function readTradeFile(path: string, terms: TradeTerms): Promise<Result<TradeSeries>> {
  const { id, quote } = terms.instrument;
  if (quote === null && symbolAssets(id) === null)
    return err('trades_instrument', `${id} ends in no quote asset that is known; say which asset its prices are in`);
  const reader = new TradeReader(terms);
  const read = await eachRow(path, 'trades', reader);
  if (!read.ok) return read;
  if (read.value === 'parquet')
    return err('trades_layout', `${path} is Parquet; trades are read from the tables of Binance's archive`);
  const trades = reader.finish();
  return trades.ok ? trades : located(trades.fault, path, 'trades', 'line');
}
