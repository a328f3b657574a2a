import { err, ok, type Result } from '@monsta/core';
import { CellBuffer, ROW_BYTES_MAX, tooManyCells, type TakeRow } from './cells.ts';
import { JsonRows } from './json-rows.ts';

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const SPACE = 32;
const TAB = 9;
const COMMA = 44;
const SEMICOLON = 59;
const OPEN = 91;
const BRACE = 123;

/** How the rows of a text are written. */
export interface TextForm {
  readonly form: 'csv' | 'json';
  /** Of a table: what divides its columns. */
  readonly delimiter: ',' | ';' | '\t' | null;
  /** Of JSON: rows are objects with names, and not lists. */
  readonly objects: boolean;
  /** Of JSON: rows stand line after line, and not in one list. */
  readonly lines: boolean;
  /** Lines end in CR LF, all or some. */
  readonly carriageReturns: boolean;
  /** Of a table: no line end stands behind the last line, which may be cut short. */
  readonly endsOpen: boolean;
}

/** Splits the bytes of a file, piece by piece, into rows of cells: a table's lines, or the lists or objects of JSON. */
export class RowSplitter {
  /** What a row is called. */
  readonly unit: 'line' | 'row';
  readonly #take: TakeRow;
  readonly #json: JsonRows | null;
  readonly #cells = new CellBuffer();
  readonly #delimiter: number;
  #rest: Buffer = Buffer.alloc(0);
  #line = 0;
  #returns = false;
  #endsOpen = false;

  /** `head`: the first bytes of the file, without a byte order mark. */
  constructor(head: Buffer, take: TakeRow) {
    this.#take = take;
    const first = firstByte(head);
    this.#json = first === OPEN || first === BRACE ? new JsonRows(take) : null;
    this.unit = this.#json === null ? 'line' : 'row';
    this.#delimiter = delimiterOf(head);
  }

  get form(): TextForm {
    const json = this.#json;
    return {
      form: json === null ? 'csv' : 'json',
      delimiter: json !== null ? null : this.#delimiter === COMMA ? ',' : this.#delimiter === TAB ? '\t' : ';',
      objects: json?.objects ?? false,
      lines: json !== null && !json.listed,
      carriageReturns: this.#returns,
      endsOpen: this.#endsOpen,
    };
  }

  /** Takes the next bytes of the file. Faults: those of `take`, `corrupt` (a row without end). */
  push(chunk: Buffer): Result<null> {
    if (this.#json !== null) return this.#json.push(chunk);
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = this.#lines(bytes);
    if (!end.ok) return end;
    this.#rest = bytes.subarray(end.value);
    return this.#rest.length <= ROW_BYTES_MAX
      ? ok(null)
      : err('corrupt', `line ${this.#line + 1} is longer than ${ROW_BYTES_MAX} bytes, as none of prices is`);
  }

  /** Takes what is left when the file has ended. Faults as `push`, and `truncated`: JSON that isn't closed. */
  finish(): Result<null> {
    if (this.#json !== null) return this.#json.finish();
    this.#endsOpen = this.#rest.length > 0;
    return this.#endsOpen ? this.#takeLine(this.#rest, 0, this.#rest.length) : ok(null);
  }

  #lines(bytes: Buffer): Result<number> {
    let start = 0;
    for (;;) {
      for (; bytes[start] === NEWLINE; start += 1) this.#line += 1;
      const end = bytes.indexOf(NEWLINE, start);
      if (end === -1) return ok(start);
      const taken = this.#takeLine(bytes, start, end);
      if (!taken.ok) return taken;
      start = end + 1;
    }
  }

  #takeLine(bytes: Buffer, start: number, lineEnd: number): Result<null> {
    this.#line += 1;
    const returned = lineEnd > start && bytes[lineEnd - 1] === RETURN;
    if (returned) this.#returns = true;
    const end = returned ? lineEnd - 1 : lineEnd;
    return end === start ? ok(null) : this.#row(bytes, start, end);
  }

  #row(bytes: Buffer, start: number, end: number): Result<null> {
    const cells = this.#cells;
    const delimiter = this.#delimiter;
    cells.begin(bytes, this.#line);
    let from = start;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at];
      if (byte === delimiter) {
        cells.add(from, at);
        from = at + 1;
      } else if (byte === QUOTE && at === from) {
        const close = bytes.indexOf(QUOTE, at + 1);
        at = close === -1 || close >= end ? end : close;
      }
    }
    cells.add(from, end);
    return cells.fits ? this.#take(cells) : err('corrupt', tooManyCells);
  }
}

function firstByte(head: Buffer): number {
  return head.find((byte) => byte > SPACE) ?? 0;
}

/** Comma, semicolon or tab: whichever the first lines have most of. */
function delimiterOf(head: Buffer): number {
  const counts = [COMMA, SEMICOLON, TAB].map((byte) => {
    let count = 0;
    for (const other of head.subarray(0, ROW_BYTES_MAX)) if (other === byte) count += 1;
    return [byte, count] as const;
  });
  return counts.toSorted((left, right) => right[1] - left[1])[0]?.[0] ?? COMMA;
}

const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** The file without a mark of UTF-8 at its beginning. */
export const withoutMark = (head: Buffer): Buffer => (head.subarray(0, 3).equals(BOM) ? head.subarray(3) : head);
