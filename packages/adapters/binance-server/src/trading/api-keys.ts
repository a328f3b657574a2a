import { createPublicKey, type KeyObject } from 'node:crypto';
import { err, ok, type AccountId, type Result } from '@monsta/core';
import type { Caller, Permission } from './caller.ts';
import { BinanceError } from '../parameters.ts';
import { isSignedBy, type KeyProof } from './signatures.ts';

const KEY_FORMAT = /^[A-Za-z0-9]{64}$/;
/** Keys that can be registered; beyond them a registration is refused. */
const KEYS_MAX = 10_000;

/** An API key of an account. */
export interface ApiKey {
  readonly apiKey: string;
  readonly account: AccountId;
  readonly proof: KeyProof;
  readonly permissions: readonly Permission[];
  /** The only addresses that may use it; null: any. */
  readonly addresses: readonly string[] | null;
}

const rejected = (): BinanceError => new BinanceError(-2015, 'Invalid API-key, IP, or permissions for action.', 401);

/** The API keys of an exchange. */
export class ApiKeys {
  readonly #keys = new Map<string, ApiKey>();

  /** Faults: `api_key_malformed`, `api_key_taken`, `api_keys_full`. */
  add(key: ApiKey): Result<ApiKey> {
    if (!KEY_FORMAT.test(key.apiKey)) return err('api_key_malformed', 'an API key has 64 letters and digits');
    if (this.#keys.has(key.apiKey)) return err('api_key_taken', 'there is already such an API key');
    if (this.#keys.size >= KEYS_MAX) return err('api_keys_full', `${KEYS_MAX} API keys are the most`);
    this.#keys.set(key.apiKey, key);
    return ok(key);
  }

  remove(apiKey: string): boolean {
    return this.#keys.delete(apiKey);
  }

  get(apiKey: string): ApiKey | null {
    return this.#keys.get(apiKey) ?? null;
  }

  of(account: AccountId): readonly ApiKey[] {
    return [...this.#keys.values()].filter((key) => key.account === account);
  }

  /** The key, where it may do this from that address. Throws −2014 for a text that can't be a key, −2015 otherwise. */
  find(apiKey: string | null, permission: Permission | null, address: string): ApiKey {
    if (apiKey === null || !KEY_FORMAT.test(apiKey)) throw new BinanceError(-2014, 'API-key format invalid.', 401);
    const key = this.#keys.get(apiKey);
    if (key === undefined) throw rejected();
    if (key.addresses !== null && !key.addresses.includes(address)) throw rejected();
    if (permission !== null && !key.permissions.includes(permission)) throw rejected();
    return key;
  }
}

/** Who signed `text`. Throws −1022 where the key's owner did not. */
export function provenCaller(key: ApiKey, text: string, signature: string): Caller {
  if (!isSignedBy(key.proof, text, signature)) {
    throw new BinanceError(-1022, 'Signature for this request is not valid.');
  }
  return { account: key.account, apiKey: key.apiKey };
}

/** Reads a public key in PEM. Faults `public_key_malformed`, `public_key_unsupported` (neither RSA nor Ed25519). */
export function readPublicKey(pem: string): Result<KeyProof> {
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(pem);
  } catch (cause) {
    return err('public_key_malformed', 'this is no public key in PEM', { cause });
  }
  switch (publicKey.asymmetricKeyType) {
    case 'rsa':
      return ok({ kind: 'RSA', publicKey });
    case 'ed25519':
      return ok({ kind: 'ED25519', publicKey });
    default:
      return err('public_key_unsupported', 'public keys are RSA or Ed25519');
  }
}

/** What a key may do that is told nothing of permissions. */
export const USUAL_PERMISSIONS: readonly Permission[] = ['TRADE', 'USER_DATA', 'USER_STREAM'];
