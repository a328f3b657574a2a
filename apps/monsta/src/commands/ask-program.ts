import { MonstaClient } from '@monsta/client';
import { err, fault, ok, type Fault, type Result } from '@monsta/core';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { readSecret } from '../cli/secret-input.ts';
import { urlFrom } from './running.ts';

const TOKEN_VARIABLE = 'MONSTA_TOKEN';
const TIMEOUT_MS = 15_000;
/** Faults of what was asked, not of what became of it: exit status 2. */
const USAGE = new Set(['flag_invalid', 'token_missing', 'secret_unreadable', 'parameter_invalid', 'message_malformed']);

const usage = (message: string): Result<never> => err('flag_invalid', message);

/** A client of the running program; `changes`: with the admin token. */
async function clientFrom(flags: FlagValues, changes: boolean): Promise<Result<MonstaClient>> {
  const baseUrl = urlFrom(flags);
  if (!baseUrl.ok) return baseUrl;
  const options = { baseUrl: baseUrl.value, timeoutMs: TIMEOUT_MS };
  if (!changes) return ok(new MonstaClient(options));
  if (textOf(flags, 'token') !== null)
    return usage(`--token would stand in the shell's history; use --token-file or the variable ${TOKEN_VARIABLE}`);
  const file = textOf(flags, 'token-file');
  const read = file === null ? ok(process.env[TOKEN_VARIABLE] ?? '') : await readSecret(file, process.stdin, () => {});
  if (!read.ok) return read;
  const token = read.value.trim();
  if (token !== '') return ok(new MonstaClient({ ...options, token }));
  return err(
    'token_missing',
    `this needs the admin token, shown at the first start: --token-file FILE, or the environment variable ${TOKEN_VARIABLE}`,
  );
}

/** True where no connection came about: then nothing was sent. */
export function neverSent({ code, cause }: Fault): boolean {
  const inner: unknown = cause instanceof Error ? cause.cause : null;
  return code === 'network_failed' && inner instanceof Error && 'code' in inner && inner.code === 'ECONNREFUSED';
}

/** Prints a fault; the exit status that goes with it. */
export function refuse(output: Output, given: Fault): number {
  const { code, message, details, retry } = given;
  if (neverSent(given)) {
    const text = 'nothing answers there; start it with npm start, or name its address with --url';
    output.fault(fault('not_running', text, { retry }));
    return 1;
  }
  // What the server says about its refusal, without how it came.
  const said: unknown = details?.['status'] === undefined ? details : details['details'];
  const shown = typeof said === 'object' && said !== null ? { details: { ...said } } : {};
  output.fault(fault(code, message, { retry, ...shown }));
  return USAGE.has(code) ? 2 : 1;
}

export type Ask<T> = (client: MonstaClient) => Promise<Result<T>>;

/** Asks a running program, prints the answer or the fault, and gives the exit status. `changes`: with the admin token. */
export async function askProgram<T>(
  flags: FlagValues,
  output: Output,
  changes: boolean,
  ask: Result<Ask<T>>,
  text: (answer: T) => string,
): Promise<number> {
  if (!ask.ok) return refuse(output, ask.fault);
  const client = await clientFrom(flags, changes);
  if (!client.ok) return refuse(output, client.fault);
  const answer = await ask.value(client.value);
  if (!answer.ok) return refuse(output, answer.fault);
  output.document(answer.value, text(answer.value));
  return 0;
}
