import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'apps/monsta/src/main.ts');
const FIRST_LINE_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 15_000;
const LOG_KEPT_CHARACTERS = 65_536;

/** A monsta process that a test started, and the JSON document it printed first. */
export interface RunningProgram {
  readonly document: Readonly<Record<string, unknown>>;
  /** The end of what it wrote to stderr. */
  log(): string;
  /** As a power cut would. */
  kill(): Promise<void>;
  /** Resolves with the exit code when it ends by itself; after `withinMs` it is killed, which gives null. */
  exited(withinMs?: number): Promise<number | null>;
  /** The way an operator stops it; resolves with the exit code, null when it had to be killed. */
  stop(): Promise<number | null>;
}

async function ended(child: ChildProcess, withinMs = STOP_TIMEOUT_MS): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const late = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await once(child, 'exit');
  clearTimeout(late);
  return child.exitCode;
}

/** Models that are trained in a moment: trees of every line keep a core busy for minutes, which most tests don't look at. `undefined` in a test's environment brings the default back. */
const QUICK_MODELS = { MONSTA_MODELS__EXECUTORS: '[{"name":"logistic-regression"}]' };

type Environment = Readonly<Record<string, string | undefined>>;

/** Starts a command and waits for its first line on stdout, which must be JSON. Throws with its log when it ends before. */
export async function runProgram(argv: readonly string[], environment: Environment = {}): Promise<RunningProgram> {
  const env = { ...process.env, ...(argv[0] === 'start' ? QUICK_MODELS : {}), ...environment };
  const child = spawn(process.execPath, [MAIN, ...argv], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let out = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-LOG_KEPT_CHARACTERS);
  });
  const line = await new Promise<string>((done, fail) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`monsta ${argv.join(' ')} said nothing within ${FIRST_LINE_TIMEOUT_MS} ms:\n${log}`));
    }, FIRST_LINE_TIMEOUT_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(0, LOG_KEPT_CHARACTERS);
      const end = out.indexOf('\n');
      if (end < 0) return;
      clearTimeout(late);
      done(out.slice(0, end));
    });
    child.once('exit', (code, signal) => {
      clearTimeout(late);
      fail(new Error(`monsta ${argv.join(' ')} ended (${code ?? signal}) before it said anything:\n${log}`));
    });
  });
  return {
    document: JSON.parse(line) as Readonly<Record<string, unknown>>,
    log: () => log,
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
    },
    exited: (withinMs) => ended(child, withinMs),
    async stop() {
      child.kill('SIGTERM');
      return ended(child);
    },
  };
}

/** `monsta start` with `flags`; resolves when it has told its address. */
export const startProgram = (flags: readonly string[], environment: Environment = {}): Promise<RunningProgram> =>
  runProgram(['start', '--json', ...flags], environment);

/** A text of the program's first document; throws when it is missing. */
export function textOf(program: RunningProgram, name: string): string {
  const value = program.document[name];
  if (typeof value !== 'string')
    throw new Error(`the program did not say its ${name}: ${JSON.stringify(program.document)}`);
  return value;
}

/** GET as JSON; throws on any status but 200. */
export async function getJson<T>(url: string, headers: Readonly<Record<string, string>> = {}): Promise<T> {
  const reply = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
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
