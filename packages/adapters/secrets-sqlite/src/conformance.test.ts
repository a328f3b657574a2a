import type { Secrets } from '@monsta/ports';
import { secretsConformance } from '@monsta/testkit';
import { makeScratch } from './scratch.test-support.ts';

for (const key of ['in a file', 'given'] as const) {
  secretsConformance(`the store on SQLite, its key ${key},`, async () => {
    const scratch = makeScratch();
    const options = key === 'given' ? { masterKey: scratch.givenKey } : {};
    let secrets = await scratch.open(options);
    const others: Secrets[] = [];
    return {
      secrets,
      async another() {
        const other = await scratch.open(options);
        others.push(other);
        return other;
      },
      async reopen() {
        await secrets.close();
        secrets = await scratch.open(options);
        return secrets;
      },
      atRest: async () => scratch.bytes(),
      async dispose() {
        for (const each of [secrets, ...others]) await each.close();
        scratch.remove();
      },
    };
  });
}
