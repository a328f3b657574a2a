/** The peers, in a thread of their own so that what they hold in memory is not swept on our order path: a bare signed POST by Node's own client, and ccxt's `createOrder`. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { parentPort, workerData } from 'node:worker_threads';
import ccxt from 'ccxt';
import type { Key, ServedTo } from './served.ts';
import { watchWire } from './wire.ts';

export type Peer = 'bare' | 'ccxt';

/** From the call on, ms. */
export interface PeerTimes {
  readonly toSocketMs: number;
  readonly totalMs: number;
}

const QUANTITY = '0.001';
const { restUrl, bare, ccxt: key } = workerData as ServedTo;
const wire = watchWire();
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function postAlone({ apiKey, apiSecret }: Key): Promise<void> {
  const query = `symbol=BTCUSDT&side=BUY&type=MARKET&quantity=${QUANTITY}&recvWindow=5000&timestamp=${Date.now()}`;
  const signature = createHmac('sha256', apiSecret).update(query).digest('hex');
  const asking = request(`${restUrl}/api/v3/order?${query}&signature=${signature}`, {
    method: 'POST',
    agent,
    headers: { 'X-MBX-APIKEY': apiKey },
  });
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const body = await text(answer);
  if (answer.statusCode !== 200) throw new Error(body);
}

const client = new ccxt.binance({
  apiKey: key.apiKey,
  secret: key.apiSecret,
  enableRateLimit: false,
  // Every address that it may ask: one that is left out would be the real exchange's.
  urls: { api: { public: `${restUrl}/api/v3`, private: `${restUrl}/api/v3`, sapi: `${restUrl}/sapi/v1` } },
  options: { fetchMarkets: { types: ['spot'] }, fetchMargins: false, fetchCurrencies: false, defaultType: 'spot' },
});
await client.loadMarkets();

async function place(peer: Peer): Promise<PeerTimes> {
  let writtenMs = Number.NaN;
  wire.onOrderWritten = (atMs) => (writtenMs = atMs);
  const fromMs = performance.now();
  if (peer === 'bare') await postAlone(bare);
  else await client.createOrder('BTC/USDT', 'market', 'buy', Number(QUANTITY));
  return { toSocketMs: writtenMs - fromMs, totalMs: performance.now() - fromMs };
}

parentPort?.on('message', (peer: Peer) => {
  void place(peer).then((times) => parentPort?.postMessage(times));
});
parentPort?.postMessage('ready');
