import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { err, ok, type Result } from '@monsta/core';
import type { Ledger } from '@monsta/ports';

const PREFIX = 'monsta_admin_';
const SECRET_BYTES = 32;
const CHECKSUM_LENGTH = 6;
const SALT_BYTES = 16;
const SETTING = 'identity.adminToken';
const STORED = /^v1:([0-9a-f]{32}):([0-9a-f]{64})$/;
const TOKEN = /^monsta_admin_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}$/;

/** Where the hash lies; the ledger has it. */
export type SettingStore = Pick<Ledger, 'getSetting' | 'putSetting'>;

/** Bytes nobody can guess; Node's own by default. */
export type RandomBytes = (count: number) => Uint8Array;

export interface Identity {
  /** True for the admin token; takes the same time for every well-formed wrong one. */
  isAdmin(token: string): boolean;
}

export interface OpenedIdentity {
  readonly identity: Identity;
  /** The admin token when it was made just now: show it once, it can't be read again. Null when there was one already. */
  readonly created: string | null;
}

export interface IdentityOptions {
  readonly settings: SettingStore;
  /** True puts a new token in the place of the old one, which then no longer works. */
  readonly renew?: boolean;
  readonly random?: RandomBytes;
}

/** Tells a mistyped or cut token from a wrong one; found by secret scanners together with the prefix. */
const checksum = (body: string): string =>
  createHash('sha256').update(`${PREFIX}${body}`).digest('base64url').slice(0, CHECKSUM_LENGTH);

/** 256 bits as text: `monsta_admin_`, 43 characters of secret, 6 of checksum. */
function newToken(random: RandomBytes): string {
  const body = Buffer.from(random(SECRET_BYTES)).toString('base64url');
  return `${PREFIX}${body}${checksum(body)}`;
}

/** False for what can't be a token: wrong prefix, length, characters or checksum. */
export function isTokenWellFormed(token: string): boolean {
  if (!TOKEN.test(token)) return false;
  const rest = token.slice(PREFIX.length);
  return checksum(rest.slice(0, -CHECKSUM_LENGTH)) === rest.slice(-CHECKSUM_LENGTH);
}

/** A token of 256 random bits can't be guessed from its hash, so that a fast keyed hash is enough. */
const digest = (salt: Uint8Array, token: string): Buffer => createHmac('sha256', salt).update(token).digest();

function verifier(salt: Uint8Array, expected: Uint8Array): Identity {
  return {
    isAdmin: (token) => isTokenWellFormed(token) && timingSafeEqual(digest(salt, token), expected),
  };
}

function read(stored: string): Result<Identity> {
  const [, salt, expected] = STORED.exec(stored) ?? [];
  if (salt === undefined || expected === undefined)
    return err(
      'identity_corrupt',
      `the stored hash of the admin token is not in a form that this version reads; renew the token`,
      { retry: 'fatal' },
    );
  return ok(verifier(Buffer.from(salt, 'hex'), Buffer.from(expected, 'hex')));
}

/**
 * Reads the hash of the admin token, or makes the token at the first start. Only the hash is stored.
 * Faults: `identity_corrupt`, and those of the ledger.
 */
export async function openIdentity({
  settings,
  renew = false,
  random = randomBytes,
}: IdentityOptions): Promise<Result<OpenedIdentity>> {
  const present = await settings.getSetting(SETTING);
  if (!present.ok) return present;
  if (present.value !== null && !renew) {
    const identity = read(present.value);
    return identity.ok ? ok({ identity: identity.value, created: null }) : identity;
  }
  const token = newToken(random);
  const salt = random(SALT_BYTES);
  const put = await settings.putSetting(
    SETTING,
    `v1:${Buffer.from(salt).toString('hex')}:${digest(salt, token).toString('hex')}`,
  );
  if (!put.ok) return put;
  // Read back: were another process to start at the same moment, the one that wrote last has the token that works.
  const written = await settings.getSetting(SETTING);
  if (!written.ok) return written;
  const identity = read(written.value ?? '');
  if (!identity.ok) return identity;
  return ok({ identity: identity.value, created: identity.value.isAdmin(token) ? token : null });
}
