import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { backupSqlite, checkSqlite } from '@monsta/ledger-sqlite';
import { VERSION } from '../version.ts';
import { digestOf, MANIFEST, syncFolders, syncParent, syncPath, type BackedUpFile, type Manifest } from './files.ts';

export interface BackupOptions {
  readonly dataDirectory: string;
  readonly to: string;
  /** The configuration file to keep with it; null: none. */
  readonly configFile: string | null;
  /** The file of the master key to keep with it; null: the backup alone opens no exchange key. */
  readonly keyFile: string | null;
  readonly nowMs: number;
}

/** The names of a journal that belong to its records. The mark of what is synced comes first: it may be behind the segments, never ahead. */
const journalFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name === 'journal.synced' || /^\d{16}\.journal$/.test(name))
    .toSorted(
      (one, other) => Number(other === 'journal.synced') - Number(one === 'journal.synced') || (one < other ? -1 : 1),
    );

/** Copies a file; false where retention has removed it meanwhile. */
function copied(from: string, to: string): boolean {
  try {
    copyFileSync(from, to);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return false;
    throw thrown;
  }
}

function copyJournals(kind: string, from: string, to: string): readonly string[] {
  const accounts = existsSync(join(from, kind)) ? readdirSync(join(from, kind)) : [];
  return accounts.flatMap((account) => {
    mkdirSync(join(to, kind, account), { recursive: true, mode: 0o700 });
    return journalFiles(join(from, kind, account)).flatMap((name) => {
      const path = join(kind, account, name);
      return copied(join(from, path), join(to, path)) ? [path] : [];
    });
  });
}

/** The ledger first: what is copied behind it can only be newer, as a venue is that moved on, and that is what a start reconciles. */
async function copyAll(options: BackupOptions, folder: string): Promise<Result<readonly string[]>> {
  const { dataDirectory, configFile, keyFile } = options;
  const files: string[] = [];
  for (const name of ['ledger.sqlite', 'secrets.sqlite']) {
    if (!existsSync(join(dataDirectory, name))) continue;
    const saved = await backupSqlite(join(dataDirectory, name), join(folder, name));
    if (!saved.ok) return saved;
    const sound = checkSqlite(join(folder, name));
    if (!sound.ok) return sound;
    files.push(name);
  }
  files.push(...copyJournals('paper', dataDirectory, folder), ...copyJournals('journal', dataDirectory, folder));
  if (configFile !== null && copied(configFile, join(folder, 'config.json'))) files.push('config.json');
  if (keyFile !== null) {
    if (!copied(keyFile, join(folder, 'secrets.key')))
      return err('backup_failed', `there is no master key in ${keyFile}; leave --with-key away`);
    files.push('secrets.key');
  }
  return ok(files);
}

/**
 * Copies a data directory while it is in use into a new folder, which appears whole or not at all. Faults: `backup_exists`, `backup_nothing`, `backup_failed`, `backup_corrupt`.
 */
export async function backUp(options: BackupOptions): Promise<Result<Manifest>> {
  const to = resolve(options.to);
  if (existsSync(to)) return err('backup_exists', `${to} is there already; name a folder that is not`);
  if (!existsSync(join(options.dataDirectory, 'ledger.sqlite')))
    return err(
      'backup_nothing',
      `there is no ledger in ${options.dataDirectory}; name the data directory with --data-dir`,
    );
  const folder = join(dirname(to), `.${basename(to)}.${process.pid}.part`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const copies = await copyAll(options, folder);
    if (!copies.ok) return copies;
    const files: BackedUpFile[] = [];
    for (const path of copies.value) {
      syncPath(join(folder, path));
      files.push({ path, ...(await digestOf(join(folder, path))) });
    }
    const accounts = [
      ...new Set(copies.value.flatMap((path) => /^(?:paper|journal)\/([^/]+)\//.exec(path)?.[1] ?? [])),
    ];
    const manifest: Manifest = { format: 1, version: VERSION, createdMs: options.nowMs, accounts, files };
    writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    syncPath(join(folder, MANIFEST));
    syncFolders(folder, copies.value);
    renameSync(folder, to);
    syncParent(to);
    return ok(manifest);
  } catch (thrown) {
    return err(
      'backup_failed',
      `the backup could not be written: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
