import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { err, ok, type Result } from '@monsta/core';
import type { Clock, Jobs, Logger, Metrics, Timer } from '@monsta/ports';
import type { CostSummary } from '@monsta/simulation';
import type { JobKind } from '@monsta/worker';
import type { ParityReport } from './measure-parity.ts';
import type { FromParityThread, ParityThreadData } from './worker.ts';

const KIND = 'parity';
/** What a taker is taken to pay over the open, as in a backtest that nobody says otherwise of. */
const SLIPPAGE_PPM = 50;
const HOUR_MS = 3_600_000;
const MEMORY_MB_MAX = 1_024;

export interface ParityJobOptions {
  /** The journal of the account's trading kernel. */
  readonly journal: string;
  /** Where the reports of each day are kept. */
  readonly directory: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

function onThread(data: ParityThreadData, signal: AbortSignal): Promise<Result<ParityReport>> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: data,
    name: KIND,
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
  });
  return new Promise((resolve) => {
    let over = false;
    const end = (result: Result<ParityReport>): void => {
      if (over) return;
      over = true;
      signal.removeEventListener('abort', abort);
      void worker.terminate().then(() => resolve(result));
    };
    const abort = (): void => end(err('parity_canceled', 'the measurement was ended before it was done'));
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    worker.on('message', (message: FromParityThread) =>
      end(message.kind === 'done' ? ok(message.report) : { ok: false, fault: message.fault }),
    );
    const died = (why: string): void => end(err('parity_broken', `the thread of the measurement died: ${why}`));
    worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    worker.on('exit', (code) => died(`it exited with code ${code}`));
  });
}

/** Holds what was traded against a backtest of the same bars, keeps the report, and sets the metrics of the meter. */
export function parityJob({ journal, directory, logger, metrics }: ParityJobOptions): JobKind {
  const cost = metrics.gauge({
    name: 'monsta_parity_cost_bps',
    help: 'What trades cost over a backtest of the same bars, in basis points: figure entry, exit or return; statistic mean, median or worst',
    labels: ['figure', 'statistic'],
  });
  const trades = metrics.gauge({
    name: 'monsta_parity_compared_trades',
    help: 'Trades that the parity meter compared: of both, of the run alone, of the backtest alone',
    labels: ['of'],
  });
  const show = (figure: string, summary: CostSummary | null): void => {
    if (summary === null) return;
    for (const statistic of ['mean', 'median', 'worst'] as const) cost.set(summary[statistic], { figure, statistic });
  };
  return {
    name: KIND,
    async run({ id, signal }) {
      const measured = await onThread({ journal, slippagePpm: SLIPPAGE_PPM }, signal);
      if (!measured.ok) {
        const { code, message } = measured.fault;
        if (code !== 'parity_canceled') logger.warn('parity with a backtest could not be measured', { code, message });
        return measured;
      }
      const { pairs, onlyRun, onlyBacktest, entryCostBps, exitCostBps, returnCostBps } = measured.value;
      show('entry', entryCostBps);
      show('exit', exitCostBps);
      show('return', returnCostBps);
      trades.set(pairs.length, { of: 'both' });
      trades.set(onlyRun.length, { of: 'run' });
      trades.set(onlyBacktest.length, { of: 'backtest' });
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const path = join(directory, `${id.replaceAll(/[^\w.-]/g, '_')}.json`);
      writeFileSync(`${path}.part`, `${JSON.stringify(measured.value)}\n`, { mode: 0o600 });
      renameSync(`${path}.part`, path);
      logger.info('parity with a backtest', {
        trades: pairs.length,
        entryBps: entryCostBps?.mean ?? null,
        returnBps: returnCostBps?.mean ?? null,
        report: path,
      });
      return ok({ report: path, trades: pairs.length });
    },
  };
}

/** Asks for a measurement soon after each day (UTC) has ended, once a day whatever restarts. */
export function measureParityDaily(
  jobs: Jobs,
  { accountId, clock, logger }: { readonly accountId: string; readonly clock: Clock; readonly logger: Logger },
): { close(): void } {
  const dayNow = (): string => new Date(clock.nowUs() / 1_000).toISOString().slice(0, 10);
  let day = dayNow();
  let timer: Timer | null = null;
  const look = async (): Promise<void> => {
    const today = dayNow();
    if (today !== day) {
      const ended = day;
      day = today;
      const id = `${KIND}:${accountId}:${ended}`;
      const asked = await jobs.submit({ id, kind: KIND, payload: null, attemptsMax: 1 });
      if (!asked.ok)
        logger.warn('parity could not be asked for', { code: asked.fault.code, message: asked.fault.message });
    }
    timer = clock.setTimer(HOUR_MS, () => void look());
  };
  timer = clock.setTimer(HOUR_MS, () => void look());
  return { close: () => timer?.cancel() };
}
