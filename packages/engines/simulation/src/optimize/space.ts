import { err, ok, type Result } from '@monsta/core';
import type { AnyParameterValues, ParameterSpec, ParameterSpecs } from '@monsta/trading';

/** One parameter that is searched, and what it may be. */
export type Dimension =
  /** `count` numbers from `from` on, each `step` above the one before. */
  | {
      readonly kind: 'steps';
      readonly name: string;
      readonly from: number;
      readonly step: number;
      readonly count: number;
    }
  /** Any number between; `log`: as many tries between 0.1 and 1 as between 1 and 10. */
  | {
      readonly kind: 'range';
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly log: boolean;
    }
  /** Numbers in rising order: neighbours are like each other. */
  | { readonly kind: 'numbers'; readonly name: string; readonly values: readonly number[] }
  /** Things without an order. */
  | { readonly kind: 'choice'; readonly name: string; readonly values: readonly (string | boolean)[] };

export interface SearchSpace {
  readonly dimensions: readonly Dimension[];
}

/** A place in a space: a coordinate in 0…1 a dimension. Where there are only `n` values, the `i`-th (from 0) is at `(i + ½) / n`. */
export type Point = readonly number[];

/** How many values there are; Infinity for a range. */
export function valueCount(dimension: Dimension): number {
  if (dimension.kind === 'range') return Infinity;
  return dimension.kind === 'steps' ? dimension.count : dimension.values.length;
}

/** How many points a space has; Infinity where a parameter may be any number. */
export const spaceSize = ({ dimensions }: SearchSpace): number =>
  dimensions.reduce((product, dimension) => product * valueCount(dimension), 1);

/** Which of `count` values a coordinate stands for. */
export const indexAt = (coordinate: number, count: number): number =>
  Math.min(count - 1, Math.max(0, Math.floor(coordinate * count)));

export const coordinateOf = (index: number, count: number): number => (index + 0.5) / count;

/** The nearest place that stands for values: the middle of its cell where values are counted. */
export function snapped({ dimensions }: SearchSpace, point: Point): Point {
  return dimensions.map((dimension, at) => {
    const coordinate = Math.min(1, Math.max(0, point[at] ?? 0));
    const count = valueCount(dimension);
    return count === Infinity ? coordinate : coordinateOf(indexAt(coordinate, count), count);
  });
}

/** Sums of steps without the dust of binary fractions: 0.1 + 2 × 0.1 is 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(12));

function valueAt(dimension: Dimension, coordinate: number): number | string | boolean {
  switch (dimension.kind) {
    case 'steps':
      return tidy(dimension.from + indexAt(coordinate, dimension.count) * dimension.step);
    case 'range': {
      const { from, to, log } = dimension;
      const value = log ? from * (to / from) ** coordinate : from + (to - from) * coordinate;
      return Math.min(to, Math.max(from, tidy(value)));
    }
    case 'numbers':
    case 'choice':
      return dimension.values[indexAt(coordinate, dimension.values.length)] ?? '';
  }
}

/** What the searched parameters are at a point. */
export const valuesAt = ({ dimensions }: SearchSpace, point: Point): AnyParameterValues =>
  Object.fromEntries(dimensions.map((dimension, at) => [dimension.name, valueAt(dimension, point[at] ?? 0)]));

/** The same text for the same values. */
export const pointKey = (space: SearchSpace, point: Point): string =>
  JSON.stringify(Object.values(valuesAt(space, point)));

/** The `index`-th point of a countable space, the last parameter changing first. */
export function gridPoint({ dimensions }: SearchSpace, index: number): Point {
  const point = new Array<number>(dimensions.length).fill(0);
  let rest = index;
  for (let at = dimensions.length - 1; at >= 0; at -= 1) {
    const dimension = dimensions[at];
    if (dimension === undefined) continue;
    const count = valueCount(dimension);
    point[at] = coordinateOf(rest % count, count);
    rest = Math.floor(rest / count);
  }
  return point;
}

type Numeric = Extract<ParameterSpec, { readonly kind: 'integer' | 'number' }>;
type Made = Dimension | string;

const FORMS = '[from, to], {"from":…,"to":…,"step":…}, or {"values":[…]}';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function inside(spec: Numeric, values: readonly unknown[]): string | null {
  const whole = spec.kind === 'integer';
  const wrong = values.find(
    (value) =>
      typeof value !== 'number' ||
      !Number.isFinite(value) ||
      (whole && !Number.isInteger(value)) ||
      value < spec.min ||
      value > spec.max,
  );
  if (wrong === undefined) return null;
  return `${JSON.stringify(wrong)} is no ${whole ? 'whole number' : 'number'} from ${spec.min} to ${spec.max}`;
}

function between(name: string, spec: Numeric, from: number, to: number, step: unknown, log: unknown): Made {
  const fault = inside(spec, [from, to]);
  if (fault !== null) return fault;
  if (from > to) return `the range begins at ${from}, above its end ${to}`;
  const whole = spec.kind === 'integer';
  const stride = step ?? (whole ? 1 : null);
  if (log === true) {
    if (whole || step !== undefined) return '"log" is for numbers without a step';
    return from > 0 ? { kind: 'range', name, from, to, log: true } : '"log" needs a range above 0';
  }
  if (log !== undefined && log !== false) return '"log" is true or false';
  if (stride === null) {
    if (from === to) return { kind: 'numbers', name, values: [from] };
    return { kind: 'range', name, from, to, log: false };
  }
  if (typeof stride !== 'number' || !(stride > 0) || (whole && !Number.isInteger(stride)))
    return `the step must be a ${whole ? 'whole ' : ''}number above 0, not ${JSON.stringify(stride)}`;
  // A billionth of a step too little is the dust of binary fractions.
  const count = Math.floor((to - from) / stride + 1e-9) + 1;
  return { kind: 'steps', name, from, step: stride, count };
}

function listed(name: string, spec: Numeric, values: readonly unknown[]): Made {
  const fault = values.length === 0 ? 'a list of values must not be empty' : inside(spec, values);
  if (fault !== null) return fault;
  const rising = [...new Set(values as readonly number[])].toSorted((left, right) => left - right);
  return { kind: 'numbers', name, values: rising };
}

function numeric(name: string, spec: Numeric, given: unknown): Made {
  if (given === null) return between(name, spec, spec.min, spec.max, undefined, undefined);
  if (Array.isArray(given)) {
    const [from, to] = given as readonly unknown[];
    if (given.length !== 2) return `needs ${FORMS}`;
    const fault = inside(spec, [from, to]);
    return fault ?? between(name, spec, from as number, to as number, undefined, undefined);
  }
  if (!isObject(given)) return `needs ${FORMS}`;
  const { values, from = spec.min, to = spec.max, step, log, ...other } = given;
  const [unknown] = Object.keys(other);
  if (unknown !== undefined) return `'${unknown}' is unknown; it needs ${FORMS}`;
  if (values !== undefined) return Array.isArray(values) ? listed(name, spec, values) : `needs ${FORMS}`;
  const fault = inside(spec, [from, to]);
  return fault ?? between(name, spec, from as number, to as number, step, log);
}

function chosen(name: string, options: readonly (string | boolean)[], given: unknown): Made {
  const values: unknown = isObject(given) ? given['values'] : given;
  if (values === null) return { kind: 'choice', name, values: options };
  if (!Array.isArray(values) || values.length === 0) return `needs a list of some of ${options.join(', ')}`;
  const wrong = (values as readonly unknown[]).find((value) => !options.some((option) => option === value));
  if (wrong !== undefined) return `must be of ${options.join(', ')}, not ${JSON.stringify(wrong)}`;
  return { kind: 'choice', name, values: [...new Set(values as readonly (string | boolean)[])] };
}

function dimensionOf(name: string, spec: ParameterSpec, given: unknown): Made {
  if (spec.kind === 'choice') return chosen(name, spec.options, given);
  return spec.kind === 'boolean' ? chosen(name, [false, true], given) : numeric(name, spec, given);
}

/**
 * The space to search: of each parameter that `given` names, the values that it says (`[from, to]`, `{from, to, step, log}`, `{values}`, or a list of options; null: all that the
 * strategy allows). With nothing given, all parameters that are no choice, over all that the strategy allows. Fault `space_invalid`, naming every parameter that is wrong.
 */
export function searchSpace(specs: ParameterSpecs, given: unknown): Result<SearchSpace> {
  if (given !== null && !isObject(given))
    return err('space_invalid', 'the space must be a JSON object such as {"fast":[5,50]}');
  const all = Object.entries(specs).flatMap(([name, { kind }]) => (kind === 'choice' ? [] : [[name, null] as const]));
  const wanted: readonly (readonly [string, unknown])[] = given === null ? all : Object.entries(given);
  const faults: string[] = [];
  const dimensions: Dimension[] = [];
  for (const [name, narrowed] of wanted) {
    const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
    if (spec === undefined) {
      faults.push(`'${name}' is unknown; there are ${Object.keys(specs).join(', ') || 'none'}`);
      continue;
    }
    const made = dimensionOf(name, spec, narrowed);
    if (typeof made === 'string') faults.push(`'${name}': ${made}`);
    else dimensions.push(made);
  }
  if (faults.length > 0) return err('space_invalid', `the space: ${faults.join('; ')}`);
  if (dimensions.length === 0) return err('space_invalid', 'the space has no parameter: there is nothing to search');
  return ok({ dimensions });
}
