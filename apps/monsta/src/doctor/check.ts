import type { Fault } from '@monsta/core';

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** One thing that was looked at. */
export interface Check {
  /** Stable: `clock`, `user-stream`. */
  readonly name: string;
  readonly status: CheckStatus;
  /** What was seen, in words and numbers. */
  readonly seen: string;
  /** What to do; null where nothing is to be done. */
  readonly todo: string | null;
  /** The same for programs; null values are not known. */
  readonly facts: Readonly<Record<string, unknown>>;
}

type Facts = Check['facts'];

export const fine = (name: string, seen: string, facts: Facts = {}): Check => ({
  name,
  status: 'ok',
  seen,
  todo: null,
  facts,
});
export const warning = (name: string, seen: string, todo: string, facts: Facts = {}): Check => ({
  name,
  status: 'warning',
  seen,
  todo,
  facts,
});
export const failure = (name: string, seen: string, todo: string, facts: Facts = {}): Check => ({
  name,
  status: 'failed',
  seen,
  todo,
  facts,
});
export const skipped = (name: string, why: string): Check => ({
  name,
  status: 'skipped',
  seen: why,
  todo: null,
  facts: {},
});

/** What to do about faults of a venue, a key or the store of secrets, by their code. */
const REMEDIES: Readonly<Record<string, string>> = {
  venue_unreachable: 'look at the network checks above, at a firewall between, and at the exchange’s own status page',
  venue_limited:
    'send nothing until the time it names is over: going on makes the ban longer; find what else uses this address',
  venue_clock: 'correct this machine’s clock (NTP): signed requests are refused for their time',
  venue_key:
    'check key, secret and kind, that the key is one of this exchange and not of its testnet, and that this machine’s address is listed for it',
  venue_rejected: 'read what the exchange says; where it speaks of a location, it does not serve this one',
  venue_protocol:
    'something between this machine and the exchange answers in its place (a proxy, a portal), or its protocol has changed',
  exchange_key_unknown: 'monsta exchange-keys list names those that there are; add one with monsta exchange-keys add',
  exchange_key_refused:
    'delete the key at the exchange, make one that may read and trade on the spot market only, and add that',
  secrets_key_missing: 'put the master key back from its copy; see docs/exchange-keys.md',
  secrets_key_wrong: 'give the master key that sealed the keys; see docs/exchange-keys.md',
  secrets_key_exposed: 'make the key file its owner’s alone (chmod 600)',
  secrets_damaged: 'remove the key and add it again, or restore a copy; see docs/exchange-keys.md',
  instrument_unknown:
    'correct --instruments or venue.instruments: symbols are written as the exchange lists them, e.g. BTCUSDT',
};

/** A check that ended with a fault. */
export function failedWith(name: string, { code, message, retryAfterMs }: Fault): Check {
  const todo = REMEDIES[code] ?? 'read the message; the page docs/doctor.md tells more of each check';
  return failure(name, `${code}: ${message}`, todo, { code, retryAfterMs: retryAfterMs ?? null });
}
