import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../support/command.test-support.ts';
import { ROOT } from '../support/program.test-support.ts';

it(
  'a new strategy type-checks, passes its test and is loaded, in a folder that knows nothing of MONSTA',
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'monsta-new-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string): string => join(folder, name);
    expect(await runCommand(['strategy', 'new', 'my-own', '--dir', folder])).toMatchObject({ status: 0 });
    const compile = () =>
      spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder], {
        encoding: 'utf8',
      });
    expect(compile()).toMatchObject({ status: 0, stdout: '' });
    const tested = await runCommand(['strategy', 'test', file('my-own.test.ts')]);
    expect(tested.stdout).toMatch(/pass 2/);
    expect(tested.status).toBe(0);
    const checked = await runCommand(['config', 'check', '--strategy', file('my-own.ts'), '--params', '{"fast":8}']);
    expect(checked.status).toBe(0);
    // Nothing is overwritten, a mistake is found by types, and a test that fails is one.
    expect(await runCommand(['strategy', 'new', 'my-own', '--dir', folder])).toMatchObject({ status: 1 });
    expect(await runCommand(['strategy', 'new', 'My Own', '--dir', folder])).toMatchObject({ status: 2 });
    appendFileSync(
      file('my-own.test.ts'),
      "test('fails', () => assert.equal(runStrategy(strategy, { closes: [1, 'two'] }), 3));\n",
    );
    expect(compile().stdout).toMatch(/my-own\.test\.ts.*error TS2322/);
    expect((await runCommand(['strategy', 'test', file('my-own.test.ts')])).status).toBe(1);
  },
);
