import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { isAbsent, unavailable } from './disk.ts';
import { depthOf, folderSpan, type TableName, type TimeSpan } from './partitions.ts';
import { stateOf, transactionsIn } from './transactions.ts';

/** One Parquet file. Its name says what is in it: `FIRST_LAST_ROWS_SUM.parquet`, FIRST and LAST being the keys of the first and last row. */
export interface StoredFile {
  readonly path: string;
  /** `year=2024/month=08` */
  readonly partition: string;
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

const FILE = /^(-?\d+)_(-?\d+)_(\d+)_[0-9a-f]{16}\.parquet$/;
/** A file of an append to several partitions: it counts once the append does. */
const PENDING = /^\.(.+\.parquet)\.([0-9a-f-]{36})\.tmp$/;
/** How often a folder is listed again that changes while it is. */
const LISTINGS_MAX = 100;

/** Names of the folders in one that may be absent. */
export async function foldersIn(path: string): Promise<Result<readonly string[]>> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return ok(entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted());
  } catch (thrown) {
    return isAbsent(thrown) ? ok([]) : unavailable(path, thrown);
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).toSorted();
  } catch (thrown) {
    if (isAbsent(thrown)) return [];
    throw thrown;
  }
}

/** What a folder holds at one moment: what comes in the stead of other files while it is read may be missed, and they too. */
async function settledNames(path: string): Promise<readonly string[] | null> {
  let before = await namesIn(path);
  for (let listing = 1; listing < LISTINGS_MAX; listing += 1) {
    const names = await namesIn(path);
    if (names.join('/') === before.join('/')) return names;
    before = names;
  }
  return null;
}

const touches = (span: { readonly fromMs: number; readonly toMs: number }, { fromMs, toMs }: TimeSpan): boolean =>
  (fromMs === null || span.toMs > fromMs) && (toMs === null || span.fromMs < toMs);

/** Folders of partitions that a span touches, by time. */
async function partitionsIn(folder: string, kind: TableName['kind'], wanted: TimeSpan): Promise<readonly string[]> {
  let found: readonly (readonly string[])[] = [[]];
  for (let depth = 0; depth < depthOf(kind); depth += 1) {
    const below = await Promise.all(
      found.map(async (path) => {
        const names = await namesIn(join(folder, ...path));
        return names.flatMap((name) => {
          const span = folderSpan([...path, name]);
          return span !== null && touches(span, wanted) ? [[...path, name]] : [];
        });
      }),
    );
    found = below.flat();
  }
  return found.map((path) => path.join('/'));
}

async function filesOfPartition(
  folder: string,
  partition: string,
  committed: ReadonlySet<string>,
): Promise<Result<readonly StoredFile[]>> {
  const at = join(folder, partition);
  const names = await settledNames(at);
  if (names === null)
    return err('catalog_unavailable', `${at} changes faster than it can be listed`, { retry: 'retryable' });
  const files: StoredFile[] = [];
  for (const name of names) {
    const pending = PENDING.exec(name);
    if (pending !== null && !committed.has(pending[2] ?? '')) continue;
    const final = pending?.[1] ?? name;
    if (!final.endsWith('.parquet') || (pending !== null && names.includes(final))) continue;
    const parts = FILE.exec(final);
    if (parts === null)
      return err('catalog_damaged', `${join(at, name)} is no file of the catalogue; move it away and import it`);
    const [first, last, rows] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
    files.push({ path: join(at, name), partition, first, last, rows });
  }
  return ok(files.toSorted((left, right) => left.first - right.first || left.last - right.last));
}

async function unknownAt(folder: string): Promise<Result<null>> {
  for (const name of await namesIn(folder)) {
    if (name.endsWith('.parquet') && !name.startsWith('.'))
      return err('catalog_damaged', `${join(folder, name)} is no file of the catalogue; move it away and import it`);
  }
  return ok(null);
}

/**
 * The Parquet files of a table that may hold rows of a span, by partition and first key: what is stored at one moment, an append to several partitions in all of them or in none. Fault `catalog_damaged`: a
 * file that the catalogue has not written.
 */
export async function filesOf(
  folder: string,
  kind: TableName['kind'],
  span: TimeSpan,
): Promise<Result<readonly StoredFile[]>> {
  try {
    const known = await unknownAt(folder);
    if (!known.ok) return known;
    for (let listing = 0; listing < LISTINGS_MAX; listing += 1) {
      const before = await transactionsIn(folder);
      const partitions = await partitionsIn(folder, kind, span);
      const lists = await Promise.all(
        partitions.map((partition) => filesOfPartition(folder, partition, before.committed)),
      );
      const faulty = lists.find((list) => !list.ok);
      if (faulty !== undefined) return faulty;
      // Another append to several partitions began to count meanwhile: it was seen in some of them only.
      if (stateOf(before) !== stateOf(await transactionsIn(folder))) continue;
      return ok(lists.flatMap((list) => (list.ok ? list.value : [])));
    }
    return err('catalog_unavailable', `${folder} changes faster than it can be listed`, { retry: 'retryable' });
  } catch (thrown) {
    return unavailable(folder, thrown);
  }
}

export async function bytesOfFiles(files: readonly StoredFile[]): Promise<number> {
  const sizes = await Promise.all(files.map(({ path }) => stat(path).then(({ size }) => size)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Removes files, and folders that are empty then. One that is gone already does no harm. */
export async function removeFiles(table: string, files: readonly StoredFile[]): Promise<Result<null>> {
  try {
    for (const { path } of files) await rm(path, { force: true });
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) await removeEmpty(table, folder);
    return ok(null);
  } catch (thrown) {
    return unavailable(table, thrown);
  }
}

/** Removes a folder, and those above it, as long as there is nothing in them. */
async function removeEmpty(table: string, folder: string): Promise<void> {
  for (let at = folder; at.length > table.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
  }
}
