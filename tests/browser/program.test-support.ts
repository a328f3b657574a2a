import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

const START_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 15_000;
const LOG_KEPT_CHARACTERS = 20_000;

/** The real program in a process of its own. */
export interface RunningProgram {
  readonly url: string;
  /** Null when it was made at an earlier start. */
  readonly adminToken: string | null;
  /** The end of what it wrote to stderr. */
  log(): string;
  /** The way an operator stops it; resolves when the process is gone. */
  stop(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function readGreeting(text: string): { readonly url: string; readonly adminToken: string | null } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || typeof value['url'] !== 'string') return null;
    const token = value['adminToken'];
    return { url: value['url'], adminToken: typeof token === 'string' ? token : null };
  } catch {
    // The document is not complete yet.
    return null;
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Starts `monsta start` with `flags`; resolves when it has told its address. */
export async function startProgram(flags: readonly string[]): Promise<RunningProgram> {
  const child = spawn(process.execPath, [join(ROOT, 'apps/monsta/src/main.ts'), 'start', '--json', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-LOG_KEPT_CHARACTERS);
  });
  const greeting = await new Promise<NonNullable<ReturnType<typeof readGreeting>>>((done, fail) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`the program said nothing within ${START_WITHIN_MS} ms; its log ends:\n${log}`));
    }, START_WITHIN_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const read = readGreeting(output);
      if (read === null) return;
      clearTimeout(late);
      done(read);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(late);
      fail(new Error(`the program ended (${code ?? signal}) before it served; its log ends:\n${log}\n${output}`));
    });
  });
  return {
    ...greeting,
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended(child);
      clearTimeout(late);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
}
