import { err, ok, type Fault, type Result } from '@monsta/core';
import { eachChunk, type DataFileKind } from './data-file.ts';
import { RowSplitter, withoutMark, type TakeRow } from './rows.ts';

/** More unpacked bytes than this are not read: 50 million bars of Binance's archive have 8 GB. */
const BYTES_MAX = 16e9;
const PARQUET_MARK = Buffer.from('PAR1');

/** A fault with the file, the line (or row) where it has one, and what the file is of in its code. */
export function located(fault: Fault, path: string, kind: DataFileKind, unit: string): Result<never> {
  const code = fault.code.replace(/^parquet_/, '');
  const line = fault.details?.['line'];
  const where = typeof line === 'number' && line > 0 ? `${path}, ${unit} ${line}` : path;
  return err(`${kind}_${code}`, `${where}: ${fault.message}`, { details: { file: path, ...fault.details } });
}

/** What takes the rows of a file; `line` is that of the row taken last. */
export interface RowTaker {
  readonly line: number;
  readonly take: TakeRow;
}

/** What a row is called in the file's faults; `parquet`: the file holds no text, and no row was taken. */
export type RowsRead = 'line' | 'row' | 'parquet';

/** Gives each row of a text file to `taker`. Faults: those of `eachChunk`, `_layout` (no text), and those of `take` with file and line. */
export async function eachRow(path: string, kind: DataFileKind, taker: RowTaker): Promise<Result<RowsRead>> {
  let splitter: RowSplitter | null = null;
  let parquet = false;
  const taken = (result: Result<null>, unit: string): Result<null> =>
    result.ok
      ? result
      : located({ ...result.fault, details: { line: taker.line, ...result.fault.details } }, path, kind, unit);
  const read = await eachChunk(path, kind, BYTES_MAX, (chunk) => {
    if (splitter !== null) return taken(splitter.push(chunk), splitter.unit);
    const head = withoutMark(chunk);
    if (head.subarray(0, PARQUET_MARK.length).equals(PARQUET_MARK)) {
      parquet = true;
      return err('parquet', path);
    }
    if (head.includes(0)) return err(`${kind}_layout`, `${path} is no text in UTF-8`);
    splitter = new RowSplitter(head, taker.take);
    return taken(splitter.push(head), splitter.unit);
  });
  if (parquet) return ok('parquet');
  if (!read.ok) return read;
  const whole = splitter as RowSplitter | null;
  if (whole === null) return ok('line');
  const rest = taken(whole.finish(), whole.unit);
  return rest.ok ? ok(whole.unit) : rest;
}
