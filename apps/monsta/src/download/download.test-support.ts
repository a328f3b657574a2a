import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFaultPlan, serveExchange, type ExchangeModel } from '@monsta/binance-server';
import { createMemoryCache } from '@monsta/cache-memory';
import { ParquetCatalog } from '@monsta/catalog-parquet';
import { expectOk, instrumentId, seededRandom } from '@monsta/core';
import { createMemoryNetwork, recordingTelemetry, VirtualClock } from '@monsta/testkit';
import { BinanceArchive, createBinanceConnection, HistoryRest } from '@monsta/venue-binance';
import { binanceArchiveConfigSchema, type BinanceArchiveConfig } from '@monsta/venue-binance/config';
import { createReplayExchange, openRecording } from '@monsta/venue-replay';
import { createSimulatedExchange } from '@monsta/venue-simulated';
import { onTestFinished } from 'vitest';
import type { DownloadReport } from './report.ts';
import { Download, type DownloadProgress, type DownloadRequest } from './run.ts';
import { TakenRecords } from './taken.ts';

/** 2025-03-02T12:00:00Z: January and February are over, and sixty days. */
export const NOW_MS = Date.UTC(2025, 2, 2, 12);
export const XRP = instrumentId('XRPUSDT');
export const BTC = instrumentId('BTCUSDT');
const HOUR = 3_600_000;

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'monsta-download-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file below a folder with its bytes, by its path; what is hidden is nobody's yet. */
export function filesBelow(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    names
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path).toString('base64')]),
  );
}

/** An exchange of hours from November 2024 on, some of which never were, so that months before and after 2025 are there. */
export async function oldExchange(clock: VirtualClock, isMissing: (openMs: number) => boolean): Promise<ExchangeModel> {
  const folder = testFolder();
  const rows: string[] = [];
  for (let openMs = Date.UTC(2024, 10, 1); openMs < NOW_MS; openMs += HOUR) {
    const base = 42_000 + ((openMs / HOUR) % 500);
    if (!isMissing(openMs))
      rows.push(`${openMs},${base}.10,${base + 9}.25,${base - 7}.00,${base + 1}.5,${base % 7}.125`);
  }
  const history = join(folder, 'history.csv');
  writeFileSync(history, `openTimeMs,open,high,low,close,volume\n${rows.join('\n')}\n`);
  const recording = join(folder, 'recording.jsonl');
  const trade = { e: 'trade', E: NOW_MS, s: BTC, t: 7, p: '42000.10', q: '0.1', T: NOW_MS, m: true, M: true };
  writeFileSync(recording, `${NOW_MS}000000 ${JSON.stringify({ stream: 'btcusdt@trade', data: trade })}\n`);
  return createReplayExchange({
    recording: expectOk(await openRecording([recording], { historyPath: history })),
    clock,
    logger: recordingTelemetry().logger,
    sessionStartUs: clock.nowUs(),
    speed: 1,
  });
}

export interface DownloadWorldOptions {
  readonly faults?: readonly object[];
  readonly archive?: Partial<BinanceArchiveConfig>;
  readonly model?: (clock: VirtualClock) => Promise<ExchangeModel>;
  /** Two worlds of one folder are two processes. */
  readonly folder?: string;
}

/** An exchange, and downloads from it into a catalogue, on a network in memory. */
export async function makeDownloadWorld(options: DownloadWorldOptions = {}) {
  const { faults = [], archive = {}, model, folder = testFolder() } = options;
  const clock = new VirtualClock(NOW_MS * 1_000);
  const telemetry = recordingTelemetry();
  const network = createMemoryNetwork({ clock, latencyMs: 1 });
  const served = expectOk(
    await serveExchange({
      model: (await model?.(clock)) ?? createSimulatedExchange({ seed: 5, clock, instruments: [XRP] }),
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
    // Files are made in real time, of which this clock knows nothing.
    config: { requestTimeoutMs: 3_600_000 },
  });
  const config = binanceArchiveConfigSchema.parse(archive);
  let waitedMs = 0;
  const onWait = (forMs: number): void => void (waitedMs += forMs);
  const files = new BinanceArchive(connection, 'http://exchange.test', config, onWait);
  const rest = new HistoryRest(connection, config, onWait);
  const catalog = new ParquetCatalog({ path: folder, memoryMaxMb: 128, threads: 1 });
  const scratch = testFolder();
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    void promise.finally(() => (done = true));
    await clock.advanceUntil(() => done, { stepMs: 2, timeoutMs: 36_000_000 });
    return promise;
  };
  const shown: DownloadProgress[] = [];
  const download = async (
    request: Partial<DownloadRequest> & Pick<DownloadRequest, 'fromMs'>,
    signal = new AbortController().signal,
  ): Promise<DownloadReport> => {
    const run = new Download(
      { instruments: [XRP], intervals: [], trades: false, toMs: NOW_MS, parallel: 3, ...request },
      {
        archive: files,
        rest,
        catalog,
        records: new TakenRecords(folder, scratch),
        scratch,
        signal,
        onProgress: (progress) => void shown.push(progress),
        waitedMs: () => waitedMs,
      },
    );
    return expectOk(await during(run.run()));
  };
  const asked = (): readonly string[] => served.server.faults.log().map(({ subject, note }) => `${subject} ${note}`);
  onTestFinished(async () => {
    files.stop();
    connection.stop();
    await catalog.close();
    await during(served.close(0));
  });
  mkdirSync(folder, { recursive: true });
  return { clock, folder, scratch, catalog, served, download, during, shown, asked };
}
