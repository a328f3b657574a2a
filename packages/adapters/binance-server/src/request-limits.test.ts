import { describe, expect, it } from 'vitest';
import type { BinanceServerOptions } from './binance-server.ts';
import { makeTradingWorld, type JsonResponse } from './trading/trading-world.test-support.ts';

const MINUTE_MS = 60_000;

/** A world whose market stands still, so that minutes cost nothing. */
function makeWorld(options: Partial<BinanceServerOptions>) {
  const { send, clock } = makeTradingWorld(options);
  const get = (target: string, address = '10.0.0.1'): Promise<JsonResponse> => {
    const [path = '', query = ''] = target.split('?');
    return send('GET', path, { query, address });
  };
  return { get, clock };
}

describe('request weight', () => {
  it('is counted by address in minutes of the clock; above it 429, and for going on 418, until the ban is over', async () => {
    const { get, clock } = makeWorld({ requestLimits: { weightPerMinute: 100, refusalsBeforeBan: 3 } });
    await clock.advance(20_000);
    const trades = '/api/v3/trades?symbol=BTCUSDT&limit=1';
    for (let call = 0; call < 4; call += 1) expect((await get(trades)).status).toBe(200);
    const refused = await get(trades);
    expect(refused.status).toBe(429);
    expect(refused.json).toMatchObject({ code: -1003 });
    expect(refused.headers?.['retry-after']).toBe('40');
    expect((await get(trades, '10.0.0.2')).status).toBe(200);
    await clock.advance(40_000);
    expect((await get(trades)).headers?.['x-mbx-used-weight-1m']).toBe('25');
    for (let call = 0; call < 6; call += 1) await get(trades);
    const banned = await get('/api/v3/ping');
    expect(banned.status).toBe(418);
    expect(banned.json).toMatchObject({ code: -1003, msg: expect.stringContaining('IP banned until') as string });
    expect(banned.headers?.['retry-after']).toBe('120');
    await clock.advance(119_000);
    expect((await get('/api/v3/ping')).status).toBe(418);
    await clock.advance(1_000);
    expect((await get('/api/v3/ping')).status).toBe(200);
    // The second ban is twice as long.
    for (let call = 0; call < 8; call += 1) await get(trades);
    expect((await get('/api/v3/ping')).headers?.['retry-after']).toBe('240');
    await clock.advance(5 * MINUTE_MS);
    expect((await get('/api/v3/ping')).status).toBe(200);
  });

  it('and more requests than there may be in five minutes are refused, whatever they weigh', async () => {
    const { get, clock } = makeWorld({ requestLimits: { rawRequestsPerFiveMinutes: 2 } });
    await get('/api/v3/ping');
    await get('/api/v3/ping');
    const refused = await get('/api/v3/ping');
    expect(refused.status).toBe(429);
    expect(refused.json).toMatchObject({ code: -1003 });
    expect(refused.headers?.['retry-after']).toBe('300');
    await clock.advance(300_000);
    expect((await get('/api/v3/ping')).status).toBe(200);
  });
});
