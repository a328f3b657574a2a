import { describe, expect, it } from 'vitest';
import { makeTradingWorld, type JsonResponse, type TradingWorld } from './trading-world.test-support.ts';

const change = ({ send }: TradingWorld, body: object): Promise<JsonResponse> =>
  send('POST', '/sim/rules', { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
const listed = async (world: TradingWorld) => {
  const { json } = await world.send('GET', 'exchangeInfo', { query: '' });
  return (json as { readonly symbols: readonly { readonly symbol: string; readonly status: string }[] }).symbols;
};
const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '50000' };

describe('rules that change while the exchange runs', () => {
  it('hold from then on, and are what exchangeInfo tells', async () => {
    const world = makeTradingWorld();
    expect((await world.signed(world.ann, 'POST', 'order', order)).status).toBe(200);
    const filters = [{ filterType: 'NOTIONAL', minNotional: '100.00000000' }];
    expect((await change(world, { symbol: 'BTCUSDT', filters })).status).toBe(200);
    expect((await listed(world)).find(({ symbol }) => symbol === 'BTCUSDT')).toMatchObject({
      filters: expect.arrayContaining([
        expect.objectContaining({
          filterType: 'NOTIONAL',
          minNotional: '100.00000000',
          maxNotional: '9000000.00000000',
        }),
      ]) as unknown,
    });
    expect((await world.signed(world.ann, 'POST', 'order', order)).json).toMatchObject({
      code: -1013,
      msg: 'Filter failure: NOTIONAL',
    });
    // The order from before rests on.
    expect((await world.signed(world.ann, 'GET', 'openOrders')).json).toHaveLength(1);
  });

  it('close a symbol, and open it again', async () => {
    const world = makeTradingWorld();
    await change(world, { symbol: 'BTCUSDT', status: 'BREAK' });
    expect((await listed(world)).find(({ symbol }) => symbol === 'BTCUSDT')?.status).toBe('BREAK');
    expect((await world.signed(world.ann, 'POST', 'order', order)).json).toMatchObject({
      code: -1013,
      msg: 'Market is closed.',
    });
    await change(world, { symbol: 'BTCUSDT', status: 'TRADING' });
    expect((await world.signed(world.ann, 'POST', 'order', order)).status).toBe(200);
  });

  it('take a symbol off the list, with its open orders', async () => {
    const world = makeTradingWorld();
    const before = (await listed(world)).length;
    await world.signed(world.ann, 'POST', 'order', order);
    await change(world, { symbol: 'BTCUSDT', listed: false });
    expect((await listed(world)).map(({ symbol }) => symbol)).not.toContain('BTCUSDT');
    const { json } = await world.send('GET', 'depth', { query: 'symbol=BTCUSDT' });
    expect(json).toEqual({ code: -1121, msg: 'Invalid symbol.' });
    expect((await world.signed(world.ann, 'GET', 'account')).json).toMatchObject({
      balances: expect.arrayContaining([{ asset: 'USDT', free: '100000.00000000', locked: '0.00000000' }]) as unknown,
    });
    await change(world, { symbol: 'BTCUSDT', listed: true, status: 'TRADING' });
    expect(await listed(world)).toHaveLength(before);
  });

  it.each([
    [{ symbol: 'NOPE' }, 404, "'symbol' is none of this exchange"],
    [{ symbol: 'BTCUSDT', status: 'GONE' }, 400, 'exchangeInfo: BTCUSDT: status is unknown'],
    [{ symbol: 'BTCUSDT', listed: 1 }, 400, "'listed' is true or false"],
    [{ symbol: 'BTCUSDT', filters: 7 }, 400, "'filters' is a list of filters"],
    [
      { symbol: 'BTCUSDT', filters: [{ filterType: 'PRICE_FILTER', tickSize: '0.001' }] },
      409,
      'tick and lot stay: the prices of this market are made in them',
    ],
    [{ symbol: 'BTCUSDT', tick: '1' }, 400, "'tick' is unknown; there are symbol, status, filters, listed"],
  ])('are refused, and nothing is changed: %j', async (body, status, error) => {
    const world = makeTradingWorld();
    const before = await listed(world);
    expect(await change(world, body)).toMatchObject({ status, json: { error } });
    expect(await listed(world)).toEqual(before);
  });
});
