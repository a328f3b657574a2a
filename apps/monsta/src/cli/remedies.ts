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

/** What to do about a fault that an exchange, a key or the store of secrets gave; null where its message says all. */
export const remedyOf = (code: string): string | null => REMEDIES[code] ?? null;
