import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

/** Writes a file whole or not at all, and to the disk; readable by its owner alone. Throws what the file system throws. */
export function writeFileWhole(path: string, ...parts: readonly (string | Uint8Array)[]): void {
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    for (const part of parts) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}
