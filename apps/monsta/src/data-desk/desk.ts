import type { AskedDescription, DataDesk } from '@monsta/api-gateway';
import type { CatalogueEntryMessage, DataDescription } from '@monsta/contracts';
import { err, intervalMs, msFromUs, ok, type Result } from '@monsta/core';
import type { Clock } from '@monsta/ports';
import { renderDescription, type ReportLanguage } from '@monsta/simulation';
import { EXCHANGE_MARKET } from '../compose/catalog.ts';
import type { RemoteShelf } from '../backtest-desk/shelf-protocol.ts';
import type { CatalogConfig } from '../config/catalog.ts';
import { VERSION } from '../version.ts';
import type { DescriptionConfig } from './config.ts';
import { describeInThread, type DescriptionThread } from './description-thread.ts';
import type { DescribedBars } from './protocol.ts';

export interface StoredDataOptions {
  readonly dataDir: string;
  readonly shelf: Pick<RemoteShelf, 'stored'>;
  readonly clock: Clock;
  readonly catalog: CatalogConfig;
  readonly config: DescriptionConfig;
}

/** Descriptions that are kept until their bars change. */
const KEPT_MAX = 16;
/** The one that is asked for, and one that was given up while it read. */
const THREADS_MAX = 2;
const AGAIN_MS = 5_000;

/** What the catalogues of the data directory hold, and what it is like. */
export class StoredData implements DataDesk {
  readonly #options: StoredDataOptions;
  /** By what was asked for and what was stored then; the one asked for last at the end. */
  readonly #kept = new Map<string, DataDescription>();
  readonly #threads = new Set<DescriptionThread>();
  #closed = false;

  constructor(options: StoredDataOptions) {
    this.#options = options;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const threads = [...this.#threads];
    for (const thread of threads) thread.stop();
    await Promise.all(threads.map(({ gone }) => gone));
  }

  async list(): Promise<Result<readonly CatalogueEntryMessage[]>> {
    const found = await this.#options.shelf.stored();
    if (found.ok || found.fault.code !== 'backtest_unreadable') return found;
    return err('catalog_unavailable', found.fault.message, { retry: 'retryable' });
  }

  report(description: DataDescription, language: ReportLanguage): string {
    const createdMs = msFromUs(this.#options.clock.nowUs());
    return renderDescription({ description, createdMs, version: VERSION }, language);
  }

  async description(asked: AskedDescription): Promise<Result<DataDescription>> {
    const entry = await this.#entryOf(asked);
    if (!entry.ok) return entry;
    const { rows, first, last, files, bytes } = entry.value;
    const { instrument, interval, fromMs, toMs, lags } = asked;
    const market = asked.market ?? EXCHANGE_MARKET;
    const key = JSON.stringify([market, instrument, interval, fromMs, toMs, lags, rows, first, last, files, bytes]);
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#keep(key, known);
      return ok(known);
    }
    const described = await this.#inThread({ market, instrument, interval, fromMs, toMs, lags });
    if (described.ok) this.#keep(key, described.value);
    return described;
  }

  async #inThread(bars: DescribedBars): Promise<Result<DataDescription>> {
    const { dataDir, catalog, clock, config } = this.#options;
    if (this.#closed) return err('shutting_down', 'the program is stopping');
    if (this.#threads.size >= THREADS_MAX)
      return err('description_unavailable', 'a description that was given up is still being read; ask again soon', {
        ...{ retry: 'retryable', retryAfterMs: AGAIN_MS },
      });
    const thread = describeInThread({ ...bars, dataDir, catalog }, clock, config.timeoutMs);
    this.#threads.add(thread);
    void thread.gone.then(() => this.#threads.delete(thread));
    return thread.answer;
  }

  /** The bars that are meant. Faults: `market_unknown`, `data_none`, `description_too_large`. */
  async #entryOf({
    market,
    instrument,
    interval,
    fromMs,
    toMs,
  }: AskedDescription): Promise<Result<CatalogueEntryMessage>> {
    const listed = await this.list();
    if (!listed.ok) return listed;
    const name = market ?? EXCHANGE_MARKET;
    const ofMarket = listed.value.filter((each) => each.market === name);
    if (market !== null && market !== EXCHANGE_MARKET && ofMarket.length === 0)
      return err(
        'market_unknown',
        `no catalogue is that of the market '${market.slice(0, 100)}'; GET /api/v1/data lists them`,
      );
    const entry = ofMarket.find(
      (each) => each.kind === 'bars' && each.instrument === instrument && each.interval === interval,
    );
    if (entry === undefined)
      return err(
        'data_none',
        `the catalogue has no bars of ${instrument.slice(0, 40)} of ${interval}; GET /api/v1/data lists what it has`,
      );
    const { barsMax } = this.#options.config;
    const span = Math.min(toMs ?? Infinity, entry.last + 1) - Math.max(fromMs ?? 0, entry.first);
    const bars = Math.min(entry.rows, Math.ceil(span / intervalMs(interval)));
    if (bars > barsMax)
      return err(
        'description_too_large',
        `these are up to ${bars} bars, and at most ${barsMax} are described here: ask for a shorter span, use monsta data describe, or raise description.bars_max`,
      );
    return ok(entry);
  }

  #keep(key: string, kept: DataDescription): void {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) break;
      this.#kept.delete(oldest);
    }
  }
}
