import { err, ok, symbolAssets, type BarSeries, type Fault, type Result } from '@monsta/core';
import { headerLayout, isSubheader, layoutStep, type BarLayout } from './bar-layout.ts';
import { BarRows, type BarFile } from './bar-rows.ts';
import type { BarTerms } from './bar-terms.ts';
import type { DataFileKind } from './data-file.ts';
import { eachParquetRow, type ParquetPlan } from './parquet-rows.ts';
import { eachRow, located, unitOf, type FileForm } from './row-file.ts';
import type { Cells, TakeRow } from './cells.ts';
import { isLocalMidnight } from './time-cell.ts';

/** Lines above the header. */
const PREAMBLE_LINES_MAX = 10;

/** What takes bars, and says so where one is wrong. */
interface BarSink {
  take(cells: Cells): Result<null>;
}

/** Takes a file's rows: finds the layout in the first, gives the others on. */
class BarReader<S extends BarSink> {
  readonly #sinkOf: (layout: BarLayout) => S;
  readonly #tolerate: (fault: Fault, line: number) => boolean;
  sink: S | null = null;
  /** Rows whose time is midnight by a clock that is not UTC's; −1 when there has been another. */
  #localMidnights = 0;
  #timeColumn = -1;
  #preamble = 0;
  #subheaders = 2;
  /** Of the row taken last. */
  line = 0;

  /** `tolerate`: asked of each fault of a row; true leaves the row out and goes on. */
  constructor(sinkOf: (layout: BarLayout) => S, tolerate: (fault: Fault, line: number) => boolean) {
    this.#sinkOf = sinkOf;
    this.#tolerate = tolerate;
  }

  /** True where all rows, of which there are several, begin days of another place. */
  get isOfLocalDays(): boolean {
    return this.#localMidnights > 1;
  }

  readonly take = (cells: Cells): Result<null> => {
    this.line = cells.line;
    const taken = this.#take(cells);
    return taken.ok || this.sink === null || !this.#tolerate(taken.fault, cells.line) ? taken : ok(null);
  };

  #take(cells: Cells): Result<null> {
    if (this.sink !== null) {
      if (this.#subheaders > 0) {
        this.#subheaders -= 1;
        if (isSubheader(cells)) return ok(null);
        this.#subheaders = 0;
      }
      return this.#give(this.sink, cells);
    }
    const step = layoutStep(cells);
    if (!step.ok) return step;
    if (step.value.kind === 'more') {
      this.#preamble += 1;
      return this.#preamble <= PREAMBLE_LINES_MAX
        ? ok(null)
        : err('layout', `no header is in the first ${PREAMBLE_LINES_MAX} lines`);
    }
    this.#timeColumn = step.value.layout.time;
    this.sink = this.#sinkOf(step.value.layout);
    return step.value.data ? this.#give(this.sink, cells) : ok(null);
  }

  #give(sink: S, cells: Cells): Result<null> {
    if (this.#localMidnights >= 0) {
      const at = this.#timeColumn;
      const isLocal = isLocalMidnight(cells.bytes, cells.starts[at] ?? 0, cells.ends[at] ?? 0);
      this.#localMidnights = isLocal ? this.#localMidnights + 1 : -1;
    }
    return sink.take(cells);
  }

  /** Rows of a file whose layout is known. */
  begin(layout: BarLayout): (cells: Cells) => Result<null> {
    this.sink = this.#sinkOf(layout);
    return this.take;
  }
}

function parquetPlan(names: readonly string[], begin: (layout: BarLayout) => TakeRow): Result<ParquetPlan> {
  const found = headerLayout(names);
  if (found === null) return err('layout', `the columns ${names.join(', ')} are none of bars`);
  if (!found.ok) return found;
  const { time, open, high, low, close, volume, flow, timeForm, known } = found.value;
  const columns = [time, open, high, low, close, volume];
  /** Where a column that may not be there is among those that are asked for. */
  const added = (column: number): number => (column === -1 ? -1 : columns.push(column) - 1);
  const flowPlaces = {
    takerBuyVolume: added(flow.takerBuyVolume),
    trades: added(flow.trades),
    bookImbalance: added(flow.bookImbalance),
  };
  const places = {
    ...{ columns: columns.length, time: 0, open: 1, high: 2, low: 3, close: 4, volume: 5, flow: flowPlaces, known },
    turnover: null,
  };
  return ok({
    columns,
    time: 0,
    begin: (timed) => begin({ ...places, timeForm: timed ? 'us' : timeForm }),
  });
}

/**
 * Gives the bars of a file, in whatever form it is, row by row to what `sinkOf` makes of its layout. `tolerate`: asked of each fault of a row; true leaves the row out and goes on. Faults: those of
 * `readBarFile` of the file as a whole and of its layout, and those of the sink, with file and line; `kind` begins their codes.
 */
export async function eachBar<S extends BarSink>(
  path: string,
  kind: DataFileKind,
  sinkOf: (layout: BarLayout) => S,
  tolerate: (fault: Fault, line: number) => boolean,
): Promise<Result<{ readonly form: FileForm; readonly sink: S; readonly lastLine: number }>> {
  let reader = new BarReader(sinkOf, tolerate);
  let read = await eachRow(path, kind, reader);
  if (reader.isOfLocalDays) {
    // Days of another place, which moves its clocks in spring and autumn: their dates are meant.
    reader = new BarReader((layout) => sinkOf({ ...layout, timeForm: 'day' }), tolerate);
    read = await eachRow(path, kind, reader);
  }
  if (!read.ok) return read;
  if (read.value.form === 'parquet') {
    const rows = await eachParquetRow(path, (names) => parquetPlan(names, (layout) => reader.begin(layout)));
    if (!rows.ok)
      return located({ ...rows.fault, details: { line: reader.line, ...rows.fault.details } }, path, kind, 'row');
  }
  const { sink } = reader;
  return sink === null
    ? located(err('empty', 'it holds no bar').fault, path, kind, 'line')
    : ok({ form: read.value, sink, lastLine: reader.line });
}

/** As `readBarFile`, with what the file says beside; `kind` begins the codes of the faults. */
export async function readBars(path: string, terms: BarTerms, kind: DataFileKind): Promise<Result<BarFile>> {
  const read = await eachBar(
    path,
    kind,
    (layout) => new BarRows(terms, layout),
    () => false,
  );
  if (!read.ok) return read;
  const bars = read.value.sink.finish();
  return bars.ok ? bars : located(bars.fault, path, kind, unitOf(read.value.form));
}

/**
 * Bars of one instrument and interval from a file, in columns: CSV with a header (`openTimeMs,open,high,low,close,volume`, or the names that other programs give these, in
 * any order) or without (those six, or Binance's twelve), or JSON: lists, or objects with such names; plain, gzip or a zip of one file; or Parquet; times as `readTimeMs` understands them. Prices are
 * exact. Missing bars stay missing. Docs: docs/data-files.md.
 *
 * Faults name file and line and say how to mend it: `bars_missing`, `bars_unreadable`, `bars_truncated`, `bars_corrupt`, `bars_empty`, `bars_too_large`, `bars_ambiguous` (a
 * zip of several files), `bars_layout` (no bars, or a column is missing), `bars_disorder`, `bars_duplicate`, `bars_impossible`, `bars_off_tick`, `bars_interval` (unknown,
 * mixed, not the one asked for, not on a whole one), `bars_instrument` (no quote asset).
 */
export async function readBarFile(path: string, terms: BarTerms): Promise<Result<BarSeries>> {
  const { id, quote } = terms.instrument;
  if (quote === null && symbolAssets(id) === null)
    return err('bars_instrument', `${id} ends in no quote asset that is known; say which asset its prices are in`);
  const file = await readBars(path, terms, 'bars');
  return file.ok ? ok(file.value.series) : file;
}
