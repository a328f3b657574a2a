import { serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { systemClock } from '@monsta/clock-system';
import {
  clientOrderId,
  expectOk,
  instrumentId,
  PLAIN_TERMS,
  price,
  quantity,
  seededRandom,
  strategyId,
  type OrderRequest,
  type VenueOrderEvent,
} from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import { silentTelemetry } from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { expect, it } from 'vitest';
import { createBinanceConnection } from '../connection.ts';
import { createBinanceCredentials } from '../signing.ts';
import { readExchangeListing } from '../symbol-rules-reader.ts';
import { createBinanceExecution } from './binance-execution.ts';

const BTC = instrumentId('BTCUSDT');

it('over real sockets, with the rules that the exchange tells: an order fills, another rests and is canceled', async () => {
  const clock = systemClock();
  const telemetry = silentTelemetry();
  const { logger } = telemetry;
  const model = createSimulatedExchange({ seed: 3, instruments: [BTC], clock });
  const httpServer = createHttpServer({ logger });
  const served = expectOk(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }));
  const transport = createTransport();
  const random = seededRandom(5);
  const { restUrl, wsUrl, accounts } = served;
  const cache = createMemoryCache({ clock });
  const connection = createBinanceConnection({
    restUrl,
    wsUrl,
    wsApiUrl: wsUrl,
    transport,
    clock,
    random,
    ...telemetry,
    cache,
  });
  const info = {
    method: 'GET',
    path: '/api/v3/exchangeInfo',
    security: 'public',
    weight: 20,
    priority: 'trading',
  } as const;
  const listing = readExchangeListing(
    JSON.parse(expectOk(await connection.publicClient.call(info)).body),
    clock.nowUs(),
  );
  const [demo] = accounts;
  if (demo === undefined) throw new Error('the exchange has an account');
  const key = { apiKey: demo.apiKey, kind: 'hmac', secret: demo.apiSecret } as const;
  const venue = expectOk(
    await createBinanceExecution({
      connection,
      account: { name: 'demo', credentials: expectOk(createBinanceCredentials(key)) },
      symbols: [BTC],
      rulesOf: (symbol) => listing.symbols.get(symbol)?.rules ?? null,
      isOurs: (id) => id.startsWith('w-'),
    }),
  );
  const events: VenueOrderEvent[] = [];
  const heard = new Set<() => void>();
  venue.onEvent((event) => {
    events.push(event);
    for (const look of heard) look();
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (condition()) resolve();
      };
      heard.add(look);
      look();
    });
  const order = (id: string, terms: Partial<OrderRequest>): OrderRequest => ({
    clientOrderId: clientOrderId(id),
    strategyId: strategyId('s'),
    instrument: BTC,
    side: 'buy',
    type: 'market',
    timeInForce: 'gtc',
    quantity: quantity(100),
    limitPrice: null,
    ...PLAIN_TERMS,
    reduceOnly: false,
    createdUs: clock.nowUs(),
    ...terms,
  });
  try {
    venue.submit(order('w-market', {}));
    await until(() => events.filter(({ kind }) => kind === 'order-filled').length > 0);
    const [first] = expectOk(await venue.fillsOf(clientOrderId('w-market')));
    if (first === undefined) throw new Error('it has a fill');
    venue.submit(order('w-limit', { type: 'limit', limitPrice: price(Math.floor(first.price * 0.8)) }));
    venue.cancel(clientOrderId('w-limit'));
    await until(() => events.some(({ kind }) => kind === 'order-canceled'));
    expect(events.filter((event) => event.kind !== 'order-filled').map(({ kind }) => kind)).toEqual([
      'order-accepted',
      'order-accepted',
      'order-canceled',
    ]);
    expect(expectOk(await venue.openOrders())).toEqual([]);
  } finally {
    await venue.close();
    connection.stop();
    await transport.close();
    await served.close(0);
  }
});
