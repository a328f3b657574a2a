import { serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, seededRandom } from '@monsta/core';
import type { Transport } from '@monsta/ports';
import { createMemoryNetwork, silentTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { describe, expect, it } from 'vitest';
import { createBinanceAccountAccess } from './account-access.ts';
import { createBinanceConnection } from './connection.ts';
import { createBinanceCredentials } from './signing.ts';

async function settled<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let done = false;
  const marked = promise.finally(() => (done = true));
  await clock.advanceUntil(() => done, { timeoutMs: 600_000 });
  return marked;
}

/** The account of the simulated exchange; `change` may alter the body of an answer. */
async function makeWorld(change: (path: string, body: string) => string = (_, body) => body) {
  const clock = new VirtualClock(1_740_830_400_000_000);
  const { logger, metrics } = silentTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 2 });
  const model = createSimulatedExchange({ seed: 1, edge: 0, clock, logger });
  const serving = serveExchange({ model, clock, logger, httpServer: network.httpServer, host: 'x.test', port: 80 });
  const { restUrl, wsUrl, accounts } = expectOk(await settled(clock, serving));
  const wire = network.transport('127.0.0.1');
  const transport: Transport = {
    async request(request) {
      const reply = await wire.request(request);
      if (!reply.ok) return reply;
      return { ok: true, value: { ...reply.value, body: change(new URL(request.url).pathname, reply.value.body) } };
    },
    connect: (...given) => wire.connect(...given),
    close: () => wire.close(),
  };
  const cache = createMemoryCache({ clock });
  const parts = { clock, transport, logger, metrics, random: seededRandom(3), cache };
  const connection = createBinanceConnection({ restUrl, wsUrl, wsApiUrl: null, ...parts });
  const [{ apiKey, apiSecret } = { apiKey: '', apiSecret: '' }] = accounts;
  const credentials = expectOk(createBinanceCredentials({ apiKey, kind: 'hmac', secret: apiSecret }));
  const account = { name: 'test', credentials };
  const client = connection.accountClient(account);
  return {
    access: createBinanceAccountAccess(connection, account),
    during: <T>(promise: Promise<T>) => settled(clock, promise),
    place: (symbol: string, side: string, price: string, quantity: string) =>
      settled(
        clock,
        client.call({
          method: 'POST',
          path: '/api/v3/order',
          parameters: { symbol, side, type: 'LIMIT', timeInForce: 'GTC', quantity, price },
          security: 'signed',
          weight: 1,
          orders: 1,
          priority: 'trading',
        }),
      ),
    best: async (symbol: string) => {
      const path = `/api/v3/ticker/price?symbol=${symbol}`;
      const reply = expectOk(
        await settled(clock, wire.request({ method: 'GET', url: restUrl + path, timeoutMs: 1_000 })),
      );
      return Number((JSON.parse(reply.body) as { readonly price: string }).price);
    },
  };
}

describe('an account without the terms of its instruments', () => {
  it('says its number', async () => {
    const { access, during } = await makeWorld();
    expect(expectOk(await during(access.accountNumber()))).toMatch(/^\d+$/);
  });

  it('lists open orders of all symbols, and cancels them once', async () => {
    const { access, best, during, place } = await makeWorld();
    const [btc, eth] = [await best('BTCUSDT'), await best('ETHUSDT')];
    expectOk(await place('BTCUSDT', 'BUY', (btc * 0.98).toFixed(2), '0.001'));
    expectOk(await place('ETHUSDT', 'SELL', (eth * 1.02).toFixed(2), '0.1'));
    const open = expectOk(await during(access.openOrders()));
    expect(open.map(({ symbol, side, type }) => `${side} ${symbol} ${type}`).toSorted()).toEqual([
      'BUY BTCUSDT LIMIT',
      'SELL ETHUSDT LIMIT',
    ]);
    for (const order of open) {
      expect(await during(access.cancel(order))).toEqual({ ok: true, value: 'canceled' });
      expect(await during(access.cancel(order))).toEqual({ ok: true, value: 'gone' });
    }
    expect(expectOk(await during(access.openOrders()))).toEqual([]);
  });

  it('an order of a side that is not known counts as one that spends', async () => {
    const { access, best, during, place } = await makeWorld((path, body) =>
      path === '/api/v3/openOrders' ? body.replaceAll('"SELL"', '"SHORT"') : body,
    );
    expectOk(await place('ETHUSDT', 'SELL', ((await best('ETHUSDT')) * 1.02).toFixed(2), '0.1'));
    expect(expectOk(await during(access.openOrders()))).toMatchObject([{ side: 'BUY' }]);
  });

  it('an answer that is not as documented is a fault', async () => {
    const { access, during } = await makeWorld((path, body) => (path === '/api/v3/account' ? '{"uid":"7"}' : body));
    expect(await during(access.accountNumber())).toMatchObject({ ok: false, fault: { code: 'venue_protocol' } });
  });
});
