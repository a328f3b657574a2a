import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import type { MasterKeySource } from './master-keys.ts';
import { openSqliteSecrets, type SqliteSecrets, type SqliteSecretsOptions } from './sqlite-secrets.ts';

/** A folder with a store of secrets in it, and its key file beside. */
export interface Scratch {
  readonly path: string;
  readonly keyPath: string;
  readonly givenKey: MasterKeySource;
  open(options?: Partial<SqliteSecretsOptions>): Promise<SqliteSecrets>;
  /** Everything in the folder but the key file, one after the other. */
  bytes(): Uint8Array;
  remove(): void;
}

export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-secrets-'));
  const store = join(folder, 'data');
  const path = join(store, 'secrets.sqlite');
  const keyPath = join(folder, 'keys', 'secrets.key');
  return {
    path,
    keyPath,
    givenKey: { kind: 'given', key: randomBytes(32).toString('base64'), next: null },
    open: async (options = {}) =>
      expectOk(await openSqliteSecrets({ path, masterKey: { kind: 'file', path: keyPath }, ...options })),
    bytes: () => Buffer.concat(readdirSync(store).map((name) => readFileSync(join(store, name)))),
    remove: () => rmSync(folder, { recursive: true }),
  };
}
