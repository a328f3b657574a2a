import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { csvLine } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import { DuckDb, type TableColumn } from '@monsta/parquet-duckdb';

const MEMORY_MAX_MB = 512;
/** Lines that are written at once. */
const LINES = 4_096;

type CsvCell = string | number | null;

const cellOf = (value: string | number | boolean | null | undefined): CsvCell => {
  if (value === undefined || value === null || Number.isNaN(value)) return null;
  return typeof value === 'boolean' ? String(value) : value;
};

async function writeCsv(file: FileHandle, columns: readonly TableColumn[]): Promise<void> {
  await file.write(csvLine(columns.map(({ name }) => name)));
  const rows = columns[0]?.values.length ?? 0;
  for (let from = 0; from < rows; from += LINES) {
    let text = '';
    for (let row = from; row < Math.min(rows, from + LINES); row += 1)
      text += csvLine(columns.map(({ values }) => cellOf(values[row])));
    await file.write(text);
  }
}

async function writeParquet(path: string, columns: readonly TableColumn[]): Promise<Result<null>> {
  const db = new DuckDb({ memoryMaxMb: MEMORY_MAX_MB, threads: 1 });
  try {
    return await db.writeTable(path, columns);
  } finally {
    await db.close();
  }
}

async function synced(path: string, work: (file: FileHandle) => Promise<void>, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Writes a table of results as CSV (RFC 4180) or Parquet, by the end of the path's name, wholly or not at all: an older file stays until the new one is on disk. Decimals are exact: as they are
 * written in CSV, `DECIMAL(38,18)` in Parquet. Columns are of one length.
 * Faults: `table_form` (another ending, or columns of different lengths), `table_decimal`, `table_unwritable`.
 */
export async function writeTable(path: string, columns: readonly TableColumn[]): Promise<Result<null>> {
  const form = extname(path).toLowerCase();
  if (form !== '.csv' && form !== '.parquet')
    return err('table_form', `${path}: a table is written as .csv or as .parquet`);
  const lengths = new Set(columns.map(({ values }) => values.length));
  if (columns.length === 0 || lengths.size !== 1)
    return err('table_form', `${path}: the columns of a table are of one length, not of ${[...lengths].join(', ')}`);
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    if (form === '.csv') await synced(temporary, (file) => writeCsv(file, columns), 'wx');
    else {
      const written = await writeParquet(temporary, columns);
      if (!written.ok) return written;
      await synced(temporary, () => Promise.resolve(), 'r');
    }
    await rename(temporary, path);
    await synced(folder, () => Promise.resolve(), 'r');
    return ok(null);
  } catch (thrown) {
    return err(
      'table_unwritable',
      `${path} can't be written: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      {
        cause: thrown,
      },
    );
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
