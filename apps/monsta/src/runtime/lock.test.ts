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

/** A process that takes the lock when it is told to, says what came of it, and stays. */
async function racer(path: string) {
  const module = JSON.stringify(new URL('./lock.ts', import.meta.url).href);
  const program = `import { takeLock } from ${module};
process.stdin.on('data', () => process.stdout.write('release' in takeLock(${JSON.stringify(path)}) ? 'taken' : 'refused'));
process.stdout.write('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  await once(child.stdout, 'data');
  const take = async (): Promise<string> => {
    child.stdin.write('go');
    return ((await once(child.stdout, 'data')) as [string])[0];
  };
  return { child, take };
}

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
      const taken = takeLock(path);
      expect(taken).toHaveProperty('release');
      expect(ownerOf(path)).toEqual(thisProcess());
      if ('release' in taken) taken.release();
    }
  });

  it(
    'of a process that was killed is taken over by one of those that try at the same moment',
    { timeout: 60_000 },
    async () => {
      const path = join(folder, 'lock');
      for (let round = 0; round < 4; round += 1) {
        const dead = await racer(path);
        await dead.take();
        dead.child.kill('SIGKILL');
        await once(dead.child, 'exit');
        expect(ownerOf(path)?.pid).toBe(dead.child.pid);
        const racers = await Promise.all([racer(path), racer(path), racer(path)]);
        const said = await Promise.all(racers.map(({ take }) => take()));
        const winner = ownerOf(path)?.pid;
        expect(said.toSorted()).toEqual(['refused', 'refused', 'taken']);
        expect(said[racers.findIndex(({ child }) => child.pid === winner)]).toBe('taken');
        for (const { child } of racers) {
          child.kill('SIGKILL');
          await once(child, 'exit');
        }
      }
    },
  );

  it('that was released twice is not taken from the one that has it then', () => {
    const path = join(folder, 'lock');
    const first = takeLock(path);
    if ('release' in first) first.release();
    expect(takeLock(path)).toHaveProperty('release');
    if ('release' in first) first.release();
    expect(ownerOf(path)).toEqual(thisProcess());
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
