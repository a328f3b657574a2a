import { randomInt } from 'node:crypto';
import { serveExchange } from '@monsta/binance-server';
import { ok, seededRandom, type Result } from '@monsta/core';
import { createHttpServer } from '@monsta/http-server-fastify';
import type { Clock, DataOrigin, Telemetry } from '@monsta/ports';
import { BinanceArchive, createBinanceConnection, HistoryRest } from '@monsta/venue-binance';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { openCache } from '../compose/cache.ts';
import { addressesOf, archiveUrlOf } from '../compose/exchange-addresses.ts';
import { marketOf, simulatedMarketOf } from '../compose/markets.ts';
import { openTransport } from '../compose/transport.ts';
import type { MonstaConfig } from '../config/schema.ts';
import { downloadVenue, type DOWNLOAD_VENUES } from './request.ts';

/** An exchange's history. */
export interface HistorySource {
  readonly venue: (typeof DOWNLOAD_VENUES)[number];
  /** Whose catalogue it belongs to. */
  readonly market: string;
  readonly restUrl: string;
  readonly archiveUrl: string;
  /** What simulated data is, for people; null for real data. */
  readonly disclosure: string | null;
  readonly archive: BinanceArchive;
  readonly rest: HistoryRest;
  /** What the data is; null of a server in the exchange's place that has not said so. */
  origin(): DataOrigin | null;
  /** How long the exchange had us wait so far, all requests together, ms. */
  waitedMs(): number;
  close(): Promise<void>;
}

export interface SourceContext {
  readonly config: MonstaConfig;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Where an exchange is, and what has to be closed with it. */
interface Place {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly archiveUrl: string;
  readonly market: string;
  /** Null: what the server says. */
  readonly origin: DataOrigin | null;
  readonly disclosure: string | null;
  close(): Promise<void>;
}

const ORIGINS: readonly DataOrigin[] = ['simulated', 'replay', 'testnet'];

/** The simulated exchange, served for this process alone: its past follows from seed and edge. */
async function simulatedPlace({ config, clock, telemetry: { logger } }: SourceContext): Promise<Result<Place>> {
  const { seed, edge } = config.venue;
  const model = createSimulatedExchange({ seed, edge, clock, logger });
  const httpServer = createHttpServer({ logger });
  const served = await serveExchange({ model, clock, logger, httpServer, host: '127.0.0.1', port: 0 });
  if (!served.ok) {
    model.close();
    return served;
  }
  const { restUrl, wsUrl } = served.value;
  return ok({
    restUrl,
    wsUrl,
    archiveUrl: restUrl,
    market: simulatedMarketOf(config),
    origin: model.origin,
    disclosure: model.disclosure,
    close: () => served.value.close(200),
  });
}

const binancePlace = ({ config }: SourceContext): Place => ({
  ...addressesOf('binance', config),
  archiveUrl: archiveUrlOf(config.venue),
  market: marketOf('binance', config),
  origin: config.venue.restUrl === null && config.venue.archiveUrl === null ? 'real' : null,
  disclosure: null,
  close: () => Promise.resolve(),
});

/** Opens the configured venue's history. Faults: `flag_invalid`, and those of server, transport and cache. */
export async function openSource(context: SourceContext): Promise<Result<HistorySource>> {
  const { config, clock, telemetry } = context;
  const venue = downloadVenue(config.venue.name);
  if (!venue.ok) return venue;
  const transport = openTransport(config.transport, process.env, telemetry.logger);
  if (!transport.ok) return transport;
  const random = seededRandom(randomInt(4_294_967_296 - 1));
  const cache = await openCache(config.cache, { clock, logger: telemetry.logger, random });
  const place = venue.value === 'simulated' ? await simulatedPlace(context) : ok(binancePlace(context));
  const closeAll = async (): Promise<void> => {
    await transport.value.close();
    if (cache.ok) await cache.value.close();
    if (place.ok) await place.value.close();
  };
  if (!cache.ok || !place.ok) {
    await closeAll();
    return cache.ok ? (place as Result<never>) : cache;
  }
  const connection = createBinanceConnection({
    name: venue.value,
    restUrl: place.value.restUrl,
    wsUrl: place.value.wsUrl,
    wsApiUrl: null,
    clock,
    random,
    ...telemetry,
    transport: transport.value,
    cache: cache.value,
    config: config.binance.rest,
  });
  let waitedMs = 0;
  const onWait = (forMs: number): void => void (waitedMs += forMs);
  const archive = new BinanceArchive(connection, place.value.archiveUrl, config.binance.archive, onWait);
  // Where it can't be measured ours serves: what is asked next tells that the exchange can't be reached.
  await connection.start();
  const rest = new HistoryRest(connection, config.binance.archive, onWait);
  const { origin, ...where } = place.value;
  return ok({
    ...where,
    venue: venue.value,
    archive,
    rest,
    origin: () => origin ?? ORIGINS.find((known) => known === rest.origin) ?? null,
    waitedMs: () => waitedMs,
    async close() {
      archive.stop();
      connection.stop();
      await closeAll();
    },
  });
}
