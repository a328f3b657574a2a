import { err, ok, type Result } from '@monsta/core';
import {
  DEFAULT_LOGISTIC_OPTIONS,
  DEFAULT_RIDGE_OPTIONS,
  logisticRegression,
  ridgeRegression,
  type Executor,
  type ReturnExecutor,
} from '@monsta/models';

/** Models that can be evaluated. */
export const EXECUTOR_NAMES = ['logistic-regression'] as const;
export type ExecutorName = (typeof EXECUTOR_NAMES)[number];

export const isExecutorName = (name: string): name is ExecutorName => EXECUTOR_NAMES.some((each) => each === name);

type Params = Readonly<Record<string, unknown>>;

/** How a model is made, for directions and for log returns, and the features it takes where none are named. */
export interface ExecutorKind {
  readonly featureSet: string;
  direction(params: Params): Result<Executor<unknown>>;
  logReturn(params: Params): Result<ReturnExecutor<unknown>>;
}

/** The options of a linear model. Faults: `params_invalid`, which names what is wrong. */
function linearOptions(
  params: Params,
  usual: { readonly l2: number; readonly rowsMin: number },
): Result<{ readonly l2: number; readonly rowsMin: number }> {
  const unknown = Object.keys(params).find((name) => name !== 'l2' && name !== 'rowsMin');
  if (unknown !== undefined)
    return err('params_invalid', `no parameter is called '${unknown.slice(0, 60)}'; there are: l2, rowsMin`);
  const { l2 = usual.l2, rowsMin = usual.rowsMin } = params;
  if (typeof l2 !== 'number' || !(l2 > 0 && l2 <= 1e9))
    return err('params_invalid', 'l2 must be a number above 0, at most 1e9');
  if (typeof rowsMin !== 'number' || !Number.isInteger(rowsMin) || rowsMin < 10)
    return err('params_invalid', 'rowsMin must be a whole number of at least 10');
  return ok({ l2, rowsMin });
}

export const EXECUTORS: Readonly<Record<ExecutorName, ExecutorKind>> = {
  'logistic-regression': {
    featureSet: 'core',
    direction(params) {
      const options = linearOptions(params, DEFAULT_LOGISTIC_OPTIONS);
      return options.ok ? ok(logisticRegression(options.value)) : options;
    },
    // The linear model of a return: the same parameters mean the same.
    logReturn(params) {
      const options = linearOptions(params, DEFAULT_RIDGE_OPTIONS);
      return options.ok ? ok(ridgeRegression(options.value)) : options;
    },
  },
};
