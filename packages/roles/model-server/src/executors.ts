import { err, ok, type Result } from '@monsta/core';
import { DEFAULT_LOGISTIC_OPTIONS, logisticRegression, type Executor } from '@monsta/models';

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

const KINDS: Readonly<Record<string, Kind>> = {
  'logistic-regression': { effort: 'quick', missing: false, open: openLogistic },
};

/** The executors that can be served, the quick ones first. */
export const EXECUTOR_NAMES: readonly string[] = Object.keys(KINDS);

export const effortOf = (name: string): Effort => KINDS[name]?.effort ?? 'long';

export const toleratesMissing = (name: string): boolean => KINDS[name]?.missing ?? false;

/** Faults: `executor_unknown`; `parameters_invalid` and others of its parameters. */
export function openExecutor({ name, parameters }: ExecutorChoice): Result<Executor<unknown>> {
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (kind === undefined)
    return err('executor_unknown', `there is no executor '${name}'; there are: ${EXECUTOR_NAMES.join(', ')}`);
  return kind.open(parameters);
}
