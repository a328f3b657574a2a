import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { checkSqlite } from '@monsta/ledger-sqlite';
import { isAlive, ownerOf } from '../runtime/lock.ts';
import { digestOf, MANIFEST, syncParent, syncPath, type Manifest } from './files.ts';

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
  syncPath(folder);
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

/**
 * Puts a backup in the place of a data directory, which is the old one or the new one at every moment. Faults: `backup_corrupt`, `backup_format`, `data_dir_locked` (a running
 * program has it), `data_dir_not_empty`, `restore_failed`.
 */
export async function restore({ from, dataDirectory, force, nowMs }: RestoreOptions): Promise<Result<Restored>> {
  const to = resolve(dataDirectory);
  const manifest = manifestOf(from);
  if (!manifest.ok) return manifest;
  const owner = ownerOf(join(to, 'monsta.lock'));
  if (owner !== null && isAlive(owner))
    return err('data_dir_locked', `${to} is in use by the running monsta with pid ${owner.pid}; stop it first`);
  const filled = existsSync(to) && readdirSync(to).length > 0;
  if (filled && !force)
    return err('data_dir_not_empty', `${to} holds data; name another --data-dir, or move it aside with --force`);
  const folder = join(dirname(to), `.${basename(to)}.${process.pid}.part`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const copied = await copyChecked(from, manifest.value, folder);
    if (!copied.ok) return copied;
    const movedTo = filled ? `${to}.before-${nowMs}` : null;
    if (movedTo !== null) renameSync(to, movedTo);
    else if (existsSync(to)) rmdirSync(to);
    renameSync(folder, to);
    syncParent(to);
    return ok({ manifest: manifest.value, movedTo });
  } catch (thrown) {
    return err('restore_failed', `nothing was restored: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
