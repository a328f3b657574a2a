import type { Result } from '@monsta/core';

const CELLS_MAX = 64;
const QUOTE = 34;
const SPACE = 32;

/** A row of bars has some two hundred bytes; one of many kilobytes is no row of them. */
export const ROW_BYTES_MAX = 64 * 1024;

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

/** The cells of the row being read; used again for each. */
export class CellBuffer implements Cells {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  line = 0;
  readonly starts = new Int32Array(CELLS_MAX);
  readonly ends = new Int32Array(CELLS_MAX);

  /** Begins a row whose cells are stretches of `bytes`. */
  begin(bytes: Buffer, line: number): void {
    this.bytes = bytes;
    this.count = 0;
    this.line = line;
  }

  /** False where there are more cells than a row can have. */
  get fits(): boolean {
    return this.count <= CELLS_MAX;
  }

  add(from: number, to: number): void {
    this.count += 1;
    this.set(this.count - 1, from, to);
  }

  set(index: number, from: number, to: number): void {
    const { bytes } = this;
    let start = from;
    let end = to;
    while (start < end && (bytes[start] ?? 0) <= SPACE) start += 1;
    while (end > start && (bytes[end - 1] ?? 0) <= SPACE) end -= 1;
    if (end - start >= 2 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE) {
      start += 1;
      end -= 1;
    }
    if (index >= CELLS_MAX) return;
    this.starts[index] = start;
    this.ends[index] = end;
  }
}

export const tooManyCells = `more than ${CELLS_MAX} columns`;
