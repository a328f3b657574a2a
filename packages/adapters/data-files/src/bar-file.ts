import { err, ok, symbolAssets, type BarSeries, type Fault, type Result } from '@monsta/core';
import type { BarFlow } from './bar-flow.ts';
import { isSubheader, layoutStep, type BarLayout } from './bar-layout.ts';
import { BarRows, type BarTerms } from './bar-rows.ts';
import { eachChunk, type DataFileKind } from './data-file.ts';
import { eachParquetBar } from './parquet-bars.ts';
import { RowSplitter, withoutMark, type Cells } from './rows.ts';

/** More unpacked bytes than this are not read: 50 million bars of Binance's archive have 8 GB. */
const BYTES_MAX = 16e9;
const PARQUET_MARK = Buffer.from('PAR1');
/** Lines above the header. */
const PREAMBLE_LINES_MAX = 10;

/** Takes a file's rows: finds the layout in the first, gives the others on. */
class BarReader {
  readonly #terms: BarTerms;
  #rows: BarRows | null = null;
  #preamble = 0;
  #subheaders = 2;
  /** Of the row taken last. */
  line = 0;

  constructor(terms: BarTerms) {
    this.#terms = terms;
  }

  readonly take = (cells: Cells): Result<null> => {
    this.line = cells.line;
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
  };

  /** Rows of a file whose layout is known. */
  begin(layout: BarLayout): (cells: Cells) => Result<null> {
    this.#rows = new BarRows(this.#terms, layout);
    return this.take;
  }

  finish(): ReturnType<BarRows['finish']> {
    return this.#rows?.finish() ?? err('empty', 'it holds no bar');
  }
}

/** A fault with the file, the line (or row) where it has one, and what the file is of in its code. */
function located(fault: Fault, path: string, kind: DataFileKind, unit: string): Result<never> {
  const code = fault.code.replace(/^parquet_/, '');
  const line = fault.details?.['line'];
  const where = typeof line === 'number' && line > 0 ? `${path}, ${unit} ${line}` : path;
  return err(`${kind}_${code}`, `${where}: ${fault.message}`, { details: { file: path, ...fault.details } });
}

export interface BarFile {
  readonly series: BarSeries;
  /** Null where it was not asked for, or the file doesn't say. */
  readonly flow: BarFlow | null;
}

/** As `readBarFile`, with what the file says beside; `kind` begins the codes of the faults. */
export async function readBars(path: string, terms: BarTerms, kind: DataFileKind): Promise<Result<BarFile>> {
  const reader = new BarReader(terms);
  let unit = 'line';
  const taken = (result: Result<null>): Result<null> => {
    if (result.ok || result.fault.code.startsWith(`${kind}_`)) return result;
    const details = { line: reader.line, ...result.fault.details };
    return located({ ...result.fault, details }, path, kind, unit);
  };
  let splitter: RowSplitter | null = null;
  let parquet = false;
  const read = await eachChunk(path, kind, BYTES_MAX, (chunk) => {
    if (splitter !== null) return taken(splitter.push(chunk));
    const head = withoutMark(chunk);
    if (head.subarray(0, PARQUET_MARK.length).equals(PARQUET_MARK)) {
      parquet = true;
      return err('parquet', path);
    }
    if (head.includes(0)) return err(`${kind}_layout`, `${path} is no text in UTF-8`);
    splitter = new RowSplitter(head, reader.take);
    unit = splitter.unit;
    return taken(splitter.push(head));
  });
  if (parquet) {
    unit = 'row';
    const rows = taken(await eachParquetBar(path, (layout) => reader.begin(layout)));
    if (!rows.ok) return rows;
  } else {
    if (!read.ok) return read;
    const rest = taken((splitter as RowSplitter | null)?.finish() ?? ok(null));
    if (!rest.ok) return rest;
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
