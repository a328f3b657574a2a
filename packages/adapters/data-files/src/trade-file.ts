import { err, ok, symbolAssets, type Fault, type InstrumentTerms, type Result, type TradeSeries } from '@monsta/core';
import { CellNotes } from './cell-notes.ts';
import type { Cells, TakeRow } from './cells.ts';
import { eachParquetRow, type ParquetPlan } from './parquet-rows.ts';
import { eachRow, located, unitOf, type FileForm } from './row-file.ts';
import { FaultTally, type RowFaults } from './row-faults.ts';
import { nameNotices, noticesOf, understoodOf, type FileNotice, type Understood } from './understood.ts';
import { tradeHeader, tradeLayout, type TradeLayout } from './trade-layout.ts';
import { TradeRows, TradeSurveyRows } from './trade-rows.ts';
import type { TradeTerms } from './trade-terms.ts';

/** Faults of a row alone: the rows around it can be read. */
const ROW_FAULTS = ['corrupt', 'off_tick', 'off_lot', 'impossible'] as const;

interface TradeSink {
  take(cells: Cells): Result<null>;
}

/** Takes a file's rows: finds the layout in the first, gives the others on. */
class TradeReader<S extends TradeSink> {
  readonly #sinkOf: (layout: TradeLayout) => S;
  readonly #tolerate: (fault: Fault, line: number) => boolean;
  sink: S | null = null;
  /** Of the row taken last. */
  line = 0;

  constructor(sinkOf: (layout: TradeLayout) => S, tolerate: (fault: Fault, line: number) => boolean) {
    this.#sinkOf = sinkOf;
    this.#tolerate = tolerate;
  }

  readonly take: TakeRow = (cells) => {
    this.line = cells.line;
    const taken = this.#take(cells);
    return taken.ok || this.sink === null || !this.#tolerate(taken.fault, cells.line) ? taken : ok(null);
  };

  #take(cells: Cells): Result<null> {
    if (this.sink !== null) return this.sink.take(cells);
    const layout = tradeLayout(cells);
    if (!layout.ok) return layout;
    this.sink = this.#sinkOf(layout.value.layout);
    return layout.value.data ? this.sink.take(cells) : ok(null);
  }

  plan(names: readonly string[]): Result<ParquetPlan> {
    const found = tradeHeader(names);
    if (!found.ok) return found;
    const { id, price, quantity, time, maker } = found.value;
    const places = { columns: 5, id: 0, price: 1, quantity: 2, time: 3, maker: 4 };
    return ok({
      columns: [id, price, quantity, time, maker],
      time: 3,
      begin: (timed) => {
        this.sink = this.#sinkOf({ ...found.value, ...places, timeForm: timed ? 'us' : found.value.timeForm });
        return this.take;
      },
    });
  }
}

async function eachTrade<S extends TradeSink>(
  path: string,
  { id, quote }: InstrumentTerms,
  sinkOf: (layout: TradeLayout) => S,
  tolerate: (fault: Fault, line: number) => boolean,
): Promise<Result<{ readonly form: FileForm; readonly sink: S; readonly lastLine: number }>> {
  if (quote === null && symbolAssets(id) === null)
    return err('trades_instrument', `${id} ends in no quote asset that is known; say which asset its prices are in`);
  const reader = new TradeReader(sinkOf, tolerate);
  const read = await eachRow(path, 'trades', reader);
  if (!read.ok) return read;
  if (read.value.form === 'parquet') {
    const rows = await eachParquetRow(path, (names) => reader.plan(names));
    if (!rows.ok)
      return located({ ...rows.fault, details: { line: reader.line, ...rows.fault.details } }, path, 'trades', 'row');
  }
  const { sink } = reader;
  return sink === null
    ? located(err('empty', 'it holds no trade').fault, path, 'trades', 'line')
    : ok({ form: read.value, sink, lastLine: reader.line });
}

/**
 * Trades of one instrument from a file, in columns: `trades` or `aggTrades` of Binance's archive (an aggregate counts as one trade, with its own id), without a header, or any table with a header
 * that names id, price, quantity, time and whether the buyer was the maker (or the taker's side); CSV or JSON, plain, gzip or a zip of one file; Parquet with such columns. Prices and quantities are
 * exact. Docs: docs/data-files.md.
 * Faults as `readBarFile`, with `trades` for `bars`; `trades_off_lot`: a quantity that is no whole number of lots.
 */
export async function readTradeFile(path: string, terms: TradeTerms): Promise<Result<TradeSeries>> {
  const read = await eachTrade(
    path,
    terms.instrument,
    (layout) => new TradeRows(terms, layout),
    () => false,
  );
  if (!read.ok) return read;
  const trades = read.value.sink.finish();
  return trades.ok ? trades : located(trades.fault, path, 'trades', unitOf(read.value.form));
}

/** What was found in a file of trades that was read to its end, whatever is wrong with its rows. */
export interface TradeSurvey {
  /** The trades that are sound. */
  readonly series: TradeSeries;
  readonly understood: Understood;
  readonly faults: readonly RowFaults[];
  readonly notices: readonly FileNotice[];
}

/**
 * Reads a file of trades to its end and counts what is wrong with its rows, where `readTradeFile` would have ended at the first; `examplesMax` of each kind are kept. Faults: those of
 * `readTradeFile` that are of the file as a whole.
 */
export async function surveyTradeFile(
  path: string,
  terms: TradeTerms,
  examplesMax: number,
): Promise<Result<TradeSurvey>> {
  const faults = new FaultTally(examplesMax);
  const read = await eachTrade(
    path,
    terms.instrument,
    (layout) => new TradeSurveyRows(terms, layout, new CellNotes()),
    (fault, line) => faults.take(fault, line, ROW_FAULTS),
  );
  if (!read.ok) return read;
  const { form, sink, lastLine } = read.value;
  const series = sink.finish(faults);
  if (!series.ok) return located(series.fault, path, 'trades', unitOf(form));
  const tickGiven = terms.instrument.tick !== null;
  return ok({
    series: series.value,
    understood: understoodOf(sink.notes, form, sink.layout.known, tickGiven),
    faults: faults.list(),
    notices: [
      ...nameNotices(path, form, terms.instrument.id, 'trades'),
      ...noticesOf(sink.notes, form, lastLine, tickGiven),
    ],
  });
}
