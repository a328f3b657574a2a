import ccxt from 'ccxt';
import type { Addresses, ClientKey } from './other-clients.test-support.ts';

type BinanceClient = InstanceType<typeof ccxt.pro.binance>;

/** ccxt pointed at a server of ours: every address is set, since one left out would still be the real exchange's. */
export async function ccxtFor({ restUrl, wsUrl }: Addresses, key: ClientKey | null = null): Promise<BinanceClient> {
  const client = new ccxt.pro.binance({
    ...(key === null ? {} : { apiKey: key.apiKey, secret: key.apiSecret }),
    enableRateLimit: false,
    urls: {
      api: {
        public: `${restUrl}/api/v3`,
        private: `${restUrl}/api/v3`,
        v1: `${restUrl}/api/v1`,
        sapi: `${restUrl}/sapi/v1`,
        sapiV2: `${restUrl}/sapi/v2`,
        sapiV3: `${restUrl}/sapi/v3`,
        sapiV4: `${restUrl}/sapi/v4`,
        eapiPublic: `${restUrl}/eapi/v1`,
        fapiPublic: `${restUrl}/fapi/v1`,
        dapiPublic: `${restUrl}/dapi/v1`,
        ws: { spot: `${wsUrl}/ws`, 'ws-api': { spot: `${wsUrl}/ws-api/v3` } },
      },
    },
    options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false, fetchCurrencies: false, defaultType: 'spot' },
  });
  // Without it ccxt refuses ws:// as an address.
  await client.loadHttpProxyAgent();
  return client;
}
