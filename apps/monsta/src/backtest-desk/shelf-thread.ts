import { MessageChannel, Worker } from 'node:worker_threads';
import { err, type Result } from '@monsta/core';
import type { Clock, Logger } from '@monsta/ports';
import { callsTo } from '../runtime/call-bridge.ts';
import type { RemoteShelf, ShelfThreadData } from './shelf-protocol.ts';

export interface ShelfThreadOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a call may take; then its thread is ended, and the next call begins another. */
  readonly callMsMax: number;
}

type Call = ReturnType<typeof callsTo>;

/** A shelf in a thread of its own, which begins with the first call. A call that does not come back, or whose thread dies, is the fault `backtest_unreadable`. */
export class ShelfThread implements RemoteShelf {
  readonly #options: ShelfThreadOptions;
  #life: { readonly worker: Worker; readonly call: Call } | null = null;

  constructor(options: ShelfThreadOptions) {
    this.#options = options;
  }

  readonly list: RemoteShelf['list'] = (...given) => this.#call('list', ...given);
  readonly run: RemoteShelf['run'] = (...given) => this.#call('run', ...given);
  readonly trades: RemoteShelf['trades'] = (...given) => this.#call('trades', ...given);
  readonly curve: RemoteShelf['curve'] = (...given) => this.#call('curve', ...given);
  readonly prices: RemoteShelf['prices'] = (...given) => this.#call('prices', ...given);
  readonly report: RemoteShelf['report'] = (...given) => this.#call('report', ...given);
  readonly remove: RemoteShelf['remove'] = (...given) => this.#call('remove', ...given);
  readonly optimizations: RemoteShelf['optimizations'] = (...given) => this.#call('optimizations', ...given);
  readonly optimization: RemoteShelf['optimization'] = (...given) => this.#call('optimization', ...given);
  readonly optimizationReport: RemoteShelf['optimizationReport'] = (...given) =>
    this.#call('optimizationReport', ...given);
  readonly removeOptimization: RemoteShelf['removeOptimization'] = (...given) =>
    this.#call('removeOptimization', ...given);
  readonly catalogue: RemoteShelf['catalogue'] = () => this.#call('catalogue');
  readonly describe: RemoteShelf['describe'] = (...given) => this.#call('describe', ...given);
  readonly checkParameters: RemoteShelf['checkParameters'] = (...given) => this.#call('checkParameters', ...given);

  readonly checkSearch: RemoteShelf['checkSearch'] = (...given) => this.#call('checkSearch', ...given);

  async close(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    await life?.worker.terminate();
  }

  async #call<T>(method: string, ...given: readonly unknown[]): Promise<Result<T>> {
    const life = (this.#life ??= this.#begin());
    const answer = await life.call<T>(method, ...given);
    if (answer.ok || answer.fault.code !== 'call_timeout') return answer;
    if (this.#life === life) this.#life = null;
    await life.worker.terminate();
    return err('backtest_unreadable', answer.fault.message, { retry: 'retryable' });
  }

  #begin(): { readonly worker: Worker; readonly call: Call } {
    const { dataDir, clock, logger, callMsMax } = this.#options;
    const { port1, port2 } = new MessageChannel();
    const workerData: ShelfThreadData = { dataDir, port: port2 };
    const worker = new Worker(new URL('./shelf-worker.ts', import.meta.url), {
      workerData,
      transferList: [port2],
      name: 'backtest-shelf',
    });
    const life = {
      worker,
      call: callsTo(port1, clock, callMsMax, (method) =>
        err('call_timeout', `'${method}' took longer than ${callMsMax / 1_000} s and was cut off`),
      ),
    };
    // Whoever waits is answered by the deadline of the call.
    const over = (reason: string): void => {
      if (this.#life !== life) return;
      this.#life = null;
      logger.error('the thread that reads backtests died', { reason });
    };
    worker.on('error', (error) => over(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => over(`it exited with code ${code}`));
    // It keeps nobody from ending.
    worker.unref();
    port1.unref();
    return life;
  }
}
