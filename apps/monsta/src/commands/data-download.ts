import { join } from 'node:path';
import { systemClock } from '@monsta/clock-system';
import { msFromUs, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { createTelemetry } from '@monsta/telemetry-node';
import { ProgressLine } from '../backtest/progress-line.ts';
import { textOf, type FlagValues } from '../cli/arguments.ts';
import type { Output } from '../cli/output.ts';
import { catalogFolder, openCatalog } from '../compose/catalog.ts';
import { configExitCode } from '../config/load.ts';
import type { MonstaConfig } from '../config/schema.ts';
import type { DownloadReport } from '../download/report.ts';
import { requestFrom } from '../download/request.ts';
import { Download, type DownloadProgress, type DownloadRequest } from '../download/run.ts';
import { openSource, type HistorySource } from '../download/source.ts';
import { TakenRecords } from '../download/taken.ts';
import { downloadText } from '../download/text.ts';
import { openWorkFolder } from '../download/work-folder.ts';
import { untilAsked } from '../runtime/signals.ts';
import { configurationFrom } from './configuration-flags.ts';

const BAD_USAGE = 2;
const SHOW_EVERY_MS = 250;

/** The configuration, with the server that a command line puts in the exchange's place; nothing here needs its WebSocket. */
function configFrom(flags: FlagValues): Promise<Result<MonstaConfig>> {
  const { config, seed, edge, venue, 'data-dir': dataDir, 'log-level': level = 'warn' } = flags;
  const restUrl = textOf(flags, 'rest-url');
  return configurationFrom(
    {
      ...{ config, seed, edge, venue, 'data-dir': dataDir, 'log-level': level },
      'archive-url': flags['archive-url'],
      ...(restUrl === null ? {} : { 'rest-url': restUrl, 'ws-url': restUrl.replace(/^http/, 'ws') }),
    },
    process.env,
  );
}

const UNITS = { bars: 'bars', minutes: 'min of the market' } as const;

/** Shows how far a download is, again and again, until it is told to end: rates and times change while nothing comes. */
function showing(
  clock: Clock,
  { trades }: DownloadRequest,
): { readonly onProgress: (progress: DownloadProgress) => void; end(): void } {
  const line = new ProgressLine(process.stderr, UNITS[trades ? 'minutes' : 'bars'], clock.monotonicMs());
  let latest: DownloadProgress | null = null;
  const again = (): void => {
    if (latest !== null) {
      const { done, total, rows, files } = latest;
      line.show(done, total, clock.monotonicMs(), `${files} files, ${rows} rows`);
    }
    timer = clock.setTimer(SHOW_EVERY_MS, again);
  };
  let timer = clock.setTimer(SHOW_EVERY_MS, again);
  return {
    onProgress: (progress) => (latest = progress),
    end() {
      timer.cancel();
      line.end();
    },
  };
}

async function downloadInto(
  request: DownloadRequest,
  source: HistorySource,
  { dataDir, catalog: limits }: MonstaConfig,
  clock: Clock,
): Promise<Result<DownloadReport>> {
  const folder = catalogFolder(dataDir, source.market);
  const work = await openWorkFolder(join(folder, 'incoming'), msFromUs(clock.nowUs()));
  const catalog = openCatalog(dataDir, source.market, limits);
  const stop = new AbortController();
  const shown = showing(clock, request);
  try {
    const download = new Download(request, {
      archive: source.archive,
      rest: source.rest,
      catalog,
      records: new TakenRecords(folder, work.path),
      scratch: work.path,
      signal: stop.signal,
      onProgress: shown.onProgress,
      waitedMs: () => source.waitedMs(),
    });
    return await untilAsked(
      () => stop.abort(),
      () => download.run(),
    );
  } finally {
    shown.end();
    await catalog.close();
    await work.remove();
  }
}

async function closing<T>(source: HistorySource, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await source.close();
  }
}

/** `monsta data download`: exit status 0 where all is there that the exchange has, 1 where something could not be had. */
export async function dataDownload(flags: FlagValues, output: Output): Promise<number> {
  const clock = systemClock();
  const request = requestFrom(flags, msFromUs(clock.nowUs()));
  if (!request.ok) {
    output.fault(request.fault);
    return BAD_USAGE;
  }
  const config = await configFrom(flags);
  if (!config.ok) {
    output.fault(config.fault);
    return configExitCode(config.fault);
  }
  const telemetry = createTelemetry({ level: config.value.log.level, service: 'monsta', processMetrics: false });
  const source = await openSource({ config: config.value, clock, telemetry });
  if (!source.ok) {
    output.fault(source.fault);
    return source.fault.code === 'flag_invalid' ? BAD_USAGE : 1;
  }
  const { venue, market, restUrl, archiveUrl, disclosure } = source.value;
  if (disclosure !== null) output.note(`SIMULATED market: ${disclosure}`);
  const report = await closing(source.value, () => downloadInto(request.value, source.value, config.value, clock));
  if (!report.ok) {
    output.fault(report.fault);
    return 1;
  }
  const { fromMs, toMs } = request.value;
  const origin = source.value.origin();
  if (disclosure === null && origin !== null && origin !== 'real')
    output.note(
      `${origin.toUpperCase()} market: ${restUrl} says that its data is ${origin}; nothing here is a real price.`,
    );
  output.document(
    { venue, market, origin, restUrl, archiveUrl, fromMs, toMs, ...report.value },
    downloadText(report.value),
  );
  const { stopped, tables, totals } = report.value;
  return stopped || totals.failed > 0 || tables.some(({ fault }) => fault !== null) ? 1 : 0;
}
