import { Spot } from '@binance/spot';
import { MainClient, WebsocketAPIClient, WebsocketClient } from 'binance';

/** Where our server is; every client is given it for every address it knows, since one left out would be the real exchange's. */
export interface Addresses {
  readonly restUrl: string;
  readonly wsUrl: string;
}

/** A key as a client is given it. */
export interface ClientKey {
  readonly apiKey: string;
  readonly apiSecret: string;
}

const NO_KEY: ClientKey = { apiKey: '', apiSecret: '' };

const silent = { trace: () => undefined, info: () => undefined, error: () => undefined };

export function binanceRest({ restUrl }: Addresses, { apiKey, apiSecret }: ClientKey = NO_KEY): MainClient {
  return new MainClient({
    ...(apiKey === '' ? {} : { api_key: apiKey, api_secret: apiSecret }),
    baseUrl: restUrl,
    disableTimeSync: true,
    beautifyResponses: false,
  });
}

/** The client's socket for streams; it adds `/stream` to its address itself. */
export function binanceStreams({ wsUrl }: Addresses): WebsocketClient {
  return new WebsocketClient({ wsUrl, beautify: false }, silent);
}

export function binanceSocketApi({ restUrl, wsUrl }: Addresses, { apiKey, apiSecret }: ClientKey): WebsocketAPIClient {
  return new WebsocketAPIClient(
    {
      api_key: apiKey,
      api_secret: apiSecret,
      wsUrl,
      restOptions: { baseUrl: restUrl },
      attachEventListeners: false,
    },
    silent,
  );
}

/** @binance/spot signs with a private key (PEM) instead of a secret where it is given one. */
export function binanceSpot(
  { restUrl, wsUrl }: Addresses,
  { apiKey, apiSecret, privateKey }: ClientKey & { readonly privateKey?: string } = NO_KEY,
): Spot {
  const key = privateKey === undefined ? { apiKey, apiSecret } : { apiKey, privateKey };
  return new Spot({
    configurationRestAPI: { ...key, basePath: restUrl, timeout: 10_000, retries: 0 },
    configurationWebsocketAPI: { ...key, wsURL: `${wsUrl}/ws-api/v3` },
    configurationWebsocketStreams: { wsURL: wsUrl },
  });
}
