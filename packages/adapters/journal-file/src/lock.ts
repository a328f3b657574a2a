import { randomInt, randomUUID } from 'node:crypto';
import { open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Err, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';

/**
 * One writer for each journal. Whoever wants to write makes an empty file whose name says who it is: process id, the process's start, the
 * machine's boot, and something no other has. Then it looks at the others: those of dead processes it removes, and one of a living process
 * means that the journal is taken. Of two who come at once at least the later sees the other, so they can't both go on; since names are never
 * used twice, nobody can remove a file that has changed hands. A holder that was killed blocks nobody: its process is dead.
 *
 * Start and boot tell a living holder from a stranger who got its process id later. They are known on Linux; elsewhere the id alone decides.
 * The lock guards against a second process on the same machine, not against another machine on the same disk.
 */
export interface JournalLock {
  release(): Promise<void>;
}

interface Claim {
  readonly name: string;
  readonly pid: number;
  /** `0` where it is not known. */
  readonly startTicks: string;
  readonly bootId: string;
}

const CLAIM = /^journal\.lock\.(\d+)\.(\d+)\.([0-9a-f]+)\.[0-9a-f-]+$/;
const UNKNOWN = '0';

/** Two who come at once both step back; each tries again after a time of its own. */
const ATTEMPTS_MAX = 5;
const STEP_BACK_MS_MAX = 40;

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
async function startTicks(pid: number): Promise<string> {
  const line = await readOrNull(`/proc/${pid}/stat`);
  return line?.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? UNKNOWN;
}

const bootId = async (): Promise<string> =>
  (await readOrNull('/proc/sys/kernel/random/boot_id'))?.trim().replaceAll('-', '') ?? UNKNOWN;

/** The name of this process's claim: no two are the same. */
export async function claimName(): Promise<string> {
  return `journal.lock.${process.pid}.${await startTicks(process.pid)}.${await bootId()}.${randomUUID()}`;
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function isAlive(claim: Claim): Promise<boolean> {
  const boot = await bootId();
  if (claim.bootId !== UNKNOWN && boot !== UNKNOWN && claim.bootId !== boot) return false;
  if (!processLives(claim.pid)) return false;
  const started = await startTicks(claim.pid);
  return claim.startTicks === UNKNOWN || started === UNKNOWN || claim.startTicks === started;
}

async function removeClaim(directory: string, name: string): Promise<void> {
  try {
    await unlink(join(directory, name));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/**
 * Lets go of what this process holds of a journal, where the thread that wrote it was ended and could not do so itself. Only for a thread that is gone: a living one would
 * write beside the next. Throws what the file system throws.
 */
export async function releaseJournal(directory: string): Promise<void> {
  const started = await startTicks(process.pid);
  for (const name of await readdir(directory).catch(() => [])) {
    const [, pid = '', ticks = UNKNOWN] = CLAIM.exec(name) ?? [];
    if (Number(pid) === process.pid && ticks === started) await removeClaim(directory, name);
  }
}

/** A living process beside this claim, or null; the claims of dead ones are removed. */
async function findOther(directory: string, own: string): Promise<number | null> {
  for (const name of await readdir(directory)) {
    const match = CLAIM.exec(name);
    if (match === null || name === own) continue;
    const [, pid = '', started = UNKNOWN, boot = UNKNOWN] = match;
    if (await isAlive({ name, pid: Number(pid), startTicks: started, bootId: boot })) return Number(pid);
    await removeClaim(directory, name);
  }
  return null;
}

/** Fault `journal_locked` while a living process holds it. Throws what the file system throws. */
export async function lockJournal(directory: string, clock: Pick<Clock, 'sleep'>): Promise<Result<JournalLock>> {
  let other: number | null = null;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (attempt > 0) await clock.sleep(randomInt(1, STEP_BACK_MS_MAX));
    const own = await claimName();
    await (await open(join(directory, own), 'wx', 0o600)).close();
    try {
      other = await findOther(directory, own);
    } catch (error) {
      await removeClaim(directory, own);
      throw error;
    }
    if (other === null) return ok({ release: () => removeClaim(directory, own) });
    await removeClaim(directory, own);
  }
  return locked(directory, other);
}

const locked = (directory: string, pid: number | null): Err =>
  err('journal_locked', `process ${pid ?? '?'} writes the journal in ${directory}; stop it, or name another folder`, {
    retry: 'retryable',
    details: { pid },
  });
