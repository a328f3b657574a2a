import { err, ok, type Result } from '@monsta/core';
import { WINDOW_BARS_MAX, type FeatureDefinition } from './feature-definition.ts';
import type { BarColumns } from './bar-columns.ts';
import type { IndicatorBar } from './indicators/indicator-bar.ts';

/** What a feature of one's own may be called: the name of its column. */
const NAME = /^[a-z][a-z0-9_]{0,39}$/;

interface UserFeatureText {
  /** The column's name: `a-z`, `0-9` and `_`, at most 40 characters. */
  readonly name: string;
  readonly description?: string;
  /** How many closed bars it is made of, the newest among them. */
  readonly bars: number;
}

/** A function of exactly the last `bars` closed bars, oldest first, without a gap: it can not see what comes later. */
export interface WindowFeature extends UserFeatureText {
  readonly value: (bars: readonly IndicatorBar[]) => number;
}

/**
 * A function of whole columns that gives a value for each bar. Nothing keeps it from looking ahead but its author, and the leak gate, which finds out. In a stream it is given the newest `bars`
 * bars alone and its last value is taken.
 */
export interface ColumnFeature extends UserFeatureText {
  readonly column: (bars: BarColumns) => ArrayLike<number>;
}

/** A feature of one's own. A value that is not finite is a missing one. */
export type UserFeature = WindowFeature | ColumnFeature;

/** A feature of one's own, for a file's default export (or a list of them). Checked when the file is loaded. */
export const defineFeature = (feature: UserFeature): UserFeature => feature;

export const isColumnFeature = (feature: UserFeature): feature is ColumnFeature => 'column' in feature;

/**
 * What a file exports as features: one or a list. Faults: `feature_invalid`, saying what is wrong with which.
 */
export function validateUserFeatures(exported: unknown): Result<readonly UserFeature[]> {
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (list.length === 0) return err('feature_invalid', 'the file exports an empty list of features');
  const features: UserFeature[] = [];
  for (const [index, each] of list.entries()) {
    const wrong = userFeatureFault(each);
    if (wrong !== null)
      return err('feature_invalid', `feature ${index + 1} of ${list.length}: ${wrong}; make it with defineFeature`);
    features.push(each as UserFeature);
  }
  return ok(features);
}

function userFeatureFault(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'it is no object';
  const { name, bars, ...rest } = value as Record<string, unknown>;
  if (typeof name !== 'string' || !NAME.test(name)) return `its name must match ${NAME.source}`;
  if (typeof bars !== 'number' || !Number.isInteger(bars) || bars < 1 || bars > WINDOW_BARS_MAX)
    return `bars of ${name} must be a whole number from 1 to ${WINDOW_BARS_MAX}`;
  const unknown = Object.keys(rest).find((key) => !['description', 'value', 'column'].includes(key));
  if (unknown !== undefined)
    return `${name} has '${unknown}', which is not known; there are: name, description, bars, value, column`;
  const forms = ['value', 'column'].filter((key) => typeof rest[key] === 'function');
  if (forms.length !== 1) return `${name} must have either value or column, a function`;
  return null;
}

/** As a column of a set: made outside of the graph. */
export function userDefinition(feature: UserFeature): FeatureDefinition {
  const { name, bars, description } = feature;
  const form = isColumnFeature(feature) ? feature.column : feature.value;
  return {
    name,
    family: name,
    version: 1,
    kind: 'user',
    parameters: { bars },
    times: 1,
    of: null,
    formula: description ?? 'a feature of somebody’s own',
    source: 'its author',
    unit: 'not stated',
    range: 'not stated',
    warmUpBars: bars,
    tolerance: null,
    // What it calls beside its own text is not seen.
    identity: JSON.stringify(['user', name, bars, String(form)]),
    build: (graph) => graph.externalColumn(name),
  };
}
