import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { accountId } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import type { JsonResponse, TradingWorld } from './trading-world.test-support.ts';
import { hmacHex, makeTradingWorld, START_MS } from './trading-world.test-support.ts';

const KEY_REJECTED = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
const KEY_MALFORMED = { code: -2014, msg: 'API-key format invalid.' };
const SIGNATURE_WRONG = { code: -1022, msg: 'Signature for this request is not valid.' };
const missing = (name: string): object => ({
  code: -1102,
  msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
});

/** `GET account` with a query that is signed as it stands. */
function account(world: TradingWorld, query: string, address?: string): Promise<JsonResponse> {
  return world.send('GET', 'account', {
    query: `${query}&signature=${hmacHex(world.ann.apiSecret, query)}`,
    headers: { 'x-mbx-apikey': world.ann.apiKey },
    ...(address === undefined ? {} : { address }),
  });
}

const post = (world: TradingWorld, path: string, body: object): Promise<JsonResponse> =>
  world.send('POST', `/sim/${path}`, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

describe('a signed request', () => {
  it('that comes to a server which has closed does nothing, and is told so', async () => {
    const world = makeTradingWorld();
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.001',
      price: '90000',
    };
    world.server.close();
    const { status, json } = await world.signed(world.ann, 'POST', 'order', order);
    expect({ status, json }).toEqual({
      status: 503,
      json: { code: -1016, msg: 'This service is no longer available.' },
    });
    expect(world.model.exchange.openOrders(accountId(world.ann.account), null)).toEqual([]);
  });

  it('is refused without a key that can be one, and with one that nobody has', async () => {
    const world = makeTradingWorld();
    for (const headers of [
      {},
      { 'x-mbx-apikey': '' },
      { 'x-mbx-apikey': 'short' },
      { 'x-mbx-apikey': `${'a'.repeat(63)}!` },
    ]) {
      const { status, json } = await world.send('GET', 'account', {
        query: `timestamp=${START_MS}&signature=00`,
        headers,
      });
      expect({ status, json }).toEqual({ status: 401, json: KEY_MALFORMED });
    }
    const { status, json } = await world.send('GET', 'account', {
      query: `timestamp=${START_MS}&signature=00`,
      headers: { 'x-mbx-apikey': 'a'.repeat(64) },
    });
    expect({ status, json }).toEqual({ status: 401, json: KEY_REJECTED });
  });

  it('is refused without a signature, without a time, and with another’s signature', async () => {
    const world = makeTradingWorld();
    const headers = { 'x-mbx-apikey': world.ann.apiKey };
    expect((await world.send('GET', 'account', { query: `timestamp=${START_MS}`, headers })).json).toEqual(
      missing('signature'),
    );
    expect((await account(world, 'recvWindow=5000')).json).toEqual(missing('timestamp'));
    const query = `timestamp=${START_MS}`;
    const forged = `${query}&signature=${hmacHex(world.ben.apiSecret, query)}`;
    expect((await world.send('GET', 'account', { query: forged, headers })).json).toEqual(SIGNATURE_WRONG);
    const changed = `${query}&omitZeroBalances=true&signature=${hmacHex(world.ann.apiSecret, query)}`;
    expect((await world.send('GET', 'account', { query: changed, headers })).json).toEqual(SIGNATURE_WRONG);
  });

  it('is good for as long as recvWindow says, and no more than a second early', async () => {
    const world = makeTradingWorld();
    const status = async (query: string): Promise<unknown> => {
      const { status: found, json } = await account(world, query);
      return found === 200 ? 200 : (json as { msg: string }).msg;
    };
    const late = 'Timestamp for this request is outside of the recvWindow.';
    const early = "Timestamp for this request was 1000ms ahead of the server's time.";
    const now = START_MS;
    expect(await status(`timestamp=${now - 5_000}`)).toBe(200);
    expect(await status(`timestamp=${now - 5_001}`)).toBe(late);
    expect(await status(`timestamp=${now + 999}`)).toBe(200);
    expect(await status(`timestamp=${now + 1_000}`)).toBe(early);
    expect(await status(`timestamp=${now - 60_000}&recvWindow=60000`)).toBe(200);
    expect(await status(`timestamp=${now}&recvWindow=60001`)).toBe('recvWindow must be less than 60000.');
    // Microseconds, and three decimals of a millisecond.
    expect(await status(`timestamp=${now * 1_000 - 346}&recvWindow=0.346`)).toBe(200);
    expect(await status(`timestamp=${now * 1_000 - 347}&recvWindow=0.346`)).toBe(late);
    expect(await status(`timestamp=${now}&recvWindow=1.2345`)).toContain('Illegal characters');
    expect(await status(`timestamp=now`)).toContain("Illegal characters found in parameter 'timestamp'");
    expect(await status(`timestamp=1`)).toBe(late);
  });

  it('may be sent in the query, in the body or in both, with the signature anywhere; the query counts twice-sent names', async () => {
    const world = makeTradingWorld();
    const headers = { 'x-mbx-apikey': world.ann.apiKey };
    const order = (price: string): string =>
      `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=${price}`;
    const time = `timestamp=${START_MS}`;
    const secret = world.ann.apiSecret;
    const place = async (query: string, body: string): Promise<unknown> =>
      (await world.send('POST', 'order', { query, body, headers })).json;
    const whole = `${order('1100')}&${time}`;
    expect(await place(`${whole}&signature=${hmacHex(secret, whole)}`, '')).toMatchObject({ price: '1100.00000000' });
    expect(await place('', `${whole}&signature=${hmacHex(secret, whole)}`)).toMatchObject({ price: '1100.00000000' });
    const joined = hmacHex(secret, `${order('1101')}${time}`);
    expect(await place(order('1101'), `${time}&signature=${joined}`)).toMatchObject({ price: '1101.00000000' });
    expect(await place(`signature=${joined}&${order('1101')}`, time)).toMatchObject({ price: '1101.00000000' });
    const both = hmacHex(secret, `price=1102&${time}${order('1103')}`);
    expect(await place(`price=1102&${time}&signature=${both}`, order('1103'))).toMatchObject({
      price: '1102.00000000',
    });
    const twice = `${whole}&price=5`;
    expect(await place(`${twice}&signature=${hmacHex(secret, twice)}`, '')).toEqual({
      code: -1101,
      msg: 'Duplicate values for a parameter detected.',
    });
  });

  it('ignores a body that is JSON or came with a GET', async () => {
    const world = makeTradingWorld();
    const headers = { 'x-mbx-apikey': world.ann.apiKey };
    const query = `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=1100&timestamp=${START_MS}`;
    const signed = `${query}&signature=${hmacHex(world.ann.apiSecret, query)}`;
    const json = { ...headers, 'content-type': 'application/json' };
    expect((await world.send('POST', 'order', { query: signed, body: '{}', headers: json })).status).toBe(200);
    const asked = `symbol=BTCUSDT&timestamp=${START_MS}`;
    const get = `${asked}&signature=${hmacHex(world.ann.apiSecret, asked)}`;
    expect((await world.send('GET', 'openOrders', { query: get, body: 'symbol=ETHUSDT', headers })).json).toHaveLength(
      1,
    );
    const body = { query: signed, body: 'side=SELL', headers: { ...headers, 'content-type': 'text/plain' } };
    expect((await world.send('POST', 'order', body)).json).toEqual(SIGNATURE_WRONG);
  });

  it.each(['rsa', 'ed25519'] as const)('may be signed by a %s key whose public part was registered', async (kind) => {
    const world = makeTradingWorld();
    const pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } =
      kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2_048 }) : generateKeyPairSync('ed25519');
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const made = await post(world, 'keys', { account: 'ann', publicKey });
    expect(made.json).toEqual({
      account: 'ann',
      apiKey: expect.stringMatching(/^[A-Za-z0-9]{64}$/) as string,
      kind: kind.toUpperCase(),
    });
    const { apiKey } = made.json as { apiKey: string };
    const query = `omitZeroBalances=true&timestamp=${START_MS}`;
    const signature = sign(kind === 'rsa' ? 'sha256' : null, Buffer.from(query), pair.privateKey).toString('base64');
    const ask = (sent: string): Promise<JsonResponse> =>
      world.send('GET', 'account', {
        query: `${query}&signature=${encodeURIComponent(sent)}`,
        headers: { 'x-mbx-apikey': apiKey },
      });
    expect((await ask(signature)).status).toBe(200);
    expect((await ask(signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')))).json).toEqual(SIGNATURE_WRONG);
  });

  it('needs a key with the permission, from an address that may use it', async () => {
    const world = makeTradingWorld();
    const reader = (await post(world, 'keys', { account: 'ann', permissions: ['USER_DATA'], addresses: ['10.1.1.1'] }))
      .json;
    const { apiKey, apiSecret } = reader as { apiKey: string; apiSecret: string };
    const ask = async (method: string, path: string, address: string): Promise<unknown> => {
      const query = `symbol=BTCUSDT&orderId=1&timestamp=${START_MS}`;
      const signed = `${query}&signature=${hmacHex(apiSecret, query)}`;
      return (await world.send(method, path, { query: signed, headers: { 'x-mbx-apikey': apiKey }, address })).json;
    };
    expect(await ask('GET', 'order', '10.1.1.1')).toEqual({ code: -2013, msg: 'Order does not exist.' });
    expect(await ask('GET', 'order', '10.1.1.2')).toEqual(KEY_REJECTED);
    expect(await ask('DELETE', 'order', '10.1.1.1')).toEqual(KEY_REJECTED);
  });

  it('asks nothing of those who only read the market', async () => {
    const { send } = makeTradingWorld();
    expect((await send('GET', 'time')).json).toEqual({ serverTime: START_MS });
    expect((await send('GET', '/api/v1/time')).json).toEqual({ serverTime: START_MS });
    expect((await send('GET', '/api/v1/account')).status).toBe(404);
    expect(
      (await send('GET', 'depth', { query: 'symbol=BTCUSDT', headers: { 'x-mbx-apikey': 'whatever' } })).status,
    ).toBe(200);
  });
});
