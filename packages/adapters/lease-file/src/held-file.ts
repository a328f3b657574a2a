import { DatabaseSync } from 'node:sqlite';

/** SQLite's primary result code for a file that another connection has locked. */
const SQLITE_BUSY = 5;

export const isBusy = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  'errcode' in thrown &&
  typeof thrown.errcode === 'number' &&
  (thrown.errcode & 0xff) === SQLITE_BUSY;

/** A file that this process holds alone. */
export interface HeldFile {
  readonly isHeld: boolean;
  release(): void;
}

/** The operating system's lock on a file, made where there is none, which ends with its process, however that ends; null while another holds it. Throws what the file system throws. */
export function holdFile(path: string): HeldFile | null {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    database.close();
    if (isBusy(thrown)) return null;
    throw thrown;
  }
  return {
    get isHeld() {
      return database.isOpen;
    },
    release() {
      if (database.isOpen) database.close();
    },
  };
}
