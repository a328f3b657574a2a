/**
 * An append to several partitions counts in all of them or in none. Its files lie beside the others under names that no reader looks at, and that hold its id. Then a record appears in the folder of the table, in
 * one step of the file system, with that id: from that moment on readers take the files for stored. They get their names one after the other, by whoever writes next if the writer has died, and the record
 * is turned into one of what is done; that stays a while, so that a reader who listed the folders meanwhile sees that something has happened.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { ok, type Result } from '@monsta/core';
import { isAbsent, syncFolders, syncPath, unavailable } from './disk.ts';
import type { PreparedFile } from './prepared-file.ts';

const RECORD = /^\.([0-9a-f-]{36})\.(commit|done)$/;
const DONE_KEPT_MS = 60_000;

export interface Transactions {
  /** Ids of those that count, and whose files may still be without their names. */
  readonly committed: ReadonlySet<string>;
  /** Ids of those that are over. */
  readonly done: ReadonlySet<string>;
}

const NONE: Transactions = { committed: new Set(), done: new Set() };

/** The appends to several partitions of a table that count. */
export async function transactionsIn(folder: string): Promise<Transactions> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (thrown) {
    if (isAbsent(thrown)) return NONE;
    throw thrown;
  }
  const committed = new Set<string>();
  const done = new Set<string>();
  for (const name of names) {
    const record = RECORD.exec(name);
    if (record !== null) (record[2] === 'commit' ? committed : done).add(record[1] ?? '');
  }
  return { committed, done };
}

/** Differs as soon as another append counts. */
export const stateOf = ({ committed, done }: Transactions): string =>
  `${[...committed].toSorted().join()} ${[...done].toSorted().join()}`;

/** Has all files count at once, and gives them their names. */
export async function commit(
  root: string,
  folder: string,
  id: string,
  files: readonly PreparedFile[],
): Promise<Result<null>> {
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    for (const at of new Set(files.map(({ path }) => dirname(path)))) await syncFolders(root, at);
    await writeFile(temporary, JSON.stringify(files.map(({ path }) => relative(folder, path))), { flush: true });
    await rename(temporary, join(folder, `.${id}.commit`));
    await syncPath(folder);
    await finish(folder, id);
    return ok(null);
  } catch (thrown) {
    return unavailable(folder, thrown);
  }
}

/** Finishes what writers that died have left. */
export async function finishAll(folder: string): Promise<Result<null>> {
  try {
    const { committed, done } = await transactionsIn(folder);
    for (const id of committed) await finish(folder, id);
    for (const id of done) {
      const path = join(folder, `.${id}.done`);
      const age = await stat(path).then(
        ({ ctimeMs }) => Date.now() - ctimeMs,
        () => 0,
      );
      if (age > DONE_KEPT_MS) await rm(path, { force: true });
    }
    return ok(null);
  } catch (thrown) {
    return unavailable(folder, thrown);
  }
}

/** Two may do it at once: what one has done is done. */
async function finish(folder: string, id: string): Promise<void> {
  const record = join(folder, `.${id}.commit`);
  try {
    const paths = JSON.parse(await readFile(record, 'utf8')) as readonly string[];
    for (const path of paths) {
      const at = join(folder, dirname(path));
      await renameIfThere(join(at, `.${basename(path)}.${id}.tmp`), join(folder, path));
      await syncPath(at).catch((thrown: unknown) => {
        if (!isAbsent(thrown)) throw thrown;
      });
    }
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
  }
  await renameIfThere(record, join(folder, `.${id}.done`));
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    if (!isAbsent(thrown)) throw thrown;
  }
}
