/** A plan that can't be read; the message says where and how to mend it. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

interface Bounds<T> {
  readonly least: number;
  readonly most: number;
  /** Absent: the field must be given. */
  readonly byDefault?: T;
}

/** What a value is, for messages: never longer than a line. */
export function shown(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? 'an object or list' : JSON.stringify(value);
  return (text ?? 'nothing').slice(0, 60);
}

/** The fields of one object of a plan. Each must be read before `finish`, or it is refused as unknown. */
export class PlanFields {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #read = new Set<string>();
  readonly #where: string;

  /** `where` names the object in messages: `rules[0].when`. Throws `PlanError` for what is no object. */
  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new PlanError(`${where} must be an object, not ${Array.isArray(value) ? 'a list' : shown(value)}`);
    this.#values = new Map(Object.entries(value));
    this.#where = where;
  }

  raw(name: string): unknown {
    this.#read.add(name);
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The name of a field, in full. */
  nameOf(name: string): string {
    return `${this.#where}.${name}`;
  }

  fail(name: string, expected: string): never {
    throw new PlanError(`${this.nameOf(name)} must be ${expected}, not ${shown(this.#values.get(name))}`);
  }

  #missing(name: string): never {
    throw new PlanError(`${this.nameOf(name)} is missing`);
  }

  /** A whole number within its bounds. */
  integer<T = never>(name: string, { least, most, byDefault }: Bounds<T>): number | T {
    const value = this.raw(name);
    if (value === undefined) return byDefault === undefined ? this.#missing(name) : byDefault;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    return this.fail(name, `a whole number from ${least} to ${most}`);
  }

  /** A number above 0, up to 1. */
  probability(name: string): number {
    const value = this.raw(name);
    if (value === undefined) return 1;
    if (typeof value === 'number' && value > 0 && value <= 1) return value;
    return this.fail(name, 'a number above 0, up to 1');
  }

  text(name: string, longest: number, byDefault?: string): string {
    const value = this.raw(name);
    if (value === undefined) return byDefault === undefined ? this.#missing(name) : byDefault;
    if (typeof value === 'string' && value !== '' && value.length <= longest) return value;
    return this.fail(name, `a text of 1 to ${longest} characters`);
  }

  choice<T extends string>(name: string, choices: readonly T[], byDefault?: T): T {
    const value = this.raw(name);
    if (value === undefined) return byDefault === undefined ? this.#missing(name) : byDefault;
    const found = choices.find((choice) => choice === value);
    return found ?? this.fail(name, `one of ${choices.join(', ')}`);
  }

  /** Throws `PlanError` for a field that nobody has read. */
  finish(): void {
    const unknown = [...this.#values.keys()].find((name) => !this.#read.has(name));
    if (unknown === undefined) return;
    throw new PlanError(
      `${this.nameOf(unknown.slice(0, 40))} is unknown here; known are ${[...this.#read].join(', ')}`,
    );
  }
}
