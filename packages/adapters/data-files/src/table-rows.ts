import { err, ok, type Result } from '@monsta/core';

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const SPACE = 32;
const DELIMITERS = [44, 59, 9] as const;

const ROW_BYTES_MAX = 8 << 20;
/** More columns than this no table is trained from. */
const COLUMNS_MAX = 65_536;

/** The cells of one row; used again for the next. Quotes around a cell are not part of its stretch. */
export interface TableCells {
  readonly bytes: Buffer;
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** From 1, the line of the file that the row begins in. */
  readonly line: number;
}

/** The text of a cell. */
export const tableCellText = (cells: TableCells, index: number): string =>
  cells.bytes.toString('utf8', cells.starts[index], cells.ends[index]).replaceAll('""', '"').trim();

/**
 * Splits the bytes of a table with any number of columns, piece by piece, into rows of cells (RFC 4180): comma, semicolon or tab, whichever the first line has most of; cells may be quoted and then
 * hold anything, quotes doubled; lines end in LF or CR LF; empty ones are passed over.
 */
export class TableRows {
  readonly #take: (cells: TableCells) => Result<null>;
  readonly #cells = {
    bytes: Buffer.alloc(0) as Buffer,
    count: 0,
    line: 0,
    starts: new Int32Array(64),
    ends: new Int32Array(64),
  };
  #delimiter = 0;
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;

  /** `take` is given each row; a fault of it ends the reading. */
  constructor(take: (cells: TableCells) => Result<null>) {
    this.#take = take;
  }

  /** Takes the next bytes of the file. Faults: those of `take`; `corrupt`: a row without end. */
  push(chunk: Buffer): Result<null> {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#delimiter === 0) {
      if (!bytes.includes(NEWLINE) && bytes.length <= ROW_BYTES_MAX) {
        this.#rest = bytes;
        return ok(null);
      }
      this.#delimiter = delimiterOf(bytes);
    }
    return this.#rows(bytes, false);
  }

  /** Takes what is left when the file has ended. Faults as `push`. */
  finish(): Result<null> {
    if (this.#rest.length === 0) return ok(null);
    if (this.#delimiter === 0) this.#delimiter = delimiterOf(this.#rest);
    const ended = this.#rest.at(-1) === NEWLINE ? this.#rest : Buffer.concat([this.#rest, Buffer.from('\n')]);
    const taken = this.#rows(ended, true);
    if (!taken.ok || this.#rest.length === 0) return taken;
    return err('corrupt', `line ${this.#line}: a quote is opened and never closed`, { details: { line: this.#line } });
  }

  #rows(bytes: Buffer, last: boolean): Result<null> {
    let start = 0;
    while (start < bytes.length) {
      const next = this.#row(bytes, start);
      if (next === -1) break;
      const { count, starts, ends } = this.#cells;
      const blank = count === 1 && starts[0] === ends[0];
      if (count > COLUMNS_MAX) return err('corrupt', `line ${this.#line} has more than ${COLUMNS_MAX} columns`);
      const taken = blank ? ok(null) : this.#take(this.#cells);
      if (!taken.ok) return taken;
      this.#line += this.#linesIn(bytes, start, next);
      start = next;
    }
    this.#rest = bytes.subarray(start);
    return last || this.#rest.length <= ROW_BYTES_MAX
      ? ok(null)
      : err(
          'corrupt',
          `line ${this.#line} is longer than ${ROW_BYTES_MAX} bytes: its end or a closing quote is missing`,
        );
  }

  /** Lines that a row takes: more than one where a quoted cell holds line ends. */
  #linesIn(bytes: Buffer, from: number, to: number): number {
    let lines = 0;
    for (let at = bytes.indexOf(NEWLINE, from); at !== -1 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
    return lines;
  }

  /** Finds the cells of the row that begins at `start`. Returns where the next begins; −1: its end isn't there yet. */
  #row(bytes: Buffer, start: number): number {
    const delimiter = this.#delimiter;
    this.#cells.bytes = bytes;
    this.#cells.count = 0;
    this.#cells.line = this.#line;
    let from = start;
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at] as number;
      if (byte === delimiter) {
        this.#add(bytes, from, at);
        from = at + 1;
      } else if (byte === NEWLINE) {
        this.#add(bytes, from, at > from && bytes[at - 1] === RETURN ? at - 1 : at);
        return at + 1;
      } else if (byte === QUOTE && onlySpaces(bytes, from, at)) {
        // A doubled quote closes and opens again: the loop comes back here by its second half.
        const close = closing(bytes, at + 1);
        if (close === -1) return -1;
        at = close;
      }
    }
    return -1;
  }

  #add(bytes: Buffer, from: number, to: number): void {
    const cells = this.#cells;
    if (cells.count === cells.starts.length) {
      if (cells.count > COLUMNS_MAX) return;
      cells.starts = doubled(cells.starts);
      cells.ends = doubled(cells.ends);
    }
    let start = from;
    let end = to;
    while (start < end && (bytes[start] as number) <= SPACE) start += 1;
    while (end > start && (bytes[end - 1] as number) <= SPACE) end -= 1;
    if (end - start >= 2 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE) {
      start += 1;
      end -= 1;
    }
    cells.starts[cells.count] = start;
    cells.ends[cells.count] = end;
    cells.count += 1;
  }
}

function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}

function onlySpaces(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if ((bytes[at] as number) > SPACE) return false;
  return true;
}

/** The quote that closes what was opened before `from`; −1: there is none. */
function closing(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(QUOTE, from); at !== -1; at = bytes.indexOf(QUOTE, at + 2))
    if (bytes[at + 1] !== QUOTE) return at;
  return -1;
}

/** Comma, semicolon or tab: whichever the first line has most of outside quotes. */
function delimiterOf(bytes: Buffer): number {
  const counts = [0, 0, 0];
  let quoted = false;
  for (const byte of bytes.subarray(0, ROW_BYTES_MAX)) {
    if (byte === QUOTE) quoted = !quoted;
    if (quoted) continue;
    if (byte === NEWLINE) break;
    const which = DELIMITERS.findIndex((each) => each === byte);
    if (which !== -1) counts[which] = (counts[which] ?? 0) + 1;
  }
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? DELIMITERS[0];
}
