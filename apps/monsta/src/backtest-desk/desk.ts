import type { BacktestDesk } from '@monsta/api-gateway';
import {
  topics,
  type BacktestChoices,
  type BacktestCurve,
  type BacktestDetail,
  type BacktestPrices,
  type BacktestResult,
  type BacktestSpec,
  type BacktestSummary,
  type BacktestTradeMessage,
} from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { Clock, EventStream, Jobs, Logger, MarketHistory, Page, PageRequest } from '@monsta/ports';
import type { RunFolder } from '../backtest/run-folder.ts';
import type { BacktestStore } from '../backtest/store.ts';
import { VERSION } from '../version.ts';
import { ChoiceList } from './choices.ts';
import type { Places } from './places.ts';
import { RunJobs } from './run-jobs.ts';
import type { RemoteShelf } from './shelf-protocol.ts';
import { refused } from './spec-faults.ts';
import type { SpecResolver } from './spec-resolver.ts';

export interface BacktestDeskOptions {
  readonly store: BacktestStore;
  readonly shelf: RemoteShelf;
  readonly places: Places;
  readonly resolver: SpecResolver;
  readonly jobs: Jobs;
  readonly takesJobs: boolean;
  readonly history: MarketHistory;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly attemptsMax: number;
}

/** Backtests of the running program. */
export class Desk implements BacktestDesk {
  readonly #options: BacktestDeskOptions;
  readonly #choices: ChoiceList;
  readonly #runs: RunJobs<RunFolder>;

  constructor(options: BacktestDeskOptions) {
    this.#options = options;
    this.#choices = new ChoiceList(options.places, options.shelf, options.history);
    this.#runs = new RunJobs({
      ...options,
      ...{ kind: 'backtest', noun: 'backtest' },
      onChange: (summary) => this.#tell(summary),
    });
  }

  close(): void {
    this.#runs.close();
  }

  choices(): Promise<Result<BacktestChoices>> {
    return this.#choices.all();
  }

  async list(page: PageRequest): Promise<Result<Page<BacktestSummary>>> {
    const found = await this.#options.shelf.list(page, 'backtest');
    if (!found.ok) return found;
    const items: BacktestSummary[] = [];
    for (const summary of found.value.items) items.push(await this.#now(summary));
    return ok({ items, nextCursor: found.value.nextCursor });
  }

  async detail(id: string): Promise<Result<BacktestDetail>> {
    const run = await this.#options.shelf.run(id);
    if (!run.ok) return known(run);
    const { spec, summary } = run.value;
    return ok({
      ...(await this.#now(summary)),
      spec: this.#options.places.shownSpec(spec),
      result: this.#shownResult(run.value.result),
    });
  }

  async submit(asked: BacktestSpec): Promise<Result<BacktestSummary>> {
    const accepting = this.#runs.accepting();
    if (!accepting.ok) return accepting;
    const resolved = await this.#options.resolver.resolve(asked, 'body');
    if ('faults' in resolved) return refused(resolved.faults, 'backtest_spec');
    return this.#runs.submit(asked, (folder) =>
      folder.writeSpec({ version: VERSION, spec: resolved.spec, records: true }),
    );
  }

  cancel(id: string): Promise<Result<BacktestSummary>> {
    return this.#runs.cancel(id);
  }

  remove(id: string): Promise<Result<null>> {
    return this.#runs.remove(id, async (each) => known(await this.#options.shelf.remove(each)));
  }

  async trades(id: string, page: PageRequest): Promise<Result<Page<BacktestTradeMessage>>> {
    return known(await this.#options.shelf.trades(id, page));
  }

  async equity(id: string, points: number): Promise<Result<BacktestCurve>> {
    return known(await this.#options.shelf.curve(id, points));
  }

  async prices(id: string, instrument: string | null, points: number): Promise<Result<BacktestPrices>> {
    return known(await this.#options.shelf.prices(id, instrument, points));
  }

  async report(id: string, language: 'en' | 'ko'): Promise<Result<string>> {
    return known(await this.#options.shelf.report(id, language));
  }

  /** Without what the detail has beside it already. */
  #shownResult(result: BacktestResult | null): BacktestDetail['result'] {
    if (result === null) return null;
    const { id: _id, createdMs: _createdMs, spec: _spec, ...rest } = result;
    const { places } = this.#options;
    return { ...rest, data: rest.data.map((facts) => ({ ...facts, source: places.shownData(facts.source) })) };
  }

  #now(summary: BacktestSummary): Promise<BacktestSummary> {
    return this.#runs.now({ ...summary, strategy: this.#options.places.shownStrategy(summary.strategy) });
  }

  #tell(summary: BacktestSummary): void {
    const { stream, clock, logger } = this.#options;
    const told = stream.publish(topics.backtests, summary, { tsEventUs: clock.nowUs() });
    if (!told.ok) logger.warn('the state of a backtest was not told', { id: summary.id, code: told.fault.code });
  }
}

/** The store speaks of the command line's own faults too: of those the API has no word, it has `backtest_unreadable`. */
function known<T>(result: Result<T>): Result<T> {
  if (result.ok || !['backtest_damaged', 'backtest_store', 'internal'].includes(result.fault.code)) return result;
  return err('backtest_unreadable', result.fault.message);
}
