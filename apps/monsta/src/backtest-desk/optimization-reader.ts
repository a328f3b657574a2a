import type { OptimizationDesk } from '@monsta/api-gateway';
import type { OptimizationDetail, OptimizationSummary } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { Page, PageRequest } from '@monsta/ports';
import type { Places } from './places.ts';
import type { RemoteShelf } from './shelf-protocol.ts';

/** A shelf that does not answer has one word of its own for all that it reads. */
function known<T>(result: Result<T>): Result<T> {
  if (result.ok || !['backtest_unreadable', 'internal'].includes(result.fault.code)) return result;
  return err('optimization_unreadable', result.fault.message, { retry: 'retryable' });
}

/** Optimisations of the same data directory, read through the shelf's thread; their files are named as backtests' are. */
export class OptimizationReader implements OptimizationDesk {
  readonly #shelf: RemoteShelf;
  readonly #places: Places;

  constructor(shelf: RemoteShelf, places: Places) {
    this.#shelf = shelf;
    this.#places = places;
  }

  async list(page: PageRequest): Promise<Result<Page<OptimizationSummary>>> {
    const found = known(await this.#shelf.optimizations(page));
    if (!found.ok) return found;
    const { items, nextCursor } = found.value;
    const shown = (name: string): string => this.#places.shownStrategy(name);
    return ok({ items: items.map((each) => ({ ...each, strategy: shown(each.strategy) })), nextCursor });
  }

  async detail(id: string): Promise<Result<OptimizationDetail>> {
    const found = known(await this.#shelf.optimization(id));
    if (!found.ok) return found;
    const { spec, strategy } = found.value;
    return ok({
      ...found.value,
      strategy: this.#places.shownStrategy(strategy),
      spec: { ...spec, backtest: this.#places.shownSpec(spec.backtest) },
    });
  }

  async report(id: string): Promise<Result<string>> {
    return known(await this.#shelf.optimizationReport(id));
  }
}
