import { err, ok, type Result } from '@monsta/core';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface DataDirectory {
  readonly path: string;
  file(...parts: readonly string[]): string;
  release(): void;
}

/** The process's start time in clock ticks since boot (field 22 of /proc/PID/stat), so that a recycled pid is not taken for the old owner; null where unknown. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(pid: number, start: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
  const now = processStart(pid);
  return start === null || now === null || now === start;
}

/** Makes a directory and those above it, one by one: Node's recursive mkdir never returns where the file system (/proc) answers that the parent is missing. */
function makeDirectory(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is not a directory`);
    return;
  }
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Another process may have made it in between; whether it is a directory is seen at once.
    if (!existsSync(path)) throw thrown;
    makeDirectory(path);
  }
}

/**
 * Creates the data directory and takes it for this process alone. Faults: `data_dir_unusable`, `data_dir_locked` (a living process holds it).
 * The lock of a process that was killed is taken over.
 */
export function openDataDirectory(path: string): Result<DataDirectory> {
  const lock = join(path, 'monsta.lock');
  try {
    makeDirectory(resolve(path));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        const handle = openSync(lock, 'wx', 0o600);
        writeSync(handle, JSON.stringify({ pid: process.pid, start: processStart(process.pid) }));
        closeSync(handle);
        return ok({ path, file: (...parts) => join(path, ...parts), release: () => rmSync(lock, { force: true }) });
      } catch (thrown) {
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
        const owner = readOwner(lock);
        if (owner !== null && isAlive(owner.pid, owner.start)) {
          return err(
            'data_dir_locked',
            `${path} is in use by the running monsta with pid ${owner.pid}; stop it, or give this one another --data-dir`,
          );
        }
        rmSync(lock, { force: true });
      }
    }
    return err('data_dir_locked', `${path} was taken by another monsta just now; give this one another --data-dir`);
  } catch (thrown) {
    return err(
      'data_dir_unusable',
      `the data directory ${path} can't be used: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    );
  }
}

function readOwner(lock: string): { pid: number; start: string | null } | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(lock, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || typeof owner.pid !== 'number') return null;
    return { pid: owner.pid, start: 'start' in owner && typeof owner.start === 'string' ? owner.start : null };
  } catch {
    return null; // A lock torn by a crash while it was written has no owner.
  }
}
