import { err, ok, type Err, type Result } from '@monsta/core';
import { nearestName } from './nearest-name.ts';

/** What is wrong with a value; `readParameters` adds the name. */
class ParameterFault extends Error {}

/** Reads a value or throws a `ParameterFault` that says what it must be. */
export type ParameterReader<T> = (value: unknown) => T;

const said = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);

export function refuseValue(value: unknown, wanted: string): never {
  throw new ParameterFault(`is ${said(value)}; it must be ${wanted}`);
}

/** Numbers may come as text, as the libraries' own parameter files hold them. */
const numberOf = (value: unknown): number => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
};

export const whole =
  (least: number, most: number): ParameterReader<number> =>
  (value) => {
    const number = numberOf(value);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    return refuseValue(value, `a whole number from ${least} to ${most}`);
  };

/** A finite number in a range; `openLeast`: above the least. */
export const within =
  (least: number, most: number, openLeast = false): ParameterReader<number> =>
  (value) => {
    const number = numberOf(value);
    if (Number.isFinite(number) && (openLeast ? number > least : number >= least) && number <= most) return number;
    const range =
      most === Number.MAX_VALUE
        ? openLeast
          ? `above ${least}`
          : `of at least ${least}`
        : openLeast
          ? `above ${least}, up to ${most}`
          : `from ${least} to ${most}`;
    return refuseValue(value, `a number ${range}`);
  };

export const finite: ParameterReader<number> = (value) => {
  const number = numberOf(value);
  return Number.isFinite(number) ? number : refuseValue(value, 'a finite number');
};

export const flag: ParameterReader<boolean> = (value) => {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 'true' || value === '1') return true;
  if (value === 0 || value === 'false' || value === '0') return false;
  return refuseValue(value, 'true or false');
};

/** One of some words; several may mean the same. */
export const oneOf =
  <T>(words: Readonly<Record<string, T>>): ParameterReader<T> =>
  (value) => {
    if (typeof value === 'string' && Object.hasOwn(words, value)) return words[value] as T;
    return refuseValue(value, `one of ${Object.keys(words).join(', ')}`);
  };

/** −1, 0 or 1 a column: a list, text such as `(1,0,-1)`, or an object by column name. */
export const directions: ParameterReader<readonly number[] | Readonly<Record<string, number>>> = (value) => {
  const wanted = 'a list of −1, 0 and 1, one a column, or an object of them by column name';
  const isDirection = (each: unknown): each is number => each === 0 || each === 1 || each === -1;
  if (value === null || value === '') return [];
  if (typeof value === 'string') {
    const list = value
      .replaceAll(/[()[\]\s]/g, '')
      .split(',')
      .filter((text) => text !== '')
      .map(Number);
    return list.every(isDirection) ? list : refuseValue(value, wanted);
  }
  if (Array.isArray(value)) return value.every(isDirection) ? value : refuseValue(value, wanted);
  if (typeof value !== 'object') return refuseValue(value, wanted);
  const named = new Map<string, number>();
  for (const [name, each] of Object.entries(value as Readonly<Record<string, unknown>>))
    named.set(name, isDirection(each) ? each : refuseValue(value, wanted));
  return Object.fromEntries(named);
};

/** A list of words, or one, or several in one text with commas between. */
export const words: ParameterReader<readonly string[]> = (value) => {
  if (value === null || value === '' || value === 'None') return [];
  if (typeof value === 'string') return value.split(',').map((word) => word.trim());
  if (Array.isArray(value) && value.every((word) => typeof word === 'string')) return value;
  return refuseValue(value, 'a name or a list of names');
};

/** The parameters of a library. */
export interface ParameterNames {
  readonly library: string;
  /** Reader by the name of the library's documentation. */
  readonly readers: Readonly<Record<string, ParameterReader<unknown>>>;
  /** Other names of the same. */
  readonly aliases: Readonly<Record<string, readonly string[]>>;
  /** What the library has and MONSTA has not, with the values that ask for nothing and so are fine. */
  readonly absent: Readonly<Record<string, readonly unknown[]>>;
  /** What changes nothing of the model here: any value is fine. */
  readonly withoutEffect: readonly string[];
}

const notSupported = (library: string, name: string, fine: readonly unknown[]): Err =>
  err(
    'params_invalid',
    fine.length === 0
      ? `'${name}' of ${library} is not supported: leave it out`
      : `'${name}' of ${library} is supported as ${fine.map(said).join(' or ')} only`,
  );

/**
 * Reads a JSON object of parameters by a library's names; the values of those that are given, by documented name. Faults: `params_invalid` (wrong type or range, given twice, known to the
 * library but not supported here), `params_unknown` (no such name; the nearest is named).
 */
export function readParameters(json: unknown, names: ParameterNames): Result<ReadonlyMap<string, unknown>> {
  const { library, readers, aliases, absent, withoutEffect } = names;
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return err('params_invalid', `the parameters of ${library} must be a JSON object, not ${said(json)}`);
  const documented = new Map<string, string>();
  for (const name of Object.keys(readers)) documented.set(name, name);
  for (const [name, others] of Object.entries(aliases)) for (const other of others) documented.set(other, name);
  const read = new Map<string, unknown>();
  for (const [given, value] of Object.entries(json)) {
    if (withoutEffect.includes(given)) continue;
    const fine = Object.hasOwn(absent, given) ? absent[given] : undefined;
    if (fine !== undefined) {
      if (fine.some((each) => said(each) === said(value))) continue;
      return notSupported(library, given, fine);
    }
    const name = documented.get(given);
    const reader = name === undefined ? undefined : readers[name];
    if (name === undefined || reader === undefined) {
      const nearest = nearestName(given, [...documented.keys(), ...Object.keys(absent), ...withoutEffect]);
      return err('params_unknown', `${library} has no parameter '${given}'; did you mean '${nearest}'?`);
    }
    if (read.has(name))
      return err('params_invalid', `'${given}' says what '${name}' has said already: give one of them`);
    try {
      read.set(name, reader(value));
    } catch (thrown) {
      if (thrown instanceof ParameterFault) return err('params_invalid', `parameter '${given}' ${thrown.message}`);
      throw thrown;
    }
  }
  return ok(read);
}

/** What was read, with the type that its reader gives. */
export class ReadParameters {
  readonly #read: ReadonlyMap<string, unknown>;

  constructor(read: ReadonlyMap<string, unknown>) {
    this.#read = read;
  }

  has(name: string): boolean {
    return this.#read.has(name);
  }

  /** The value of `name`, or what stands where it wasn't given. */
  get<T>(name: string, otherwise: T): T {
    return this.#read.has(name) ? (this.#read.get(name) as T) : otherwise;
  }
}
