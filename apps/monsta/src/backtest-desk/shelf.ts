import {
  backtestPricesSchema,
  backtestResultSchema,
  backtestStrategySchema,
  backtestTradeSchema,
  type BacktestCurve,
  type BacktestPrices,
  type BacktestResult,
  type BacktestSource,
  type BacktestSpec,
  type BacktestStrategy,
  type BacktestSummary,
  type BacktestTradeMessage,
  type OptimizationDetail,
  type OptimizationSpec,
  type OptimizationSummary,
} from '@monsta/contracts';
import { err, intervalMs, ok, type Result } from '@monsta/core';
import type { Page, PageRequest } from '@monsta/ports';
import type { ReportLanguage } from '@monsta/simulation';
import { extremeIndices } from '@monsta/simulation/backtest';
import { parseParameters } from '@monsta/trading';
import { readEquity, type EquityColumns } from '../backtest/equity-file.ts';
import { reportOf } from '../backtest/report.ts';
import type { RunFolder } from '../backtest/run-folder.ts';
import { BacktestStore } from '../backtest/store.ts';
import { planSearch } from '../optimize/plan.ts';
import type { Catalogs, MarketEntry } from '../compose/catalog.ts';
import { loadStrategy } from '../strategies/load.ts';
import { Lately } from './lately.ts';
import { cursorOf, positionOf } from './cursor.ts';
import { OptimizationShelf } from './optimization-shelf.ts';

/** What is read of a strategy before it is run. */
export type StrategyFace = Pick<BacktestStrategy, 'description' | 'parameterSpecs'>;

/** A run as its folder tells it. */
export interface ShelvedRun {
  readonly summary: BacktestSummary;
  readonly spec: BacktestSpec;
  readonly result: BacktestResult | null;
}

/** A curve with what a reader of it wants to see. */
interface DrawnCurve {
  readonly columns: EquityColumns;
  readonly drawdown: Float64Array;
}

/** Runs whose long lists are held, so that a reader who turns pages does not read them anew. */
const HELD = 3;

function unreadable(id: string, what: string): Result<never> {
  return err('backtest_unreadable', `${what} of the backtest ${id} can't be read`, { retry: 'retryable' });
}

/** Everything of backtests that takes a while to read: for a thread of its own. Methods are called from another thread; what they give crosses by structured clone. */
export class Shelf {
  readonly #store: BacktestStore;
  readonly #catalogs: Catalogs;
  readonly #optimizations: OptimizationShelf;
  readonly #trades = new Lately<readonly BacktestTradeMessage[]>(HELD);
  readonly #curves = new Lately<DrawnCurve>(HELD);
  readonly #prices = new Lately<readonly BacktestPrices[]>(HELD);

  constructor(dataDir: string, catalogs: Catalogs) {
    this.#store = new BacktestStore(dataDir);
    this.#catalogs = catalogs;
    this.#optimizations = new OptimizationShelf(dataDir);
  }

  /** Newest first. Fault `cursor_invalid`. */
  list({ limit, cursor }: PageRequest, kind: BacktestSummary['kind']): Promise<Result<Page<BacktestSummary>>> {
    const all = this.#store.ids();
    const after = cursor === null ? null : positionOf('backtests', cursor);
    if (after !== null && !after.ok) return Promise.resolve(after);
    const items: BacktestSummary[] = [];
    let more = false;
    for (const id of all) {
      if (after !== null && id >= after.value) continue;
      const folder = this.#store.open(id);
      const summary = folder.ok ? folder.value.summary() : null;
      if (summary?.kind !== kind) continue;
      more = items.length === limit;
      if (more) break;
      items.push(summary);
    }
    const last = items.at(-1);
    return Promise.resolve(
      ok({ items, nextCursor: more && last !== undefined ? cursorOf('backtests', last.id) : null }),
    );
  }

  /** Faults: `backtest_unknown`, `backtest_unreadable`. */
  run(id: string): Promise<Result<ShelvedRun>> {
    const folder = this.#store.open(id);
    if (!folder.ok) return Promise.resolve(folder);
    const spec = folder.value.spec();
    if (!spec.ok) return Promise.resolve(spec);
    const summary = folder.value.summary();
    if (summary === null) return Promise.resolve(unreadable(id, 'the summary'));
    if (summary.state !== 'done') return Promise.resolve(ok({ summary, spec: spec.value.spec, result: null }));
    const result = backtestResultSchema.safeParse(jsonOf(folder.value.part('result')));
    return Promise.resolve(
      result.success ? ok({ summary, spec: spec.value.spec, result: result.data }) : unreadable(id, 'the result'),
    );
  }

  /** Newest first: those open at the end, then by their closes. */
  trades(id: string, { limit, cursor }: PageRequest): Promise<Result<Page<BacktestTradeMessage>>> {
    const trades = this.#trades.of(id, () => this.#read(id, 'the trades', readTrades));
    if (!trades.ok) return Promise.resolve(trades);
    const { length } = trades.value;
    const position = cursor === null ? ok(String(length)) : positionOf('trades', cursor);
    if (!position.ok) return Promise.resolve(position);
    const end = Math.min(length, Number(position.value));
    const start = Math.max(0, end - limit);
    const items = trades.value.slice(start, end).toReversed();
    return Promise.resolve(ok({ items, nextCursor: start === 0 ? null : cursorOf('trades', String(start)) }));
  }

  curve(id: string, points: number): Promise<Result<BacktestCurve>> {
    const curve = this.#curves.of(id, () => this.#read(id, 'the curve', readCurve));
    if (!curve.ok) return Promise.resolve(curve);
    const { columns, drawdown } = curve.value;
    const { timeMs, equity, exposure, buyAndHold } = columns;
    const kept = extremeIndices([equity, drawdown, buyAndHold], points);
    const part = (column: Float64Array): number[] => kept.map((index) => column[index] ?? 0);
    return Promise.resolve(
      ok({
        total: timeMs.length,
        timeMs: part(timeMs),
        equity: part(equity),
        drawdown: part(drawdown),
        exposure: part(exposure),
        buyAndHold: part(buyAndHold),
      }),
    );
  }

  /** Fault `instrument_unknown`. */
  prices(id: string, instrument: string | null, points: number): Promise<Result<BacktestPrices>> {
    const all = this.#prices.of(id, () => this.#read(id, 'the prices', readPrices));
    if (!all.ok) return Promise.resolve(all);
    const found = instrument === null ? all.value[0] : all.value.find((each) => each.instrument === instrument);
    if (found === undefined)
      return Promise.resolve(
        err('instrument_unknown', `this backtest ran on ${all.value.map((each) => each.instrument).join(', ')}`),
      );
    return Promise.resolve(ok(coarser(found, points)));
  }

  /** One HTML file that stands alone. */
  report(id: string, language: ReportLanguage): Promise<Result<string>> {
    const report = this.#read(id, 'the report', (folder) => {
      const made = reportOf(folder, language);
      return made.ok ? made.value : null;
    });
    return Promise.resolve(report);
  }

  /** Faults: `backtest_unknown`, `backtest_unfinished`. */
  remove(id: string): Promise<Result<null>> {
    const removed = this.#store.remove(id);
    if (removed.ok || removed.fault.code !== 'backtest_running') return Promise.resolve(removed);
    return Promise.resolve(err('backtest_unfinished', removed.fault.message));
  }

  /** Newest first. Fault `cursor_invalid`. */
  optimizations(page: PageRequest): Promise<Result<Page<OptimizationSummary>>> {
    return Promise.resolve(this.#optimizations.list(page));
  }

  /** Faults: `optimization_unknown`, `optimization_unreadable`. */
  optimization(id: string): Promise<Result<OptimizationDetail>> {
    return Promise.resolve(this.#optimizations.detail(id));
  }

  /** One HTML file that stands alone. Faults: those of `optimization`, `optimization_unfinished`, `optimization_without_result`. */
  optimizationReport(id: string, language: ReportLanguage): Promise<Result<string>> {
    return Promise.resolve(this.#optimizations.report(id, language));
  }

  /** Faults: `optimization_unknown`, `optimization_unfinished`. */
  removeOptimization(id: string): Promise<Result<null>> {
    return Promise.resolve(this.#optimizations.remove(id));
  }

  /** What the catalogues hold. */
  stored(): Promise<Result<readonly MarketEntry[]>> {
    return this.#catalogs.list();
  }

  /** Bars of all catalogues. */
  async catalogue(): Promise<Result<readonly BacktestSource[]>> {
    const entries = await this.stored();
    if (!entries.ok) return entries;
    const bars = entries.value.filter(({ kind }) => kind === 'bars');
    return ok(
      bars.map(({ market, instrument, interval, rows, first, last }) => ({
        ...{ kind: 'catalogue', market, instrument, interval, path: null, bars: rows, startMs: first },
        endMs: interval === null ? null : last + intervalMs(interval),
      })),
    );
  }

  /** What a strategy is and takes. `instance`: another one has the file read anew. Faults: those of `loadStrategy`. */
  async describe(strategy: string, instance: number): Promise<Result<StrategyFace>> {
    const definition = await loadStrategy(strategy, instance);
    if (!definition.ok) return definition;
    const { description = null, parameters } = definition.value;
    // A copy in plain data, whatever prototype the file gave it.
    return ok({ description, parameterSpecs: backtestStrategySchema.shape.parameterSpecs.parse(parameters) });
  }

  /** Whether a strategy takes these parameters. Faults: `parameters_invalid`, those of `loadStrategy`. */
  async checkParameters(strategy: string, instance: number, given: BacktestSpec['params']): Promise<Result<null>> {
    const definition = await loadStrategy(strategy, instance);
    if (!definition.ok) return definition;
    const parameters = parseParameters(definition.value, given);
    return parameters.ok ? ok(null) : parameters;
  }

  /** Whether what is searched, for what and how go with a strategy. Faults: those of `planSearch` and `loadStrategy`. */
  async checkSearch(strategy: string, instance: number, spec: OptimizationSpec): Promise<Result<null>> {
    const definition = await loadStrategy(strategy, instance);
    if (!definition.ok) return definition;
    const search = planSearch(spec, definition.value);
    return search.ok ? ok(null) : search;
  }

  /** A part of a finished run. Faults: `backtest_unknown`, `backtest_unfinished`, `backtest_without_result`, `backtest_unreadable`. */
  #read<T>(id: string, what: string, read: (folder: RunFolder) => T | null): Result<T> {
    const folder = this.#store.open(id);
    if (!folder.ok) return folder;
    const state = folder.value.summary()?.state;
    if (state === 'queued' || state === 'running')
      return err('backtest_unfinished', `the backtest ${id} is ${state}; what comes of it is not there yet`);
    if (state !== 'done')
      return err(
        'backtest_without_result',
        `the backtest ${id} ${state === undefined ? 'is damaged' : state}; nothing came of it`,
      );
    const value = read(folder.value);
    return value === null ? unreadable(id, what) : ok(value);
  }
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

function readTrades(folder: RunFolder): readonly BacktestTradeMessage[] | null {
  const trades = backtestTradeSchema.array().safeParse(jsonOf(folder.part('trades')));
  return trades.success ? trades.data : null;
}

function readPrices(folder: RunFolder): readonly BacktestPrices[] | null {
  const prices = backtestPricesSchema.array().safeParse(jsonOf(folder.part('prices')));
  return prices.success ? prices.data : null;
}

function readCurve(folder: RunFolder): DrawnCurve | null {
  const bytes = folder.binary('equity.bin');
  if (bytes === null) return null;
  const columns = readEquity(bytes);
  let peak = -Infinity;
  const drawdown = columns.equity.map((equity) => {
    peak = Math.max(peak, equity);
    return peak > 0 ? (peak - equity) / peak : 0;
  });
  return { columns, drawdown };
}

/** The same bars, so many neighbours joined that at most `points` are left. */
function coarser(prices: BacktestPrices, points: number): BacktestPrices {
  const { length } = prices.openTimeMs;
  const each = Math.max(1, Math.ceil(length / points));
  if (each === 1) return prices;
  const starts = Array.from({ length: Math.ceil(length / each) }, (_, index) => index * each);
  return {
    ...prices,
    openTimeMs: starts.map((from) => prices.openTimeMs[from] ?? 0),
    open: starts.map((from) => prices.open[from] ?? 0),
    high: starts.map((from) => Math.max(...prices.high.slice(from, from + each))),
    low: starts.map((from) => Math.min(...prices.low.slice(from, from + each))),
    close: starts.map((from) => prices.close[Math.min(length, from + each) - 1] ?? 0),
  };
}
