import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { holdFile } from '@monsta/lease-file';

/** A process, so that a recycled pid is not taken for the one that had it before. */
export interface ProcessMark {
  readonly pid: number;
  /** Start time in clock ticks since boot; null where the system does not tell. */
  readonly start: string | null;
}

interface ProcessLook {
  readonly state: string;
  readonly start: string | null;
}

/** State and start time (fields 3 and 22 of /proc/PID/stat); null where there is no such file. */
function look(pid: number): ProcessLook | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? null };
  } catch {
    return null;
  }
}

export const thisProcess = (): ProcessMark => ({ pid: process.pid, start: look(process.pid)?.start ?? null });

/** True while the process lives; one that has ended and was not yet waited for does not. */
export function isAlive({ pid, start }: ProcessMark): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
  const now = look(pid);
  if (now === null) return true;
  return now.state !== 'Z' && now.state !== 'X' && (start === null || now.start === null || now.start === start);
}

/** Ends a process at once, but only one that is certainly the one meant; false where it is not certain or not allowed. */
export function endProcess(mark: ProcessMark): boolean {
  if (mark.start === null || look(mark.pid)?.start !== mark.start) return false;
  try {
    return process.kill(mark.pid, 'SIGKILL');
  } catch {
    return false;
  }
}

export type LockAnswer =
  | { readonly release: () => void }
  /** Null: another process took it in this very moment. */
  | { readonly owner: ProcessMark | null };

/**
 * Takes a lock file for this process. That of a process that is dead is taken over, by one of all that try: what is held is the lock of the operating system on a file beside it
 * (`.held`), so that nothing has to be judged by process ids, and two containers with a pid 1 each are told apart. The file itself tells whose it is. Throws what the file
 * system throws.
 */
export function takeLock(path: string): LockAnswer {
  const held = holdFile(`${path}.held`);
  if (held === null) return { owner: ownerOf(path) };
  try {
    // Never seen half written.
    writeFileSync(`${path}.new`, JSON.stringify(thisProcess()), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  } catch (thrown) {
    held.release();
    throw thrown;
  }
  return {
    release() {
      if (!held.isHeld) return;
      // Where its folder was moved away meanwhile, another's may be in its place.
      if (ownerOf(path)?.pid === process.pid) rmSync(path, { force: true });
      held.release();
    },
  };
}

/** Whose a lock file is, alive or not; null where there is none, or one torn by a crash while it was written. */
export function ownerOf(path: string): ProcessMark | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || typeof owner.pid !== 'number') return null;
    return { pid: owner.pid, start: 'start' in owner && typeof owner.start === 'string' ? owner.start : null };
  } catch {
    return null;
  }
}
