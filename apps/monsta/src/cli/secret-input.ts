import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { err, ok, type Result } from '@monsta/core';

/** What a secret is read from: the terminal or whatever stands in its place. */
export interface SecretSource extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
}

const BYTES_MAX = 16_384;
const ENTER = new Set(['\r', '\n']);
const INTERRUPT = '\u0003';
const END = '\u0004';
const ERASE = new Set(['\u007f', '\b']);

const tooLong = () => err('secret_unreadable', `a secret has at most ${BYTES_MAX} characters`);

function fromFile(path: string): Result<string> {
  let handle: number;
  try {
    // A named pipe would keep the open waiting for its writer.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return err('secret_unreadable', `the file ${path} can't be read: ${why}`);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return err('secret_unreadable', `${path} is no file`);
    return stat.size > BYTES_MAX ? tooLong() : ok(readFileSync(handle, 'utf8'));
  } finally {
    closeSync(handle);
  }
}

/** One line typed at a terminal that shows nothing of it. */
async function typed(source: SecretSource, ask: () => void): Promise<Result<string>> {
  ask();
  source.setRawMode?.(true);
  let text = '';
  try {
    for await (const chunk of source) {
      for (const letter of chunk.toString()) {
        if (ENTER.has(letter) || (letter === END && text !== '')) return ok(text);
        if (letter === INTERRUPT || letter === END) return err('aborted', 'nothing was entered');
        text = ERASE.has(letter) ? text.slice(0, -1) : text + letter;
        if (text.length > BYTES_MAX) return tooLong();
      }
    }
    return err('aborted', 'nothing was entered');
  } finally {
    source.setRawMode?.(false);
  }
}

async function piped(source: SecretSource): Promise<Result<string>> {
  let text = '';
  for await (const chunk of source) {
    text += chunk.toString();
    if (text.length > BYTES_MAX) return tooLong();
  }
  return ok(text);
}

/**
 * A secret from a file, else from the terminal without an echo, else from what is piped in. `ask` prints the question. Never from an argument.
 * Faults: `secret_unreadable`, `aborted`.
 */
export function readSecret(file: string | null, source: SecretSource, ask: () => void): Promise<Result<string>> {
  if (file !== null) return Promise.resolve(fromFile(file));
  return source.isTTY === true ? typed(source, ask) : piped(source);
}
