import { ok, type Result } from '@monsta/core';
import { ExchangeKeys } from '@monsta/identity';
import type { Clock } from '@monsta/ports';
import type { SqliteSecrets } from '@monsta/secrets-sqlite';
import { createBinanceKeyInspector, type BinanceConnection, type BinanceKeyVenue } from '@monsta/venue-binance';
import { ACCOUNT_VENUES, type AccountVenue } from '../config/names.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { isAccountVenue, tellsPermissions } from './exchange-addresses.ts';
import { openSecrets } from './secrets.ts';
import type { Environment } from './transport.ts';

export interface ExchangeKeysContext {
  readonly config: MonstaConfig;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Opens the way to an exchange, or gives the one that is open; asked once for each. */
  readonly connect: (venue: AccountVenue) => BinanceConnection;
}

export interface OpenedExchangeKeys {
  readonly keys: ExchangeKeys;
  /** Where they lie. */
  readonly secrets: SqliteSecrets;
  close(): Promise<void>;
}

/** The keys of exchanges in the data directory. Faults are those of opening the secrets. */
export async function openExchangeKeys(context: ExchangeKeysContext): Promise<Result<OpenedExchangeKeys>> {
  const { config, environment, clock, connect } = context;
  const secrets = await openSecrets(config, environment);
  if (!secrets.ok) return secrets;
  const venues = new Map<AccountVenue, BinanceKeyVenue>();
  const inspector = createBinanceKeyInspector(ACCOUNT_VENUES, (name) => {
    if (!isAccountVenue(name)) throw new RangeError(`${name} is no exchange with accounts`);
    const known = venues.get(name);
    if (known !== undefined) return known;
    const opened = { connection: connect(name), tellsPermissions: tellsPermissions(name) };
    venues.set(name, opened);
    return opened;
  });
  return ok({
    keys: new ExchangeKeys({ secrets: secrets.value, inspector, clock }),
    secrets: secrets.value,
    async close() {
      for (const { connection } of venues.values()) connection.stop();
      await secrets.value.close();
    },
  });
}
