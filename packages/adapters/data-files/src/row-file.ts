import { err, ok, type Fault, type Result } from '@monsta/core';
import type { TakeRow } from './cells.ts';
import { eachChunk, type DataFileKind, type FilePacking } from './data-file.ts';
import { RowSplitter, withoutMark, type TextForm } from './rows.ts';

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

/** How a file is packed and its rows are written. */
export interface FileForm extends Omit<TextForm, 'form'>, FilePacking {
  readonly form: TextForm['form'] | 'parquet';
  readonly byteOrderMark: boolean;
}

/** What a row of such a file is called. */
export const unitOf = ({ form }: FileForm): 'line' | 'row' => (form === 'csv' ? 'line' : 'row');

const PARQUET_FORM: FileForm = {
  packing: 'plain',
  entry: null,
  form: 'parquet',
  delimiter: null,
  objects: false,
  lines: false,
  carriageReturns: false,
  endsOpen: false,
  byteOrderMark: false,
};

/** Takes the pieces of a file: finds out what the first is of, and gives on the rows of text. */
class TextReader {
  readonly #path: string;
  readonly #kind: DataFileKind;
  readonly #taker: RowTaker;
  splitter: RowSplitter | null = null;
  parquet = false;
  marked = false;

  constructor(path: string, kind: DataFileKind, taker: RowTaker) {
    this.#path = path;
    this.#kind = kind;
    this.#taker = taker;
  }

  readonly push = (chunk: Buffer): Result<null> => {
    if (this.splitter !== null) return this.#taken(this.splitter.push(chunk), this.splitter);
    const head = withoutMark(chunk);
    this.marked = head.length < chunk.length;
    if (head.subarray(0, PARQUET_MARK.length).equals(PARQUET_MARK)) {
      this.parquet = true;
      return err('parquet', this.#path);
    }
    if (head.includes(0)) return err(`${this.#kind}_layout`, `${this.#path} is no text in UTF-8; save it as such`);
    this.splitter = new RowSplitter(head, this.#taker.take);
    return this.#taken(this.splitter.push(head), this.splitter);
  };

  finish(): Result<null> {
    return this.splitter === null ? ok(null) : this.#taken(this.splitter.finish(), this.splitter);
  }

  #taken(result: Result<null>, { unit }: RowSplitter): Result<null> {
    if (result.ok) return result;
    const details = { line: this.#taker.line, ...result.fault.details };
    return located({ ...result.fault, details }, this.#path, this.#kind, unit);
  }
}

/**
 * Gives each row of a text file to `taker`; of a file of Parquet none. Returns how the file is written. Faults: those of `eachChunk`, `_layout` (no text), and those of `take` with file and line.
 */
export async function eachRow(path: string, kind: DataFileKind, taker: RowTaker): Promise<Result<FileForm>> {
  const reader = new TextReader(path, kind, taker);
  const read = await eachChunk(path, kind, BYTES_MAX, reader.push);
  if (reader.parquet) return ok(PARQUET_FORM);
  if (!read.ok) {
    // What ends a file early comes from below, where lines are not known.
    const torn = /_(truncated|corrupt)$/.test(read.fault.code) && read.fault.details?.['line'] === undefined;
    if (!torn || taker.line === 0 || reader.splitter === null) return read;
    const { unit } = reader.splitter;
    const message = `${read.fault.message}; it could be read up to ${unit} ${taker.line}`;
    return err(read.fault.code, message, { details: { file: path, lastLine: taker.line } });
  }
  const rest = reader.finish();
  if (!rest.ok) return rest;
  const form = reader.splitter?.form;
  return form === undefined
    ? err(`${kind}_empty`, `${path} holds nothing`)
    : ok({ ...form, ...read.value, byteOrderMark: reader.marked });
}
