import { randomUUID } from 'node:crypto';
import { MessageChannel, Worker } from 'node:worker_threads';
import { MARKET_SUBJECTS } from '@monsta/ai-trading';
import { internalSubjects } from '@monsta/contracts';
import { ok, type Result } from '@monsta/core';
import { releaseJournal } from '@monsta/journal-file';
import type { Clock } from '@monsta/ports';
import { serveCache } from '../runtime/cache-bridge.ts';
import { kernelJournalOf, paperJournalOf } from '../runtime/data-directory.ts';
import { serveMarketHistory } from '../runtime/history-bridge.ts';
import { bridgeStreams, type Bridge } from '../runtime/stream-bridge.ts';
import type { ClockSample } from '../runtime/venue-clock.ts';
import type { FromTradingThread, ToTradingThread, TradingThreadData } from './protocol.ts';
import { sharedStrategyCalls, StrategyCallWatch, type StuckCall } from './strategy-calls.ts';
import type { TradingThreadOptions } from './options.ts';

const IN_FLIGHT_MAX = 50_000;

export interface LifeOptions extends TradingThreadOptions {
  readonly sample: ClockSample;
  /** Calls that lives before this one were ended for. */
  readonly stuck: readonly StuckCall[];
  onMessage(message: FromTradingThread): void;
  /** A strategy does not return: nothing else happens in the thread until it is ended. */
  onStuck(call: StuckCall): void;
  onOverflow(dropped: number): void;
  onDeath(reason: string): void;
}

/** One worker thread that trades, with its bridges to this one. */
export class TradingLife {
  readonly #worker: Worker;
  readonly #bridge: Bridge;
  readonly #watch: StrategyCallWatch;
  readonly #paths: TradingThreadData['paths'];
  readonly #clock: Clock;
  readonly #waiting = new Map<string, (message: FromTradingThread | null) => void>();
  #ended = false;

  private constructor(
    worker: Worker,
    bridge: Bridge,
    watch: StrategyCallWatch,
    paths: TradingThreadData['paths'],
    clock: Clock,
  ) {
    this.#worker = worker;
    this.#bridge = bridge;
    this.#watch = watch;
    this.#paths = paths;
    this.#clock = clock;
  }

  static begin(options: LifeOptions): Result<TradingLife> {
    const { accountId, cache, clock, config, directory, history, instruments, live, logger, origin, stream } = options;
    const streams = new MessageChannel();
    const histories = new MessageChannel();
    const caches = new MessageChannel();
    const bridge = bridgeStreams({
      port: streams.port1,
      stream,
      outbound: [...MARKET_SUBJECTS, internalSubjects.tradingCommands, internalSubjects.instruments],
      inFlightMax: IN_FLIGHT_MAX,
      logger,
      onOverflow: (dropped) => options.onOverflow(dropped),
    });
    if (!bridge.ok) return bridge;
    serveMarketHistory(histories.port1, history);
    serveCache(caches.port1, cache);
    const data: TradingThreadData = {
      config,
      paths: {
        ledger: directory.file('ledger.sqlite'),
        kernelJournal: kernelJournalOf(directory, accountId),
        paperJournal: paperJournalOf(directory, accountId),
      },
      accountId,
      live,
      origin,
      instruments,
      clock: options.sample,
      epoch: randomUUID(),
      strategyCalls: sharedStrategyCalls(),
      stuck: options.stuck,
      streamPort: streams.port2,
      historyPort: histories.port2,
      cachePort: caches.port2,
    };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: data,
      transferList: [streams.port2, histories.port2, caches.port2],
      name: 'ai-trading',
    });
    const watch = new StrategyCallWatch(data.strategyCalls, {
      clock,
      callMsMax: config.trading.strategyCallMsMax,
      onStuck: (call) => options.onStuck(call),
    });
    const life = new TradingLife(worker, bridge.value, watch, data.paths, clock);
    worker.on('message', (message: FromTradingThread) => life.#receive(message, options));
    const died = (reason: string): void => {
      if (!life.#ended) options.onDeath(reason);
    };
    worker.on('error', (error) => died(error instanceof Error ? (error.stack ?? error.message) : String(error)));
    worker.on('exit', (code) => died(`it exited with code ${code}`));
    return ok(life);
  }

  send(message: ToTradingThread): void {
    if (!this.#ended) this.#worker.postMessage(message);
  }

  /** The answer of that key; null where none comes in time, or the life ends before. */
  waitFor(key: string, timeoutMs: number): Promise<FromTradingThread | null> {
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => {
      const settle = (message: FromTradingThread | null): void => {
        timer.cancel();
        this.#waiting.delete(key);
        resolve(message);
      };
      const timer = this.#clock.setTimer(timeoutMs, () => settle(null));
      this.#waiting.set(key, settle);
    });
  }

  /** Ends the thread, wherever it is; once this resolves, it holds nothing any more. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#watch.stop();
    for (const settle of this.#waiting.values()) settle(null);
    this.#bridge.close();
    await this.#worker.terminate();
    // What a thread that was cut off could not let go of itself.
    await releaseJournal(this.#paths.kernelJournal);
    await releaseJournal(this.#paths.paperJournal);
  }

  #receive(message: FromTradingThread, options: LifeOptions): void {
    if (this.#ended) return;
    const key =
      message.kind === 'failed' ? 'started' : message.kind === 'metrics' ? `metrics:${message.id}` : message.kind;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) options.onMessage(message);
    else waiting(message);
  }
}
