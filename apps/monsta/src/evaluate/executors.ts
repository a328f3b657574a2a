import { err, ok, type Result } from '@monsta/core';
import {
  DEFAULT_RIDGE_OPTIONS,
  forestExecutor,
  forestReturnExecutor,
  lightgbmExecutor,
  lightgbmReturnExecutor,
  logisticRegression,
  ridgeRegression,
  xgboostExecutor,
  xgboostReturnExecutor,
  type Executor,
  type ReturnExecutor,
} from '@monsta/models';
import {
  DEFAULT_LOGISTIC_OPTIONS,
  FOREST_OF_PRICES,
  forestParams,
  lightgbmParams,
  xgboostParams,
  type BoostingParams,
  type ForestParams,
} from '@monsta/models/parameters';

/** Models that can be evaluated. */
export const EXECUTOR_NAMES = ['logistic-regression', 'xgboost', 'lightgbm', 'random-forest'] as const;
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

/** What a model is asked is the evaluation's to say, not the parameters'. Fault `params_invalid`. */
function withObjective(params: Params, objective: string): Result<Params> {
  const given = Object.keys(params).find((name) => OBJECTIVES.has(name));
  return given === undefined
    ? ok({ ...params, objective })
    : err('params_invalid', `${given} is set by what is forecast: leave it out`);
}

const OBJECTIVES: ReadonlySet<string> = new Set([
  'objective',
  'objective_type',
  'app',
  'application',
  'loss',
  'num_class',
]);

/** Parameters that are given are the library's own, over the library's defaults; none: those that suit prices. */
function boosting<Made>(
  params: Params,
  objective: string,
  read: (json: unknown) => Result<BoostingParams>,
  make: (params?: BoostingParams) => Made,
): Result<Made> {
  if (Object.keys(params).length === 0) return ok(make());
  const whole = withObjective(params, objective);
  if (!whole.ok) return whole;
  const parsed = read(whole.value);
  if (!parsed.ok) return err('params_invalid', parsed.fault.message);
  return parsed.value.earlyStopping === null
    ? ok(make(parsed.value))
    : err('params_invalid', 'early stopping needs rows to watch, which an evaluation has none of: leave it out');
}

/** As of boosting. Fault `params_invalid`. */
function forest<Made>(params: Params, make: (params: ForestParams) => Made): Result<Made> {
  if (Object.hasOwn(params, 'criterion') && params['criterion'] === 'squared_error')
    return err('params_invalid', 'criterion is set by what is forecast: leave squared_error out');
  const parsed = forestParams(Object.keys(params).length === 0 ? FOREST_OF_PRICES : params);
  return parsed.ok ? ok(make(parsed.value)) : err('params_invalid', parsed.fault.message);
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
  xgboost: {
    featureSet: 'standard',
    direction: (params) => boosting(params, 'binary:logistic', xgboostParams, xgboostExecutor),
    logReturn: (params) => boosting(params, 'reg:squarederror', xgboostParams, xgboostReturnExecutor),
  },
  lightgbm: {
    featureSet: 'standard',
    direction: (params) => boosting(params, 'binary', lightgbmParams, lightgbmExecutor),
    logReturn: (params) => boosting(params, 'regression', lightgbmParams, lightgbmReturnExecutor),
  },
  'random-forest': {
    featureSet: 'standard',
    direction: (params) => forest(params, forestExecutor),
    // Gini and entropy are of classes: of values there is the squared error alone.
    logReturn: (params) =>
      forest(Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'criterion')), forestReturnExecutor),
  },
};
