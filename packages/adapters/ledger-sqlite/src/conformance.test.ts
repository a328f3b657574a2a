import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { ledgerBooksConformance, ledgerConformance, ledgerListingConformance, type LedgerRig } from '@monsta/testkit';
import { openSqliteLedger } from './open-sqlite-ledger.ts';

async function makeRig(): Promise<LedgerRig> {
  const folder = await mkdtemp(join(tmpdir(), 'monsta-ledger-'));
  const path = join(folder, 'deeper', 'ledger.sqlite');
  let ledger = expectOk(await openSqliteLedger({ path }));
  return {
    ledger,
    async reopen() {
      await ledger.close();
      ledger = expectOk(await openSqliteLedger({ path }));
      return ledger;
    },
    reader: async () => expectOk(await openSqliteLedger({ path, readOnly: true })),
    async dispose() {
      await ledger.close();
      await rm(folder, { recursive: true });
    },
  };
}

ledgerConformance('the ledger on SQLite', makeRig);
ledgerBooksConformance('the ledger on SQLite', makeRig);
ledgerListingConformance('the ledger on SQLite', makeRig);
