import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { leaseConformance } from '@monsta/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { createFileLease } from './file-lease.ts';

const HOLDER = fileURLToPath(new URL('holder.test-support.ts', import.meta.url));

leaseConformance('a lease over a lock file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-lease-'));
  return Promise.resolve({
    lease: createFileLease(directory, () => 0),
    async elsewhere(name) {
      const child = spawn(process.execPath, [HOLDER, directory, name], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [token] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
      return {
        token: Number(token),
        async vanish() {
          child.kill('SIGKILL');
          await once(child, 'exit');
        },
      };
    },
    dispose: () => Promise.resolve(rmSync(directory, { recursive: true, force: true })),
  });
});

it('says so where its folder can not be used', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'monsta-lease-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'file'), '');
  const taken = await createFileLease(join(directory, 'file'), () => 0).take('a', 'b');
  expect(taken).toMatchObject({ ok: false, fault: { code: 'lease_unavailable' } });
});
