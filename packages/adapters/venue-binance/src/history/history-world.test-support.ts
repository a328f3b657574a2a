import { readFaultPlan, serveExchange } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { expectOk, instrumentId, seededRandom } from '@monsta/core';
import { createMemoryNetwork, recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { onTestFinished } from 'vitest';
import { binanceArchiveConfigSchema, type BinanceArchiveConfig, type BinanceRestSettings } from '../config.ts';
import { createBinanceConnection } from '../connection.ts';
import { BinanceArchive, type ArchiveTarget } from './archive.ts';
import { HistoryRest } from './history-rest.ts';

/** 2025-03-02T12:00:00Z: January and February are over, and sixty days. */
export const NOW_MS = Date.UTC(2025, 2, 2, 12);
export const XRP = instrumentId('XRPUSDT');

/** Keeps what it is given; throws from the byte on that there is no room for. */
export class MemoryTarget implements ArchiveTarget {
  begun = 0;
  readonly #roomBytes: number;
  #pieces: Uint8Array[] = [];

  constructor(roomBytes = Infinity) {
    this.#roomBytes = roomBytes;
  }

  begin(): Promise<void> {
    this.begun += 1;
    this.#pieces = [];
    return Promise.resolve();
  }

  take(piece: Uint8Array): Promise<void> {
    this.#pieces.push(Uint8Array.from(piece));
    if (this.bytes.length > this.#roomBytes) return Promise.reject(new Error('no space left on device'));
    return Promise.resolve();
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }
}

export interface HistoryWorldOptions {
  readonly faults?: readonly object[];
  readonly archive?: Partial<BinanceArchiveConfig>;
  readonly settings?: BinanceRestSettings;
}

/** The simulated exchange with its archive, and what reads it, on a network in memory and a clock that is told to move. */
export async function makeHistoryWorld({ faults = [], archive = {}, settings = {} }: HistoryWorldOptions = {}) {
  const clock = new VirtualClock(NOW_MS * 1_000);
  const telemetry = recordingTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 1 });
  const served = expectOk(
    await serveExchange({
      model: createSimulatedExchange({ seed: 5, clock, instruments: [XRP] }),
      clock,
      logger: telemetry.logger,
      httpServer: network.httpServer,
      host: 'exchange.test',
      port: 80,
      faults: expectOk(readFaultPlan({ rules: faults })),
    }),
  );
  const connection = createBinanceConnection({
    restUrl: 'http://exchange.test',
    wsUrl: 'ws://exchange.test',
    wsApiUrl: null,
    transport: network.transport('10.0.0.1'),
    clock,
    random: seededRandom(5),
    ...telemetry,
    cache: createMemoryCache({ clock }),
    config: settings,
  });
  const config = binanceArchiveConfigSchema.parse(archive);
  const waits: number[] = [];
  const onWait = (forMs: number): void => void waits.push(forMs);
  const files = new BinanceArchive(connection, 'http://exchange.test/', config, onWait);
  const rest = new HistoryRest(connection, config, onWait);
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    void promise.finally(() => (done = true));
    await clock.advanceUntil(() => done, { stepMs: 2, timeoutMs: 3_600_000 });
    return promise;
  };
  onTestFinished(async () => {
    files.stop();
    connection.stop();
    await during(served.close(0));
  });
  return { clock, telemetry, served, files, rest, waits, during };
}
