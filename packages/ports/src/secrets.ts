import type { Fault, Result } from '@monsta/core';

/** What may be told of a secret: JSON values. Sealed with the secret, so that neither can be changed, or exchanged for another record's, alone. */
export type SecretMetadata = Readonly<Record<string, unknown>>;

export interface Secret {
  /** 1 to 64 letters, digits, `.`, `_`, `-`, a letter or digit first. */
  readonly name: string;
  readonly metadata: SecretMetadata;
  readonly value: string;
}

/** A secret as it is listed. */
export interface SecretListing {
  readonly name: string;
  /** Null where the record does not open: nothing that stands in it can be trusted then. */
  readonly metadata: SecretMetadata | null;
  /** Why `metadata` is null; null where it is not. */
  readonly fault: Fault | null;
}

/**
 * Secrets at rest: encrypted and authenticated, durable when a change resolves. Whoever holds the store without the master key learns names,
 * metadata and the length of values, and can put nothing else in their place that is taken for sound but an earlier state of the store.
 * Faults: `secrets_key_missing`, `secrets_key_wrong` (another key sealed it), `secrets_key_exposed` (others may read the key),
 * `secrets_key_malformed`, `secrets_damaged`, `secrets_unavailable` (retryable), `secrets_closed`.
 */
export interface Secrets {
  /** Makes the master key where there is none and nothing is sealed yet; `keyMadeAt` says where, null where one was there. */
  prepare(): Promise<Result<{ readonly keyMadeAt: string | null }>>;
  /** Faults besides: `secret_taken`, `secret_invalid` (name, size or metadata), `secrets_full`. */
  add(secret: Secret): Promise<Result<null>>;
  /** By name. A record that doesn't open is listed with its fault and hides no other. */
  list(): Promise<Result<readonly SecretListing[]>>;
  read(name: string): Promise<Result<Secret | null>>;
  /** Puts other metadata in the place of a secret's; false where there is no such secret. Fault besides: `secret_invalid`. */
  describe(name: string, metadata: SecretMetadata): Promise<Result<boolean>>;
  /** False where there is no such secret. Needs no key: what can't be read any more can still be removed. */
  remove(name: string): Promise<Result<boolean>>;
  close(): Promise<void>;
}
