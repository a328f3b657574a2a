import { randomUUID } from 'node:crypto';
import { err, ok, type Fault, type Result } from '@monsta/core';
import type { ColumnSpec, DuckDb } from '@monsta/parquet-duckdb';
import {
  bytesOfFiles,
  filesOf,
  partitionOf,
  removeFiles,
  tableFolder,
  withTemporary,
  type StoredFile,
  type TableName,
} from './partitions.ts';

/** Rows in columns of whole numbers, the first of which is the key; strictly rising. */
export interface Rows {
  readonly length: number;
  readonly columns: readonly Float64Array[];
  /** The power of ten that all columns without a factor are multiples of. */
  readonly finest: number;
}

/** How a kind of rows is stored. */
export interface TableShape {
  readonly specs: readonly ColumnSpec[];
  /** Which column is the time, and how many of its units are a millisecond. */
  readonly timeColumn: number;
  readonly unitsPerMs: number;
}

/** Files of one partition that are made into one: a live collector adds a file each time it appends. */
const FILES_MAX = 16;
const ATTEMPTS_MAX = 5;

export interface AppendCount {
  readonly added: number;
  readonly known: number;
}

const overlapping = (files: readonly StoredFile[]): boolean =>
  files.some((file, index) => index > 0 && file.first <= (files[index - 1]?.last ?? -Infinity));

/** Reads and appends rows in Parquet files. Each file is written whole before it has a name, and never changed; what is stored is the union of all. */
export class TableStore {
  readonly #root: string;
  readonly #db: DuckDb;
  /** Appends of this process go one after the other. */
  #appending: Promise<unknown> = Promise.resolve();

  constructor(root: string, db: DuckDb) {
    this.#root = root;
    this.#db = db;
  }

  /** Rows of a span of time, `toMs` not included; in memory made by `make` (rows). */
  async read(
    table: TableName,
    shape: TableShape,
    fromMs: number | null,
    toMs: number | null,
    shared = false,
  ): Promise<Result<Rows>> {
    const folder = tableFolder(this.#root, table);
    if (!folder.ok) return folder;
    let seen = '';
    for (let attempt = 1; ; attempt += 1) {
      const files = await filesOf(folder.value, fromMs, toMs);
      if (!files.ok) return files;
      const rows = await this.#readFiles(files.value, shape, shared);
      if (rows.ok) return ok(within(rows.value, shape, fromMs, toMs));
      // Files that another writer has made into one since they were listed: what is there now is read.
      const listed = files.value.map(({ path }) => path).join('\n');
      if (rows.fault.code !== 'catalog_unavailable' || listed === seen || attempt === ATTEMPTS_MAX) return rows;
      seen = listed;
    }
  }

  async #readFiles(files: readonly StoredFile[], shape: TableShape, shared: boolean): Promise<Result<Rows>> {
    const room = files.reduce((sum, { rows }) => sum + rows, 0);
    const bytes = room * Float64Array.BYTES_PER_ELEMENT;
    const columns = shape.specs.map(
      () => new Float64Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)),
    );
    if (room === 0) return ok({ length: 0, columns, finest: 1e8 });
    const key = shape.specs[0]?.name ?? '';
    const paths = files.map(({ path }) => path);
    const read = await this.#db.readColumns(paths, shape.specs, overlapping(files) ? key : null, columns);
    if (!read.ok) return catalogFault(read.fault);
    const length = distinct(columns, read.value.rows, paths);
    return length.ok ? ok({ length: length.value, columns, finest: read.value.finest }) : length;
  }

  /**
   * Adds rows. Those that are there already, all the same, are known. Faults: `catalog_disagrees` (nothing is stored), `catalog_refused` (disorder).
   */
  append(table: TableName, shape: TableShape, columns: readonly Float64Array[]): Promise<Result<AppendCount>> {
    const done = this.#appending.then(() => this.#append(table, shape, columns));
    this.#appending = done.catch(() => undefined);
    return done;
  }

  /** Resolves when all appends that were begun have ended. */
  async settle(): Promise<void> {
    await this.#appending;
  }

  async #append(table: TableName, shape: TableShape, columns: readonly Float64Array[]): Promise<Result<AppendCount>> {
    const folder = tableFolder(this.#root, table);
    if (!folder.ok) return folder;
    const keys = columns[0] ?? new Float64Array(0);
    const clock = columns[shape.timeColumn] ?? keys;
    for (let row = 1; row < keys.length; row += 1) {
      if ((keys[row] ?? 0) <= (keys[row - 1] ?? 0) || (clock[row] ?? 0) < (clock[row - 1] ?? 0))
        return err('catalog_refused', `row ${row} (${keys[row] ?? ''}) is not after the one before it`);
    }
    const parts = splitByPartition(table.kind, shape, columns);
    const news: { partition: string; rows: readonly Float64Array[] }[] = [];
    const disagreements: number[] = [];
    let known = 0;
    for (const { partition, from, to } of parts) {
      const part = columns.map((column) => column.subarray(from, to));
      const times = part[shape.timeColumn] ?? keys;
      const stored = await this.read(
        table,
        asStored(shape),
        Math.floor((times[0] ?? 0) / shape.unitsPerMs),
        Math.floor((times[times.length - 1] ?? 0) / shape.unitsPerMs) + 1,
      );
      if (!stored.ok) return stored;
      const fresh = newRows(part, shape, stored.value, disagreements);
      known += to - from - (fresh[0]?.length ?? 0);
      if ((fresh[0]?.length ?? 0) > 0) news.push({ partition, rows: fresh });
    }
    const [firstKey] = disagreements;
    if (firstKey !== undefined)
      return err(
        'catalog_disagrees',
        `${disagreements.length} of ${keys.length} rows are in the catalogue of ${table.instrument} and say otherwise there, the first at ${firstKey}; nothing was stored`,
        { details: { count: disagreements.length, first: firstKey } },
      );
    for (const { partition, rows } of news) {
      const added = await this.#write(table, `${folder.value}/${partition}`, shape, rows);
      if (!added.ok) return added;
      const tidied = await this.#tidy(table, folder.value, partition, shape);
      if (!tidied.ok) return tidied;
    }
    return ok({ added: keys.length - known, known });
  }

  #metadata(table: TableName): Readonly<Record<string, string>> {
    return { monsta_kind: table.kind, monsta_instrument: table.instrument, monsta_interval: table.interval ?? '' };
  }

  #write(table: TableName, folder: string, shape: TableShape, rows: readonly Float64Array[]): Promise<Result<string>> {
    const keys = rows[0] ?? new Float64Array(0);
    return withTemporary(this.#root, folder, randomUUID(), async (path) => {
      const written = await this.#db.writeColumns(path, shape.specs, rows, 0, keys.length, this.#metadata(table));
      return written.ok
        ? ok({ first: keys[0] ?? 0, last: keys[keys.length - 1] ?? 0, rows: keys.length })
        : catalogFault(written.fault);
    });
  }

  /** Makes one file of a partition's many, or of such as lie within each other. What it removes is in the new file, so that no moment is without a row. */
  async #tidy(table: TableName, folder: string, partition: string, shape: TableShape): Promise<Result<null>> {
    const span = await filesOf(folder, null, null);
    if (!span.ok) return span;
    const files = span.value.filter((file) => file.partition === partition);
    if (files.length < 2 || (files.length <= FILES_MAX && !overlapping(files))) return ok(null);
    const merged = await this.#merge(table, `${folder}/${partition}`, shape, files);
    // What was appended is stored whatever becomes of this: another writer may have made one of them first, and a fault meets whoever reads.
    return merged.ok ? merged : ok(null);
  }

  async #merge(
    table: TableName,
    folder: string,
    shape: TableShape,
    files: readonly StoredFile[],
  ): Promise<Result<null>> {
    const paths = files.map(({ path }) => path);
    // Rows that contradict each other stay in the files that they came in, so that a person can tell which is wrong.
    const sound = await this.#readFiles(files, shape, false);
    if (!sound.ok) return sound;
    const key = shape.specs[0]?.name ?? '';
    const merged = await withTemporary(this.#root, folder, randomUUID(), async (path) => {
      const rows = await this.#db.mergeFiles(path, paths, shape.specs, key, this.#metadata(table));
      if (!rows.ok) return catalogFault(rows.fault);
      const first = Math.min(...files.map((file) => file.first));
      return ok({ first, last: Math.max(...files.map(({ last }) => last)), rows: rows.value });
    });
    if (!merged.ok) return merged;
    await removeFiles(files.filter(({ path }) => path !== merged.value));
    return ok(null);
  }

  /** Makes one file of each partition: then what is on disk depends on the rows alone, not on how they came. */
  async compact(table: TableName, shape: TableShape): Promise<Result<null>> {
    const done = this.#appending.then(async (): Promise<Result<null>> => {
      const folder = tableFolder(this.#root, table);
      if (!folder.ok) return folder;
      const files = await filesOf(folder.value, null, null);
      if (!files.ok) return files;
      for (const [partition, group] of Map.groupBy(files.value, (file) => file.partition)) {
        const merged = await this.#merge(table, `${folder.value}/${partition}`, shape, group);
        if (!merged.ok) return merged;
      }
      return ok(null);
    });
    this.#appending = done.catch(() => undefined);
    return done;
  }

  /** What is stored, by the names of the files; null where there is none. */
  async extent(table: TableName): Promise<Result<{ files: readonly StoredFile[]; bytes: number }>> {
    const folder = tableFolder(this.#root, table);
    if (!folder.ok) return folder;
    const files = await filesOf(folder.value, null, null);
    if (!files.ok) return files;
    try {
      return ok({ files: files.value, bytes: await bytesOfFiles(files.value) });
    } catch (thrown) {
      return err('catalog_unavailable', `${folder.value} has changed while it was read`, {
        retry: 'retryable',
        cause: thrown,
      });
    }
  }
}

/** What the catalogue calls a fault of its files. */
function catalogFault(fault: Fault): Result<never> {
  const code = fault.code === 'parquet_off_step' ? 'catalog_off_tick' : fault.code.replace(/^parquet_/, 'catalog_');
  return { ok: false, fault: { ...fault, code } };
}

/** Leaves out rows that are there twice, all the same; returns how many are left. Fault `catalog_conflict`: twice, and not the same. */
function distinct(columns: readonly Float64Array[], rows: number, paths: readonly string[]): Result<number> {
  const keys = columns[0] ?? new Float64Array(0);
  let kept = 1;
  while (kept < rows && (keys[kept] ?? 0) > (keys[kept - 1] ?? 0)) kept += 1;
  for (let row = kept; row < rows; row += 1) {
    const key = keys[row] ?? 0;
    const before = keys[kept - 1] ?? 0;
    if (key > before) {
      for (const column of columns) column[kept] = column[row] ?? 0;
      kept += 1;
    } else if (key < before) {
      return err('catalog_damaged', `rows of ${paths.join(', ')} are not in the order that their names say`);
    } else if (columns.some((column) => column[row] !== column[kept - 1])) {
      return err(
        'catalog_conflict',
        `the row ${key} is stored twice and not the same, by two writers at once; of these files remove the wrong one: ${paths.join(', ')}`,
        { details: { key } },
      );
    }
  }
  return ok(kept);
}

/** How many values of a rising column are below `limit`. */
function countBelow(column: Float64Array, length: number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((column[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function within(rows: Rows, shape: TableShape, fromMs: number | null, toMs: number | null): Rows {
  const times = rows.columns[shape.timeColumn] ?? new Float64Array(0);
  const from = fromMs === null ? 0 : countBelow(times, rows.length, fromMs * shape.unitsPerMs);
  const to = toMs === null ? rows.length : countBelow(times, rows.length, toMs * shape.unitsPerMs);
  const columns = rows.columns.map((column) => column.subarray(from, Math.max(from, to)));
  return { length: Math.max(0, to - from), columns, finest: rows.finest };
}

interface Part {
  readonly partition: string;
  readonly from: number;
  readonly to: number;
}

function splitByPartition(
  kind: TableName['kind'],
  shape: TableShape,
  columns: readonly Float64Array[],
): readonly Part[] {
  const times = columns[shape.timeColumn] ?? new Float64Array(0);
  const parts: Part[] = [];
  for (let from = 0; from < times.length;) {
    const partition = partitionOf(kind, (times[from] ?? 0) / shape.unitsPerMs);
    const end = partitionEnd(kind, (times[from] ?? 0) / shape.unitsPerMs) * shape.unitsPerMs;
    const to = countBelow(times, times.length, end);
    parts.push({ partition, from, to });
    from = to;
  }
  return parts;
}

function partitionEnd(kind: TableName['kind'], ms: number): number {
  const date = new Date(ms);
  return kind === 'bars'
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
    : Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + 1);
}

/** Decimals as they are stored: what is there may be finer than the steps of what is added, as when an exchange has made its tick coarser. */
const asStored = (shape: TableShape): TableShape => ({
  ...shape,
  specs: shape.specs.map((spec) => (spec.type.startsWith('DECIMAL') ? { ...spec, factor: 1 } : spec)),
});

/** The rows that are not stored yet; keys of rows that are stored and say otherwise go to `disagreements`. */
function newRows(
  part: readonly Float64Array[],
  shape: TableShape,
  stored: Rows,
  disagreements: number[],
): readonly Float64Array[] {
  const keys = part[0] ?? new Float64Array(0);
  const factors = shape.specs.map(({ type, factor }) => (type.startsWith('DECIMAL') ? (factor ?? 1) : 1));
  if (stored.length === 0) return part;
  const storedKeys = stored.columns[0] ?? new Float64Array(0);
  const fresh: number[] = [];
  let at = 0;
  for (let row = 0; row < keys.length; row += 1) {
    const key = keys[row] ?? 0;
    while (at < stored.length && (storedKeys[at] ?? 0) < key) at += 1;
    if (at < stored.length && storedKeys[at] === key) {
      const same = part.every(
        (column, index) => (column[row] ?? 0) * (factors[index] ?? 1) === stored.columns[index]?.[at],
      );
      if (!same) disagreements.push(key);
    } else fresh.push(row);
  }
  return part.map((column) => Float64Array.from(fresh, (row) => column[row] ?? 0));
}
