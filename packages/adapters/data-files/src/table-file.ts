import type { FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { csvLine } from '@monsta/contracts';
import { err, type Result } from '@monsta/core';
import { DuckDb, type TableColumn } from '@monsta/parquet-duckdb';
import { writeWhole, writtenBy } from './whole-file.ts';

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
  return writeWhole(path, 'table', true, (temporary) =>
    form === '.csv' ? writtenBy(temporary, (file) => writeCsv(file, columns)) : writeParquet(temporary, columns),
  );
}
