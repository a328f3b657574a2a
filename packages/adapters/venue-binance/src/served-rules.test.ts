import { serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, instrumentId, parseAmount, seededRandom, type MarketEvent } from '@monsta/core';
import type { InstrumentsRead } from '@monsta/ports';
import { createMemoryNetwork, recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { expect, test } from 'vitest';
import { createBinanceConnection } from './connection.ts';
import { createBinanceMarketData } from './market-data-client.ts';

const START_US = Date.UTC(2026, 0, 5) * 1_000;
const BTC = instrumentId('BTCUSDT');
const ETH = instrumentId('ETHUSDT');

/** A simulated exchange on a network in memory, and a client that collects two of its symbols. */
async function makeWorld() {
  const clock = new VirtualClock(START_US);
  const telemetry = recordingTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 1 });
  const model = createSimulatedExchange({ seed: 3, instruments: [BTC, ETH], clock });
  const served = expectOk(
    await serveExchange({
      model,
      clock,
      logger: telemetry.logger,
      httpServer: network.httpServer,
      host: 'exchange.test',
      port: 80,
    }),
  );
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    void promise.finally(() => (done = true));
    await clock.advanceUntil(() => done, { timeoutMs: 60_000 });
    return promise;
  };
  const connection = createBinanceConnection({
    restUrl: 'http://exchange.test',
    wsUrl: 'ws://exchange.test',
    wsApiUrl: null,
    transport: network.transport('10.0.0.1'),
    clock,
    random: seededRandom(5),
    ...telemetry,
    cache: createMemoryCache({ clock }),
  });
  const venue = createBinanceMarketData({ connection });
  const reads: InstrumentsRead[] = [];
  const events: MarketEvent[] = [];
  expectOk(
    await during(
      venue.start({
        instruments: [BTC, ETH],
        intervals: ['1m'],
        onEvent: (event) => events.push(event),
        onInstruments: (read) => reads.push(read),
      }),
    ),
  );
  return {
    clock,
    venue,
    reads,
    events,
    async change(body: object): Promise<void> {
      const answer = network.transport('127.0.0.1').request({
        method: 'POST',
        url: 'http://exchange.test/sim/rules',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        timeoutMs: 10_000,
      });
      expect(expectOk(await during(answer)).status).toBe(200);
    },
    async close(): Promise<void> {
      await venue.stop();
      connection.stop();
      await during(served.close(0));
    },
  };
}

test('what an exchange changes is told by the next reading: limits, a halt, what is no longer listed', async () => {
  const world = await makeWorld();
  const { clock, reads, venue } = world;
  await clock.advance(3_000);
  expect(reads).toMatchObject([{ listed: [{ id: BTC }, { id: ETH }], unreadable: [], changed: [] }]);
  const filters = [{ filterType: 'NOTIONAL', minNotional: '25.00000000' }];
  await world.change({ symbol: 'BTCUSDT', filters });
  venue.rulesDoubted('an order was refused by a filter');
  await clock.advance(30_000);
  const notionalMin = expectOk(parseAmount('25'));
  expect(reads.at(-1)?.changed).toMatchObject([{ id: BTC, notionalMin, status: 'trading', version: 2 }]);
  await world.change({ symbol: 'ETHUSDT', listed: false });
  // Nobody trades in it any more: its silence is what makes the client look.
  await clock.advance(60_000);
  expect(reads.flatMap(({ changed }) => changed).at(-1)).toMatchObject({ id: ETH, status: 'delisted', version: 2 });
  expect(venue.instruments()).toMatchObject([
    { id: BTC, notionalMin, version: 2 },
    { id: ETH, status: 'delisted', version: 2 },
  ]);
  const before = world.events.length;
  await clock.advance(2_000);
  expect(world.events.slice(before).some(({ kind, instrument }) => kind === 'trade' && instrument === BTC)).toBe(true);
  await world.close();
});
