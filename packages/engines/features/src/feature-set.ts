import { err, hashText, ok, type Result } from '@monsta/core';
import { FEATURE_FAMILIES } from './catalogue/index.ts';
import type { FeatureDefinition, FeatureFamily, Parameters } from './feature-definition.ts';
import { nearest } from './nearest.ts';
import { userDefinition, type UserFeature } from './user-feature.ts';

/**
 * One feature of a declaration, plain JSON: the family's name, its parameters where they are not the default, `times` for bars so many times as long (4 on 1h bars: 4h),
 * and for cross-asset ones the other instrument as `of`. `{ "feature": "rsi", "period": 14, "times": 4 }`.
 */
export type FeatureDeclaration = { readonly feature: string } & Readonly<Record<string, string | number>>;

/** A set of features as it is written down, plain JSON. */
export interface FeatureSetDeclaration {
  readonly id: string;
  readonly version: number;
  readonly features: readonly FeatureDeclaration[];
}

/** Columns in their order, ready to be reckoned in batch (`featureMatrixSteps`) and bar by bar (`FeatureStream`). */
export interface FeatureSet {
  readonly id: string;
  readonly version: number;
  readonly features: readonly FeatureDefinition[];
  /** The columns' names, in order. */
  readonly names: readonly string[];
  /** Contiguous closed bars from the first on which every column is known. */
  readonly warmUpBars: number;
  /** Other instruments whose closes are wanted. */
  readonly others: readonly string[];
  /** Somebody's own features, by column name. */
  readonly user: readonly UserFeature[];
  readonly declaration: FeatureSetDeclaration;
  /** 16 hexadecimal digits; another set, another version of a definition or other parameters give another. A stored model names it, so that it is never fed other numbers. */
  readonly hash: string;
}

export const TIMES_MAX = 1_440;
const FEATURES_MAX = 500;
const NAME = /^[a-z][a-z0-9_-]{0,39}$/;
const INSTRUMENT = /^[A-Za-z0-9._-]{1,40}$/;

const byName: ReadonlyMap<string, FeatureFamily> = new Map(FEATURE_FAMILIES.map((each) => [each.name, each]));

/**
 * A set from its declaration; `user`: somebody's own features, which come after the declared ones.
 * Faults: `feature_unknown` (with the nearest name), `feature_invalid` (parameters; says which and their range), `feature_set_invalid` (no features, too many, a name twice).
 */
export function featureSet(declaration: FeatureSetDeclaration, user: readonly UserFeature[] = []): Result<FeatureSet> {
  const { id, version } = declaration;
  if (!NAME.test(id)) return err('feature_set_invalid', `the set's id must match ${NAME.source}, not '${id}'`);
  if (!Number.isSafeInteger(version) || version < 1)
    return err('feature_set_invalid', `the version of the set ${id} must be a whole number above 0, not ${version}`);
  const features: FeatureDefinition[] = [];
  for (const each of declaration.features) {
    const made = featureOf(each);
    if (!made.ok) return made;
    features.push(made.value);
  }
  features.push(...user.map(userDefinition));
  if (features.length === 0 || features.length > FEATURES_MAX)
    return err('feature_set_invalid', `the set ${id} has ${features.length} features; it takes 1 to ${FEATURES_MAX}`);
  const names = features.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return err('feature_set_invalid', `the set ${id} has the column ${twice} twice`);
  const identity = features.map((each) => each.identity).join('\n');
  const half = (salt: string): string => hashText(`${salt}${identity}`).toString(16).padStart(8, '0');
  return ok({
    id,
    version,
    features,
    names,
    warmUpBars: Math.max(...features.map(({ warmUpBars }) => warmUpBars)),
    others: [...new Set(features.flatMap(({ of }) => (of === null ? [] : [of])))],
    user,
    declaration,
    hash: `${half('a')}${half('b')}`,
  });
}

/** One feature from its declaration. Faults: `feature_unknown`, `feature_invalid`. */
function featureOf(declaration: FeatureDeclaration): Result<FeatureDefinition> {
  const { feature, times = 1, of, ...given } = declaration;
  const found = byName.get(feature);
  if (found === undefined)
    return err('feature_unknown', `no feature is called '${feature}'; ${nearest(feature, [...byName.keys()])}`);
  const invalid = (what: string) => err('feature_invalid', `${feature}: ${what}`);
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1 || times > TIMES_MAX)
    return invalid(`times must be a whole number from 1 to ${TIMES_MAX}, not ${times}`);
  if (times > 1 && (found.kind === 'flow' || found.kind === 'depth' || found.ofOther || found.kind === 'calendar'))
    return invalid('times is for features of the instrument’s own prices and volume');
  if (found.ofOther && (typeof of !== 'string' || !INSTRUMENT.test(of)))
    return invalid("of must name the other instrument, such as 'ETHUSDT'");
  if (!found.ofOther && of !== undefined) return invalid('of is for cross-asset features');
  const parameters: Record<string, number> = {};
  for (const name of Object.keys(given))
    if (!Object.hasOwn(found.parameters, name))
      return invalid(
        `no parameter is called '${name}'; there are: ${Object.keys(found.parameters).join(', ') || 'none'}`,
      );
  for (const [name, range] of Object.entries(found.parameters)) {
    const value = given[name] ?? range.default;
    const sound =
      typeof value === 'number' && (range.fraction === true ? Number.isFinite(value) : Number.isInteger(value));
    if (!sound || value < range.min || value > range.max)
      return invalid(
        `${name} must be a ${range.fraction === true ? '' : 'whole '}number from ${range.min} to ${range.max}, not ${value}`,
      );
    parameters[name] = value;
  }
  const wrong = found.fault(parameters);
  return wrong === null
    ? ok(definitionOf(found, parameters, times, typeof of === 'string' ? of : null))
    : invalid(wrong);
}

function definitionOf(
  of: FeatureFamily,
  parameters: Parameters,
  times: number,
  other: string | null,
): FeatureDefinition {
  const { kind, formula, source, unit, range, version } = of;
  const suffix = [
    ...Object.values(parameters).map(String),
    ...(other === null ? [] : [other]),
    ...(times > 1 ? [`x${times}`] : []),
  ];
  const name = [of.name, ...suffix].join('_');
  return {
    name,
    family: of.name,
    version,
    kind,
    parameters,
    times,
    of: other,
    formula,
    source,
    unit,
    range,
    // A bar `times` as long may be about to close.
    warmUpBars: of.warmUpBars(parameters) * times + times - 1,
    tolerance: of.tolerance(parameters),
    identity: JSON.stringify([of.name, version, parameters, times, other]),
    build: (graph) =>
      times === 1
        ? of.build(graph, parameters, other ?? '')
        : graph.higher(name, times, (longer) => of.build(longer, parameters, '')),
  };
}
