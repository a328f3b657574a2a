import { createHmac, createPrivateKey, createSecretKey, sign, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { err, ok, type Result } from '@monsta/core';

export type BinanceKeyKind = 'hmac' | 'rsa' | 'ed25519';

export interface BinanceKey {
  readonly apiKey: string;
  readonly kind: BinanceKeyKind;
  /** The secret's text for HMAC; a private key in PEM form (PKCS#8) for RSA and Ed25519. */
  readonly secret: string;
}

/** What parameters may be; sent in the order in which they stand. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** A key that signs and can't be made to show its secret: not by a log, `JSON.stringify`, a copy or an inspector. */
export interface BinanceCredentials {
  readonly apiKey: string;
  readonly kind: BinanceKeyKind;
  /** Of the text's UTF-8 bytes: HMAC-SHA256 in hex; RSA (PKCS#1 v1.5, SHA-256) or Ed25519 in base64. */
  sign(text: string): string;
  /** The kind, and the key's last letters. */
  toString(): string;
}

/** A header takes no other characters, and Binance gives no other keys. */
const API_KEY = /^[\x21-\x7e]{1,256}$/;

class SigningKey implements BinanceCredentials {
  readonly #apiKey: string;
  readonly #kind: BinanceKeyKind;
  readonly #sign: (text: string) => string;

  constructor(apiKey: string, kind: BinanceKeyKind, signText: (text: string) => string) {
    this.#apiKey = apiKey;
    this.#kind = kind;
    this.#sign = signText;
  }

  get apiKey(): string {
    return this.#apiKey;
  }

  get kind(): BinanceKeyKind {
    return this.#kind;
  }

  sign(text: string): string {
    return this.#sign(text);
  }

  toJSON(): { readonly apiKey: string; readonly kind: BinanceKeyKind } {
    return { apiKey: `…${this.#apiKey.slice(-4)}`, kind: this.#kind };
  }

  toString(): string {
    return `BinanceCredentials(${this.#kind} …${this.#apiKey.slice(-4)})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function privateKeyOf({ kind, secret }: BinanceKey): Result<KeyObject> {
  let key: KeyObject;
  try {
    key = createPrivateKey(secret);
  } catch {
    // What OpenSSL says of it is left out: nothing of a secret belongs into a message.
    return err(
      'venue_key',
      `the secret of a key of kind ${kind} must be a private key in PEM form without a passphrase`,
    );
  }
  return key.asymmetricKeyType === kind
    ? ok(key)
    : err('venue_key', `the secret is a private key of kind ${key.asymmetricKeyType ?? 'unknown'}, not ${kind}`);
}

/** Fault `venue_key` for a key that can't be one. */
export function createBinanceCredentials(key: BinanceKey): Result<BinanceCredentials> {
  const { apiKey, kind, secret } = key;
  if (!API_KEY.test(apiKey)) return err('venue_key', 'an API key is 1 to 256 letters and digits without spaces');
  if (kind === 'hmac') {
    if (secret === '') return err('venue_key', 'the secret of the API key is empty');
    const secretKey = createSecretKey(secret, 'utf8');
    return ok(new SigningKey(apiKey, kind, (text) => createHmac('sha256', secretKey).update(text).digest('hex')));
  }
  const privateKey = privateKeyOf(key);
  if (!privateKey.ok) return privateKey;
  const digest = kind === 'rsa' ? 'sha256' : null;
  return ok(
    new SigningKey(apiKey, kind, (text) => sign(digest, Buffer.from(text), privateKey.value).toString('base64')),
  );
}

const UNRESERVED = /^[\w.~-]*$/;

/** Percent-encodes also what `encodeURIComponent` leaves and a URL parser may change: what is signed is what is sent. */
const encode = (text: string): string =>
  UNRESERVED.test(text)
    ? text
    : encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Parameters as a query, percent-encoded. */
export const formOf = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${encode(name)}=${encode(String(value))}`)
    .join('&');

/** The query of a signed REST request: parameters, receive window, time, and the signature over all of it. */
export function signedForm(
  parameters: Parameters,
  credentials: BinanceCredentials,
  time: { readonly recvWindowMs: number; readonly timestampMs: number },
): string {
  const form = formOf({ ...parameters, recvWindow: time.recvWindowMs, timestamp: time.timestampMs });
  return `${form}&signature=${encode(credentials.sign(form))}`;
}

/** The `params` of a signed WebSocket request: signed sorted by name and not percent-encoded. */
export function signedSocketParameters(
  parameters: Parameters,
  credentials: BinanceCredentials,
): Parameters & { readonly signature: string } {
  const all: Parameters = { ...parameters, apiKey: credentials.apiKey };
  const names = Object.keys(all).toSorted((one, other) => (one < other ? -1 : 1));
  const text = names.map((name) => `${name}=${String(all[name])}`).join('&');
  return { ...all, signature: credentials.sign(text) };
}
