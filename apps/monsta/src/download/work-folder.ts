import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const NAME = /^(.+)-(\d+)-[0-9a-f]{8}$/;
/** What another machine has left is removed once it is this old: whether its process lives can't be seen from here. */
const ABANDONED_MS = 86_400_000;

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
};

async function isAbandoned(path: string, name: string, nowMs: number): Promise<boolean> {
  const [, host = '', pid = ''] = NAME.exec(name) ?? [];
  if (host === hostname()) return !lives(Number(pid));
  const { mtimeMs } = await stat(path);
  return nowMs - mtimeMs > ABANDONED_MS;
}

/** A folder of this process below `parent`, for files that are not whole yet; those that processes left which have died are removed. Throws what the file system throws. */
export async function openWorkFolder(
  parent: string,
  nowMs: number,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const left = join(parent, name);
    // Another process may remove it at the same time.
    if (await isAbandoned(left, name, nowMs).catch(() => false)) await rm(left, { recursive: true, force: true });
  }
  const path = join(parent, `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(path);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
