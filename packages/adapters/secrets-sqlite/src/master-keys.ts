import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { err, ok, type Err, type Result } from '@monsta/core';
import { isSameKey, KEY_BYTES, masterKey, newMasterKey, type MasterKey } from './envelope.ts';

/** Where the master key comes from: a file that MONSTA keeps, or the text itself (from the environment), with the one that is to follow it where there is one. */
export type MasterKeySource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'given'; readonly key: string; readonly next: string | null };

/** The keys that open records. */
export interface KeyRing {
  /** What is added is sealed by this one. */
  readonly current: MasterKey;
  /** The one before, or the one to come, while a change of key is not finished. */
  readonly other: MasterKey | null;
}

const KEY_TEXT = /^[A-Za-z0-9+/]{43}=$/;
const KEY_FILE_BYTES_MAX = 1_024;
/** Reading, writing and running, for the group and for everybody. */
const FOR_OTHERS = 0o077;

function readKeyText(text: string, where: string): Result<MasterKey> {
  const bytes = KEY_TEXT.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0);
  if (bytes.length === KEY_BYTES) return ok(masterKey(bytes));
  return err('secrets_key_malformed', `${where} holds no master key: 32 bytes in base64 (openssl rand -base64 32)`);
}

const keyText = (key: MasterKey): string => Buffer.from(key.bytes).toString('base64');

const codeOf = (thrown: unknown): string | null =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;

const unusable = (path: string, what: string, thrown: unknown): Err =>
  err(
    'secrets_unavailable',
    `the key file ${path} can't be ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    { retry: 'retryable', cause: thrown },
  );

/** The text of the key file; null where there is none. Fault `secrets_key_exposed`. */
function readKeyFile(path: string): Result<string | null> {
  let handle: number;
  try {
    // A named pipe would keep the open waiting for its writer.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    return codeOf(thrown) === 'ENOENT' ? ok(null) : unusable(path, 'read', thrown);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile() || stat.size > KEY_FILE_BYTES_MAX)
      return err('secrets_key_malformed', `${path} is no file with a master key`);
    if ((stat.mode & FOR_OTHERS) !== 0)
      return err(
        'secrets_key_exposed',
        `others may read or change the key file ${path} (mode ${(stat.mode & 0o777).toString(8)}); make it yours alone: chmod 600 '${path}', and change the key (monsta exchange-keys rekey) if somebody may have read it`,
      );
    return ok(readFileSync(handle, 'utf8'));
  } catch (thrown) {
    return unusable(path, 'read', thrown);
  } finally {
    closeSync(handle);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A whole file with these keys under another name in the same folder, on disk; `place` puts it where it belongs. */
function written(path: string, keys: readonly MasterKey[], place: (draft: string) => void): Result<null> {
  const draft = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const handle = openSync(draft, 'wx', 0o600);
    try {
      writeSync(handle, keys.map((key) => `${keyText(key)}\n`).join(''));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    place(draft);
    syncFolder(path);
    return ok(null);
  } catch (thrown) {
    return unusable(path, 'written', thrown);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The master keys of a store. Whoever changes them holds the store's write lock. */
export class MasterKeys {
  readonly #source: MasterKeySource;

  constructor(source: MasterKeySource) {
    this.#source = source;
  }

  /** Where the key is, in words. */
  get place(): string {
    return this.#source.kind === 'file' ? `the key file ${this.#source.path}` : 'the key that was given';
  }

  /** Null where there is no key file yet. Faults: `secrets_key_malformed`, `secrets_key_exposed`, `secrets_unavailable`. */
  read(): Result<KeyRing | null> {
    const source = this.#source;
    if (source.kind === 'given') return ring([source.key, ...(source.next === null ? [] : [source.next])], this.place);
    const text = readKeyFile(source.path);
    if (!text.ok) return text;
    return text.value === null
      ? ok(null)
      : ring(
          text.value.split('\n').filter((line) => line !== ''),
          source.path,
        );
  }

  /** Makes the first key; its path. One that another made meanwhile stays. */
  make(): Result<string | null> {
    const source = this.#source;
    if (source.kind === 'given') return ok(null);
    const made = written(source.path, [newMasterKey()], (draft) => linkSync(draft, source.path));
    if (made.ok) return ok(source.path);
    return codeOf(made.fault.cause) === 'EEXIST' ? ok(null) : made;
  }

  /** Begins a change of key: from now on the new one seals and both open. Goes on with one that was begun before. */
  begin(): Result<KeyRing & { readonly other: MasterKey }> {
    const present = this.read();
    if (!present.ok) return present;
    const source = this.#source;
    if (present.value === null) return err('secrets_key_missing', `there is no master key to change at ${this.place}`);
    const { current, other } = present.value;
    if (source.kind === 'given') {
      if (other === null) return err('secrets_key_missing', 'the master key to come is not given');
      return isSameKey(current, other)
        ? err('secrets_key_malformed', 'the master key to come is the present one')
        : ok({ current: other, other: current });
    }
    if (other !== null) return ok({ current, other });
    const next = newMasterKey();
    const kept = written(source.path, [next, current], (draft) => renameSync(draft, source.path));
    return kept.ok ? ok({ current: next, other: current }) : kept;
  }

  /** Ends the change of key: nothing is sealed by the other one any more. */
  end(): Result<null> {
    const source = this.#source;
    if (source.kind === 'given') return ok(null);
    const present = this.read();
    if (!present.ok) return present;
    if (present.value === null || present.value.other === null) return ok(null);
    return written(source.path, [present.value.current], (draft) => renameSync(draft, source.path));
  }
}

function ring(texts: readonly string[], where: string): Result<KeyRing> {
  const [first = '', second, ...more] = texts;
  if (more.length > 0) return err('secrets_key_malformed', `${where} holds more than two keys`);
  const current = readKeyText(first, where);
  if (!current.ok) return current;
  if (second === undefined) return ok({ current: current.value, other: null });
  const other = readKeyText(second, where);
  return other.ok ? ok({ current: current.value, other: other.value }) : other;
}
