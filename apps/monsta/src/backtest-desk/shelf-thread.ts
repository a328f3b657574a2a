import type { Clock, Logger } from '@monsta/ports';
import { CallThread } from '../runtime/call-thread.ts';
import type { RemoteShelf } from './shelf-protocol.ts';

export interface ShelfThreadOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a call may take; then its thread is ended, and the next call begins another. */
  readonly callMsMax: number;
}

/** A shelf in a thread of its own, which begins with the first call. A call that does not come back, or whose thread dies, is the fault `backtest_unreadable`. */
export class ShelfThread implements RemoteShelf {
  readonly #thread: CallThread;

  constructor({ dataDir, clock, logger, callMsMax }: ShelfThreadOptions) {
    this.#thread = new CallThread({
      module: new URL('./shelf-worker.ts', import.meta.url),
      name: 'backtest-shelf',
      data: { dataDir },
      faultCode: 'backtest_unreadable',
      onDied: (reason) => logger.error('the thread that reads backtests died', { reason }),
      ...{ clock, callMsMax },
    });
  }

  readonly list: RemoteShelf['list'] = (...given) => this.#thread.call('list', ...given);
  readonly run: RemoteShelf['run'] = (...given) => this.#thread.call('run', ...given);
  readonly trades: RemoteShelf['trades'] = (...given) => this.#thread.call('trades', ...given);
  readonly curve: RemoteShelf['curve'] = (...given) => this.#thread.call('curve', ...given);
  readonly prices: RemoteShelf['prices'] = (...given) => this.#thread.call('prices', ...given);
  readonly report: RemoteShelf['report'] = (...given) => this.#thread.call('report', ...given);
  readonly remove: RemoteShelf['remove'] = (...given) => this.#thread.call('remove', ...given);
  readonly optimizations: RemoteShelf['optimizations'] = (...given) => this.#thread.call('optimizations', ...given);
  readonly optimization: RemoteShelf['optimization'] = (...given) => this.#thread.call('optimization', ...given);
  readonly optimizationReport: RemoteShelf['optimizationReport'] = (...given) =>
    this.#thread.call('optimizationReport', ...given);
  readonly removeOptimization: RemoteShelf['removeOptimization'] = (...given) =>
    this.#thread.call('removeOptimization', ...given);
  readonly stored: RemoteShelf['stored'] = () => this.#thread.call('stored');
  readonly catalogue: RemoteShelf['catalogue'] = () => this.#thread.call('catalogue');
  readonly describe: RemoteShelf['describe'] = (...given) => this.#thread.call('describe', ...given);
  readonly checkParameters: RemoteShelf['checkParameters'] = (...given) =>
    this.#thread.call('checkParameters', ...given);
  readonly checkSearch: RemoteShelf['checkSearch'] = (...given) => this.#thread.call('checkSearch', ...given);

  close(): Promise<void> {
    return this.#thread.close();
  }
}
