export type { MasterKeySource } from './master-keys.ts';
export { openSqliteSecrets, type SqliteSecrets, type SqliteSecretsOptions } from './sqlite-secrets.ts';
