import type { BacktestSummary, OptimizationDetail, OptimizationSpec, OptimizationSummary } from '@monsta/contracts';
import { err, ok, type Result } from '@monsta/core';
import type { Page, PageRequest } from '@monsta/ports';
import type { ReportLanguage } from '@monsta/simulation';
import { parseObjective } from '@monsta/simulation/scoring';
import { optimizationReport } from '../optimize/report.ts';
import { OptimizationStore, type OptimizationFolder } from '../optimize/store.ts';
import { cursorOf, positionOf } from './cursor.ts';

function unreadable(id: string, what: string): Result<never> {
  return err('optimization_unreadable', `${what} of the optimisation ${id} can't be read`, { retry: 'retryable' });
}

/** What is listed of an optimisation. */
export function listedOptimization(summary: BacktestSummary, spec: OptimizationSpec): OptimizationSummary {
  const { objective, sampler, trials, walkForward } = spec;
  const parsed = parseObjective(objective);
  return {
    ...summary,
    objective: parsed.ok
      ? { name: parsed.value.name, better: parsed.value.direction }
      : { name: objective, better: null },
    sampler,
    trialsMax: trials,
    tested: walkForward !== null,
  };
}

/** What optimisations have left in the data directory, and are at. */
export class OptimizationShelf {
  readonly #store: OptimizationStore;

  constructor(dataDir: string) {
    this.#store = new OptimizationStore(dataDir);
  }

  /** Newest first; what can't be read is left out. Fault `cursor_invalid`. */
  list({ limit, cursor }: PageRequest): Result<Page<OptimizationSummary>> {
    const after = cursor === null ? null : positionOf('optimizations', cursor);
    if (after !== null && !after.ok) return after;
    const items: OptimizationSummary[] = [];
    for (const id of this.#store.ids()) {
      if (after !== null && id >= after.value) continue;
      const folder = this.#store.open(id);
      const summary = folder.ok ? folder.value.summary() : null;
      const stored = folder.ok ? folder.value.stored() : folder;
      if (summary === null || !stored.ok) continue;
      const last = items.at(-1);
      if (items.length === limit && last !== undefined)
        return ok({ items, nextCursor: cursorOf('optimizations', last.id) });
      items.push(listedOptimization(summary, stored.value.spec));
    }
    return ok({ items, nextCursor: null });
  }

  detail(id: string): Result<OptimizationDetail> {
    const folder = this.#open(id);
    if (!folder.ok) return folder;
    const stored = folder.value.stored();
    if (!stored.ok) return unreadable(id, 'the specification');
    const summary = folder.value.summary();
    if (summary === null) return unreadable(id, 'the summary');
    const { spec } = stored.value;
    if (summary.state !== 'done') return ok({ ...listedOptimization(summary, spec), spec, result: null });
    const whole = folder.value.result();
    if (whole === null) return unreadable(id, 'the result');
    const { id: _id, spec: _spec, ...result } = whole;
    return ok({ ...listedOptimization(summary, spec), spec, result });
  }

  report(id: string, language: ReportLanguage): Result<string> {
    const folder = this.#open(id);
    if (!folder.ok) return folder;
    const state = folder.value.summary()?.state;
    if (state === 'queued' || state === 'running')
      return err('optimization_unfinished', `the optimisation ${id} is ${state}; what comes of it is not there yet`);
    if (state !== 'done')
      return err(
        'optimization_without_result',
        `the optimisation ${id} ${state === undefined ? 'is damaged' : state === 'failed' ? 'failed' : 'was canceled'}; it has no report`,
      );
    const [stored, result] = [folder.value.stored(), folder.value.result()];
    if (!stored.ok || result === null) return unreadable(id, 'the result');
    return ok(optimizationReport(result, stored.value.createdMs, language));
  }

  /** What it tried stays remembered. Faults: `optimization_unknown`, `optimization_unfinished`. */
  remove(id: string): Result<null> {
    const folder = this.#open(id);
    if (!folder.ok) return folder;
    const removed = this.#store.remove(id);
    return removed.ok ? removed : err('optimization_unfinished', removed.fault.message);
  }

  /** Without the path that the store's fault names. */
  #open(id: string): Result<OptimizationFolder> {
    const folder = this.#store.open(id);
    return folder.ok ? folder : err('optimization_unknown', `there is no optimisation ${id.slice(0, 80)}`);
  }
}
