import { err, ok, type Result } from '@monsta/core';

/** A line of bars has some two hundred bytes; one of many kilobytes is no line of them. */
const ROW_BYTES_MAX = 64 * 1024;
const CELLS_MAX = 64;
const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const SPACE = 32;
const TAB = 9;
const COMMA = 44;
const SEMICOLON = 59;
const OPEN = 91;
const CLOSE = 93;
const BRACE = 123;

/** One row's cells: stretches of `bytes`, without quotes and spaces around them. */
export interface Cells {
  readonly bytes: Buffer;
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** From 1: the line of a table, the row of a JSON list. */
  readonly line: number;
}

/** Text of a cell; empty where there is none. */
export const cellText = (cells: Cells, index: number): string =>
  index < cells.count ? cells.bytes.toString('utf8', cells.starts[index] ?? 0, cells.ends[index] ?? 0) : '';

/** What takes rows; a fault ends the reading. */
export type TakeRow = (cells: Cells) => Result<null>;

class CellBuffer {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  line = 0;
  readonly starts = new Int32Array(CELLS_MAX);
  readonly ends = new Int32Array(CELLS_MAX);

  add(from: number, to: number): void {
    const { bytes } = this;
    let start = from;
    let end = to;
    while (start < end && (bytes[start] === SPACE || bytes[start] === TAB)) start += 1;
    while (end > start && (bytes[end - 1] ?? 0) <= SPACE) end -= 1;
    if (end - start >= 2 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE) {
      start += 1;
      end -= 1;
    }
    if (this.count < CELLS_MAX) {
      this.starts[this.count] = start;
      this.ends[this.count] = end;
    }
    this.count += 1;
  }
}

/** Splits the bytes of a file, piece by piece, into rows of cells: a table's lines, or the lists within a JSON list. */
export class RowSplitter {
  readonly unit: 'line' | 'row';
  readonly #take: TakeRow;
  readonly #cells = new CellBuffer();
  readonly #delimiter: number;
  #rest: Buffer = Buffer.alloc(0);
  #line = 0;

  /** `head`: the first bytes of the file, without a byte order mark. */
  constructor(head: Buffer, take: TakeRow) {
    this.#take = take;
    this.unit = firstByte(head) === OPEN ? 'row' : 'line';
    this.#delimiter = this.unit === 'row' ? COMMA : delimiterOf(head);
  }

  /** Takes the next bytes of the file. Faults: those of `take`, `corrupt` (a row without end). */
  push(chunk: Buffer): Result<null> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = this.unit === 'row' ? this.#lists(bytes) : this.#lines(bytes);
    if (!end.ok) return end;
    this.#rest = bytes.subarray(end.value);
    if (this.#rest.length > ROW_BYTES_MAX)
      return err(
        'corrupt',
        `${this.unit} ${this.#line + 1} is longer than ${ROW_BYTES_MAX} bytes, as none of prices is`,
      );
    return ok(null);
  }

  /** Takes what is left when the file has ended. Faults as `push`, and `truncated`: a JSON list that isn't closed. */
  finish(): Result<null> {
    if (this.unit === 'line')
      return this.#rest.length === 0 ? ok(null) : this.#takeLine(this.#rest, 0, this.#rest.length);
    return this.#rest.toString('latin1').trim() === ']'
      ? ok(null)
      : err('truncated', `the JSON list isn't closed behind row ${this.#line}; fetch or copy it again`);
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
    const end = lineEnd > start && bytes[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
    return end === start ? ok(null) : this.#row(bytes, start, end);
  }

  /** Where the row that is not yet whole begins. */
  #lists(bytes: Buffer): Result<number> {
    let at = 0;
    for (;;) {
      const open = bytes.indexOf(OPEN, at);
      if (open === -1) {
        // Between the lists stand commas and spaces, at the end the closing bracket.
        const brace = bytes.indexOf(BRACE, at);
        if (brace !== -1)
          return err(
            'layout',
            'the JSON list holds objects; rows must be lists: [[time, open, high, low, close, volume], …]',
          );
        const close = bytes.indexOf(CLOSE, at);
        return ok(close === -1 ? bytes.length : close);
      }
      const close = bytes.indexOf(CLOSE, open);
      const inner = this.#line === 0 ? bytes.indexOf(OPEN, open + 1) : -1;
      if (inner !== -1 && (close === -1 || inner < close)) {
        at = inner;
        continue;
      }
      if (close === -1) return ok(open);
      if (this.#line === 0 && inner === -1 && bytes.indexOf(BRACE, open) !== -1)
        return err(
          'layout',
          'the JSON list holds objects; rows must be lists: [[time, open, high, low, close, volume], …]',
        );
      this.#line += 1;
      const taken = this.#row(bytes, open + 1, close);
      if (!taken.ok) return taken;
      at = close + 1;
    }
  }

  #row(bytes: Buffer, start: number, end: number): Result<null> {
    const cells = this.#cells;
    const delimiter = this.#delimiter;
    cells.bytes = bytes;
    cells.count = 0;
    cells.line = this.#line;
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
    if (cells.count > CELLS_MAX) return err('corrupt', `more than ${CELLS_MAX} columns`);
    return this.#take(cells);
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
