import type { OptimizationDesk } from '@monsta/api-gateway';
import type { OptimizationDetail, OptimizationSpec, OptimizationSummary } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { Clock, Jobs, Page, PageRequest } from '@monsta/ports';
import { TICKS_REFUSED } from '../optimize/execute.ts';
import type { OptimizationFolder, OptimizationStore } from '../optimize/store.ts';
import { instanceOf } from './choices.ts';
import { listedOptimization } from './optimization-shelf.ts';
import type { Places } from './places.ts';
import { RunJobs } from './run-jobs.ts';
import type { RemoteShelf } from './shelf-protocol.ts';
import { refused, type SpecFault } from './spec-faults.ts';
import type { SpecResolver } from './spec-resolver.ts';

export interface OptimizationDeskOptions {
  readonly store: OptimizationStore;
  readonly shelf: RemoteShelf;
  readonly places: Places;
  readonly resolver: SpecResolver;
  readonly jobs: Jobs;
  readonly takesJobs: boolean;
  readonly clock: Clock;
  readonly attemptsMax: number;
}

/** Where in the body a fault of the search lies. */
const SEARCH_PLACES: Readonly<Record<string, string>> = {
  space_invalid: 'body.space',
  objective_unknown: 'body.objective',
  optimization_sampler: 'body.sampler',
};

/** A shelf that does not answer has one word of its own for all that it reads. */
function known<T>(result: Result<T>): Result<T> {
  if (result.ok || !['backtest_unreadable', 'internal'].includes(result.fault.code)) return result;
  return err('optimization_unreadable', result.fault.message, { retry: 'retryable' });
}

/** Optimisations of the running program, and of the command line on the same data directory; their files are named as backtests' are. */
export class OptimizationsDesk implements OptimizationDesk {
  readonly #options: OptimizationDeskOptions;
  readonly #runs: RunJobs<OptimizationFolder>;

  constructor(options: OptimizationDeskOptions) {
    this.#options = options;
    this.#runs = new RunJobs({ ...options, kind: 'optimization', noun: 'optimisation' });
  }

  close(): void {
    this.#runs.close();
  }

  async list(page: PageRequest): Promise<Result<Page<OptimizationSummary>>> {
    const found = known(await this.#options.shelf.optimizations(page));
    if (!found.ok) return found;
    const items: OptimizationSummary[] = [];
    for (const summary of found.value.items) items.push(await this.#now(summary));
    return ok({ items, nextCursor: found.value.nextCursor });
  }

  async detail(id: string): Promise<Result<OptimizationDetail>> {
    const found = known(await this.#options.shelf.optimization(id));
    if (!found.ok) return found;
    const { spec, result, ...summary } = found.value;
    const shown = { ...spec, backtest: this.#options.places.shownSpec(spec.backtest) };
    return ok({ ...(await this.#now(summary)), spec: shown, result });
  }

  async submit(asked: OptimizationSpec): Promise<Result<OptimizationSummary>> {
    const accepting = this.#runs.accepting();
    if (!accepting.ok) return accepting;
    if (asked.backtest.data.kind === 'ticks')
      return refused(
        [{ code: 'optimization_spec', where: 'body.backtest.data.kind', message: TICKS_REFUSED }],
        'optimization_spec',
      );
    const resolved = await this.#options.resolver.resolve(asked.backtest, 'body.backtest');
    if ('faults' in resolved) return refused(resolved.faults, 'optimization_spec');
    const spec = { ...asked, backtest: resolved.spec };
    const search = await this.#searchFaults(spec);
    if (search.length > 0) return refused(search, 'optimization_spec');
    const queued = await this.#runs.submit(asked.backtest, (folder, createdMs) =>
      folder.writeStored({ createdMs, spec, begun: null }),
    );
    return queued.ok ? ok(listedOptimization(queued.value, spec)) : queued;
  }

  async cancel(id: string): Promise<Result<OptimizationSummary>> {
    const canceled = await this.#runs.cancel(id);
    if (!canceled.ok) return canceled;
    const folder = this.#options.store.open(id);
    const stored = folder.ok ? folder.value.stored() : folder;
    if (stored.ok) return ok(listedOptimization(canceled.value, stored.value.spec));
    return err('optimization_unreadable', `the specification of the optimisation ${id} can't be read`);
  }

  remove(id: string): Promise<Result<null>> {
    return this.#runs.remove(id, async (each) => known(await this.#options.shelf.removeOptimization(each)));
  }

  async report(id: string, language: 'en' | 'ko'): Promise<Result<string>> {
    return known(await this.#options.shelf.optimizationReport(id, language));
  }

  async #searchFaults(spec: OptimizationSpec): Promise<readonly SpecFault[]> {
    const { strategy } = spec.backtest;
    const search = await this.#options.shelf.checkSearch(strategy, instanceOf(strategy), spec);
    if (search.ok) return [];
    const { code, message } = search.fault;
    const where = SEARCH_PLACES[code];
    return [
      where === undefined
        ? { code, where: 'body.backtest.strategy', message }
        : { code: 'optimization_spec', where, message },
    ];
  }

  #now(summary: OptimizationSummary): Promise<OptimizationSummary> {
    return this.#runs.now({ ...summary, strategy: this.#options.places.shownStrategy(summary.strategy) });
  }
}
