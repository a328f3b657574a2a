import type { Note, OptimizationResult, OptimizationSpec } from '@monsta/contracts';
import { honestyOf, statisticsOf, type TrialMemory } from '@monsta/simulation/statistics';
import {
  annualised,
  stitched,
  walkForwardEfficiency,
  type Optimization,
  type RunResult,
  type Span,
  type SpanReturn,
  type StabilityMap,
  type TrialRecord,
  type WindowState,
} from '@monsta/simulation/optimize';
import { deflatedSharpeOf } from '@monsta/simulation/scoring';
import type { AnyParameterValues } from '@monsta/trading';
import { optimizationWarnings } from './warnings.ts';
import type { OptimizationPlan } from './plan.ts';

export interface FinishedOptimization {
  readonly id: string;
  readonly spec: OptimizationSpec;
  readonly plan: OptimizationPlan;
  readonly optimization: Optimization;
  readonly assumptions: readonly Note[];
  /** Of the parameters that are not searched. */
  readonly parameters: AnyParameterValues;
  /** What was tried before of the same strategy on the same data, this optimisation included. */
  readonly memory: TrialMemory;
  readonly run: OptimizationResult['run'];
}

type Window = OptimizationResult['windows'][number];
type SpanResult = NonNullable<Window['inSample']>;

function spanResult(run: RunResult, span: Span, yearDays: number | null): SpanResult {
  if (run.kind === 'failed') return { objective: null, returnAnnual: null, statistics: null, fault: run.message };
  const { outcome, value } = run;
  const statistics = statisticsOf(outcome, yearDays);
  const [first] = outcome.failures;
  return {
    objective: value,
    returnAnnual: statistics.totalReturn === null ? null : annualised(returnOf(span, statistics), yearDays),
    statistics,
    fault: first === undefined ? null : first.failure.message,
  };
}

const memoryOf = (trials: readonly TrialRecord[]): TrialMemory =>
  Object.fromEntries(trials.map(({ window, number, sharpe }) => [`${window}/${number}`, sharpe]));

function windowOf(state: WindowState, trials: readonly TrialRecord[], yearDays: number | null): Window {
  const { train, test, best, counts, failures, inSample, outOfSample, overfitting } = state;
  const known = inSample === null ? null : spanResult(inSample, train, yearDays);
  const unknown = outOfSample === null || test === null ? null : spanResult(outOfSample, test, yearDays);
  const { told, finished, stopped, failed, refused } = counts;
  return {
    train,
    test,
    trials: { run: told, finished, stopped, failed, refused },
    chosen: best?.values ?? null,
    inSample: known,
    outOfSample: unknown,
    efficiency: walkForwardEfficiency(known?.returnAnnual ?? null, unknown?.returnAnnual ?? null),
    deflatedSharpe: inSample?.kind === 'run' ? deflatedSharpeOf(inSample.outcome, memoryOf(trials)) : null,
    probabilityOfOverfitting: overfitting?.probability ?? null,
    failures: [...failures].map(([message, count]) => ({ message, trials: count })),
  };
}

function mapOf({ rows, columns, best, cells, values, score }: StabilityMap): OptimizationResult['map'][number] {
  const objective = rows.values.map(() => columns.values.map((): number | null => null));
  for (const [index, { row, column }] of cells.entries()) {
    const line = objective[row];
    if (line !== undefined) line[column] = values[index] ?? null;
  }
  return {
    rows: { name: rows.name, values: [...rows.values] },
    columns: { name: columns.name, values: [...columns.values] },
    best,
    objective,
    score,
  };
}

/** The mean of what is known; null for nothing. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function returnOf(span: Span | null, statistics: SpanResult['statistics'] | undefined): readonly SpanReturn[] {
  const returnShare = statistics?.['totalReturn'] ?? null;
  return span === null || returnShare === null ? [] : [{ span, returnShare, days: statistics?.['days'] ?? 0 }];
}

/** Points of a curve that are kept in the document: enough for any screen. */
const CURVE_POINTS = 2_000;

/** Every so many-th point and the last. */
function thinned(column: Float64Array): number[] {
  const every = Math.max(1, Math.ceil(column.length / CURVE_POINTS));
  return [...column.filter((_, index) => index % every === 0 || index === column.length - 1)];
}

function outOfSampleOf(
  windows: readonly WindowState[],
  rows: readonly Window[],
  memory: TrialMemory,
  { seed, backtest: { yearDays } }: OptimizationSpec,
): OptimizationResult['outOfSample'] {
  const parts = windows.flatMap(({ outOfSample }) => (outOfSample?.kind === 'run' ? [outOfSample.outcome] : []));
  const whole = stitched(parts);
  if (whole === null) return null;
  const { timeMs, equity } = whole.curve;
  const honesty = honestyOf(whole, { seed, trials: memory, yearDays });
  return {
    statistics: statisticsOf(whole, yearDays),
    deflatedSharpe: honesty.deflatedSharpe,
    honesty: { ...honesty },
    efficiency: walkForwardEfficiency(
      annualised(
        rows.flatMap(({ train, inSample }) => returnOf(train, inSample?.statistics)),
        yearDays,
      ),
      annualised(
        rows.flatMap(({ test, outOfSample }) => returnOf(test, outOfSample?.statistics)),
        yearDays,
      ),
    ),
    equity: { timeMs: thinned(timeMs), equity: thinned(equity), benchmark: thinned(whole.benchmark) },
  };
}

/** All that is told of an optimisation, from what came of it. */
export function optimizationDocument(finished: FinishedOptimization): OptimizationResult {
  const { id, spec, plan, optimization, assumptions, parameters, memory, run } = finished;
  const { windows, trials, maps } = optimization;
  const byWindow = Map.groupBy(trials, ({ window }) => window);
  const rows = windows.map((window, index) => windowOf(window, byWindow.get(index) ?? [], spec.backtest.yearDays));
  const sum = (of: keyof Window['trials']): number => rows.reduce((total, row) => total + row.trials[of], 0);
  const newest = windows.at(-1)?.best ?? null;
  const map = maps.map(mapOf);
  const document = {
    id,
    spec,
    assumptions: [...assumptions],
    parameters: newest === null ? null : { ...parameters, ...newest.values },
    spaceSize: Number.isFinite(plan.size) ? plan.size : null,
    trials: {
      run: sum('run'),
      finished: sum('finished'),
      stopped: sum('stopped'),
      failed: sum('failed'),
      refused: sum('refused'),
      remembered: Object.keys(memory).length,
    },
    windows: rows,
    outOfSample: outOfSampleOf(windows, rows, memory, spec),
    probabilityOfOverfitting: mean(rows.map((row) => row.probabilityOfOverfitting)),
    map,
    stability: mean(map.map(({ score }) => score)),
    run,
  };
  return { ...document, warnings: [...optimizationWarnings(document, plan)] };
}
