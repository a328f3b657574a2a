import { err, ok, type Err, type Result } from '@monsta/core';
import type { Secret, SecretListing, SecretMetadata, Secrets } from '@monsta/ports';
import { open, rewrap, seal, type Label, type MasterKey } from './envelope.ts';
import { MasterKeys, type KeyRing, type MasterKeySource } from './master-keys.ts';
import { SecretStore } from './store.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const VALUE_CHARACTERS_MAX = 16_384;
const METADATA_CHARACTERS_MAX = 8_192;

export interface SqliteSecretsOptions {
  /** File of the store; it and its folder are made where missing, readable by their owner only. */
  readonly path: string;
  readonly masterKey: MasterKeySource;
  /** How long another process's change is waited for; the thread waits with it. Default 5,000. */
  readonly busyTimeoutMs?: number;
  /** Secrets that can be held. Default 1,000. */
  readonly secretsMax?: number;
}

export interface SqliteSecrets extends Secrets {
  /**
   * Seals every record under another master key, all or none; how many. A file's new key is made here, and one that was begun and cut short is
   * finished; the old key is dropped once nothing needs it. Faults besides those of the port: none.
   */
  rekey(): Promise<Result<number>>;
}

const textOf = (metadata: SecretMetadata): string => JSON.stringify(metadata);

function readMetadata(text: string): SecretMetadata {
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

const keysOf = ({ current, other }: KeyRing): readonly MasterKey[] => (other === null ? [current] : [current, other]);

function invalid({ name, metadata, value }: Secret): Err | null {
  if (!NAME.test(name))
    return err(
      'secret_invalid',
      'a name has 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first',
    );
  if (value === '' || value.length > VALUE_CHARACTERS_MAX)
    return err('secret_invalid', `a secret has 1 to ${VALUE_CHARACTERS_MAX} characters`);
  // Half a surrogate pair would come back as another character.
  if (!value.isWellFormed()) return err('secret_invalid', 'the secret is no well-formed text');
  return textOf(metadata).length > METADATA_CHARACTERS_MAX
    ? err('secret_invalid', `what is kept beside a secret has at most ${METADATA_CHARACTERS_MAX} characters`)
    : null;
}

class StoredSecrets implements SqliteSecrets {
  readonly #store: SecretStore;
  readonly #keys: MasterKeys;
  readonly #secretsMax: number;

  constructor(store: SecretStore, keys: MasterKeys, secretsMax: number) {
    this.#store = store;
    this.#keys = keys;
    this.#secretsMax = secretsMax;
  }

  async prepare(): Promise<Result<{ readonly keyMadeAt: string | null }>> {
    return this.#alone(() => {
      const present = this.#keys.read();
      if (!present.ok) return present;
      if (present.value !== null) return ok({ keyMadeAt: null });
      if (this.#store.count() > 0) return this.#keyMissing();
      const made = this.#keys.make();
      return made.ok ? ok({ keyMadeAt: made.value }) : made;
    });
  }

  async add(secret: Secret): Promise<Result<null>> {
    const refused = invalid(secret);
    if (refused !== null) return refused;
    const { name, value } = secret;
    return this.#alone(() => {
      if (this.#store.get(name) !== null)
        return err('secret_taken', `there is already a secret '${name}'; remove it first, or take another name`);
      if (this.#store.count() >= this.#secretsMax)
        return err('secrets_full', `${this.#secretsMax} secrets are the most; remove some`);
      return this.#put({ name, metadata: textOf(secret.metadata) }, value);
    });
  }

  async list(): Promise<Result<readonly SecretListing[]>> {
    return this.#alone(() => {
      const records = this.#store.all();
      // There may be no key yet.
      if (records.length === 0) return ok([]);
      const ring = this.#ring();
      if (!ring.ok) return ring;
      return ok(
        records.map((record): SecretListing => {
          const opened = open(keysOf(ring.value), record, record.sealed);
          return opened.ok
            ? { name: record.name, metadata: readMetadata(record.metadata), fault: null }
            : { name: record.name, metadata: null, fault: opened.fault };
        }),
      );
    });
  }

  async read(name: string): Promise<Result<Secret | null>> {
    return this.#alone(() => {
      const record = this.#store.get(name);
      if (record === null) return ok(null);
      const ring = this.#ring();
      if (!ring.ok) return ring;
      const opened = open(keysOf(ring.value), record, record.sealed);
      return opened.ok ? ok({ name, metadata: readMetadata(record.metadata), value: opened.value }) : opened;
    });
  }

  async describe(name: string, metadata: SecretMetadata): Promise<Result<boolean>> {
    return this.#alone(() => {
      const record = this.#store.get(name);
      if (record === null) return ok(false);
      const ring = this.#ring();
      if (!ring.ok) return ring;
      const opened = open(keysOf(ring.value), record, record.sealed);
      if (!opened.ok) return opened;
      const refused = invalid({ name, metadata, value: opened.value });
      if (refused !== null) return refused;
      const put = this.#put({ name, metadata: textOf(metadata) }, opened.value);
      return put.ok ? ok(true) : put;
    });
  }

  async remove(name: string): Promise<Result<boolean>> {
    return this.#alone(() => ok(this.#store.delete(name)));
  }

  async rekey(): Promise<Result<number>> {
    const changed = this.#alone(() => {
      const present = this.#ring();
      if (!present.ok) return present;
      // Seen before a new key is made: one record that doesn't open would keep the old one needed for ever.
      for (const record of this.#store.all()) {
        const opened = open(keysOf(present.value), record, record.sealed);
        if (!opened.ok) return opened;
      }
      const begun = this.#keys.begin();
      return begun.ok ? this.#rewrapAll(begun.value) : begun;
    });
    if (!changed.ok) return changed;
    const ended = this.#alone(() => this.#keys.end());
    return ended.ok ? changed : ended;
  }

  #rewrapAll(ring: KeyRing): Result<number> {
    let count = 0;
    for (const record of this.#store.all()) {
      const sealed = rewrap(keysOf(ring), ring.current, record, record.sealed);
      if (!sealed.ok) return sealed;
      if (sealed.value === null) continue;
      this.#store.put({ ...record, sealed: sealed.value });
      count += 1;
    }
    return ok(count);
  }

  async close(): Promise<void> {
    this.#store.close();
  }

  #put(label: Label, value: string): Result<null> {
    const ring = this.#ring();
    if (!ring.ok) return ring;
    this.#store.put({ ...label, sealed: seal(ring.value.current, label, value) });
    return ok(null);
  }

  #keyMissing(): Err {
    return err(
      'secrets_key_missing',
      `${this.#keys.place} is not there, and it sealed ${this.#store.count()} secrets; give it back (from its backup), or remove the secrets and add them again`,
    );
  }

  #ring(): Result<KeyRing> {
    const present = this.#keys.read();
    if (!present.ok) return present;
    return present.value === null ? this.#keyMissing() : ok(present.value);
  }

  /** Reads too are made alone: records and key belong together, and another process may be changing the key. */
  #alone<T>(act: () => Result<T>): Result<T> {
    return this.#store.isOpen ? this.#store.alone(act) : closed();
  }
}

const closed = (): Err => err('secrets_closed', 'the store of secrets is closed');

/**
 * Secrets in a file of SQLite, each sealed as `envelope.ts` says. Two processes may use it at once; a process that is killed leaves every
 * change whole or undone. Faults: `secrets_unavailable`, `secrets_damaged`; the master key is looked at when it is needed.
 */
export async function openSqliteSecrets(options: SqliteSecretsOptions): Promise<Result<SqliteSecrets>> {
  const { path, masterKey, busyTimeoutMs = 5_000, secretsMax = 1_000 } = options;
  const store = SecretStore.open(path, busyTimeoutMs);
  return store.ok ? ok(new StoredSecrets(store.value, new MasterKeys(masterKey), secretsMax)) : store;
}
