import { err, ok, type Result } from '@monsta/core';

/** One parameter of a strategy: its default and what it may be. */
export type ParameterSpec =
  | { readonly kind: 'integer'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly kind: 'number'; readonly default: number; readonly min: number; readonly max: number }
  | { readonly kind: 'choice'; readonly default: string; readonly options: readonly string[] }
  | { readonly kind: 'boolean'; readonly default: boolean };

export type ParameterSpecs = Readonly<Record<string, ParameterSpec>>;

type ParameterValue<S extends ParameterSpec> = S extends { readonly kind: 'integer' | 'number' }
  ? number
  : S extends { readonly kind: 'choice'; readonly options: readonly (infer O)[] }
    ? O
    : S extends { readonly kind: 'boolean' }
      ? boolean
      : never;

/** The values a strategy is run with, typed after their specs. */
export type ParameterValues<S extends ParameterSpecs> = { readonly [K in keyof S]: ParameterValue<S[K]> };

/** The values of any strategy. */
export type AnyParameterValues = Readonly<Record<string, number | string | boolean>>;

/** What is wrong with a value, in words; null when nothing is. */
function faultOf(spec: ParameterSpec, value: unknown): string | null {
  switch (spec.kind) {
    case 'integer':
    case 'number': {
      const whole = spec.kind === 'integer';
      const fits = typeof value === 'number' && Number.isFinite(value) && (!whole || Number.isInteger(value));
      if (fits && value >= spec.min && value <= spec.max) return null;
      return `must be a ${whole ? 'whole number' : 'number'} from ${spec.min} to ${spec.max}, not ${JSON.stringify(value)}`;
    }
    case 'choice':
      return spec.options.includes(value as string)
        ? null
        : `must be one of ${spec.options.join(', ')}, not ${JSON.stringify(value)}`;
    case 'boolean':
      return typeof value === 'boolean' ? null : `must be true or false, not ${JSON.stringify(value)}`;
  }
}

const KINDS = new Set(['integer', 'number', 'choice', 'boolean']);

/** What is wrong with the specs themselves, each in words. */
export function specFaults(specs: unknown): readonly string[] {
  if (typeof specs !== 'object' || specs === null || Array.isArray(specs))
    return ['parameters must be an object of parameter descriptions'];
  return Object.entries(specs).flatMap(([name, spec]: [string, unknown]): string[] => {
    if (
      typeof spec !== 'object' ||
      spec === null ||
      !('kind' in spec) ||
      typeof spec.kind !== 'string' ||
      !KINDS.has(spec.kind)
    ) {
      return [`parameter '${name}' must be {kind: 'integer' | 'number' | 'choice' | 'boolean', default, …}`];
    }
    const bounded = spec.kind === 'integer' || spec.kind === 'number';
    if (bounded && !('min' in spec && 'max' in spec && typeof spec.min === 'number' && typeof spec.max === 'number')) {
      return [`parameter '${name}' needs numbers min and max`];
    }
    if (spec.kind === 'choice' && !('options' in spec && Array.isArray(spec.options) && spec.options.length > 0)) {
      return [`parameter '${name}' needs a list of options`];
    }
    const fault = faultOf(spec as ParameterSpec, 'default' in spec ? spec.default : undefined);
    return fault === null ? [] : [`the default of parameter '${name}' ${fault}`];
  });
}

/**
 * The values to run with: what `given` says, defaults for the rest. `given` is an object, or null for all defaults.
 * Fault `parameters_invalid` naming every key that is unknown or out of range, and what it may be.
 */
export function resolveParameters(specs: ParameterSpecs, given: unknown): Result<AnyParameterValues> {
  if (given !== null && (typeof given !== 'object' || Array.isArray(given))) {
    return err(
      'parameters_invalid',
      `strategy parameters must be a JSON object such as {"fast": 9}, not ${JSON.stringify(given)}`,
    );
  }
  const entries = new Map<string, unknown>(Object.entries(given ?? {}));
  const unknown = [...entries.keys()]
    .filter((name) => !Object.hasOwn(specs, name))
    .map((name) => `'${name}' is unknown; there are ${Object.keys(specs).join(', ') || 'none'}`);
  const values: Record<string, number | string | boolean> = {};
  const wrong: string[] = [];
  for (const [name, spec] of Object.entries(specs)) {
    const value = entries.has(name) ? entries.get(name) : spec.default;
    const fault = faultOf(spec, value);
    if (fault === null) values[name] = value as number | string | boolean;
    else wrong.push(`'${name}' ${fault}`);
  }
  const faults = [...unknown, ...wrong];
  return faults.length === 0 ? ok(values) : err('parameters_invalid', `strategy parameters: ${faults.join('; ')}`);
}
