import { ACCOUNT_VENUES, type AccountVenue } from '../config/names.ts';
import type { MonstaConfig } from '../config/schema.ts';

export const isAccountVenue = (name: string): name is AccountVenue => ACCOUNT_VENUES.some((each) => each === name);

export interface ExchangeAddresses {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly wsApiUrl: string;
}

/** Public addresses of the exchange and its testnet; of the simulated one those of `monsta venue simulate`. */
const EXCHANGES: Readonly<Record<AccountVenue, ExchangeAddresses>> = {
  binance: {
    restUrl: 'https://api.binance.com',
    wsUrl: 'wss://stream.binance.com:9443',
    wsApiUrl: 'wss://ws-api.binance.com:443',
  },
  'binance-testnet': {
    restUrl: 'https://testnet.binance.vision',
    wsUrl: 'wss://stream.testnet.binance.vision',
    wsApiUrl: 'wss://ws-api.testnet.binance.vision',
  },
  simulated: { restUrl: 'http://127.0.0.1:9080', wsUrl: 'ws://127.0.0.1:9080', wsApiUrl: 'ws://127.0.0.1:9080' },
};

/** The testnet has no wallet methods, and only they say what a key may do. */
export const tellsPermissions = (venue: AccountVenue): boolean => venue !== 'binance-testnet';

/** A server in the place of an exchange: streams and WebSocket API are on one address unless it says otherwise. */
export const servedAt = (restUrl: string, wsUrl: string, wsApiUrl: string | null = null): ExchangeAddresses => ({
  restUrl,
  wsUrl,
  wsApiUrl: wsApiUrl ?? wsUrl,
});

/** Where the configuration says that the exchange is: its public addresses unless it names a server in its place. */
export function addressesOf(venue: AccountVenue, config: MonstaConfig): ExchangeAddresses {
  const { name, restUrl, wsUrl, wsApiUrl } = config.venue;
  return name === venue && restUrl !== null && wsUrl !== null ? servedAt(restUrl, wsUrl, wsApiUrl) : EXCHANGES[venue];
}

/** Where the exchange's bulk archive is; a server in its place has its own, at the same address unless it says otherwise. */
export const archiveUrlOf = ({ archiveUrl, restUrl }: MonstaConfig['venue']): string =>
  archiveUrl ?? restUrl ?? 'https://data.binance.vision';
