import { err, ok, type Result } from '@monsta/core';
import { nearestName } from './nearest-name.ts';

/** A count of rows, or a share (0–1) of those there are. */
export type RowsOrShare = { readonly rows: number } | { readonly share: number };

/** How a random forest is grown. Names in brackets are scikit-learn's. */
export interface ForestParams {
  /** What a split is judged by (`criterion`); null: gini for classes, the squared error for values. */
  readonly criterion: 'gini' | 'entropy' | 'squared_error' | null;
  /** Trees (`n_estimators`). */
  readonly trees: number;
  /** Levels under the root (`max_depth`); null: until nothing is left to split. */
  readonly depthMax: number | null;
  /** Fewest distinct rows of a node that is split (`min_samples_split`). */
  readonly splitRowsMin: RowsOrShare;
  /** Fewest distinct rows of a leaf (`min_samples_leaf`). */
  readonly leafRowsMin: RowsOrShare;
  /** Least share of all weight in a leaf (`min_weight_fraction_leaf`), 0–0.5. */
  readonly leafWeightShareMin: number;
  /** Columns looked at for a split (`max_features`); null: all. `default`: the root of their number for classes, all for values. */
  readonly columns: 'default' | 'sqrt' | 'log2' | { readonly count: number } | { readonly share: number } | null;
  /** What a split must lessen the impurity by, weighted by the share of the node (`min_impurity_decrease`). */
  readonly impurityDecreaseMin: number;
  /** Each tree sees rows drawn with replacement (`bootstrap`). */
  readonly bootstrap: boolean;
  /** Rows drawn for a tree (`max_samples`); null: as many as there are. */
  readonly sample: RowsOrShare | null;
  /** The score on rows that a tree did not see (`oob_score`). */
  readonly outOfBag: boolean;
  /** Weights of classes (`class_weight`): given by class, or so that all classes weigh the same, over all rows or over those drawn for a tree. */
  readonly classWeight: null | 'balanced' | 'balanced_subsample' | ReadonlyMap<number, number>;
  /** Seed (`random_state`). */
  readonly seed: number;
  /** Threads (`n_jobs`); −1: all cores; null: not said. The forest is the same for any number of them. */
  readonly threads: number | null;
  /** Bins a column's values are sorted into (`max_bins`, a name of ours), 2–256. */
  readonly bins: number;
}

export const FOREST_DEFAULTS: ForestParams = {
  criterion: null,
  trees: 100,
  depthMax: null,
  splitRowsMin: { rows: 2 },
  leafRowsMin: { rows: 1 },
  leafWeightShareMin: 0,
  columns: 'default',
  impurityDecreaseMin: 0,
  bootstrap: true,
  sample: null,
  outOfBag: false,
  classWeight: null,
  seed: 0,
  threads: null,
  bins: 256,
};

const TREES_MAX = 100_000;
const DEPTH_MAX = 1_000;
const SEED_MAX = 2 ** 32 - 1;

class Refused extends Error {}
const refuse = (what: string): never => {
  throw new Refused(what);
};
const said = (value: unknown): string => JSON.stringify(value) ?? String(value);

const whole = (least: number, most: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : refuse(`is ${said(value)}; it must be a whole number from ${least} to ${most}`);
const within = (least: number, most: number) => (value: unknown) =>
  typeof value === 'number' && value >= least && value <= most
    ? value
    : refuse(`is ${said(value)}; it must be a number from ${least} to ${most}`);
const flag = (value: unknown) =>
  typeof value === 'boolean' ? value : refuse(`is ${said(value)}; it must be true or false`);
const orNull =
  <T>(read: (value: unknown) => T) =>
  (value: unknown) =>
    value === null ? null : read(value);

/** Numbers of rows: whole ones count, those below 1 are shares. 1.0 can't be told from 1 in JSON, and counts one row. */
const rows =
  (least: number) =>
  (value: unknown): RowsOrShare => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least) return { rows: value };
    if (typeof value === 'number' && value > 0 && value < 1) return { share: value };
    return refuse(`is ${said(value)}; it must be a whole number of at least ${least}, or a share above 0 and below 1`);
  };

/** scikit-learn tells 1 (one column) from 1.0 (all of them), which JSON does not: 1 is one column, null is all. */
const columns = (value: unknown): ForestParams['columns'] => {
  if (value === null || value === 'sqrt' || value === 'log2') return value;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return { count: value };
  if (typeof value === 'number' && value > 0 && value < 1) return { share: value };
  return refuse(
    `is ${said(value)}; it must be "sqrt", "log2", null (all), a whole number of columns, or a share below 1`,
  );
};

const classWeight = (value: unknown): ForestParams['classWeight'] => {
  if (value === null || value === 'balanced' || value === 'balanced_subsample') return value;
  const wanted = `it must be "balanced", "balanced_subsample", null, or an object such as {"0": 1, "1": 3}`;
  if (typeof value !== 'object' || Array.isArray(value)) return refuse(`is ${said(value)}; ${wanted}`);
  const weights = new Map<number, number>();
  for (const [label, weight] of Object.entries(value)) {
    if (!/^\d{1,6}$/.test(label) || typeof weight !== 'number' || !(weight > 0) || !Number.isFinite(weight))
      return refuse(`has ${said(label)}: ${said(weight)}; ${wanted}, weights above 0`);
    weights.set(Number(label), weight);
  }
  return weights;
};

const criterion = (value: unknown): ForestParams['criterion'] => {
  if (value === 'gini' || value === 'entropy' || value === 'squared_error') return value;
  if (value === 'log_loss') return 'entropy';
  if (value === 'absolute_error' || value === 'friedman_mse' || value === 'poisson')
    return refuse(`is ${said(value)}, which scikit-learn has and MONSTA has not: use squared_error`);
  return refuse(`is ${said(value)}; it must be gini, entropy, log_loss or squared_error`);
};

const threads = (value: unknown): number | null => {
  if (value === null || value === -1) return value;
  return whole(1, 256)(value);
};

type Entry = readonly [keyof ForestParams, (value: unknown) => unknown];
const READERS: Readonly<Record<string, Entry>> = {
  n_estimators: ['trees', whole(1, TREES_MAX)],
  criterion: ['criterion', criterion],
  max_depth: ['depthMax', orNull(whole(1, DEPTH_MAX))],
  min_samples_split: ['splitRowsMin', rows(2)],
  min_samples_leaf: ['leafRowsMin', rows(1)],
  min_weight_fraction_leaf: ['leafWeightShareMin', within(0, 0.5)],
  max_features: ['columns', columns],
  min_impurity_decrease: ['impurityDecreaseMin', within(0, Number.MAX_VALUE)],
  bootstrap: ['bootstrap', flag],
  oob_score: ['outOfBag', flag],
  n_jobs: ['threads', threads],
  random_state: ['seed', (value) => (value === null ? FOREST_DEFAULTS.seed : whole(0, SEED_MAX)(value))],
  class_weight: ['classWeight', classWeight],
  max_samples: ['sample', orNull(rows(1))],
  max_bins: ['bins', whole(2, 256)],
};

/** What scikit-learn has and MONSTA has not, with the one value that says that it is not wanted. */
const ABSENT: Readonly<Record<string, unknown>> = {
  max_leaf_nodes: null,
  ccp_alpha: 0,
  warm_start: false,
  monotonic_cst: null,
  verbose: 0,
};

/**
 * Parameters of a random forest by scikit-learn's names (`RandomForestClassifier` and `RandomForestRegressor` of 1.2–1.5), with its defaults; `max_bins` is ours.
 * Faults `params_invalid` (wrong type or range, or not supported), `params_unknown` (no such name; the nearest is named).
 */
export function forestParams(json: unknown): Result<ForestParams> {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return err(
      'params_invalid',
      `the parameters of a random forest must be a JSON object, not ${said(json).slice(0, 40)}`,
    );
  const given: Partial<Record<keyof ForestParams, unknown>> = {};
  for (const [name, value] of Object.entries(json)) {
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (reader === undefined) {
      if (Object.hasOwn(ABSENT, name)) {
        if (value === ABSENT[name] || (name === 'verbose' && value === false)) continue;
        return err(
          'params_invalid',
          `'${name}' of scikit-learn is not supported (only ${said(ABSENT[name])}): leave it out`,
        );
      }
      const nearest = nearestName(name, Object.keys(READERS));
      return err('params_unknown', `a random forest has no parameter '${name}'; did you mean '${nearest}'?`);
    }
    try {
      given[reader[0]] = reader[1](value);
    } catch (thrown) {
      if (thrown instanceof Refused) return err('params_invalid', `parameter '${name}' ${thrown.message}`);
      throw thrown;
    }
  }
  const params: ForestParams = { ...FOREST_DEFAULTS, ...(given as Partial<ForestParams>) };
  if (!params.bootstrap && params.outOfBag)
    return err('params_invalid', `'oob_score' needs rows that a tree did not see: it goes with 'bootstrap' only`);
  if (!params.bootstrap && params.sample !== null)
    return err('params_invalid', `'max_samples' says how many rows are drawn: it goes with 'bootstrap' only`);
  if (params.criterion === 'squared_error' && params.classWeight !== null)
    return err('params_invalid', `'class_weight' is for classes, and the criterion squared_error for values`);
  return ok(params);
}
