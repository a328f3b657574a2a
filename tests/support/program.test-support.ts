import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/monsta/src/main.ts', import.meta.url));
const FIRST_LINE_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;

/** A monsta process that a test started, and the JSON document it printed first. */
export interface RunningProgram {
  readonly document: Readonly<Record<string, unknown>>;
  readonly pid: number;
  /** What it wrote to stderr so far, the newest 64 KiB. */
  log(): string;
  /** kill -9. */
  kill(): Promise<void>;
  /** Resolves with the exit code when it ends by itself. */
  exited(): Promise<number | null>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

async function ended(child: ChildProcess, timeoutMs: number): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const timer = AbortSignal.timeout(timeoutMs);
  await once(child, 'exit', { signal: timer });
  return child.exitCode;
}

/** Starts a command and waits for its first line on stdout, which must be JSON. Throws with its log when it ends before. */
export async function runProgram(argv: readonly string[]): Promise<RunningProgram> {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let out = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-65_536);
  });
  const line = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`monsta ${argv.join(' ')} said nothing within ${FIRST_LINE_TIMEOUT_MS} ms:\n${log}`));
    }, FIRST_LINE_TIMEOUT_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(0, 65_536);
      const end = out.indexOf('\n');
      if (end < 0) return;
      clearTimeout(late);
      resolve(out.slice(0, end));
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`monsta ${argv.join(' ')} ended with ${code} before it said anything:\n${log}`));
    });
  });
  return {
    document: JSON.parse(line) as Readonly<Record<string, unknown>>,
    pid: child.pid ?? 0,
    log: () => log,
    async kill() {
      child.kill('SIGKILL');
      await ended(child, STOP_TIMEOUT_MS);
    },
    exited: () => ended(child, STOP_TIMEOUT_MS),
    async stop() {
      child.kill('SIGTERM');
      return ended(child, STOP_TIMEOUT_MS);
    },
  };
}

/** A text of the program's first document; throws when it is missing. */
export function textOf(program: RunningProgram, name: string): string {
  const value = program.document[name];
  if (typeof value !== 'string')
    throw new Error(`the program did not say its ${name}: ${JSON.stringify(program.document)}`);
  return value;
}

/** GET as JSON; throws on any status but 200. */
export async function getJson<T>(url: string): Promise<T> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const body = await reply.text();
  if (reply.status !== 200) throw new Error(`${url} answered ${reply.status}: ${body.slice(0, 400)}`);
  return JSON.parse(body) as T;
}

/** Asks until `done` holds, at most `timeoutMs`; returns the last answer and throws when it never held. */
export async function until<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  timeoutMs: number,
  what: string,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown = null;
  while (performance.now() < end) {
    try {
      const answer = await ask();
      if (done(answer)) return answer;
      last = answer;
    } catch (thrown) {
      last = thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(
    `${what} did not come within ${timeoutMs} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)?.slice(0, 2_000)}`,
  );
}
