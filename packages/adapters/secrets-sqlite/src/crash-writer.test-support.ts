import { writeSync } from 'node:fs';
import { expectOk } from '@monsta/core';
import { openSqliteSecrets } from './sqlite-secrets.ts';

/**
 * Run as a process of its own, to be killed, and beside others of its kind: adds secrets, changes their metadata, removes every third and changes
 * the master key again and again, and prints what was done once it is acknowledged: `+NAME`, `=NAME`, `-NAME`.
 */
const [path = '', keyPath = '', prefix = ''] = process.argv.slice(2);
const secrets = expectOk(
  await openSqliteSecrets({ path, masterKey: { kind: 'file', path: keyPath }, busyTimeoutMs: 30_000 }),
);
expectOk(await secrets.prepare());

for (let number = 0; ; number += 1) {
  const name = `${prefix}${number}`;
  expectOk(await secrets.add({ name, metadata: { changed: 0 }, value: `value of ${name}` }));
  writeSync(1, `+${name}\n`);
  expectOk(await secrets.describe(name, { changed: 1 }));
  writeSync(1, `=${name}\n`);
  if (number % 3 === 0) {
    // Said before too: killed in between, nobody knows.
    writeSync(1, `?${name}\n`);
    expectOk(await secrets.remove(name));
    writeSync(1, `-${name}\n`);
  }
  if (number % 2 === 0) expectOk(await secrets.rekey());
}
