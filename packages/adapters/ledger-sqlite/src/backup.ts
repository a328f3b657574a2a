import { backup, DatabaseSync } from 'node:sqlite';
import { err, ok, type Err, type Result } from '@monsta/core';

const failed = (code: string, path: string, cause: unknown): Err =>
  err(code, `${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });

/** Copies a SQLite file as it is at one moment, whoever writes it meanwhile; resolves with the pages copied. Fault `backup_failed`. */
export async function backupSqlite(from: string, to: string): Promise<Result<number>> {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(from, { timeout: 10_000 });
    return ok(await backup(database, to));
  } catch (thrown) {
    return failed('backup_failed', from, thrown);
  } finally {
    database?.close();
  }
}

/** Reads a SQLite file through. Fault `backup_corrupt` with what SQLite finds. */
export function checkSqlite(path: string): Result<null> {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    const answer = Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0];
    return answer === 'ok' ? ok(null) : failed('backup_corrupt', path, new Error(String(answer)));
  } catch (thrown) {
    return failed('backup_corrupt', path, thrown);
  } finally {
    database?.close();
  }
}
