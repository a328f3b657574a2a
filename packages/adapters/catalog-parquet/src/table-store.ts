import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { err, intervalMs, MS_PER_DAY, ok, type Fault, type Result } from '@monsta/core';
import type { AppendOutcome, PruneOutcome } from '@monsta/ports';
import type { DuckDb } from '@monsta/parquet-duckdb';
import { neighboursToMerge, overlappingGroups } from './compaction.ts';
import { unavailable } from './disk.ts';
import { ALL_TIME, folderSpan, tableFolder, type TableName, type TimeSpan } from './partitions.ts';
import { nameFile, prepareFile, type Extent, type PreparedFile } from './prepared-file.ts';
import {
  asStored,
  distinct,
  inOrder,
  keysOf,
  newRows,
  splitByPartition,
  timesOf,
  within,
  type Rows,
  type TableShape,
} from './rows.ts';
import { bytesOfFiles, filesOf, removeFiles, type StoredFile } from './stored-files.ts';
import { commit, finishAll } from './transactions.ts';

const ATTEMPTS_MAX = 10;

/** New rows of one partition. */
interface Addition {
  readonly partition: string;
  readonly rows: readonly Float64Array[];
}

/** Reads and appends rows in Parquet files. Each file is written whole before it has a name, and never changed; what is stored is the union of all. */
export class TableStore {
  readonly #root: string;
  readonly #db: DuckDb;
  /** What this process writes is written one after the other. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(root: string, db: DuckDb) {
    this.#root = root;
    this.#db = db;
  }

  /** Rows of a span of time, in the order of their keys. `shared`: in memory that threads can share. */
  async read(table: TableName, shape: TableShape, span: TimeSpan, shared = false): Promise<Result<Rows>> {
    const folder = tableFolder(this.#root, table);
    if (!folder.ok) return folder;
    let seen = '';
    for (let attempt = 1; ; attempt += 1) {
      const files = await filesOf(folder.value, table.kind, span);
      if (!files.ok) return files;
      const rows = await this.#readFiles(files.value, shape, shared);
      if (rows.ok) return ok(within(rows.value, shape, span));
      // Files that another writer has made into one, or removed, since they were listed: what is there now is read.
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
    const order = files.some((file, index) => index > 0 && file.first <= (files[index - 1]?.last ?? -Infinity));
    const read = await this.#db.readColumns(paths, shape.specs, order ? key : null, columns);
    if (!read.ok) return catalogFault(read.fault);
    if (read.value.rows !== room)
      return err('catalog_damaged', `${files.length} files hold ${read.value.rows} rows, and their names say ${room}`);
    const length = distinct(columns, room, paths);
    return length.ok ? ok({ length: length.value, columns, finest: read.value.finest }) : length;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(work);
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /** Resolves when all that was begun has ended. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  /** Adds rows, all or none. Those that are there already, all the same, are known. Faults: `catalog_disagrees` (nothing is stored), `catalog_refused` (disorder). */
  append(table: TableName, shape: TableShape, columns: readonly Float64Array[]): Promise<Result<AppendOutcome>> {
    return this.#inTurn(() => this.#append(table, shape, columns));
  }

  async #append(table: TableName, shape: TableShape, columns: readonly Float64Array[]): Promise<Result<AppendOutcome>> {
    const folder = tableFolder(this.#root, table);
    if (!folder.ok) return folder;
    const ordered = inOrder(shape, columns);
    if (!ordered.ok) return ordered;
    const finished = await finishAll(folder.value);
    if (!finished.ok) return finished;
    const additions = await this.#additions(table, shape, columns);
    if (!additions.ok) return additions;
    const stored = await this.#store(table, folder.value, shape, additions.value);
    if (!stored.ok) return stored;
    for (const { partition } of additions.value) await this.#tidy(table, folder.value, partition, shape);
    const added = additions.value.reduce((sum, { rows }) => sum + keysOf(rows).length, 0);
    return ok({ added, known: keysOf(columns).length - added });
  }

  /** The rows that are not there yet. Fault `catalog_disagrees`. */
  async #additions(
    table: TableName,
    shape: TableShape,
    columns: readonly Float64Array[],
  ): Promise<Result<readonly Addition[]>> {
    const additions: Addition[] = [];
    const disagreements: number[] = [];
    for (const { partition, from, to } of splitByPartition(table.kind, shape, columns)) {
      const part = columns.map((column) => column.subarray(from, to));
      const times = timesOf(shape, part);
      const stored = await this.read(table, asStored(shape), {
        fromMs: Math.floor((times[0] ?? 0) / shape.unitsPerMs),
        toMs: Math.floor((times[times.length - 1] ?? 0) / shape.unitsPerMs) + 1,
      });
      if (!stored.ok) return stored;
      const rows = newRows(part, shape, stored.value, disagreements);
      if (keysOf(rows).length > 0) additions.push({ partition, rows });
    }
    const [first] = disagreements;
    if (first === undefined) return ok(additions);
    const count = disagreements.length;
    return err(
      'catalog_disagrees',
      `${count} of ${keysOf(columns).length} rows are in the catalogue of ${table.instrument} and say otherwise there, the first at ${first}; nothing was stored`,
      { details: { count, first } },
    );
  }

  async #store(
    table: TableName,
    folder: string,
    shape: TableShape,
    additions: readonly Addition[],
  ): Promise<Result<null>> {
    const transaction = additions.length > 1 ? randomUUID() : null;
    const prepared: PreparedFile[] = [];
    for (const { partition, rows } of additions) {
      const keys = keysOf(rows);
      const extent = { first: keys[0] ?? 0, last: keys[keys.length - 1] ?? 0, rows: keys.length };
      const file = await prepareFile(join(folder, partition), transaction, async (path) => {
        const written = await this.#db.writeColumns(path, shape.specs, rows, metadata(table));
        return written.ok ? ok(extent) : catalogFault(written.fault);
      });
      // What was prepared before counts for nothing, and is removed as what a program that died has left.
      if (!file.ok) return file;
      prepared.push(file.value);
    }
    const [only] = prepared;
    if (only === undefined) return ok(null);
    return transaction === null ? nameFile(this.#root, only) : commit(this.#root, folder, transaction, prepared);
  }

  /**
   * Makes one file of such as lie within each other, of sixteen neighbours of a size, and of all of a month whose last bar is there. What was appended is stored whatever becomes of this: another writer may have made one of
   * them first, and a fault meets whoever reads.
   */
  async #tidy(table: TableName, folder: string, partition: string, shape: TableShape): Promise<void> {
    const span = folderSpan(partition.split('/'));
    if (span === null) return;
    for (;;) {
      const files = await filesOf(folder, table.kind, span);
      if (!files.ok || files.value.length < 2) return;
      const [overlapping] = overlappingGroups(files.value);
      const ended = isEnded(table, span.toMs, files.value);
      const group = ended ? files.value : (overlapping ?? neighboursToMerge(files.value));
      if (group === null) return;
      const merged = await this.#merge(table, folder, shape, group);
      if (!merged.ok) return;
    }
  }

  /** Makes one file of several. What it removes is in the new file, so that no moment is without a row. */
  async #merge(
    table: TableName,
    folder: string,
    shape: TableShape,
    files: readonly StoredFile[],
  ): Promise<Result<null>> {
    const overlaps = overlappingGroups(files).length > 0;
    if (overlaps) {
      // Rows that contradict each other stay in the files that they came in, so that a person can tell which is wrong.
      const sound = await this.#readFiles(files, shape, false);
      if (!sound.ok) return sound;
    }
    const written = await this.#rewrite(table, folder, shape, files, { ordered: !overlaps, fromMs: null });
    return written.ok
      ? removeFiles(
          folder,
          files.filter(({ path }) => path !== written.value),
        )
      : written;
  }

  /** One file of what several of a partition hold, from a key on; its path. Fault `catalog_unavailable`: one of them is gone. */
  async #rewrite(
    table: TableName,
    folder: string,
    shape: TableShape,
    files: readonly StoredFile[],
    { ordered, fromMs }: { readonly ordered: boolean; readonly fromMs: number | null },
  ): Promise<Result<string>> {
    const [{ partition, first } = { partition: '', first: 0 }] = files;
    const paths = files.map(({ path }) => path);
    const key = shape.specs[0]?.name ?? '';
    const prepared = await prepareFile(join(folder, partition), null, async (path): Promise<Result<Extent>> => {
      const written = await this.#db.rewriteFiles(path, paths, shape.specs, metadata(table), {
        // Rows that follow each other from file to file are in order as they are.
        orderBy: ordered ? null : key,
        from: fromMs === null ? null : { column: key, ms: fromMs },
      });
      if (!written.ok) return catalogFault(written.fault);
      const last = files.reduce((most, file) => Math.max(most, file.last), first);
      return ok({ first: fromMs ?? first, last, rows: written.value });
    });
    if (!prepared.ok) return prepared;
    const named = await nameFile(this.#root, prepared.value);
    return named.ok ? ok(prepared.value.path) : named;
  }

  /** Makes one file of each partition that ended by a time: then what is on disk depends on the rows alone, not on how they came. */
  compact(table: TableName, shape: TableShape, endedByMs: number | null): Promise<Result<null>> {
    return this.#inTurn(async (): Promise<Result<null>> => {
      const folder = tableFolder(this.#root, table);
      if (!folder.ok) return folder;
      const finished = await finishAll(folder.value);
      if (!finished.ok) return finished;
      const files = await filesOf(folder.value, table.kind, { fromMs: null, toMs: endedByMs });
      if (!files.ok) return files;
      for (const [partition, group] of Map.groupBy(files.value, (file) => file.partition)) {
        const ended = endedByMs === null || (folderSpan(partition.split('/'))?.toMs ?? Infinity) <= endedByMs;
        const merged = group.length < 2 || !ended ? ok(null) : await this.#merge(table, folder.value, shape, group);
        if (!merged.ok) return merged;
      }
      return ok(null);
    });
  }

  /**
   * Removes rows of whole UTC days before a time: files that hold nothing else, and of bars the beginning of a file that holds younger ones too, which is written anew first. Whoever reads a file that is gone reads
   * again what is there then.
   */
  prune(table: TableName, shape: TableShape, beforeMs: number, dryRun: boolean): Promise<Result<PruneOutcome>> {
    return this.#inTurn(async (): Promise<Result<PruneOutcome>> => {
      const folder = tableFolder(this.#root, table);
      if (!folder.ok) return folder;
      const toMs = Math.floor(beforeMs / MS_PER_DAY) * MS_PER_DAY;
      const finished = dryRun ? ok(null) : await finishAll(folder.value);
      if (!finished.ok) return finished;
      const listed = await filesOf(folder.value, table.kind, { fromMs: null, toMs });
      if (!listed.ok) return listed;
      const isOver = ({ partition, last }: StoredFile): boolean =>
        (folderSpan(partition.split('/'))?.toMs ?? Infinity) <= toMs || (table.kind === 'bars' && last < toMs);
      const { over = [], rest = [] } = Object.groupBy(listed.value, (file) => (isOver(file) ? 'over' : 'rest'));
      const cut = rest.filter(({ first }) => table.kind === 'bars' && first < toMs);
      let rows = sumOfRows(over);
      for (const file of cut) {
        const gone = await this.#cut(table, folder.value, shape, file, toMs, dryRun);
        if (!gone.ok) return gone;
        rows += gone.value;
      }
      try {
        const bytes = await bytesOfFiles(over);
        const removed = dryRun ? ok(null) : await removeFiles(folder.value, over);
        return removed.ok ? ok({ rows, files: over.length, rewritten: cut.length, bytes }) : removed;
      } catch (thrown) {
        return unavailable(folder.value, thrown);
      }
    });
  }

  /** Has a file of bars begin at a time; how many rows go. */
  async #cut(
    table: TableName,
    folder: string,
    shape: TableShape,
    file: StoredFile,
    toMs: number,
    dryRun: boolean,
  ): Promise<Result<number>> {
    const keyShape: TableShape = { ...shape, specs: shape.specs.slice(0, 1) };
    const read = await this.#readFiles([file], keyShape, false);
    if (!read.ok) return read;
    const gone = keysOf(read.value.columns).findIndex((key) => key >= toMs);
    if (dryRun) return ok(gone);
    const fromMs = keysOf(read.value.columns)[gone] ?? toMs;
    const written = await this.#rewrite(table, folder, shape, [file], { ordered: true, fromMs });
    if (!written.ok) return written;
    const removed = await removeFiles(folder, [file]);
    return removed.ok ? ok(gone) : removed;
  }

  /** What is stored, by the names of the files. */
  async extent(table: TableName): Promise<Result<{ files: readonly StoredFile[]; bytes: number }>> {
    const folder = tableFolder(this.#root, table);
    if (!folder.ok) return folder;
    for (let attempt = 1; ; attempt += 1) {
      const files = await filesOf(folder.value, table.kind, ALL_TIME);
      if (!files.ok) return files;
      try {
        return ok({ files: files.value, bytes: await bytesOfFiles(files.value) });
      } catch (thrown) {
        if (attempt === ATTEMPTS_MAX)
          return err('catalog_unavailable', `${folder.value} has changed while it was read`, {
            retry: 'retryable',
            cause: thrown,
          });
      }
    }
  }
}

const sumOfRows = (files: readonly StoredFile[]): number => files.reduce((sum, { rows }) => sum + rows, 0);

/** The last bar of a month is there: no other will come behind it. */
const isEnded = ({ interval }: TableName, toMs: number, files: readonly StoredFile[]): boolean =>
  interval !== null && files.some(({ last }) => last + intervalMs(interval) >= toMs);

const metadata = (table: TableName): Readonly<Record<string, string>> => ({
  monsta_kind: table.kind,
  monsta_instrument: table.instrument,
  monsta_interval: table.interval ?? '',
});

/** What the catalogue calls a fault of its files. */
function catalogFault(fault: Fault): Result<never> {
  const code = fault.code === 'parquet_off_step' ? 'catalog_off_tick' : fault.code.replace(/^parquet_/, 'catalog_');
  return { ok: false, fault: { ...fault, code } };
}
