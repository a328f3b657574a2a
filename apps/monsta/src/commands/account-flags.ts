import type { FlagSpec } from '../cli/arguments.ts';
import { ACCOUNT_VENUES, EXCHANGE_KEY_KINDS } from '../config/names.ts';

/** Flags of every command that works on the data directory beside a running program. */
export const dataFlags: Readonly<Record<string, FlagSpec>> = {
  config: { type: 'string', value: 'FILE', help: 'configuration file (JSON)' },
  'data-dir': { type: 'string', value: 'DIR', help: 'the data directory (default .monsta)' },
  'log-level': { type: 'string', value: 'LEVEL', help: 'debug, info, warn or error (default warn)' },
};

/** Flags of those that write a book of the ledger. */
export const exportFlags: Readonly<Record<string, FlagSpec>> = {
  from: { type: 'string', value: 'TIME', help: 'from this day or time on, UTC: 2026-01-31 or 2026-01-31T18:30:00Z' },
  to: { type: 'string', value: 'TIME', help: 'up to this day or time, included' },
  out: { type: 'string', value: 'FILE', help: 'into this new file (default stdout)' },
  account: { type: 'string', value: 'ID', help: 'of this account, where the ledger has several' },
};

/** Flags of those that talk to an exchange. */
export const exchangeFlags: Readonly<Record<string, FlagSpec>> = {
  venue: { type: 'string', value: 'NAME', help: `${ACCOUNT_VENUES.join(', ')}` },
  'rest-url': {
    type: 'string',
    value: 'URL',
    help: 'a server in the exchange’s place (simulated: http://127.0.0.1:9080)',
  },
  'ws-url': { type: 'string', value: 'URL', help: 'its WebSocket address (default: the same host and port)' },
};

/** Flags of `exchange-keys add` beside those of the exchange and the data directory. */
export const additionFlags: Readonly<Record<string, FlagSpec>> = {
  name: { type: 'string', value: 'NAME', help: 'how the key is called here' },
  'api-key': { type: 'string', value: 'KEY', help: 'the API key, which is no secret' },
  kind: { type: 'string', value: 'KIND', help: `${EXCHANGE_KEY_KINDS.join(', ')} (default hmac)` },
  'secret-file': {
    type: 'string',
    value: 'FILE',
    help: 'file with the secret or the private key (PEM); without it asked for, or read from stdin',
  },
  secret: {
    type: 'string',
    value: '…',
    help: 'refused: an argument stands in the shell’s history and in the list of processes',
  },
};

/** Flags of `doctor` besides. */
export const doctorFlags: Readonly<Record<string, FlagSpec>> = {
  account: { type: 'string', value: 'NAME', help: 'the exchange key to look at (exchange-keys list)' },
  instruments: { type: 'string', value: 'A,B', help: 'symbols whose rules are looked at (default those configured)' },
};
