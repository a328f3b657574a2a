import { describe, expect, it } from 'vitest';
import {
  hmacHex,
  makeTradingWorld,
  START_MS,
  type JsonResponse,
  type TradingWorld,
} from './trading-world.test-support.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const post = (
  { send }: TradingWorld,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): Promise<JsonResponse> =>
  send('POST', `/sim/${path}`, { body: typeof body === 'string' ? body : JSON.stringify(body), headers });

describe('the control of a simulation', () => {
  it('lists accounts with their keys and balances, the same for the same seed', async () => {
    const world = makeTradingWorld();
    const { json } = await world.send('GET', '/sim/accounts');
    expect(json).toMatchObject([
      {
        account: 'ann',
        keys: [
          { ...keyOf(world.ann), kind: 'HMAC', permissions: ['TRADE', 'USER_DATA', 'USER_STREAM'], addresses: null },
        ],
        balances: expect.arrayContaining([{ asset: 'USDT', free: '100000', locked: '0' }]) as unknown[],
      },
      { account: 'ben' },
    ]);
    expect(makeTradingWorld().ann).toEqual(world.ann);
    expect(makeTradingWorld({ keySeed: 2 }).ann.apiKey).not.toBe(world.ann.apiKey);
    expect(world.ann.apiKey).toMatch(/^[A-Za-z0-9]{64}$/);
  });

  it('puts money into accounts and takes it out', async () => {
    const world = makeTradingWorld();
    const usdt = async (): Promise<unknown> =>
      (
        (await world.signed(world.ann, 'GET', 'account')).json as { balances: readonly { asset: string }[] }
      ).balances.find(({ asset }) => asset === 'USDT');
    expect((await post(world, 'deposit', { account: 'ann', asset: 'USDT', amount: '0.5' })).status).toBe(200);
    expect(await usdt()).toEqual({ asset: 'USDT', free: '100000.50000000', locked: '0.00000000' });
    expect((await post(world, 'withdraw', { apiKey: world.ann.apiKey, asset: 'USDT', amount: '100000' })).status).toBe(
      200,
    );
    expect(await usdt()).toEqual({ asset: 'USDT', free: '0.50000000', locked: '0.00000000' });
    expect((await post(world, 'withdraw', { account: 'ann', asset: 'USDT', amount: '1' })).json).toEqual({
      error: 'Account has insufficient balance for requested action.',
    });
  });

  it('gives further keys, of which each works at once', async () => {
    const world = makeTradingWorld();
    const first = (await post(world, 'keys', { account: 'ben' })).json as { apiKey: string; apiSecret: string };
    const second = (await post(world, 'keys', { account: 'ben' })).json as { apiKey: string };
    expect(second.apiKey).not.toBe(first.apiKey);
    const query = `timestamp=${START_MS}`;
    const reply = await world.send('GET', 'account', {
      query: `${query}&signature=${hmacHex(first.apiSecret, query)}`,
      headers: { 'x-mbx-apikey': first.apiKey },
    });
    expect(reply.status).toBe(200);
  });

  it.each([
    ['deposit', { account: 'nobody', asset: 'USDT', amount: '1' }, 404, 'there is no such account'],
    ['deposit', { apiKey: 'x', asset: 'USDT', amount: '1' }, 404, 'there is no such API key'],
    ['deposit', { account: 'ann', asset: 'usdt', amount: '1' }, 400, "'asset' is written in capitals, e.g. USDT"],
    [
      'deposit',
      { account: 'ann', asset: 'USDT', amount: '-1' },
      400,
      "'amount' is a plain decimal above zero, as a text",
    ],
    ['deposit', { account: 'ann', asset: 'USDT', amount: 1 }, 400, "'amount' must be a text"],
    ['deposit', { account: 'ann', asset: 'USDT', amount: '0.000000001' }, 400, "'amount' has at most eight decimals"],
    [
      'deposit',
      { account: 'ann', asset: 'USDT', amount: '1', why: 1 },
      400,
      "'why' is unknown; there are account, apiKey, asset, amount, recorded",
    ],
    ['deposit', 'nonsense', 400, 'the body is no JSON'],
    ['deposit', '[]', 400, 'send a JSON object'],
    ['keys', { account: 'ann', publicKey: 'nonsense' }, 400, 'this is no public key in PEM'],
    [
      'keys',
      { account: 'ann', permissions: ['FLY'] },
      400,
      "'permissions' is a list of TRADE, USER_DATA, USER_STREAM, WITHDRAW, TRANSFER, MARGIN, FUTURES",
    ],
    ['keys', { account: 'ann', addresses: '10.0.0.1' }, 400, "'addresses' is a list of IP addresses"],
  ])('refuses %s %j', async (path, body, status, error) => {
    const reply = await post(makeTradingWorld(), path, body);
    expect({ status: reply.status, json: reply.json }).toEqual({ status, json: { error } });
  });

  it('is for the machine itself, and not for pages of other sites', async () => {
    const world = makeTradingWorld();
    expect((await world.send('GET', '/sim/accounts', { address: '10.0.0.1' })).status).toBe(403);
    expect((await world.send('GET', '/sim/accounts', { address: '::ffff:127.0.0.1' })).status).toBe(200);
    expect((await post(world, 'deposit', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });
});

const keyOf = ({ apiKey, apiSecret }: TradingWorld['ann']): object => ({ apiKey, apiSecret });
