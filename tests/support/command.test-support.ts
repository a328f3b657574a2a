import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from './program.test-support.ts';

const MAIN = join(ROOT, 'apps/monsta/src/main.ts');
const TIMEOUT_MS = 60_000;

export interface CommandOutcome {
  readonly status: number | null;
  /** The document that it printed; null where it printed none. */
  readonly document: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of stderr: nothing but how far it is, which a slow machine has time to be told. */
export const ONLY_PROGRESS = expect.stringMatching(/^(\d+ %, [^\n]*\n)*$/) as string;

/** Runs a command to its end while this process goes on serving. `input` is piped in; of this process's environment it is given only what it runs by. */
export function runCommand(
  argv: readonly string[],
  {
    input = '',
    environment = {},
  }: { readonly input?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<CommandOutcome> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: ROOT,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
    timeout: TIMEOUT_MS,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that ends without reading closes the pipe.
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, document: documentIn(stdout), stdout, stderr }));
  });
}

function documentIn(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}
