import { emptyTradeSeries, err, inferInstrument, ok, type Result, type TradeSeries } from '@monsta/core';
import { BlockColumn } from './bar-columns.ts';
import type { CellNotes } from './cell-notes.ts';
import type { Cells } from './cells.ts';
import type { FaultTally } from './row-faults.ts';
import { longestRising, placeText } from './rising.ts';
import { TradeCells } from './trade-cells.ts';
import type { TradeLayout } from './trade-layout.ts';
import { TRADES_MAX, type TradeTerms } from './trade-terms.ts';

/** Trades in columns, in the order that they are taken in. */
export class TradeColumns {
  readonly #terms: TradeTerms;
  readonly #trade: TradeCells;
  readonly #id = new BlockColumn();
  readonly #time = new BlockColumn();
  readonly #quantity = new BlockColumn();
  readonly #maker = new BlockColumn();

  constructor(terms: TradeTerms, trade: TradeCells) {
    this.#terms = terms;
    this.#trade = trade;
  }

  get length(): number {
    return this.#id.length;
  }

  /** Keeps the trade that was read last. Fault `too_large`. */
  keep(): Result<null> {
    const { id, timeUs, lots, maker, prices } = this.#trade;
    if (this.length >= TRADES_MAX) return err('too_large', `more than ${TRADES_MAX} trades; ask for a part of them`);
    this.#id.push(id);
    this.#time.push(timeUs);
    prices.keep();
    this.#quantity.push(lots);
    this.#maker.push(maker ? 1 : 0);
    return ok(null);
  }

  finish(): TradeSeries {
    const { prices } = this.#trade;
    const instrument = inferInstrument({ ...this.#terms.instrument, tick: prices.tick });
    const series = emptyTradeSeries(instrument, this.length, this.#terms.shared);
    const maker = new Float64Array(this.length);
    this.#maker.moveInto(maker);
    series.buyerIsMaker.set(maker);
    this.#id.moveInto(series.tradeId);
    this.#time.moveInto(series.timeUs);
    prices.columns[0]?.moveInto(series.price);
    this.#quantity.moveInto(series.quantity);
    return series;
  }
}

/** Trades row by row, each checked on its own and against the one before it. */
export class TradeRows {
  readonly layout: TradeLayout;
  readonly #terms: TradeTerms;
  readonly #trade: TradeCells;
  readonly #columns: TradeColumns;
  #seen = 0;
  #lastId = -1;
  #lastUs = -Infinity;

  constructor(terms: TradeTerms, layout: TradeLayout) {
    this.layout = layout;
    this.#terms = terms;
    this.#trade = new TradeCells(terms, layout, null);
    this.#columns = new TradeColumns(terms, this.#trade);
  }

  /** Faults: those of `TradeCells`, `disorder`, `duplicate`, `too_large`. */
  take(cells: Cells): Result<null> {
    const read = this.#trade.read(cells);
    if (!read.ok) return read;
    const { id, timeUs } = this.#trade;
    if (id <= this.#lastId)
      return err(
        id === this.#lastId ? 'duplicate' : 'disorder',
        `the trade ${id} stands behind ${this.#lastId}; sort the file by id, each once`,
      );
    if (timeUs < this.#lastUs) return err('disorder', `the trade ${id} is told to be before the one above it`);
    this.#seen += 1;
    this.#lastId = id;
    this.#lastUs = timeUs;
    const { fromMs, toMs } = this.#terms;
    if ((fromMs !== null && timeUs < fromMs * 1_000) || (toMs !== null && timeUs >= toMs * 1_000)) return ok(null);
    return this.#columns.keep();
  }

  /** Fault `empty`. */
  finish(): Result<TradeSeries> {
    return this.#seen === 0 ? err('empty', 'it holds no trade') : ok(this.#columns.finish());
  }
}

/** All readable trades of a file, in whatever order they stand; what is wrong between them is looked for when all are there. */
export class TradeSurveyRows {
  readonly layout: TradeLayout;
  readonly notes: CellNotes;
  readonly #trade: TradeCells;
  readonly #columns: TradeColumns;
  readonly #line = new BlockColumn();

  constructor(terms: TradeTerms, layout: TradeLayout, notes: CellNotes) {
    this.layout = layout;
    this.notes = notes;
    this.#trade = new TradeCells(terms, layout, notes);
    this.#columns = new TradeColumns(terms, this.#trade);
  }

  take(cells: Cells): Result<null> {
    const read = this.#trade.read(cells);
    if (!read.ok) return read;
    this.#line.push(cells.line);
    return this.#columns.keep();
  }

  /** The sound trades; adds to `faults` what is wrong between rows: `disorder`, `duplicate`. Fault `empty`. */
  finish(faults: FaultTally): Result<TradeSeries> {
    if (this.#columns.length === 0) return err('empty', 'it holds no trade that can be read');
    const series = this.#columns.finish();
    const line = new Float64Array(series.length);
    this.#line.moveInto(line);
    const byId = longestRising(series.tradeId);
    const ordered = byId === null ? { series, line } : tellIds(series, line, byId, faults);
    return ok(tellTimes(ordered.series, ordered.line, faults));
  }
}

interface Lined {
  readonly series: TradeSeries;
  readonly line: Float64Array;
}

function only(series: TradeSeries, line: Float64Array, kept: Uint8Array): Lined {
  const rows = Int32Array.from(line.keys()).filter((row) => kept[row] === 1);
  const part = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row] ?? 0);
  return {
    line: part(line),
    series: {
      instrument: series.instrument,
      length: rows.length,
      tradeId: part(series.tradeId),
      timeUs: part(series.timeUs),
      price: part(series.price),
      quantity: part(series.quantity),
      buyerIsMaker: Uint8Array.from(rows, (row) => series.buyerIsMaker[row] ?? 0),
    },
  };
}

function tellIds(series: TradeSeries, line: Float64Array, kept: Uint8Array, faults: FaultTally): Lined {
  const { tradeId, timeUs, price, quantity, buyerIsMaker } = series;
  const rowOf = new Map<number, number>();
  const late = new Set(Array.from(tradeId).filter((_, row) => kept[row] === 0));
  tradeId.forEach((id, row) => {
    if (kept[row] === 1 && late.has(id)) rowOf.set(id, row);
  });
  tradeId.forEach((id, row) => {
    if (kept[row] === 1) return;
    const twin = rowOf.get(id);
    if (twin === undefined) {
      faults.add(
        'disorder',
        line[row] ?? 0,
        () => `the trade ${id} ${placeText(tradeId, row, String)}; sort the file by id, each once`,
      );
      return;
    }
    const same = [timeUs, price, quantity, buyerIsMaker].every((column) => column[row] === column[twin]);
    faults.add(
      'duplicate',
      line[row] ?? 0,
      () => `the trade ${id} is there twice, ${same ? 'both the same' : 'and they disagree'}; leave one out`,
    );
  });
  return only(series, line, kept);
}

/** Trades whose time falls behind that of one with a smaller id are faults too. */
function tellTimes(series: TradeSeries, line: Float64Array, faults: FaultTally): TradeSeries {
  const { timeUs, tradeId, length } = series;
  const kept = longestRising(timeUs, true);
  if (kept === null) return series;
  for (let row = 0; row < length; row += 1)
    if (kept[row] === 0)
      faults.add(
        'disorder',
        line[row] ?? 0,
        () =>
          `the trade ${tradeId[row] ?? ''} is told to be at another time than those around it: ${new Date((timeUs[row] ?? 0) / 1_000).toISOString()}`,
      );
  return only(series, line, kept).series;
}
