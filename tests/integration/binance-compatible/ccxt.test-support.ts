import ccxt from 'ccxt';

type BinanceClient = InstanceType<typeof ccxt.pro.binance>;

/** ccxt pointed at a server of ours: every address is set, since one left out would still be the real exchange's. */
export async function ccxtFor(urls: { readonly restUrl: string; readonly wsUrl: string }): Promise<BinanceClient> {
  const { restUrl, wsUrl } = urls;
  const client = new ccxt.pro.binance({
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
