import type { Result } from '@monsta/core';
import type { Catalog, Clock, Logger } from '@monsta/ports';
import type { CatalogConfig } from '../config/catalog.ts';
import { CallThread, type CallThreadData } from '../runtime/call-thread.ts';

export const CATALOG_METHODS = [
  'bars',
  'trades',
  'appendBars',
  'appendTrades',
  'list',
  'coverage',
  'tradeDays',
  'compact',
  'prune',
  'end',
] as const satisfies readonly (keyof ServedCatalog)[];

/** What is called from the other thread: a catalogue, and its end, which answers. */
export interface ServedCatalog extends Omit<Catalog, 'close'> {
  end(): Promise<Result<null>>;
}

export interface CatalogThreadData extends CallThreadData {
  readonly dataDir: string;
  readonly market: string;
  readonly limits: Pick<CatalogConfig, 'memoryMaxMb' | 'threads'>;
}

export interface CatalogThreadOptions extends Omit<CatalogThreadData, 'port'> {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A call that takes longer, on a disk that does not answer, is cut off and tried again by whoever made it. */
const CALL_MS_MAX = 120_000;
/** At the end, what is under way has so long. */
export const END_MS_MAX = 1_500;

/** A market's catalogue in a thread of its own, which begins with the first call. A call that does not come back, or whose thread dies, is the fault `catalog_unavailable`. */
export class CatalogThread implements Catalog {
  readonly #thread: CallThread;

  constructor({ dataDir, market, limits, clock, logger }: CatalogThreadOptions) {
    this.#thread = new CallThread({
      module: new URL('./catalog-worker.ts', import.meta.url),
      name: 'catalog',
      data: { dataDir, market, limits },
      callMsMax: CALL_MS_MAX,
      faultCode: 'catalog_unavailable',
      onDied: (reason) => logger.error('the thread of the catalogue died', { reason }),
      clock,
    });
  }

  readonly bars: Catalog['bars'] = (query) => this.#thread.call('bars', query);
  readonly trades: Catalog['trades'] = (query) => this.#thread.call('trades', query);
  readonly appendBars: Catalog['appendBars'] = (series) => this.#thread.call('appendBars', series);
  readonly appendTrades: Catalog['appendTrades'] = (series) => this.#thread.call('appendTrades', series);
  readonly list: Catalog['list'] = () => this.#thread.call('list');
  readonly coverage: Catalog['coverage'] = (...of) => this.#thread.call('coverage', ...of);
  readonly tradeDays: Catalog['tradeDays'] = (instrument) => this.#thread.call('tradeDays', instrument);
  readonly compact: Catalog['compact'] = (endedByMs) => this.#thread.call('compact', endedByMs);
  readonly prune: Catalog['prune'] = (request) => this.#thread.call('prune', request);

  /** What was begun may end, within a short time; else it is cut off, and nothing of it counts. */
  async close(): Promise<void> {
    if (this.#thread.isRunning) await this.#thread.call('end');
    await this.#thread.close();
  }
}
