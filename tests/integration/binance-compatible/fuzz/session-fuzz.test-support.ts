import { generateKeyPairSync, sign } from 'node:crypto';
import type { Random } from '@monsta/core';
import { DOCUMENTED_ENDPOINTS, type DocumentedEndpoint } from './documented-endpoints.test-support.ts';
import { anyValue } from './frame-fuzz.test-support.ts';
import type { FuzzTarget } from './fuzz-target.test-support.ts';
import { pick } from './mutations.test-support.ts';
import type { Signer } from './request-fuzz.test-support.ts';

/** The WebSocket API's names of what REST has paths for. */
const METHODS: Readonly<Record<string, string>> = {
  'POST order': 'order.place',
  'POST order/test': 'order.test',
  'GET order': 'order.status',
  'DELETE order': 'order.cancel',
  'POST order/cancelReplace': 'order.cancelReplace',
  'PUT order/amend/keepPriority': 'order.amend.keepPriority',
  'GET openOrders': 'openOrders.status',
  'DELETE openOrders': 'openOrders.cancelAll',
  'POST orderList/oco': 'orderList.place.oco',
  'POST orderList/oto': 'orderList.place.oto',
  'POST orderList/otoco': 'orderList.place.otoco',
  'GET orderList': 'orderList.status',
  'DELETE orderList': 'orderList.cancel',
  'GET allOrders': 'allOrders',
  'GET myTrades': 'myTrades',
  'GET account': 'account.status',
  'GET account/commission': 'account.commission',
  'GET klines': 'klines',
  'GET depth': 'depth',
  'GET ticker/24hr': 'ticker.24hr',
};

const nameOf = ({ method, path }: DocumentedEndpoint): string | undefined =>
  METHODS[`${method} ${path.replace('/api/v3/', '')}`];
const CALLABLE = DOCUMENTED_ENDPOINTS.filter((endpoint) => nameOf(endpoint) !== undefined);

/** A call of a session that has logged on: right but for a value or two of the wrong JSON type, a field too many or too few. */
export function fuzzedCall(signer: Signer, random: Random): string {
  const endpoint = pick(random, CALLABLE);
  const params: Record<string, unknown> = endpoint.signed ? { timestamp: signer.nowMs() } : {};
  for (const { name, good, kind } of endpoint.parameters) {
    const side = good === '@bid' ? 'bid' : good === '@ask' ? 'ask' : null;
    const value = side === null ? good : signer.price('BTCUSDT', side);
    // Numbers may come as numbers, as texts, or as neither.
    params[name] = (kind === 'decimal' || kind === 'integer') && random.integer(2) === 0 ? Number(value) : value;
  }
  for (let broken = random.integer(3); broken > 0; broken -= 1) {
    const names = Object.keys(params);
    const name =
      names.length === 0 || random.integer(5) === 0
        ? pick(random, ['x', '__proto__', 'toString'])
        : pick(random, names);
    if (random.integer(4) === 0) delete params[name];
    else params[name] = anyValue(random, 2);
  }
  return JSON.stringify({ id: random.integer(1_000), method: nameOf(endpoint), params });
}

/** A frame that logs a session on, with a key of the account's own made for it. */
export async function logonFrame(target: FuzzTarget): Promise<() => string> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const response = await target.request({
    method: 'POST',
    path: '/sim/keys',
    params: {},
    rawQuery: '',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      apiKey: target.signer.apiKey,
      publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    }),
    remoteAddress: '127.0.0.1',
  });
  const { apiKey } = JSON.parse(String(response.body)) as { readonly apiKey: string };
  return () => {
    const timestamp = target.signer.nowMs();
    const signature = sign(null, Buffer.from(`apiKey=${apiKey}&timestamp=${timestamp}`), privateKey).toString('base64');
    return JSON.stringify({ id: 1, method: 'session.logon', params: { apiKey, timestamp, signature } });
  };
}
