import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { err, ok, type Result } from '@monsta/core';

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes into a new file through its handle. */
export async function writtenBy(path: string, work: (file: FileHandle) => Promise<void>): Promise<Result<null>> {
  const file = await open(path, 'wx');
  try {
    await work(file);
    return ok(null);
  } finally {
    await file.close();
  }
}

/**
 * Has a file written wholly or not at all: `write` is given the path of a temporary one beside it, which is brought to disk and renamed when it is whole. An older file stays until then; without
 * `replace` it is not touched. Faults, with `kind` in front: `_exists`, `_unwritable`; those of `write`.
 */
export async function writeWhole(
  path: string,
  kind: string,
  replace: boolean,
  write: (temporary: string) => Promise<Result<null>>,
): Promise<Result<null>> {
  const taken = (): boolean => !replace && existsSync(path);
  const exists = err(`${kind}_exists`, `${path} is there already; name another file, or let it be replaced`);
  if (taken()) return exists;
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await mkdir(folder, { recursive: true });
    const written = await write(temporary);
    if (!written.ok) return written;
    await synced(temporary);
    if (taken()) return exists;
    await rename(temporary, path);
    await synced(folder);
    return ok(null);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return err(`${kind}_unwritable`, `${path} can't be written: ${message}`, { cause: thrown });
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
