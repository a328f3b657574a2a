import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One file of a backup, by its path in it. */
export interface BackedUpFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: 1;
  readonly version: string;
  readonly createdMs: number;
  readonly accounts: readonly string[];
  readonly files: readonly BackedUpFile[];
}

export const MANIFEST = 'manifest.json';

/** On disk, and not only with the operating system; a folder's own entries too. */
export function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The folders in which files were made below a folder, each after those in it; last the folder itself. */
export function syncFolders(folder: string, paths: readonly string[]): void {
  const folders = new Set(paths.flatMap(foldersOf));
  for (const path of [...folders].toSorted((one, other) => other.length - one.length)) syncPath(join(folder, path));
  syncPath(folder);
}

/** `a/b/c` is in `a/b`, which is in `a`. */
function foldersOf(path: string): readonly string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [parent, ...foldersOf(parent)];
}

export const syncParent = (path: string): void => syncPath(dirname(path));

/** Size and SHA-256 of a file as it is. */
export async function digestOf(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}
