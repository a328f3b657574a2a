import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectOk } from '@monsta/core';
import { openSqliteLedger } from '@monsta/ledger-sqlite';
import { expect, it, onTestFinished } from 'vitest';
import { openDataDirectory } from '../runtime/data-directory.ts';
import { backUp } from './back-up.ts';
import { restore } from './restore.ts';

/** A backup of a ledger and a journal, and a folder to restore it in. */
async function rig() {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-restore-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  mkdirSync(join(data, 'journal', 'a'), { recursive: true });
  writeFileSync(join(data, 'journal', 'a', '0000000000000001.journal'), 'of the backup');
  await expectOk(await openSqliteLedger({ path: join(data, 'ledger.sqlite') })).close();
  const from = join(folder, 'backup');
  expectOk(await backUp({ dataDirectory: data, to: from, configFile: null, keyFile: null, nowMs: 1 }));
  const into = (name: string, force = false) => restore({ from, dataDirectory: join(folder, name), force, nowMs: 2 });
  return { folder, data, into };
}

const codeOf = (answer: ReturnType<typeof openDataDirectory>): string | null => (answer.ok ? null : answer.fault.code);

it('no program can take a data directory while it is restored, and one can afterwards', async () => {
  const { folder, data, into } = await rig();
  writeFileSync(join(data, 'journal', 'a', '0000000000000001.journal'), 'newer');
  const restoring = into('data', true);
  expect(codeOf(openDataDirectory(data))).toBe('data_dir_locked');
  const { movedTo } = expectOk(await restoring);
  expect(movedTo).toBe(join(folder, 'data.before-2'));
  expect(readFileSync(join(folder, 'data.before-2', 'journal', 'a', '0000000000000001.journal'), 'utf8')).toBe('newer');
  expect(readFileSync(join(data, 'journal', 'a', '0000000000000001.journal'), 'utf8')).toBe('of the backup');
  expectOk(openDataDirectory(data)).release();
});

it('a data directory that a program has is not touched, also with force', async () => {
  const { data, into } = await rig();
  const held = expectOk(openDataDirectory(data));
  const before = readdirSync(data);
  expect(await into('data', true)).toMatchObject({ ok: false, fault: { code: 'data_dir_locked' } });
  expect(readdirSync(data)).toEqual(before);
  held.release();
});

it('one that is refused is free again, and one that holds only the marks of who had it counts as empty', async () => {
  const { folder, data, into } = await rig();
  expect(await into('data')).toMatchObject({ ok: false, fault: { code: 'data_dir_not_empty' } });
  expectOk(openDataDirectory(data)).release();
  expectOk(openDataDirectory(join(folder, 'empty'))).release();
  expect(expectOk(await into('empty')).movedTo).toBeNull();
  expect(existsSync(join(folder, 'empty', 'ledger.sqlite'))).toBe(true);
});
