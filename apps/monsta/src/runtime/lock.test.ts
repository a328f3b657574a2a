import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endProcess, isAlive, ownerOf, takeLock, thisProcess } from './lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monsta-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a lock', () => {
  it('is of one process, which is told, until it is released', () => {
    const path = join(folder, 'lock');
    const taken = takeLock(path);
    expect(ownerOf(path)).toEqual(thisProcess());
    expect(takeLock(path)).toEqual({ owner: thisProcess() });
    if ('release' in taken) taken.release();
    expect([existsSync(path), ownerOf(path)]).toEqual([false, null]);
  });

  it('of a process that is dead, or that was torn while it was written, is taken over', async () => {
    const path = join(folder, 'lock');
    const child = spawn(process.execPath, ['-e', '']);
    const { pid = 0 } = child;
    await once(child, 'exit');
    for (const text of [JSON.stringify({ pid, start: '1' }), '{"pid":']) {
      writeFileSync(path, text);
      expect(takeLock(path)).toHaveProperty('release');
      rmSync(path);
    }
  });
});

describe('a process', () => {
  it('whose pid another one has by now is not alive, and is not ended', () => {
    const recycled = { pid: process.pid, start: '1' };
    expect([isAlive(recycled), endProcess(recycled)]).toEqual([false, false]);
    expect(isAlive(thisProcess())).toBe(true);
  });

  it('that is not certainly the one meant is not ended', () => {
    expect(endProcess({ pid: process.pid, start: null })).toBe(false);
  });
});
