import { type Result } from '@monsta/core';
import { DuckDb } from '@monsta/parquet-duckdb';
import type { Cells, TakeRow } from './cells.ts';

/** Reading one file is a stream; this is for the pages that are unpacked at once. */
const MEMORY_MAX_MB = 512;

const TIMES = /^(TIMESTAMP|DATE)/;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What is wanted of a Parquet file. */
export interface ParquetPlan {
  /** The columns of a row, by their places in the file. */
  readonly columns: readonly number[];
  /** Which of `columns` is a time. */
  readonly time: number;
  /** Takes the rows; `timed`: the column is one of times, which come as microseconds. */
  begin(timed: boolean): TakeRow;
}

/** Rows as cells of bytes, in one buffer that is used again and again. */
class TextCells implements Cells {
  bytes = Buffer.alloc(1_024);
  count = 0;
  line = 0;
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(columns: number) {
    this.starts = new Int32Array(columns);
    this.ends = new Int32Array(columns);
  }

  fill(cells: readonly string[]): void {
    const size = cells.reduce((sum, cell) => sum + cell.length, 0) * 3;
    if (size > this.bytes.length) this.bytes = Buffer.alloc(size);
    this.count = cells.length;
    this.line += 1;
    let at = 0;
    cells.forEach((cell, index) => {
      this.starts[index] = at;
      at += this.bytes.write(cell, at);
      this.ends[index] = at;
    });
  }
}

/**
 * Gives the rows of a Parquet file as cells of text; `planOf` is told the names of its columns. Prices that are stored as binary numbers come as their shortest text.
 * Faults: those of `planOf`, of the taker of rows, and of DuckDB.
 */
export async function eachParquetRow(
  path: string,
  planOf: (names: readonly string[]) => Result<ParquetPlan>,
): Promise<Result<null>> {
  const db = new DuckDb({ memoryMaxMb: MEMORY_MAX_MB, threads: 1 });
  try {
    const described = await db.describe(path);
    if (!described.ok) return described;
    const found = described.value;
    const plan = planOf(found.map(({ name }) => name));
    if (!plan.ok) return plan;
    const { columns, time } = plan.value;
    const timed = TIMES.test(found[columns[time] ?? 0]?.type ?? '');
    const expressions = columns.map((column, index) => {
      const name = identifier(found[column]?.name ?? '');
      return index === time && timed ? `epoch_us(${name})` : name;
    });
    const take = plan.value.begin(timed);
    const cells = new TextCells(columns.length);
    return await db.eachTextRow(path, expressions, (row) => {
      cells.fill(row);
      return take(cells);
    });
  } finally {
    await db.close();
  }
}
