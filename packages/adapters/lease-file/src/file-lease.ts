import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { err, ok, type Err, type Result } from '@monsta/core';
import type { Lease, LeaseHold, LeaseHolder } from '@monsta/ports';
import { isBusy } from './held-file.ts';

const unavailable = (directory: string, cause: unknown): Err =>
  err(
    'lease_unavailable',
    `the lock files in ${directory} can't be used: ${cause instanceof Error ? cause.message : String(cause)}; see that the folder is writable`,
    { retry: 'retryable', cause },
  );

function holderOf(path: string): LeaseHolder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LeaseHolder;
  } catch {
    return null;
  }
}

/**
 * One holder of a name among the processes of a machine that use the same folder. The hold is the operating system's lock on a small SQLite file, kept by an open connection:
 * it ends with its process, however that ends, so that nothing has to be judged by process ids. The token is counted in the file. Who holds it is told by a text file beside it.
 */
export function createFileLease(directory: string, nowMs: () => number): Lease {
  const take = (name: string, about: string): Result<LeaseHold> => {
    const readable = name.replaceAll(/[^a-zA-Z0-9-]/g, '_').slice(0, 60);
    const base = join(directory, `${readable}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`);
    const holderFile = `${base}.holder`;
    let database: DatabaseSync | null = null;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      database = new DatabaseSync(`${base}.lock`, { timeout: 0 });
      // The lock of the first write is kept until the connection is closed.
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; BEGIN EXCLUSIVE;');
      database.exec(
        'CREATE TABLE IF NOT EXISTS lease (only INTEGER PRIMARY KEY CHECK (only = 1), token INTEGER NOT NULL)',
      );
      database.exec('INSERT INTO lease VALUES (1, 1) ON CONFLICT DO UPDATE SET token = token + 1');
      const token = Number(database.prepare('SELECT token FROM lease').get()?.['token']);
      database.exec('COMMIT');
      const holder: LeaseHolder = { host: hostname(), pid: process.pid, sinceMs: nowMs(), about };
      writeFileSync(`${holderFile}.new`, JSON.stringify(holder), { mode: 0o600 });
      renameSync(`${holderFile}.new`, holderFile);
      return ok(holdOf(database, token, holderFile, name));
    } catch (thrown) {
      database?.close();
      if (!isBusy(thrown)) return unavailable(directory, thrown);
      return err('lease_held', `'${name}' is held by another process`, {
        retry: 'retryable',
        details: { holder: holderOf(holderFile) },
      });
    }
  };
  return { ttlMs: null, take: (name, about) => Promise.resolve(take(name, about)) };
}

function holdOf(database: DatabaseSync, token: number, holderFile: string, name: string): LeaseHold {
  let held = true;
  return {
    token,
    renew: () => Promise.resolve(held ? ok(null) : err('lease_lost', `'${name}' was released`, { retry: 'fatal' })),
    release: () => {
      if (held) {
        held = false;
        rmSync(holderFile, { force: true });
        database.close();
      }
      return Promise.resolve();
    },
  };
}
