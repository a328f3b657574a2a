import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDataDirectory } from './data-directory.ts';

/** Nothing is there yet. */
function fresh(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

describe('data directory', () => {
  it('belongs to one process at a time and is free again after release', () => {
    const path = fresh();
    const first = openDataDirectory(path);
    expect(first.ok).toBe(true);
    expect(openDataDirectory(path)).toMatchObject({ ok: false, fault: { code: 'data_dir_locked' } });
    if (first.ok) first.value.release();
    expect(existsSync(join(path, 'monsta.lock'))).toBe(false);
    expect(openDataDirectory(path).ok).toBe(true);
  });

  it('is taken over from a process that was killed, and from a recycled pid', async () => {
    const path = fresh();
    const opened = openDataDirectory(path);
    if (opened.ok) opened.value.release();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    child.kill('SIGKILL');
    await once(child, 'exit');
    writeFileSync(join(path, 'monsta.lock'), JSON.stringify({ pid: child.pid, start: null }));
    const second = openDataDirectory(path);
    expect(second.ok).toBe(true);
    if (second.ok) second.value.release();
    writeFileSync(join(path, 'monsta.lock'), JSON.stringify({ pid: process.pid, start: '1' }));
    expect(openDataDirectory(path).ok).toBe(true);
  });

  it('is taken over when the lock was torn by a crash', () => {
    const path = fresh();
    const opened = openDataDirectory(path);
    if (opened.ok) opened.value.release();
    writeFileSync(join(path, 'monsta.lock'), '{"pi');
    expect(openDataDirectory(path).ok).toBe(true);
  });

  it('says what is wrong with a path that can’t be used', () => {
    const file = fresh();
    writeFileSync(file, '');
    expect(openDataDirectory(join(file, 'data'))).toMatchObject({ ok: false, fault: { code: 'data_dir_unusable' } });
    expect(openDataDirectory(file)).toMatchObject({
      ok: false,
      fault: { code: 'data_dir_unusable', message: expect.stringContaining('not a directory') as string },
    });
  });

  it.skipIf(!existsSync('/proc/self'))('gives up at once on a file system that lets nobody create anything', () => {
    const asked = `import { openDataDirectory } from ${JSON.stringify(new URL('./data-directory.ts', import.meta.url).href)};
process.stdout.write(JSON.stringify(openDataDirectory('/proc/monsta/data')));`;
    // In a process of its own: a recursive mkdir never returns there, and nothing in the same thread could end it.
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', asked], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect(run.signal).toBeNull();
    expect(JSON.parse(run.stdout)).toMatchObject({ ok: false, fault: { code: 'data_dir_unusable' } });
  });
});
