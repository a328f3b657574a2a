import { err, ok, type Result } from '@monsta/core';
import type { ExchangeKey, ExchangeKeyInspector, ExchangeKeyPermissions } from '@monsta/ports';
import type { BinanceConnection } from './connection.ts';
import { readBoolean, readObject, readTimeMs, type JsonObject } from './json-reader.ts';
import { decodeBody } from './replies.ts';
import type { RestClient } from './rest-client.ts';
import { createBinanceCredentials } from './signing.ts';

/** A host that keys can be asked of. */
export interface BinanceKeyVenue {
  readonly connection: BinanceConnection;
  /** It has `/sapi/v1/account/apiRestrictions`, which alone says what a key may do; the testnet has not. */
  readonly tellsPermissions: boolean;
}

const WEIGHT = { account: 20, restrictions: 1 } as const;

/** Permissions of a key by Binance's names, by what they come to here. Any of a line grants it. */
const GRANTS = {
  withdraw: ['enableWithdrawals'],
  transfer: ['enableInternalTransfer', 'permitsUniversalTransfer'],
  margin: ['enableMargin', 'enablePortfolioMarginTrading'],
  futures: ['enableFutures'],
  options: ['enableVanillaOptions'],
} as const;
/** What else is said in true and false and does no harm. */
const HARMLESS = [
  'ipRestrict',
  'enableReading',
  'enableSpotAndMarginTrading',
  'enableFixApiTrade',
  'enableFixReadOnly',
] as const;
const KNOWN: ReadonlySet<string> = new Set<string>([...Object.values(GRANTS).flat(), ...HARMLESS]);

type Restrictions = Omit<ExchangeKeyPermissions, 'accountTrades'>;

/** True where one of them is granted, false where none is, null where one is not spoken of. */
function granted(body: JsonObject, names: readonly string[]): boolean | null {
  const said = names.map((name) => (body[name] === undefined ? null : readBoolean(body[name], name)));
  if (said.includes(true)) return true;
  return said.includes(null) ? null : false;
}

/** Reads the answer of `apiRestrictions`; throws `Malformed`. Withdrawals must be spoken of: a key is not taken on a guess. */
function readRestrictions(value: unknown): Restrictions {
  const body = readObject(value, 'apiRestrictions');
  const until = body['tradingAuthorityExpirationTime'];
  return {
    read: readBoolean(body['enableReading'], 'enableReading'),
    trade: readBoolean(body['enableSpotAndMarginTrading'], 'enableSpotAndMarginTrading'),
    withdraw: readBoolean(body['enableWithdrawals'], 'enableWithdrawals'),
    transfer: granted(body, GRANTS.transfer),
    margin: granted(body, GRANTS.margin),
    futures: granted(body, GRANTS.futures),
    options: granted(body, GRANTS.options),
    others: Object.keys(body).filter((name) => body[name] === true && !KNOWN.has(name)),
    ipRestricted: readBoolean(body['ipRestrict'], 'ipRestrict'),
    tradingUntilMs:
      until === undefined || until === null || until === 0 ? null : readTimeMs(until, 'tradingAuthorityExpirationTime'),
  };
}

/** What is known of a key that its owner can read the account with, where nobody says more. */
const UNSAID: Restrictions = {
  read: true,
  trade: null,
  withdraw: null,
  transfer: null,
  margin: null,
  futures: null,
  options: null,
  others: [],
  ipRestricted: null,
  tradingUntilMs: null,
};

async function ask<T>(
  client: RestClient,
  path: string,
  weight: number,
  read: (body: unknown) => T,
): Promise<Result<T>> {
  const reply = await client.call({ method: 'GET', path, security: 'signed', weight, priority: 'trading' });
  return reply.ok ? decodeBody(reply.value.body, path, read) : reply;
}

/**
 * What a key may do: `GET /sapi/v1/account/apiRestrictions` says it of the key, `GET /api/v3/account` of the account. Both are signed with the
 * key, so that an answer also proves the secret. Faults are those of `RestClient`, and `exchange_key_invalid`.
 */
async function inspectKey(
  { connection, tellsPermissions }: BinanceKeyVenue,
  { apiKey, kind, secret }: ExchangeKey,
): Promise<Result<ExchangeKeyPermissions>> {
  const credentials = createBinanceCredentials({ apiKey, kind, secret });
  if (!credentials.ok) return err('exchange_key_invalid', credentials.fault.message);
  const client = connection.accountClient({ name: 'key-check', credentials: credentials.value });
  const restrictions = tellsPermissions
    ? await ask(client, '/sapi/v1/account/apiRestrictions', WEIGHT.restrictions, readRestrictions)
    : ok(UNSAID);
  if (!restrictions.ok) return restrictions;
  const accountTrades = await ask(client, '/api/v3/account', WEIGHT.account, (body) =>
    readBoolean(readObject(body, 'account')['canTrade'], 'canTrade'),
  );
  return accountTrades.ok ? ok({ ...restrictions.value, accountTrades: accountTrades.value }) : accountTrades;
}

/** Asks the hosts by name. `venueOf` is called with names of `venues` only; what it opens may be kept for the next key. */
export function createBinanceKeyInspector(
  venues: readonly string[],
  venueOf: (name: string) => BinanceKeyVenue,
): ExchangeKeyInspector {
  return {
    venues,
    async inspect(key) {
      if (!venues.includes(key.venue)) return err('exchange_key_invalid', `the venue is none of ${venues.join(', ')}`);
      return inspectKey(venueOf(key.venue), key);
    },
  };
}
