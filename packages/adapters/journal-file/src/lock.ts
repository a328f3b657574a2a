import { randomUUID } from 'node:crypto';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Err, type Result } from '@monsta/core';

/**
 * One writer for each journal: a lock file that names its holder by process id, the process's start and the machine's boot. A holder that
 * was killed leaves its lock behind; the next one sees that no such process lives and takes it over. The three together tell a living holder from
 * a stranger who got the same process id later. (Start and boot are known on Linux; elsewhere the process id alone decides.) The lock
 * guards against a second process on the same machine, not against another machine on the same disk.
 */
export interface JournalLock {
  release(): Promise<void>;
}

interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly startTicks: string | null;
  readonly bootId: string | null;
}

const ATTEMPTS_MAX = 5;

const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Not there, or not for us to read: either way nothing is known from it.
    return null;
  }
}

/** Field 22 of `/proc/<pid>/stat`: when the process started, in ticks since the boot. The name before it may hold spaces and brackets. */
async function startTicks(pid: number): Promise<string | null> {
  const line = await readOrNull(`/proc/${pid}/stat`);
  return line === null ? null : (line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null);
}

const bootId = async (): Promise<string | null> =>
  (await readOrNull('/proc/sys/kernel/random/boot_id'))?.trim() ?? null;

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function parseHolder(text: string): Holder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return null;
  const textOf = (name: string): string | null => {
    const found: unknown = Reflect.get(value, name);
    return typeof found === 'string' ? found : null;
  };
  return { id: textOf('id') ?? '', pid: value.pid, startTicks: textOf('startTicks'), bootId: textOf('bootId') };
}

async function isAlive(holder: Holder): Promise<boolean> {
  const boot = await bootId();
  if (holder.bootId !== null && boot !== null && holder.bootId !== boot) return false;
  if (!processLives(holder.pid)) return false;
  const started = await startTicks(holder.pid);
  return holder.startTicks === null || started === null || holder.startTicks === started;
}

const locked = (path: string, pid: number): Err =>
  err(
    'journal_locked',
    `process ${pid} writes this journal already (${path}); stop it, or give this one another folder`,
    { details: { pid } },
  );

/** Takes a lock whose holder is dead out of the way; does nothing where another process was faster. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readOrNull(aside)) !== stale) {
    // The lock changed hands between our look and our move: give it back.
    await link(aside, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }
  await unlink(aside);
}

/** Fault `journal_locked` while a living process holds it. Throws what the file system throws. */
export async function lockJournal(directory: string): Promise<Result<JournalLock>> {
  const path = join(directory, 'journal.lock');
  const own: Holder = {
    id: randomUUID(),
    pid: process.pid,
    startTicks: await startTicks(process.pid),
    bootId: await bootId(),
  };
  const text = JSON.stringify(own);
  const draft = `${path}.${own.id}`;
  await writeFile(draft, text, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      try {
        // A link appears with its content at once, and fails where the name is taken.
        await link(draft, path);
        return ok({ release: () => release(path, text) });
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const found = await readOrNull(path);
      if (found === null) continue;
      const holder = parseHolder(found);
      if (holder !== null && (await isAlive(holder))) return locked(path, holder.pid);
      await removeStale(path, found);
    }
  } finally {
    await unlink(draft);
  }
  return err('journal_locked', `other processes keep taking the lock ${path}; try again when one of them has stopped`, {
    retry: 'retryable',
  });
}

async function release(path: string, text: string): Promise<void> {
  if ((await readOrNull(path)) === text) await unlink(path);
}
