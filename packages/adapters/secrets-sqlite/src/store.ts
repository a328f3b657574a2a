import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { err, InvariantError, ok, type Err, type Result } from '@monsta/core';
import type { Label } from './envelope.ts';

/** `MSEC`: tells our file from another program's. */
const APPLICATION_ID = 0x4d_53_45_43;
const SCHEMA_VERSION = 1;

const PAGE_BYTES_LEAST = 512;

const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** SQLite's primary result codes that a store may meet, in words. */
const TROUBLES: Readonly<Record<number, string>> = {
  5: 'another process holds the write lock',
  6: 'another connection holds a lock',
  8: 'the file can only be read',
  10: 'the disk reported an error',
  13: 'the disk is full',
  14: 'the file can’t be opened',
};

/** A sealed record with what stands beside it. */
export interface StoredSecret extends Label {
  readonly sealed: Uint8Array;
}

const damaged = (path: string, what: string, cause?: unknown): Err =>
  err(
    'secrets_damaged',
    `the store of secrets ${path} is damaged (${what}); keep a copy, and restore one from before, or move it away and add the secrets again`,
    { cause },
  );

/** What an error of SQLite means. Throws what is none, and what only a mistake of ours can cause. */
function storeFault(path: string, error: unknown): Err {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') throw error;
  const code = error.errcode & 0xff;
  if (code === CORRUPT || code === NOT_A_DATABASE) return damaged(path, error.message, error);
  const trouble = TROUBLES[code];
  if (trouble === undefined)
    throw new InvariantError(`the store ${path} refused a statement: ${error.message}`, { cause: error });
  return err('secrets_unavailable', `the store of secrets ${path} can't be used now: ${trouble} (${error.message})`, {
    retry: 'retryable',
    cause: error,
  });
}

/** The records in their file. One writer at a time, over processes too; each change is on disk, whole, when it returns, and what was removed is overwritten. */
export class SecretStore {
  readonly #path: string;
  readonly #connection: DatabaseSync;

  private constructor(path: string, connection: DatabaseSync) {
    this.#path = path;
    this.#connection = connection;
  }

  /** Opens the file, made where missing and readable by its owner only. Faults: `secrets_unavailable`, `secrets_damaged`. */
  static open(path: string, busyTimeoutMs: number): Result<SecretStore> {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const handle = openSync(path, 'a', 0o600);
      const { size } = fstatSync(handle);
      closeSync(handle);
      // SQLite would take what is left of a file for an empty one.
      if (size > 0 && size < PAGE_BYTES_LEAST) return damaged(path, `${size} bytes are left of it`);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      return err('secrets_unavailable', `the store of secrets ${path} can't be written: ${why}`, {
        retry: 'retryable',
        cause,
      });
    }
    let connection: DatabaseSync | null = null;
    try {
      connection = new DatabaseSync(path, { timeout: busyTimeoutMs, enableDoubleQuotedStringLiterals: false });
      const store = new SecretStore(path, connection);
      const ready = store.#prepare();
      if (ready.ok) return ok(store);
      connection.close();
      return ready;
    } catch (error) {
      if (connection?.isOpen === true) connection.close();
      return storeFault(path, error);
    }
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  #pragma(name: 'application_id' | 'user_version'): number {
    return Number(this.#connection.prepare(`PRAGMA ${name}`).get()?.[name]);
  }

  #prepare(): Result<null> {
    const db = this.#connection;
    // A rollback journal, deleted with the folder synced: nothing of a removed record waits in a log.
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON');
    const check = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (check !== 'ok') return damaged(this.#path, String(check));
    return this.alone(() => {
      const version = this.#pragma('user_version');
      if (version === SCHEMA_VERSION && this.#pragma('application_id') === APPLICATION_ID) return ok(null);
      const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.['count'];
      if (tables !== 0 || version !== 0)
        return damaged(this.#path, 'it is another program’s database, or a newer MONSTA’s');
      db.exec(
        'CREATE TABLE secret (name TEXT PRIMARY KEY NOT NULL, metadata TEXT NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID',
      );
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
      return ok(null);
    });
  }

  /** Runs `act` alone, over processes too, and keeps what it changed only where it succeeds. */
  alone<T>(act: () => Result<T>): Result<T> {
    const db = this.#connection;
    try {
      db.exec('BEGIN IMMEDIATE');
      const done = act();
      db.exec(done.ok ? 'COMMIT' : 'ROLLBACK');
      return done;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      return storeFault(this.#path, error);
    }
  }

  all(): readonly StoredSecret[] {
    return this.#connection.prepare('SELECT name, metadata, sealed FROM secret ORDER BY name').all().map(storedSecret);
  }

  get(name: string): StoredSecret | null {
    const row = this.#connection.prepare('SELECT name, metadata, sealed FROM secret WHERE name = ?').get(name);
    return row === undefined ? null : storedSecret(row);
  }

  count(): number {
    return Number(this.#connection.prepare('SELECT count(*) AS count FROM secret').get()?.['count']);
  }

  put({ name, metadata, sealed }: StoredSecret): void {
    this.#connection
      .prepare('INSERT OR REPLACE INTO secret (name, metadata, sealed) VALUES (?, ?, ?)')
      .run(name, metadata, sealed);
  }

  delete(name: string): boolean {
    return Number(this.#connection.prepare('DELETE FROM secret WHERE name = ?').run(name).changes) > 0;
  }

  close(): void {
    if (this.#connection.isOpen) this.#connection.close();
  }
}

function storedSecret(row: Record<string, unknown>): StoredSecret {
  const { name, metadata, sealed } = row;
  if (typeof name === 'string' && typeof metadata === 'string' && sealed instanceof Uint8Array)
    return { name, metadata, sealed };
  throw new InvariantError('a row of the store of secrets is not in its form');
}
