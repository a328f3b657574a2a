import { serveExchange, type ExchangeModel, type ServedExchange } from '@monsta/binance-server';
import { expectOk, instrumentId, seededRandom, type Random } from '@monsta/core';
import type { Transport } from '@monsta/ports';
import {
  createMemoryNetwork,
  recordingTelemetry,
  VirtualClock,
  type Reach,
  type RecordingTelemetry,
} from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { MarketTruth } from './market-truth.ts';

export const BTC = instrumentId('BTCUSDT');
export const REST_URL = 'http://exchange.test';
export const WS_URL = 'ws://exchange.test';
/** Where the client is seen to come from. */
export const ADDRESS = '10.0.0.1';
/** 2025-03-01T12:00:00Z. */
const START_MS = 1_740_830_400_000;
const MINUTE_MS = 60_000;

/** The exchange behind a network in memory, under a virtual clock; everything follows from the seed. */
export interface ExchangeRig {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly model: ExchangeModel;
  readonly served: ServedExchange;
  readonly truth: MarketTruth;
  readonly transport: Transport;
  /** What the exchange itself logs. */
  readonly exchangeLog: RecordingTelemetry;
  /** What becomes of connections from now on, and how many were not reached. */
  readonly way: { reach: Reach; hindered: number };
}

export async function openExchange(seed: number): Promise<ExchangeRig> {
  const random = seededRandom(seed);
  const clock = new VirtualClock((START_MS + random.integer(MINUTE_MS)) * 1_000);
  const exchangeLog = recordingTelemetry();
  const { logger } = exchangeLog;
  const model = createSimulatedExchange({ seed: 1 + random.integer(1_000), clock, instruments: [BTC], logger });
  const truth = new MarketTruth(model, BTC);
  const way: ExchangeRig['way'] = { reach: 'reached', hindered: 0 };
  const network = createMemoryNetwork({
    clock,
    latencyMs: 1 + random.integer(80),
    jitter: { maxMs: random.integer(40), random: seededRandom(seed + 1) },
    logger,
    reach: () => {
      if (way.reach !== 'reached') way.hindered += 1;
      return way.reach;
    },
  });
  const { hostname } = new URL(REST_URL);
  const served = expectOk(
    await serveExchange({ model, clock, logger, httpServer: network.httpServer, host: hostname, port: 80 }),
  );
  return { clock, random, model, served, truth, transport: network.transport(ADDRESS), exchangeLog, way };
}
