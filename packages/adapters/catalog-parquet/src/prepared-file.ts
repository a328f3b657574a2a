import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, type Result } from '@monsta/core';
import { makeFolder, sumOf, syncFolders, syncPath, unavailable } from './disk.ts';

/** What a file that is being written will hold. */
export interface Extent {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/** A file being written; one that is older than an hour was left by a program that died. */
const TEMPORARY = /^\..*\.tmp$/;
const ABANDONED_MS = 3_600_000;

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

/** A file that is written and synced, under a name that no reader looks at yet. */
export interface PreparedFile {
  readonly temporary: string;
  /** The name that it will have. */
  readonly path: string;
}

/** Has a file written in the folder of a partition, and its bytes on disk. With `transaction`, it counts with that: see transactions.ts. It is gone if writing fails. */
export async function prepareFile(
  folder: string,
  transaction: string | null,
  write: (path: string) => Promise<Result<Extent>>,
): Promise<Result<PreparedFile>> {
  const working = join(folder, `.${randomUUID()}.tmp`);
  try {
    await makeFolder(folder);
    await removeAbandoned(folder);
    const written = await write(working);
    if (!written.ok) {
      await rm(working, { force: true });
      return written;
    }
    const { first, last, rows } = written.value;
    const name = `${first}_${last}_${rows}_${await sumOf(working)}.parquet`;
    await syncPath(working);
    const temporary = transaction === null ? working : join(folder, `.${name}.${transaction}.tmp`);
    if (temporary !== working) await rename(working, temporary);
    return ok({ temporary, path: join(folder, name) });
  } catch (thrown) {
    await rm(working, { force: true });
    return unavailable(folder, thrown);
  }
}

/** Gives a prepared file its name, from which moment on it counts. */
export async function nameFile(root: string, { temporary, path }: PreparedFile): Promise<Result<null>> {
  try {
    await rename(temporary, path);
    await syncFolders(root, dirname(path));
    return ok(null);
  } catch (thrown) {
    return unavailable(path, thrown);
  }
}
