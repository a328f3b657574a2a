import { randomUUID } from 'node:crypto';
import { MessageChannel, Worker } from 'node:worker_threads';
import { err, msFromUs, ok, type AccountId, type InstrumentId, type Result, type TimestampUs } from '@monsta/core';
import { internalSubjects, topics, type FeedMessage } from '@monsta/contracts';
import type {
  Cache,
  Clock,
  DataOrigin,
  EventStream,
  Logger,
  MarketDataVenue,
  MarketHistory,
  Readiness,
  Role,
  Timer,
} from '@monsta/ports';
import type { LiveAccount } from '../compose/live.ts';
import type { MonstaConfig } from '../config/schema.ts';
import type { DataDirectory } from '../runtime/data-directory.ts';
import { serveCache } from '../runtime/cache-bridge.ts';
import { serveMarketHistory } from '../runtime/history-bridge.ts';
import { bridgeStreams, type Bridge } from '../runtime/stream-bridge.ts';
import type { ClockSample } from '../runtime/venue-clock.ts';
import type { FromTradingThread, ToTradingThread, TradingThreadData } from './protocol.ts';

export interface TradingThreadOptions {
  readonly config: MonstaConfig;
  readonly directory: DataDirectory;
  readonly accountId: AccountId;
  /** The account of an exchange to trade; null: on paper. */
  readonly live: LiveAccount | null;
  /** Where the limits of the exchange are counted. */
  readonly cache: Cache;
  readonly origin: DataOrigin;
  readonly instruments: readonly InstrumentId[];
  /** How fast the venue's clock runs. */
  readonly rate: number;
  /** Where the venue's time stands still: a recording's end; null where it never does. */
  readonly endUs: TimestampUs | null;
  readonly venue: MarketDataVenue;
  readonly history: MarketHistory;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The thread ended without being asked to: the process must end too, and recover at its next start. */
  onDeath(reason: string): void;
}

const IN_FLIGHT_MAX = 50_000;
const CLOCK_INTERVAL_MS = 1_000;
/** An exchange that is slow to tell of an account has its own deadline before. */
const START_TIMEOUT_MS = 120_000;
const METRICS_TIMEOUT_MS = 1_000;
/** Clock messages in a row that the thread may leave unanswered, one a second. Counted, so that a suspended machine does not count. */
const UNANSWERED_MAX = 15;

/** The role `ai-trading` in a worker thread of its own, so that neither a broadcast nor a training run delays it. */
export class TradingThread implements Role {
  readonly name = 'ai-trading';
  readonly #options: TradingThreadOptions;
  #worker: Worker | null = null;
  #bridge: Bridge | null = null;
  #clockTimer: Timer | null = null;
  #readiness: Readiness = { ready: false, waitingFor: ['the trading thread'] };
  #stopping = false;
  #settled = false;
  #nextMetrics = 1;
  #unanswered = 0;
  readonly #waiting = new Map<string, (message: FromTradingThread) => void>();

  constructor(options: TradingThreadOptions) {
    this.#options = options;
  }

  async start(): Promise<Result<null>> {
    const { config, directory, accountId, live, cache, origin, instruments, stream, history, logger } = this.#options;
    const streams = new MessageChannel();
    const histories = new MessageChannel();
    const caches = new MessageChannel();
    const bridge = bridgeStreams({
      port: streams.port1,
      stream,
      outbound: [
        ...['bars.*.*', 'trades.*', 'quotes.*', 'feed.*', 'predictions.*'],
        internalSubjects.tradingCommands,
        internalSubjects.instruments,
      ],
      inFlightMax: IN_FLIGHT_MAX,
      logger,
      onOverflow: (dropped) => this.#reportOverflow(dropped),
    });
    if (!bridge.ok) return bridge;
    this.#bridge = bridge.value;
    serveMarketHistory(histories.port1, history);
    serveCache(caches.port1, cache);
    const safeAccount = accountId.replaceAll(/[^a-zA-Z0-9-]/g, '_');
    const data: TradingThreadData = {
      config,
      paths: {
        ledger: directory.file('ledger.sqlite'),
        kernelJournal: directory.file('journal', safeAccount),
        paperJournal: directory.file('paper', safeAccount),
      },
      accountId,
      live,
      origin,
      instruments,
      clock: this.#sample(),
      epoch: randomUUID(),
      streamPort: streams.port2,
      historyPort: histories.port2,
      cachePort: caches.port2,
    };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: data,
      transferList: [streams.port2, histories.port2, caches.port2],
      name: this.name,
    });
    this.#worker = worker;
    worker.on('message', (message: FromTradingThread) => this.#receive(message));
    worker.on('error', (error) => this.#died(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    worker.on('exit', (code) => this.#died(`it exited with code ${code}`));
    const answer = await this.#waitFor('started', START_TIMEOUT_MS);
    if (answer === null)
      return err('start_timeout', `the trading thread did not start within ${START_TIMEOUT_MS / 1000} s`);
    if (answer.kind === 'failed') return err(answer.code, answer.message);
    this.#tickClock();
    return ok(null);
  }

  readiness(): Readiness {
    return this.#readiness;
  }

  async drain(): Promise<void> {
    if (this.#worker === null) return;
    this.#stopping = true;
    this.#send({ kind: 'drain' });
    const drained = await this.#waitFor('drained', 6_000);
    this.#settled = drained?.kind === 'drained' && drained.settled;
  }

  /** After a drain: true when nothing rests at the venue that should not. */
  get settled(): boolean {
    return this.#settled;
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    this.#stopping = true;
    this.#clockTimer?.cancel();
    this.#send({ kind: 'stop' });
    await this.#waitFor('stopped', 3_000);
    this.#worker = null;
    this.#bridge?.close();
    await worker.terminate();
  }

  /** The thread's own metrics as Prometheus text; empty when it does not answer. */
  async metricsText(): Promise<string> {
    if (this.#worker === null || this.#stopping) return '';
    const id = this.#nextMetrics;
    this.#nextMetrics += 1;
    this.#send({ kind: 'metrics', id });
    const answer = await this.#waitFor(`metrics:${id}`, METRICS_TIMEOUT_MS);
    return answer?.kind === 'metrics' ? answer.body : '';
  }

  #send(message: ToTradingThread): void {
    this.#worker?.postMessage(message);
  }

  #waitFor(key: string, timeoutMs: number): Promise<FromTradingThread | null> {
    return new Promise((resolve) => {
      const settle = (message: FromTradingThread | null): void => {
        timer.cancel();
        this.#waiting.delete(key);
        resolve(message);
      };
      const timer = this.#options.clock.setTimer(timeoutMs, () => settle(null));
      this.#waiting.set(key, settle);
    });
  }

  #receive(message: FromTradingThread): void {
    if (message.kind === 'alive') {
      this.#unanswered = 0;
      return;
    }
    if (message.kind === 'readiness') {
      this.#readiness = message.readiness;
      return;
    }
    if (message.kind === 'fatal') {
      this.#readiness = { ready: false, waitingFor: [`a restart: ${message.message}`] };
      if (!this.#stopping) this.#options.onDeath(`${message.code}: ${message.message}`);
      return;
    }
    const key =
      message.kind === 'failed' ? 'started' : message.kind === 'metrics' ? `metrics:${message.id}` : message.kind;
    this.#waiting.get(key)?.(message);
  }

  #died(reason: string): void {
    const worker = this.#worker;
    if (worker === null) return;
    this.#worker = null;
    this.#clockTimer?.cancel();
    void worker.terminate();
    this.#readiness = { ready: false, waitingFor: ['the trading thread, which has ended'] };
    for (const settle of this.#waiting.values())
      settle({ kind: 'failed', code: 'trading_thread_died', message: `the trading thread ended: ${reason}` });
    if (!this.#stopping) this.#options.onDeath(reason);
  }

  #sample(): ClockSample {
    const { venue, clock, rate, endUs } = this.#options;
    return { venueUs: venue.nowUs(), systemUs: clock.nowUs(), rate, endUs };
  }

  #tickClock(): void {
    this.#clockTimer = this.#options.clock.setTimer(CLOCK_INTERVAL_MS, () => {
      this.#unanswered += 1;
      if (this.#unanswered > UNANSWERED_MAX) {
        this.#died(`it has not answered for ${UNANSWERED_MAX} s; a strategy that never returns does this`);
        return;
      }
      this.#send({ kind: 'clock', sample: this.#sample() });
      this.#tickClock();
    });
  }

  /** What was dropped on the way is a gap in the feed: the kernel then trades nothing but exits. */
  #reportOverflow(inFlight: number): void {
    const { instruments, stream, venue, logger } = this.#options;
    const reason = `the trading thread did not keep up: more than ${inFlight} messages were waiting and some were dropped`;
    logger.error(reason);
    for (const instrument of instruments) {
      const nowUs = venue.nowUs();
      const message: FeedMessage = { instrument, status: 'gap', reason, timeMs: msFromUs(nowUs) };
      stream.publish(topics.feed(instrument), message, { tsEventUs: nowUs });
    }
  }
}
