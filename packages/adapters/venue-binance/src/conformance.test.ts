import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveExchange, type ExchangeModel } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { systemClock } from '@monsta/clock-system';
import {
  expectOk,
  instrumentId,
  intervalMs,
  msFromUs,
  seededRandom,
  timestampUs,
  usFromMs,
  type InstrumentId,
} from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import type { Clock } from '@monsta/ports';
import { marketDataVenueConformance, silentTelemetry, type MarketDataVenueRig } from '@monsta/testkit';
import { createTransport } from '@monsta/transport-node';
import { createReplayExchange, openRecording } from '@monsta/venue-replay';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { generateRecording } from './generated-recording.test-support.ts';
import { createBinanceConnection, type BinanceConnection } from './connection.ts';
import { createBinanceMarketData } from './market-data-client.ts';

const BTC = instrumentId('BTCUSDT');
const ETH = instrumentId('ETHUSDT');
const UNTIL_MS_MAX = 15_000;
const clock = systemClock();
const { logger, metrics } = silentTelemetry();

/** The system's clock run so many times as fast from now on, for a market that is not worth waiting for. */
function fasterClock(times: number): Clock {
  const startUs = clock.nowUs();
  const startMs = clock.monotonicMs();
  const passedMs = (): number => (clock.monotonicMs() - startMs) * times;
  return {
    nowUs: () => timestampUs(startUs + Math.floor(passedMs() * 1_000)),
    monotonicMs: passedMs,
    setTimer: (delayMs, task) => clock.setTimer(delayMs / times, task),
    sleep: (delayMs, signal) => clock.sleep(delayMs / times, signal),
  };
}

/** The client over real sockets of this machine, and the exchange that it talks to. */
async function rigOver(
  model: ExchangeModel,
  instruments: readonly [InstrumentId, ...InstrumentId[]],
  history: MarketDataVenueRig['history'],
): Promise<MarketDataVenueRig> {
  const serve = async () => {
    const httpServer = createHttpServer({ logger });
    return expectOk(await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 }));
  };
  const server = await serve();
  // A port that was just given back is one where nobody listens.
  const httpServer = createHttpServer({ logger });
  const noAnswer = () => ({ status: 404, body: '' });
  const given = expectOk(
    await httpServer.listen({
      host: '127.0.0.1',
      port: 0,
      bodyBytesMax: 1,
      routes: [],
      webSockets: [],
      notFound: noAnswer,
      failure: noAnswer,
    }),
  );
  await given.close(0);
  const transport = createTransport({ logger });
  const random = seededRandom(7);
  const connections: BinanceConnection[] = [];
  const client = (restUrl: string, wsUrl: string) => {
    const connection = createBinanceConnection({
      restUrl,
      wsUrl,
      wsApiUrl: null,
      clock,
      transport,
      logger,
      metrics,
      random,
      cache: createMemoryCache({ clock }),
      config: { requestAttemptsMax: 2 },
    });
    connections.push(connection);
    return createBinanceMarketData({ connection });
  };
  return {
    connect: () => client(server.restUrl, server.wsUrl),
    connectNowhere: () => ({
      venue: client(given.url, given.url.replace('http', 'ws')),
      name: `127.0.0.1:${given.port}`,
    }),
    instruments,
    history,
    async until(condition) {
      const endMs = clock.monotonicMs() + UNTIL_MS_MAX;
      while (!condition()) {
        if (clock.monotonicMs() > endMs) throw new Error(`the condition did not hold within ${UNTIL_MS_MAX} ms`);
        await clock.sleep(5);
      }
    },
    async dispose() {
      for (const connection of connections) connection.stop();
      await transport.close();
      await server.close(100);
    },
  };
}

marketDataVenueConformance('the Binance client on the simulated exchange', () => {
  const model = createSimulatedExchange({ seed: 5, clock: fasterClock(10), instruments: [BTC, ETH] });
  const stepMs = intervalMs('5m');
  const toMs = Math.floor(msFromUs(clock.nowUs()) / stepMs - 10_000) * stepMs;
  const history = { interval: '5m', fromUs: usFromMs(toMs - 2_100 * stepMs), toUs: usFromMs(toMs) } as const;
  return rigOver(model, [BTC, ETH], history);
});

marketDataVenueConformance('the Binance client on a replayed recording', async () => {
  const generated = await generateRecording(BTC, 300, { interval: '1h', count: 2_100 });
  const directory = await mkdtemp(join(tmpdir(), 'monsta-recording-'));
  const path = join(directory, 'recording.ndjson');
  const historyPath = join(directory, 'BTCUSDT-1h.csv');
  await writeFile(path, generated.lines);
  await writeFile(historyPath, generated.history);
  const recording = expectOk(await openRecording([path], { historyPath }));
  await rm(directory, { recursive: true });
  const model = createReplayExchange({ recording, clock, logger, sessionStartUs: clock.nowUs(), speed: 10 });
  const firstUs = usFromMs(generated.firstBarMs);
  const toUs = usFromMs(generated.firstBarMs + 2_100 * intervalMs('1h'));
  return rigOver(model, [BTC], { interval: '1h', fromUs: firstUs, toUs });
});
