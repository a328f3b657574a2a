import { err, ok, type Result } from '@monsta/core';
import {
  DEFAULT_LOGISTIC_OPTIONS,
  FOREST_OF_PRICES,
  forestExecutor,
  forestParams,
  LIGHTGBM_OF_PRICES,
  lightgbmExecutor,
  lightgbmParams,
  logisticRegression,
  XGBOOST_OF_PRICES,
  xgboostExecutor,
  xgboostParams,
  type Executor,
} from '@monsta/models';

/** An executor as the configuration names it. */
export interface ExecutorChoice {
  readonly name: string;
  /** Its hyper-parameters; what is left out has its default. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** How much work a training is, roughly, of the same rows: what is quick is trained first, and the program is ready with it. */
type Effort = 'quick' | 'long';

interface Kind {
  readonly effort: Effort;
  /** Parameters where none are given: those that `monsta evaluate` has, too. */
  readonly usual: Readonly<Record<string, unknown>>;
  /** Whether its rows may lack values. */
  readonly missing: boolean;
  /** Faults: those of its parameters, with their names. */
  open(parameters: Readonly<Record<string, unknown>>): Result<Executor<unknown>>;
}

/** What is left of the given names, of which only `known` may be. */
function unknownName(parameters: Readonly<Record<string, unknown>>, known: readonly string[]): string | null {
  return Object.keys(parameters).find((name) => !known.includes(name)) ?? null;
}

function openLogistic(parameters: Readonly<Record<string, unknown>>): Result<Executor<unknown>> {
  const unknown = unknownName(parameters, ['l2']);
  if (unknown !== null)
    return err('parameters_invalid', `logistic-regression has no parameter '${unknown}'; it has: l2`);
  const { l2 = DEFAULT_LOGISTIC_OPTIONS.l2 } = parameters;
  if (typeof l2 !== 'number' || !(l2 > 0 && l2 <= 1e6))
    return err('parameters_invalid', `l2 of logistic-regression must be a number above 0 and up to 1000000`);
  return ok(logisticRegression({ ...DEFAULT_LOGISTIC_OPTIONS, l2 }));
}

/** Directions are what is forecast, whatever a library could do beside. */
function forDirections<Params extends { readonly task: { readonly kind: string } }>(
  name: string,
  params: Result<Params>,
  open: (params: Params) => Executor<unknown>,
): Result<Executor<unknown>> {
  if (!params.ok) return err('parameters_invalid', `${name}: ${params.fault.message}`);
  return params.value.task.kind === 'binary'
    ? ok(open(params.value))
    : err('parameters_invalid', `${name} must forecast a direction here: leave its objective out`);
}

function openForest(parameters: Readonly<Record<string, unknown>>): Result<Executor<unknown>> {
  const params = forestParams(parameters);
  return params.ok
    ? ok(forestExecutor(params.value))
    : err('parameters_invalid', `random-forest: ${params.fault.message}`);
}

const KINDS: Readonly<Record<string, Kind>> = {
  'logistic-regression': { effort: 'quick', missing: false, usual: {}, open: openLogistic },
  xgboost: {
    ...{ effort: 'long', missing: true },
    usual: XGBOOST_OF_PRICES,
    open: (parameters) =>
      forDirections('xgboost', xgboostParams({ objective: 'binary:logistic', ...parameters }), xgboostExecutor),
  },
  lightgbm: {
    ...{ effort: 'long', missing: true },
    usual: LIGHTGBM_OF_PRICES,
    open: (parameters) =>
      forDirections('lightgbm', lightgbmParams({ objective: 'binary', ...parameters }), lightgbmExecutor),
  },
  'random-forest': {
    ...{ effort: 'long', missing: true },
    usual: FOREST_OF_PRICES,
    open: openForest,
  },
};

/** The executors that can be served, the quick ones first. */
export const EXECUTOR_NAMES: readonly string[] = Object.keys(KINDS);

/** An executor without parameters has its usual ones; with some it has its library's defaults for the others. */
export const withUsual = ({ name, parameters }: ExecutorChoice): ExecutorChoice => ({
  name,
  parameters: Object.keys(parameters).length === 0 ? { ...KINDS[name]?.usual } : parameters,
});

export const effortOf = (name: string): Effort => KINDS[name]?.effort ?? 'long';

export const toleratesMissing = (name: string): boolean => KINDS[name]?.missing ?? false;

/** What was opened already: executors keep memory to work in and predictors, so that there is one of each. */
const opened = new Map<string, Result<Executor<unknown>>>();

/** Faults: `executor_unknown`; `parameters_invalid` and others of its parameters. */
export function openExecutor({ name, parameters }: ExecutorChoice): Result<Executor<unknown>> {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind === undefined)
    return err('executor_unknown', `there is no executor '${name}'; there are: ${EXECUTOR_NAMES.join(', ')}`);
  const key = `${name} ${JSON.stringify(parameters)}`;
  const known = opened.get(key) ?? kind.open(parameters);
  opened.set(key, known);
  return known;
}
