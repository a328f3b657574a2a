import {
  exchangeKeyKindSchema,
  exchangeKeyPermissionsSchema,
  type ExchangeKeyAdded,
  type ExchangeKeyAddition,
  type ExchangeKeyMessage,
} from '@monsta/contracts';
import { err, msFromUs, ok, type Err, type Result } from '@monsta/core';
import type {
  Clock,
  ExchangeKey,
  ExchangeKeyInspector,
  ExchangeKeyPermissions,
  Secret,
  SecretListing,
  Secrets,
} from '@monsta/ports';
import { z } from 'zod';
import { grantedTooMuch, useOf, warningsOf } from './exchange-key-rules.ts';

/** What a check came to. */
export type CheckedExchangeKey = Pick<ExchangeKeyAdded, 'key' | 'warnings'>;

export interface ExchangeKeysOptions {
  readonly secrets: Secrets;
  readonly inspector: ExchangeKeyInspector;
  readonly clock: Clock;
}

/** In the store of secrets, which may hold others too. */
const PREFIX = 'exchange-key.';
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;
/** A header takes no other characters. */
const API_KEY = /^[A-Za-z0-9_-]{16,256}$/;
const SECRET_CHARACTERS_MAX = 10_000;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** Exchanges asked at once; each may take some seconds. */
const CHECKS_MAX = 4;

/** What stands beside a sealed key. */
const descriptionSchema = z.strictObject({
  venue: z.string(),
  kind: exchangeKeyKindSchema,
  keyEnds: z.string(),
  permissions: exchangeKeyPermissionsSchema,
  addedMs: z.number().int(),
  checkedMs: z.number().int(),
});
type Description = z.infer<typeof descriptionSchema>;

/** What is sealed. */
const sealedSchema = z.strictObject({ apiKey: z.string(), secret: z.string() });

const invalid = (message: string): Err => err('exchange_key_invalid', message);

/** Words of the input are never in a message: a mistake may have put the secret into any place. */
function faultIn({ name, apiKey, kind, secret, venue }: ExchangeKeyAddition, venues: readonly string[]): Err | null {
  if (!NAME.test(name))
    return invalid('the name has 1 to 40 letters, digits, dashes and underscores, a letter or digit first');
  if (!venues.includes(venue)) return invalid(`the venue is none of ${venues.join(', ')}`);
  if (!API_KEY.test(apiKey)) return invalid('the API key is no text of 16 to 256 letters and digits');
  if (secret === '') return invalid('the secret is empty');
  if (secret.length > SECRET_CHARACTERS_MAX)
    return invalid(`the secret has more than ${SECRET_CHARACTERS_MAX} characters`);
  if (kind === 'hmac' && PEM.test(secret))
    return invalid('the secret is a private key: its kind is rsa or ed25519, not hmac');
  if (kind === 'hmac' && !/^[\x21-\x7e]+$/.test(secret)) return invalid('the secret has blanks or signs that none has');
  if (kind !== 'hmac' && !PEM.test(secret))
    return invalid(
      `the secret of kind ${kind} is the private key in PEM (-----BEGIN PRIVATE KEY-----), not the public one`,
    );
  return apiKey === secret ? invalid('API key and secret are the same text') : null;
}

const viewOf = (name: string, description: Description): ExchangeKeyMessage => ({
  name,
  ...description,
  use: useOf(description.permissions),
  fault: null,
});

const unreadable = (name: string): Err =>
  err(
    'secrets_damaged',
    `the key '${name}' is not in a form that this version of MONSTA reads; remove it and add it again`,
  );

function viewOfListing({ name, metadata, fault }: SecretListing): ExchangeKeyMessage {
  const own = name.slice(PREFIX.length);
  const description = descriptionSchema.safeParse(metadata);
  if (description.success) return viewOf(own, description.data);
  const { code, message } = fault ?? unreadable(own).fault;
  const nothing = {
    venue: null,
    kind: null,
    keyEnds: null,
    use: null,
    permissions: null,
    addedMs: null,
    checkedMs: null,
  };
  return { name: own, ...nothing, fault: { code, message } };
}

/**
 * Keys of exchanges: asked of their exchange before they are taken, refused where they may do more than read and trade on the spot market,
 * sealed at rest, and shown without what must not be seen.
 */
export class ExchangeKeys {
  readonly #options: ExchangeKeysOptions;
  #checks = 0;

  constructor(options: ExchangeKeysOptions) {
    this.#options = options;
  }

  get venues(): readonly string[] {
    return this.#options.inspector.venues;
  }

  /**
   * Asks the exchange what the key may do, and stores it. Nothing is stored unless the exchange has answered. Faults: `exchange_key_invalid`,
   * `exchange_key_taken`, `exchange_key_refused`, `too_many_requests`, those of `ExchangeKeyInspector` and of `Secrets`.
   */
  async add(given: ExchangeKeyAddition): Promise<Result<ExchangeKeyAdded>> {
    const { secrets, inspector, clock } = this.#options;
    const key = { ...given, secret: given.kind === 'hmac' ? given.secret.trim() : given.secret };
    const { name, venue, kind, apiKey, secret } = key;
    const wrong = faultIn(key, inspector.venues);
    if (wrong !== null) return wrong;
    // Before the exchange is asked: a store that can't be used, or a name that is taken.
    const listed = await secrets.list();
    if (!listed.ok) return listed;
    if (listed.value.some((each) => each.name === PREFIX + name)) return taken(name);
    const asked = await this.#ask({ venue, kind, apiKey, secret });
    if (!asked.ok) return asked;
    const permissions = asked.value;
    const tooMuch = grantedTooMuch(permissions);
    if (tooMuch !== null) return refused(tooMuch, 'nothing was stored');
    const prepared = await secrets.prepare();
    if (!prepared.ok) return prepared;
    const nowMs = msFromUs(clock.nowUs());
    const description: Description = {
      venue,
      kind,
      keyEnds: apiKey.slice(-4),
      permissions,
      addedMs: nowMs,
      checkedMs: nowMs,
    };
    const stored = await secrets.add({
      name: PREFIX + name,
      metadata: description,
      value: JSON.stringify({ apiKey, secret }),
    });
    if (!stored.ok) return stored.fault.code === 'secret_taken' ? taken(name) : stored;
    return ok({
      key: viewOf(name, description),
      warnings: warningsOf(permissions),
      masterKeyMadeAt: prepared.value.keyMadeAt,
    });
  }

  /** By name; a record that does not open is listed with why. Faults are those of `Secrets`. */
  async list(): Promise<Result<readonly ExchangeKeyMessage[]>> {
    const listed = await this.#options.secrets.list();
    if (!listed.ok) return listed;
    return ok(listed.value.filter(({ name }) => name.startsWith(PREFIX)).map(viewOfListing));
  }

  /** Fault `exchange_key_unknown`, and those of `Secrets`. */
  async remove(name: string): Promise<Result<null>> {
    const removed = await this.#options.secrets.remove(PREFIX + name);
    if (!removed.ok) return removed;
    return removed.value ? ok(null) : unknown(name);
  }

  /** The key with its secret, for the part that signs with it. Fault `exchange_key_unknown`, and those of `Secrets`. */
  async read(name: string): Promise<Result<ExchangeKey>> {
    const stored = await this.#stored(name);
    return stored.ok ? ok(stored.value.key) : stored;
  }

  /**
   * Asks the exchange again what a stored key may do, and keeps the answer. A key that may do too much by now is refused; it stays stored, and
   * its answer too, for its owner to see. Faults: `exchange_key_unknown`, `exchange_key_refused`, and as of `add`.
   */
  async check(name: string): Promise<Result<CheckedExchangeKey>> {
    const stored = await this.#stored(name);
    if (!stored.ok) return stored;
    const asked = await this.#ask(stored.value.key);
    if (!asked.ok) return asked;
    const checkedMs = msFromUs(this.#options.clock.nowUs());
    const description = { ...stored.value.description, permissions: asked.value, checkedMs };
    const kept = await this.#options.secrets.describe(PREFIX + name, description);
    if (!kept.ok) return kept;
    const tooMuch = grantedTooMuch(asked.value);
    if (tooMuch !== null) return refused(tooMuch, 'it must not be used any more');
    return ok({ key: viewOf(name, description), warnings: warningsOf(asked.value) });
  }

  async #stored(name: string): Promise<Result<{ readonly description: Description; readonly key: ExchangeKey }>> {
    const read = await this.#options.secrets.read(PREFIX + name);
    if (!read.ok) return read;
    return read.value === null ? unknown(name) : opened(name, read.value);
  }

  async #ask(key: ExchangeKey): Promise<Result<ExchangeKeyPermissions>> {
    if (this.#checks >= CHECKS_MAX)
      return err('too_many_requests', `${CHECKS_MAX} keys are being checked; wait for their answers`, {
        retry: 'retryable',
        retryAfterMs: 5_000,
      });
    this.#checks += 1;
    try {
      return await this.#options.inspector.inspect(key);
    } finally {
      this.#checks -= 1;
    }
  }
}

/** A sealed key in its parts. */
function opened(
  name: string,
  { metadata, value }: Secret,
): Result<{ readonly description: Description; readonly key: ExchangeKey }> {
  const description = descriptionSchema.safeParse(metadata);
  const sealed = sealedSchema.safeParse(JSON.parse(value));
  if (!description.success || !sealed.success) return unreadable(name);
  const { venue, kind } = description.data;
  return ok({ description: description.data, key: { venue, kind, ...sealed.data } });
}

const refused = (granted: readonly string[], consequence: string): Err =>
  err(
    'exchange_key_refused',
    `this key may ${granted.join(', ')}; ${consequence}. Make a key at the exchange that may read and trade on the spot market and nothing else, from listed addresses only`,
    { details: { granted } },
  );
const taken = (name: string): Err =>
  err('exchange_key_taken', `there is already a key '${name}'; remove it first, or take another name`);
const unknown = (name: string): Err =>
  err('exchange_key_unknown', NAME.test(name) ? `there is no key '${name}'` : 'there is no key of that name');
