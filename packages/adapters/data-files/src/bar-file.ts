import { err, ok, symbolAssets, type BarSeries, type Fault, type Result } from '@monsta/core';
import type { BarFlow } from './bar-flow.ts';
import { isSubheader, layoutStep, type BarLayout } from './bar-layout.ts';
import { BarRows, type BarTerms } from './bar-rows.ts';
import type { DataFileKind } from './data-file.ts';
import { eachParquetBar } from './parquet-bars.ts';
import { eachRow, located } from './row-file.ts';
import type { Cells } from './rows.ts';

/** Lines above the header. */
const PREAMBLE_LINES_MAX = 10;

/** Takes a file's rows: finds the layout in the first, gives the others on. */
class BarReader {
  readonly #terms: BarTerms;
  #rows: BarRows | null = null;
  #preamble = 0;
  #subheaders = 2;
  readonly #tolerate: (fault: Fault, line: number) => boolean;
  /** Of the row taken last. */
  line = 0;

  /** `tolerate`: asked of each fault of a row; true leaves the row out and goes on. */
  constructor(terms: BarTerms, tolerate: (fault: Fault, line: number) => boolean) {
    this.#terms = terms;
    this.#tolerate = tolerate;
  }

  readonly take = (cells: Cells): Result<null> => {
    this.line = cells.line;
    const taken = this.#take(cells);
    return taken.ok || !this.#tolerate(taken.fault, cells.line) ? taken : ok(null);
  };

  #take(cells: Cells): Result<null> {
    if (this.#rows !== null) {
      if (this.#subheaders > 0) {
        this.#subheaders -= 1;
        if (isSubheader(cells)) return ok(null);
        this.#subheaders = 0;
      }
      return this.#rows.take(cells);
    }
    const step = layoutStep(cells);
    if (!step.ok) return step;
    if (step.value.kind === 'more') {
      this.#preamble += 1;
      return this.#preamble <= PREAMBLE_LINES_MAX
        ? ok(null)
        : err('layout', `no header is in the first ${PREAMBLE_LINES_MAX} lines`);
    }
    this.#rows = new BarRows(this.#terms, step.value.layout);
    return step.value.data ? this.#rows.take(cells) : ok(null);
  }

  /** Rows of a file whose layout is known. */
  begin(layout: BarLayout): (cells: Cells) => Result<null> {
    this.#rows = new BarRows(this.#terms, layout);
    return this.take;
  }

  finish(): ReturnType<BarRows['finish']> {
    return this.#rows?.finish() ?? err('empty', 'it holds no bar');
  }
}

export interface BarFile {
  readonly series: BarSeries;
  /** Null where it was not asked for, or the file doesn't say. */
  readonly flow: BarFlow | null;
}

const NOTHING = (): boolean => false;

/** As `readBarFile`, with what the file says beside; `kind` begins the codes of the faults. `tolerate`: asked of each fault of a row; true leaves the row out and goes on. */
export async function readBars(
  path: string,
  terms: BarTerms,
  kind: DataFileKind,
  tolerate: (fault: Fault, line: number) => boolean = NOTHING,
): Promise<Result<BarFile>> {
  const reader = new BarReader(terms, tolerate);
  const read = await eachRow(path, kind, reader);
  if (!read.ok) return read;
  const unit = read.value === 'line' ? 'line' : 'row';
  if (read.value === 'parquet') {
    const rows = await eachParquetBar(path, (layout) => reader.begin(layout));
    if (!rows.ok)
      return located({ ...rows.fault, details: { line: reader.line, ...rows.fault.details } }, path, kind, unit);
  }
  const bars = reader.finish();
  return bars.ok ? bars : located(bars.fault, path, kind, unit);
}

/**
 * Bars of one instrument and interval from a file, in columns: CSV with a header (`openTimeMs,open,high,low,close,volume`, or the names that other programs give these, in
 * any order) or without (those six, or Binance's twelve), or a JSON list of lists; plain, gzip or a zip of one file; or Parquet; times as `readTimeMs` understands them. Prices are
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
