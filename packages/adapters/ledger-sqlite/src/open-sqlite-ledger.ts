import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import type { Ledger } from '@monsta/ports';
import { connect, corrupt, sqliteFault, type Database } from './database.ts';
import { GroupCommit } from './group-commit.ts';
import { checkSchema, migrate } from './migrate.ts';
import { SqliteLedger } from './sqlite-ledger.ts';

export interface SqliteLedgerOptions {
  /** File of the database; it and its folder are made where missing, readable by their owner only. `:memory:` keeps nothing: for tests. */
  readonly path: string;
  /** For another thread or process beside the writer: changes are refused with `ledger_read_only`. */
  readonly readOnly?: boolean;
  /** How long a statement waits for another connection's lock. The thread waits with it. Default 2,000. */
  readonly busyTimeoutMs?: number;
  /** Changes that may wait for the next transaction; beyond, `ledger_unavailable`. Default 10,000. */
  readonly pendingMax?: number;
  /** Reads the whole file for damage before it is used, which takes longer as it grows. Default true; never when read-only. */
  readonly verify?: boolean;
}

const IN_MEMORY = ':memory:';

/** Before a log of writes is folded into the file it may have this many bytes; what is longer is cut off afterwards. */
const WAL_BYTES_KEPT = 64 * 1024 * 1024;

function configureWriter(db: Database): void {
  db.exec('PRAGMA journal_mode = WAL');
  db.exec('PRAGMA synchronous = FULL');
  db.exec(`PRAGMA journal_size_limit = ${WAL_BYTES_KEPT}`);
  db.exec('PRAGMA foreign_keys = ON');
}

function verify(db: Database, path: string): Result<null> {
  const found = db.allSql<{ quick_check: string }>('PRAGMA quick_check(1)')[0]?.quick_check;
  return found === 'ok' ? ok(null) : corrupt(path, found ?? 'its check says nothing');
}

function prepareFile(path: string): Result<null> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    return ok(null);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown error';
    return err('ledger_unavailable', `the ledger ${path} can't be written: ${why}`, { retry: 'retryable', cause });
  }
}

function prepareSchema(db: Database, options: SqliteLedgerOptions): Result<null> {
  const { path } = options;
  if (options.readOnly === true) return checkSchema(db, path);
  const checked = options.verify === false ? ok(null) : verify(db, path);
  if (!checked.ok) return checked;
  // Another program's file must not be touched, so the schema is looked at before the file's mode is changed.
  const migrated = migrate(db, path);
  if (!migrated.ok) return migrated;
  configureWriter(db);
  return ok(null);
}

/**
 * Opens the ledger: write-ahead log, every commit synced to disk before it resolves, commits of one turn of the event loop in one transaction.
 * Faults: `ledger_unavailable`, `ledger_corrupt`, `ledger_foreign`, `ledger_schema_newer`, `ledger_schema_older` (read-only),
 * `ledger_schema_changed`.
 */
export async function openSqliteLedger(options: SqliteLedgerOptions): Promise<Result<Ledger>> {
  const { path, readOnly = false, busyTimeoutMs = 2_000, pendingMax = 10_000 } = options;
  if (!readOnly && path !== IN_MEMORY) {
    const prepared = prepareFile(path);
    if (!prepared.ok) return prepared;
  }
  let db: Database | null = null;
  try {
    db = connect(path, readOnly, busyTimeoutMs);
    const ready = prepareSchema(db, options);
    if (!ready.ok) {
      db.close();
      return ready;
    }
    return ok(new SqliteLedger(db, path, readOnly ? null : new GroupCommit(db, path, pendingMax)));
  } catch (error) {
    db?.close();
    return sqliteFault(path, error);
  }
}
