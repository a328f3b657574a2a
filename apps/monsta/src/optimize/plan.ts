import type { OptimizationSpec } from '@monsta/contracts';
import {
  err,
  indexFrom,
  intervalMs,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  ok,
  type BarSeries,
  type Result,
} from '@monsta/core';
import {
  searchSpace,
  spaceSize,
  walkForwardWindows,
  type OptimizationOptions,
  type SearchSpace,
  type Span,
} from '@monsta/simulation/optimize';
import { parseObjective, type Objective } from '@monsta/simulation/scoring';
import { parseParameters, type AnyParameterValues, type StrategyDefinition } from '@monsta/trading';

const UNITS: Readonly<Record<string, number>> = {
  m: MS_PER_MINUTE,
  h: MS_PER_HOUR,
  d: MS_PER_DAY,
  w: 7 * MS_PER_DAY,
};

/** `180d`, `12h`, or a share of the whole such as `40%`, in whole bars. */
function lengthOf(text: string, span: Span, barMs: number): number {
  const unit = text.replace(/^[\d.]+/, '');
  const number = Number.parseFloat(text);
  const ms = unit === '%' ? (number / 100) * (span.toMs - span.fromMs) : number * (UNITS[unit] ?? MS_PER_DAY);
  // A share of a span may come out the dust of a binary fraction below a bar.
  return Math.floor(ms / barMs + 1e-6) * barMs;
}

/** From the first moment that may be traded to the last close of all instruments. */
function spanOf({ backtest }: OptimizationSpec, series: readonly BarSeries[]): Span {
  const first = Math.min(...series.map(({ openTimeMs }) => openTimeMs[0] ?? Infinity));
  const last = Math.max(
    ...series.map(({ openTimeMs, length, interval }) => (openTimeMs[length - 1] ?? -Infinity) + intervalMs(interval)),
  );
  return { fromMs: Math.max(first, backtest.fromMs ?? -Infinity), toMs: last };
}

/** Windows without a bar in their train or test part say nothing. */
const hasBars = (series: readonly BarSeries[], { fromMs, toMs }: Span): boolean =>
  series.some(({ openTimeMs, interval }) => {
    const closesAfter = (ms: number): number => indexFrom(openTimeMs, ms - intervalMs(interval) + 1);
    return closesAfter(fromMs) < closesAfter(toMs);
  });

type Windows = OptimizationOptions['windows'];

function windowsOf(spec: OptimizationSpec, series: readonly BarSeries[]): Result<Windows> {
  const span = spanOf(spec, series);
  if (spec.walkForward === null) return ok([{ train: span, test: null }]);
  const { train, test, anchored, embargo } = spec.walkForward;
  const [first] = series;
  const barMs = first === undefined ? MS_PER_MINUTE : intervalMs(first.interval);
  const [trainMs, testMs, embargoMs] = [train, test, embargo].map((text) => lengthOf(text, span, barMs));
  if (trainMs === undefined || testMs === undefined || embargoMs === undefined || trainMs < 1 || testMs < 1)
    return err('walk_forward_short', `--walk-forward: train=${train} and test=${test} must each hold at least one bar`);
  const windows = walkForwardWindows(span, { trainMs, testMs, anchored, embargoMs });
  if (!windows.ok) return windows;
  const empty = windows.value.findIndex((each) => !hasBars(series, each.train) || !hasBars(series, each.test));
  if (empty >= 0)
    return err(
      'walk_forward_short',
      `--walk-forward: window ${empty + 1} has no bar to train or to test on; make the windows longer`,
    );
  return windows;
}

/** An optimisation as it is going to be done. */
export interface OptimizationPlan {
  readonly options: OptimizationOptions;
  readonly objective: Objective;
  /** How many days with a bar a year has; null: years go by time. */
  readonly yearDays: number | null;
  /** How many points the space has; Infinity where a parameter may be any number. */
  readonly size: number;
  /** Trials, if every window had as many as it may. */
  readonly trialsMax: number;
}

/** What a sampler can't search. Fault `optimization_sampler`. */
function samplerFault({ sampler, trials }: OptimizationSpec, space: SearchSpace): Result<null> {
  const size = spaceSize(space);
  const wrong = (message: string): Result<never> => err('optimization_sampler', message);
  if (sampler === 'grid') {
    const endless = space.dimensions.filter(({ kind }) => kind === 'range').map(({ name }) => `'${name}'`);
    if (endless.length > 0)
      return wrong(
        `the sampler grid needs a countable space: give ${endless.join(' and ')} a step ({"from":…,"to":…,"step":…}) or a list of values`,
      );
    if (size > trials)
      return wrong(
        `the grid has ${size.toLocaleString('en')} points, and there may be ${trials} trials; narrow the space, give larger steps, allow more trials, or search by tpe or random`,
      );
  }
  const unordered = space.dimensions.find((each) => each.kind === 'choice' && each.values.length > 2);
  if (sampler === 'cma-es' && unordered !== undefined)
    return wrong(
      `the sampler cma-es searches numbers, and '${unordered.name}' has none; do not search it, or search by tpe`,
    );
  return ok(null);
}

/** What is searched, and for what. */
export interface SearchPlan {
  readonly space: SearchSpace;
  readonly objective: Objective;
}

/** What of a specification can be told without bars. Faults: `space_invalid`, `objective_unknown`, `optimization_sampler`. */
export function planSearch(spec: OptimizationSpec, definition: StrategyDefinition): Result<SearchPlan> {
  const space = searchSpace(definition.parameters, spec.space);
  if (!space.ok) return space;
  const objective = parseObjective(spec.objective);
  if (!objective.ok) return objective;
  const sampler = samplerFault(spec, space.value);
  return sampler.ok ? ok({ space: space.value, objective: objective.value }) : sampler;
}

/**
 * What a specification comes to with a strategy, its parameters beside those that are searched, and its bars. Faults: `space_invalid`, `objective_unknown`, `optimization_sampler`,
 * `walk_forward_short`, `walk_forward_windows`.
 */
export function planOptimization(
  spec: OptimizationSpec,
  definition: StrategyDefinition,
  parameters: AnyParameterValues,
  series: readonly BarSeries[],
): Result<OptimizationPlan> {
  const search = planSearch(spec, definition);
  if (!search.ok) return search;
  const { space, objective } = search.value;
  const windows = windowsOf(spec, series);
  if (!windows.ok) return windows;
  const size = spaceSize(space);
  return ok({
    options: {
      space,
      accepts: (values) => parseParameters(definition, { ...parameters, ...values }).ok,
      sampler: spec.sampler,
      seed: spec.seed,
      trials: spec.trials,
      ahead: spec.ahead,
      direction: objective.direction,
      stopping: spec.earlyStopping,
      windows: windows.value,
      mapReach: spec.mapReach,
    },
    objective,
    yearDays: spec.backtest.yearDays,
    size,
    trialsMax: Math.min(size, spec.trials) * windows.value.length,
  });
}
