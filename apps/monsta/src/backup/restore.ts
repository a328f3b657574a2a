import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { checkSqlite } from '@monsta/ledger-sqlite';
import { isLockFile, openDataDirectory, type DataDirectory } from '../runtime/data-directory.ts';
import { digestOf, MANIFEST, syncFolders, syncParent, syncPath, type Manifest } from './files.ts';

function manifestOf(from: string): Result<Manifest> {
  try {
    const manifest = JSON.parse(readFileSync(join(from, MANIFEST), 'utf8')) as Manifest;
    // Typed as 1, and read from a file all the same.
    const format: unknown = manifest.format;
    if (format !== 1)
      return err(
        'backup_format',
        `${from} was written by MONSTA ${manifest.version} in a format that this one does not read`,
      );
    const outside = manifest.files.find(({ path }) => isAbsolute(path) || path.split('/').includes('..'));
    if (outside !== undefined) return err('backup_corrupt', `${from} names a file outside of itself: ${outside.path}`);
    return ok(manifest);
  } catch {
    return err('backup_corrupt', `${from} is no backup, or not a whole one: its ${MANIFEST} can't be read`);
  }
}

/** Copies what the manifest names, and checks the copies: what was checked is what will be used. */
async function copyChecked(from: string, manifest: Manifest, folder: string): Promise<Result<null>> {
  for (const { path, bytes, sha256 } of manifest.files) {
    if (!existsSync(join(from, path))) return err('backup_corrupt', `${join(from, path)} is missing`);
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    copyFileSync(join(from, path), join(folder, path));
    const found = await digestOf(join(folder, path));
    if (found.bytes !== bytes || found.sha256 !== sha256)
      return err('backup_corrupt', `${join(from, path)} is not what was backed up: its size or SHA-256 differs`);
    if (path.endsWith('.sqlite')) {
      const sound = checkSqlite(join(folder, path));
      if (!sound.ok) return sound;
    }
    syncPath(join(folder, path));
  }
  syncFolders(
    folder,
    manifest.files.map(({ path }) => path),
  );
  return ok(null);
}

interface RestoreOptions {
  readonly from: string;
  readonly dataDirectory: string;
  /** What is in the data directory already is moved aside. */
  readonly force: boolean;
  readonly nowMs: number;
}

/** What was restored, and where what had been there went; null: nothing was. */
export interface Restored {
  readonly manifest: Manifest;
  readonly movedTo: string | null;
}

/** What holds the data directory while it is replaced; null where there is none yet. */
function takeDirectory(path: string): Result<DataDirectory | null> {
  return existsSync(path) ? openDataDirectory(path) : ok(null);
}

/** Whether anything is in a data directory but the marks of who has it. */
const isFilled = (path: string): boolean => existsSync(path) && readdirSync(path).some((name) => !isLockFile(name));

/** Moves what was copied into the place of what is there; the path that this has then, null where there was nothing. */
function replace(to: string, folder: string, aside: string | null): string | null {
  if (aside !== null) renameSync(to, aside);
  else rmSync(to, { recursive: true, force: true });
  try {
    renameSync(folder, to);
  } catch (thrown) {
    const where = aside === null ? '' : `; what was there is in ${aside}`;
    throw new Error(`${thrown instanceof Error ? thrown.message : String(thrown)}${where}`, { cause: thrown });
  }
  syncParent(to);
  return aside;
}

/**
 * Puts a backup in the place of a data directory, which is the old one or the new one at every moment, and no program's while it is replaced. Faults: `backup_corrupt`,
 * `backup_format`, `data_dir_locked` (a running program has it), `data_dir_unusable`, `data_dir_not_empty`, `restore_failed`.
 */
export async function restore({ from, dataDirectory, force, nowMs }: RestoreOptions): Promise<Result<Restored>> {
  const to = resolve(dataDirectory);
  const manifest = manifestOf(from);
  if (!manifest.ok) return manifest;
  const taken = takeDirectory(to);
  if (!taken.ok) return taken;
  const filled = isFilled(to);
  const folder = join(dirname(to), `.${basename(to)}.${process.pid}.part`);
  try {
    if (filled && !force)
      return err('data_dir_not_empty', `${to} holds data; name another --data-dir, or move it aside with --force`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const copied = await copyChecked(from, manifest.value, folder);
    if (!copied.ok) return copied;
    return ok({ manifest: manifest.value, movedTo: replace(to, folder, filled ? `${to}.before-${nowMs}` : null) });
  } catch (thrown) {
    return err('restore_failed', `nothing was restored: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    taken.value?.release();
  }
}
