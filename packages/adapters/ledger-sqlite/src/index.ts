export { backupSqlite, checkSqlite } from './backup.ts';
export { openSqliteLedger, type SqliteLedgerOptions } from './open-sqlite-ledger.ts';
