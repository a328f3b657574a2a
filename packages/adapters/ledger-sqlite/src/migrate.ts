import { createHash } from 'node:crypto';
import { err, ok, type Result } from '@monsta/core';
import { corrupt, type Database } from './database.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';

/** `MNST`: tells our files from other programs' SQLite files. */
const APPLICATION_ID = 0x4d4e5354;

interface AppliedRow {
  readonly number: number;
  readonly name: string;
  readonly digest: string;
}

const digestOf = (migration: Migration): string => createHash('sha256').update(migration.sql).digest('hex');

function applicationId(db: Database): number {
  return db.allSql<{ application_id: number }>('PRAGMA application_id')[0]?.application_id ?? 0;
}

function hasTable(db: Database, name: string): boolean {
  return db.allSql(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`, [name]).length > 0;
}

/** What is applied already, checked against what this program knows. */
function readApplied(db: Database, path: string, known: readonly Migration[]): Result<number> {
  if (!hasTable(db, 'schema_migrations')) {
    const tables = db.allSql<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table'`);
    if (applicationId(db) === 0 && tables.length === 0) return ok(0);
    return err('ledger_foreign', `${path} is an SQLite file of another program; name another file for the ledger`, {
      retry: 'fatal',
    });
  }
  const applied = db.allSql<AppliedRow>('SELECT number, name, digest FROM schema_migrations ORDER BY number');
  const newest = applied.at(-1)?.number ?? 0;
  if (newest > known.length) {
    return err(
      'ledger_schema_newer',
      `the ledger ${path} has schema ${newest}, this program knows schemas up to ${known.length}; start the newer MONSTA, or another file`,
      { retry: 'fatal', details: { schema: newest, known: known.length } },
    );
  }
  for (const [index, row] of applied.entries()) {
    const migration = known[index];
    if (migration === undefined || row.number !== migration.number) {
      return corrupt(path, `schema step ${index + 1} is missing in its list`);
    }
    if (row.digest !== digestOf(migration)) {
      return err(
        'ledger_schema_changed',
        `schema step ${row.number} ('${row.name}') of the ledger ${path} is not the one this program has; it was written by a changed program`,
        { retry: 'fatal' },
      );
    }
  }
  return ok(newest);
}

/**
 * Brings the schema up to date: every missing step in a transaction of its own. Returns the number of steps applied now.
 * Faults: `ledger_schema_newer`, `ledger_schema_changed`, `ledger_foreign`, `ledger_corrupt`.
 */
export function migrate(db: Database, path: string, known: readonly Migration[] = MIGRATIONS): Result<number> {
  const before = readApplied(db, path, known);
  if (!before.ok) return before;
  for (const migration of known.slice(before.value)) {
    db.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have been faster between reading and taking the write lock.
      const now = readApplied(db, path, known);
      if (!now.ok) {
        db.exec('ROLLBACK');
        return now;
      }
      if (now.value < migration.number) {
        db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
        db.exec(`CREATE TABLE IF NOT EXISTS schema_migrations (
          number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_us INTEGER NOT NULL
        ) STRICT`);
        db.exec(migration.sql);
        db.allSql(
          `INSERT INTO schema_migrations (number, name, digest, applied_us) VALUES (?, ?, ?, CAST(unixepoch('subsec') * 1000000 AS INTEGER))`,
          [migration.number, migration.name, digestOf(migration)],
        );
      }
      db.exec('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
  return ok(known.length - before.value);
}

/** For a reader, which may not change the schema. Faults as `migrate`, and `ledger_schema_older` (retryable: the writer will bring it up). */
export function checkSchema(db: Database, path: string, known: readonly Migration[] = MIGRATIONS): Result<null> {
  const applied = readApplied(db, path, known);
  if (!applied.ok) return applied;
  if (applied.value === known.length) return ok(null);
  return err(
    'ledger_schema_older',
    `the ledger ${path} has schema ${applied.value}, this program reads schema ${known.length}; start the writer, which brings it up to date`,
    { retry: 'retryable' },
  );
}
