import { err, ok, type Result } from '@monsta/core';
import { DuckDb } from '@monsta/parquet-duckdb';
import { headerLayout, type BarLayout } from './bar-layout.ts';
import type { Cells } from './rows.ts';

/** Reading one file is a stream; this is for the pages that are unpacked at once. */
const MEMORY_MAX_MB = 512;

const TIMES = /^(TIMESTAMP|DATE)/;
const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Which columns of a Parquet file are what, and how DuckDB is asked for them as text, in the order of a row. */
async function columnsOf(
  db: DuckDb,
  path: string,
): Promise<Result<{ readonly layout: BarLayout; readonly expressions: readonly string[] }>> {
  const described = await db.describe(path);
  if (!described.ok) return described;
  const columns = described.value;
  const found = headerLayout(columns.map(({ name }) => name));
  if (found === null)
    return err('layout', `the columns ${columns.map(({ name }) => name).join(', ')} are none of bars`);
  if (!found.ok) return found;
  const { time, open, high, low, close, volume, timeForm } = found.value;
  const timeColumn = columns[time];
  const isTime = TIMES.test(timeColumn?.type ?? '');
  const name = (index: number): string => identifier(columns[index]?.name ?? '');
  const clock = isTime ? `epoch_ms(${name(time)})` : name(time);
  return ok({
    layout: {
      columns: 6,
      time: 0,
      timeForm: isTime ? 'ms' : timeForm,
      open: 1,
      high: 2,
      low: 3,
      close: 4,
      volume: 5,
      flow: null,
    },
    expressions: [clock, ...[open, high, low, close, volume].map(name)],
  });
}

/** Rows as cells of bytes, in one buffer that is used again and again. */
class TextCells implements Cells {
  bytes = Buffer.alloc(1_024);
  count = 0;
  line = 0;
  readonly starts = new Int32Array(6);
  readonly ends = new Int32Array(6);

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
 * Gives the bars of a Parquet file row by row: first the layout, then each row as cells. Prices that are stored as binary numbers come as their shortest text.
 * Faults: `layout`, those of `take`, and those of DuckDB.
 */
export async function eachParquetBar(
  path: string,
  begin: (layout: BarLayout) => (cells: Cells) => Result<null>,
): Promise<Result<null>> {
  const db = new DuckDb({ memoryMaxMb: MEMORY_MAX_MB, threads: 1 });
  try {
    const columns = await columnsOf(db, path);
    if (!columns.ok) return columns;
    const take = begin(columns.value.layout);
    const cells = new TextCells();
    return await db.eachTextRow(path, columns.value.expressions, (row) => {
      cells.fill(row);
      return take(cells);
    });
  } finally {
    await db.close();
  }
}
