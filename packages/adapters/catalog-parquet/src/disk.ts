import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { err, type Result } from '@monsta/core';

export const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR');

export const unavailable = (path: string, thrown: unknown): Result<never> =>
  err('catalog_unavailable', `${path}: ${thrown instanceof Error ? thrown.message : String(thrown)}`, {
    retry: 'retryable',
    cause: thrown,
  });

/** What was written to a file, or named in a folder, is on disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The beginning of the SHA-256 of a file's bytes, in sixteen hexadecimal digits. */
export async function sumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex').slice(0, 16);
}

/** Folders whose names this process has seen to be on disk. */
const named = new Set<string>();

/** Makes a folder and those above it. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  if (made === undefined) return;
  // One that was there before has been removed since.
  for (let at = folder; at.length >= made.length; at = dirname(at)) named.delete(at);
}

/** What is named in a folder is on disk, and the names of the folder and of those above it up to the catalogue's. */
export async function syncFolders(root: string, folder: string): Promise<void> {
  await syncPath(folder);
  for (let at = folder; at.startsWith(root) && !named.has(at); at = dirname(at)) {
    await syncPath(dirname(at));
    named.add(at);
  }
}
