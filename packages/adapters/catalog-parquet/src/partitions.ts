import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { err, ok, type InstrumentId, type Interval, type Result } from '@monsta/core';

/** Where the rows of one instrument lie: `kind=bars/instrument=BTCUSDT/interval=1m`. */
export interface TableName {
  readonly kind: 'bars' | 'trades';
  readonly instrument: InstrumentId;
  readonly interval: Interval | null;
}

/** One Parquet file. Its name says what is in it: `FIRST_LAST_ROWS_SUM.parquet`, FIRST and LAST being the keys of the first and last row. */
export interface StoredFile {
  readonly path: string;
  /** `year=2024/month=08` */
  readonly partition: string;
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

const INSTRUMENT = /^[A-Za-z0-9._-]{1,40}$/;
const FILE = /^(-?\d+)_(-?\d+)_(\d+)_[0-9a-f]{16}\.parquet$/;
const PARTITION = /^year=(-?\d{4,6})\/month=(\d{2})(?:\/day=(\d{2}))?$/;
/** A file being written; one that is older than an hour was left by a program that died. */
const TEMPORARY = /^\..*\.tmp$/;
const ABANDONED_MS = 3_600_000;

/** Null where the name could lead out of the catalogue. */
export function tableFolder(root: string, { kind, instrument, interval }: TableName): Result<string> {
  if (!INSTRUMENT.test(instrument) || /^\.+$/.test(instrument))
    return err('catalog_refused', `'${instrument.slice(0, 50)}' can't be the name of an instrument in a catalogue`);
  return ok(
    join(root, `kind=${kind}`, `instrument=${instrument}`, ...(interval === null ? [] : [`interval=${interval}`])),
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The partition that a time lies in: bars by month, trades by day. */
export function partitionOf(kind: TableName['kind'], ms: number): string {
  const date = new Date(ms);
  const month = `year=${String(date.getUTCFullYear()).padStart(4, '0')}/month=${two(date.getUTCMonth() + 1)}`;
  return kind === 'bars' ? month : `${month}/day=${two(date.getUTCDate())}`;
}

/** First moment of a partition, and the first behind it, ms. */
function partitionSpan(partition: string): { readonly fromMs: number; readonly toMs: number } | null {
  const match = PARTITION.exec(partition);
  if (match === null) return null;
  const [year, month] = [Number(match[1]), Number(match[2]) - 1];
  if (match[3] === undefined) return { fromMs: Date.UTC(year, month), toMs: Date.UTC(year, month + 1) };
  const day = Number(match[3]);
  return { fromMs: Date.UTC(year, month, day), toMs: Date.UTC(year, month, day + 1) };
}

const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR');

const unavailable = (path: string, thrown: unknown): Result<never> =>
  err('catalog_unavailable', `${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
    retry: 'retryable',
    cause: thrown,
  });

/** Names of the folders in one that may be absent. */
export async function foldersIn(path: string): Promise<Result<readonly string[]>> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return ok(entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted());
  } catch (thrown) {
    return isAbsent(thrown) ? ok([]) : unavailable(path, thrown);
  }
}

/** The Parquet files of a table that may hold rows of a span, by partition and first key. Fault `catalog_damaged`: one that the catalogue has not written. */
export async function filesOf(
  folder: string,
  fromMs: number | null,
  toMs: number | null,
): Promise<Result<readonly StoredFile[]>> {
  let names: readonly string[];
  try {
    names = await readdir(folder, { recursive: true });
  } catch (thrown) {
    return isAbsent(thrown) ? ok([]) : unavailable(folder, thrown);
  }
  const files: StoredFile[] = [];
  for (const name of names) {
    if (!name.endsWith('.parquet')) continue;
    const path = join(folder, name);
    const partition = relative(folder, dirname(path)).replaceAll('\\', '/');
    const span = partitionSpan(partition);
    const parts = FILE.exec(name.slice(partition.length + 1));
    if (span === null || parts === null)
      return err('catalog_damaged', `${path} is no file of the catalogue; move it away and import it`);
    if ((fromMs !== null && span.toMs <= fromMs) || (toMs !== null && span.fromMs >= toMs)) continue;
    files.push({ path, partition, first: Number(parts[1]), last: Number(parts[2]), rows: Number(parts[3]) });
  }
  return ok(
    files.toSorted(
      (left, right) => compare(left.partition, right.partition) || left.first - right.first || left.last - right.last,
    ),
  );
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex').slice(0, 16);
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_MS) await rm(path, { force: true });
  }
}

/** Where a file is written before it has its name; it is gone if writing fails. */
export async function withTemporary(
  root: string,
  folder: string,
  id: string,
  write: (path: string) => Promise<Result<{ first: number; last: number; rows: number }>>,
): Promise<Result<string>> {
  const temporary = join(folder, `.${id}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    await removeAbandoned(folder);
    const written = await write(temporary);
    if (!written.ok) return written;
    const { first, last, rows } = written.value;
    const path = join(folder, `${first}_${last}_${rows}_${await sumOf(temporary)}.parquet`);
    await syncPath(temporary);
    await rename(temporary, path);
    // The name, and those of the folders that may be new, are on disk too.
    for (let at = folder; at.startsWith(root); at = dirname(at)) await syncPath(at);
    return ok(path);
  } catch (thrown) {
    return unavailable(folder, thrown);
  } finally {
    await rm(temporary, { force: true });
  }
}

export async function bytesOfFiles(files: readonly StoredFile[]): Promise<number> {
  const sizes = await Promise.all(files.map(({ path }) => stat(path).then(({ size }) => size)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Removes files; one that is gone already does no harm. */
export async function removeFiles(files: readonly StoredFile[]): Promise<void> {
  for (const { path } of files) await rm(path, { force: true });
}
