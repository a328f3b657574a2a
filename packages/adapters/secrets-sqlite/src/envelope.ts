import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '@monsta/core';

/**
 * A record sealed in the first form: a data key of its own encrypts the value, the master key encrypts the data key; both AES-256-GCM.
 *
 *   0  form, 1
 *   1  id of the master key, 8 bytes
 *   9  nonce of the data key, 12 bytes
 *  21  the data key, encrypted, 32 bytes, and its tag, 16
 *  69  nonce of the value, 12 bytes
 *  81  the value in UTF-8, encrypted, and its tag, 16
 *
 * Authenticated beside the data key: form, id and name; beside the value: form, name and metadata. So a record opens under its own name and
 * with its own metadata only. A new master key changes the bytes 1 to 68, never those of the value.
 */
const FORM = 1;
const ALGORITHM = 'aes-256-gcm';
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VALUE_START = 1 + ID_BYTES + NONCE_BYTES + 32 + TAG_BYTES;
const LEAST_BYTES = VALUE_START + NONCE_BYTES + TAG_BYTES;

export const KEY_BYTES = 32;

/** A master key and what tells it from others without telling it. */
export interface MasterKey {
  readonly bytes: Uint8Array;
  readonly id: Uint8Array;
}

/** What a record says in the clear. */
export interface Label {
  readonly name: string;
  /** JSON, as it is stored. */
  readonly metadata: string;
}

/** `bytes`: 32 of them. */
export function masterKey(bytes: Uint8Array): MasterKey {
  const id = createHmac('sha256', bytes).update('monsta secrets: id of the master key').digest().subarray(0, ID_BYTES);
  return { bytes, id };
}

export const newMasterKey = (): MasterKey => masterKey(randomBytes(KEY_BYTES));

export const isSameKey = (left: MasterKey, right: MasterKey): boolean => timingSafeEqual(left.id, right.id);

function encrypt(key: Uint8Array, clear: Uint8Array, beside: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(beside));
  return Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

/** Null where key, bytes or what stands beside them are not those of the encryption. */
function decrypt(key: Uint8Array, bytes: Uint8Array, beside: string): Buffer | null {
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(beside))
    .setAuthTag(bytes.subarray(end));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]);
  } catch {
    // OpenSSL says no more than that the tag is not the one expected.
    return null;
  }
}

const besideKey = (key: MasterKey, { name }: Label): string =>
  JSON.stringify(['monsta-secret', FORM, 'key', Buffer.from(key.id).toString('hex'), name]);
const besideValue = ({ name, metadata }: Label): string =>
  JSON.stringify(['monsta-secret', FORM, 'value', name, metadata]);

function joined(key: MasterKey, label: Label, dataKey: Uint8Array, sealedValue: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(FORM), key.id, encrypt(key.bytes, dataKey, besideKey(key, label)), sealedValue]);
}

/** Seals a value under a data key that is made for it. */
export function seal(key: MasterKey, label: Label, value: string): Uint8Array {
  const dataKey = randomBytes(KEY_BYTES);
  return joined(key, label, dataKey, encrypt(dataKey, Buffer.from(value), besideValue(label)));
}

const damaged = (label: Label, what: string) =>
  err(
    'secrets_damaged',
    `the secret '${label.name}' does not open: ${what}. Restore the store from a copy, or remove the secret and add it again`,
  );

/** The master key that sealed the record, and its data key. */
function unwrap(
  keys: readonly MasterKey[],
  label: Label,
  sealed: Uint8Array,
): Result<{ readonly key: MasterKey; readonly dataKey: Uint8Array }> {
  if (sealed.length < LEAST_BYTES) return damaged(label, 'it is too short');
  if (sealed[0] !== FORM)
    return damaged(
      label,
      `its form ${sealed[0] ?? 0} is none that this version knows; it is damaged, or written by a newer MONSTA`,
    );
  const id = sealed.subarray(1, 1 + ID_BYTES);
  const key = keys.find((each) => timingSafeEqual(each.id, id));
  if (key === undefined)
    return err(
      'secrets_key_wrong',
      `the secret '${label.name}' was sealed by another master key (${Buffer.from(id).toString('hex')}); give back the key it was made with`,
    );
  const dataKey = decrypt(key.bytes, sealed.subarray(1 + ID_BYTES, VALUE_START), besideKey(key, label));
  return dataKey === null ? damaged(label, 'its key or its name is not what was sealed') : ok({ key, dataKey });
}

/** Faults: `secrets_key_wrong` (none of the keys sealed it), `secrets_damaged`. */
export function open(keys: readonly MasterKey[], label: Label, sealed: Uint8Array): Result<string> {
  const unwrapped = unwrap(keys, label, sealed);
  if (!unwrapped.ok) return unwrapped;
  const value = decrypt(unwrapped.value.dataKey, sealed.subarray(VALUE_START), besideValue(label));
  return value === null ? damaged(label, 'its value or its metadata is not what was sealed') : ok(value.toString());
}

/** The same record under another master key; null where it is under that already. A record that would not open afterwards is refused. Faults as of `open`. */
export function rewrap(
  keys: readonly MasterKey[],
  to: MasterKey,
  label: Label,
  sealed: Uint8Array,
): Result<Uint8Array | null> {
  const opened = open(keys, label, sealed);
  if (!opened.ok) return opened;
  const unwrapped = unwrap(keys, label, sealed);
  if (!unwrapped.ok) return unwrapped;
  const { key, dataKey } = unwrapped.value;
  return ok(isSameKey(key, to) ? null : joined(to, label, dataKey, sealed.subarray(VALUE_START)));
}
