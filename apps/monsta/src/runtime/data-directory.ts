import { err, ok, type Result } from '@monsta/core';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { takeLock } from './lock.ts';

export interface DataDirectory {
  readonly path: string;
  file(...parts: readonly string[]): string;
  release(): void;
}

/** Makes a directory and those above it, one by one: Node's recursive mkdir never returns where the file system (/proc) answers that the parent is missing. */
function makeDirectory(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is not a directory`);
    return;
  }
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Another process may have made it in between; whether it is a directory is seen at once.
    if (!existsSync(path)) throw thrown;
    makeDirectory(path);
  }
}

const LOCK = 'monsta.lock';

/** Whether a name in a data directory is one that only says who has it. */
export const isLockFile = (name: string): boolean => name === LOCK || name.startsWith(`${LOCK}.`);

/**
 * Creates the data directory and takes it for this process alone. Faults: `data_dir_unusable`, `data_dir_locked` (a living process holds it).
 * The lock of a process that was killed is taken over.
 */
export function openDataDirectory(path: string): Result<DataDirectory> {
  try {
    makeDirectory(resolve(path));
    const taken = takeLock(join(path, LOCK));
    if ('release' in taken)
      return ok({ path, file: (...parts) => join(path, ...parts), release: () => taken.release() });
    const said =
      taken.owner === null
        ? `${path} was taken by another monsta just now; give this one another --data-dir`
        : `${path} is in use by the running monsta with pid ${taken.owner.pid}; stop it, or give this one another --data-dir`;
    return err('data_dir_locked', said);
  } catch (thrown) {
    return err(
      'data_dir_unusable',
      `the data directory ${path} can't be used: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

/** What an account's files are called. */
const fileNameOf = (accountId: string): string => accountId.replaceAll(/[^a-zA-Z0-9-]/g, '_');

/** Where the trading kernel of an account writes down what it takes in. */
export const kernelJournalOf = (directory: DataDirectory, accountId: string): string =>
  directory.file('journal', fileNameOf(accountId));

/** Where the paper venue keeps an account's orders. */
export const paperJournalOf = (directory: DataDirectory, accountId: string): string =>
  directory.file('paper', fileNameOf(accountId));

/** Where the models of a market are kept. */
export const modelsOf = (directory: DataDirectory, market: string): string =>
  directory.file('models', fileNameOf(market));
