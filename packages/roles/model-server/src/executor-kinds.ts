import { err, ok, type Result } from '@monsta/core';
import {
  DEFAULT_LOGISTIC_OPTIONS,
  FOREST_OF_PRICES,
  forestParams,
  LIGHTGBM_OF_PRICES,
  lightgbmParams,
  XGBOOST_OF_PRICES,
  xgboostParams,
  type BoostingParams,
  type ForestParams,
  type LogisticOptions,
} from '@monsta/models/parameters';

/** An executor as the configuration names it. */
export interface ExecutorChoice {
  readonly name: string;
  /** Its hyper-parameters; what is left out has its default. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A choice with its parameters read. */
export type ExecutorParameters =
  | { readonly kind: 'logistic-regression'; readonly options: LogisticOptions }
  | { readonly kind: 'xgboost' | 'lightgbm'; readonly params: BoostingParams }
  | { readonly kind: 'random-forest'; readonly params: ForestParams };

/** How much work a training is, roughly, of the same rows: what is quick is trained first, and the program is ready with it. */
type Effort = 'quick' | 'long';

interface Kind {
  readonly effort: Effort;
  /** Parameters where none are given: those that `monsta evaluate` has, too. */
  readonly usual: Readonly<Record<string, unknown>>;
  /** Whether its rows may lack values. */
  readonly missing: boolean;
  /** Faults: those of its parameters, with their names. */
  read(parameters: Readonly<Record<string, unknown>>): Result<ExecutorParameters>;
}

/** What is left of the given names, of which only `known` may be. */
function unknownName(parameters: Readonly<Record<string, unknown>>, known: readonly string[]): string | null {
  return Object.keys(parameters).find((name) => !known.includes(name)) ?? null;
}

function readLogistic(parameters: Readonly<Record<string, unknown>>): Result<ExecutorParameters> {
  const unknown = unknownName(parameters, ['l2']);
  if (unknown !== null)
    return err('parameters_invalid', `logistic-regression has no parameter '${unknown}'; it has: l2`);
  const { l2 = DEFAULT_LOGISTIC_OPTIONS.l2 } = parameters;
  if (typeof l2 !== 'number' || !(l2 > 0 && l2 <= 1e6))
    return err('parameters_invalid', `l2 of logistic-regression must be a number above 0 and up to 1000000`);
  return ok({ kind: 'logistic-regression', options: { ...DEFAULT_LOGISTIC_OPTIONS, l2 } });
}

/** Directions are what is forecast, whatever a library could do beside. */
function forDirections(kind: 'xgboost' | 'lightgbm', params: Result<BoostingParams>): Result<ExecutorParameters> {
  if (!params.ok) return err('parameters_invalid', `${kind}: ${params.fault.message}`);
  return params.value.task.kind === 'binary'
    ? ok({ kind, params: params.value })
    : err('parameters_invalid', `${kind} must forecast a direction here: leave its objective out`);
}

function readForest(parameters: Readonly<Record<string, unknown>>): Result<ExecutorParameters> {
  const params = forestParams(parameters);
  return params.ok
    ? ok({ kind: 'random-forest', params: params.value })
    : err('parameters_invalid', `random-forest: ${params.fault.message}`);
}

const KINDS: Readonly<Record<string, Kind>> = {
  'logistic-regression': { effort: 'quick', missing: false, usual: {}, read: readLogistic },
  xgboost: {
    ...{ effort: 'long', missing: true },
    usual: XGBOOST_OF_PRICES,
    read: (parameters) => forDirections('xgboost', xgboostParams({ objective: 'binary:logistic', ...parameters })),
  },
  lightgbm: {
    ...{ effort: 'long', missing: true },
    usual: LIGHTGBM_OF_PRICES,
    read: (parameters) => forDirections('lightgbm', lightgbmParams({ objective: 'binary', ...parameters })),
  },
  'random-forest': {
    ...{ effort: 'long', missing: true },
    usual: FOREST_OF_PRICES,
    read: readForest,
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

/** Faults: `executor_unknown`; `parameters_invalid` and others of its parameters. */
export function readParameters({ name, parameters }: ExecutorChoice): Result<ExecutorParameters> {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  return kind === undefined
    ? err('executor_unknown', `there is no executor '${name}'; there are: ${EXECUTOR_NAMES.join(', ')}`)
    : kind.read(parameters);
}
