import { join } from 'node:path';
import { err, ok, type Result } from '@monsta/core';
import { openSqliteSecrets, type MasterKeySource, type SqliteSecrets } from '@monsta/secrets-sqlite';
import type { MonstaConfig } from '../config/schema.ts';
import type { Environment } from './transport.ts';

/** The names of the master key in the environment: the one in use, and the one that is to follow it. */
export const MASTER_KEY_VARIABLE = 'MONSTA_SECRETS_KEY';
export const NEXT_KEY_VARIABLE = 'MONSTA_SECRETS_KEY_NEXT';

/** Where the master key comes from. Fault `config_invalid` where two places name one. */
function masterKeySource(config: MonstaConfig, environment: Environment): Result<MasterKeySource> {
  const { keyFile } = config.secrets;
  const key = environment[MASTER_KEY_VARIABLE];
  if (key === undefined) return ok({ kind: 'file', path: keyFile ?? join(config.dataDir, 'secrets.key') });
  if (keyFile !== null)
    return err(
      'config_invalid',
      `both secrets.key_file and ${MASTER_KEY_VARIABLE} name a master key; take one of them away`,
    );
  return ok({ kind: 'given', key, next: environment[NEXT_KEY_VARIABLE] ?? null });
}

/** The store of secrets in the data directory; it may be open in another process too. Faults: `config_invalid`, and those of opening it. */
export async function openSecrets(config: MonstaConfig, environment: Environment): Promise<Result<SqliteSecrets>> {
  const masterKey = masterKeySource(config, environment);
  if (!masterKey.ok) return masterKey;
  return openSqliteSecrets({ path: join(config.dataDir, 'secrets.sqlite'), masterKey: masterKey.value });
}
