import type { Fault } from '@monsta/core';

export interface FaultExample {
  readonly line: number;
  readonly message: string;
}

/** Rows of a file that are wrong in one way. */
export interface RowFaults {
  /** The ends of the codes of `readBarFile` and `readTradeFile`: `corrupt`, `off_tick`, `impossible`, `disorder`, `duplicate`, `interval`, …. */
  readonly kind: string;
  readonly count: number;
  /** The first. */
  readonly examples: readonly FaultExample[];
}

/** Counts faults by kind and keeps the first of each. */
export class FaultTally {
  readonly #examplesMax: number;
  readonly #found = new Map<string, { count: number; examples: FaultExample[] }>();

  constructor(examplesMax: number) {
    this.#examplesMax = examplesMax;
  }

  /** `message` is only called for an example. */
  add(kind: string, line: number, message: () => string): void {
    const found = this.#found.get(kind) ?? { count: 0, examples: [] };
    this.#found.set(kind, found);
    found.count += 1;
    if (found.examples.length < this.#examplesMax) found.examples.push({ line, message: message() });
  }

  /** Of a row alone, so that the rows around it can be read: whether its code is one of `kinds`. */
  take(fault: Fault, line: number, kinds: readonly string[]): boolean {
    if (!kinds.includes(fault.code)) return false;
    this.add(fault.code, line, () => fault.message);
    return true;
  }

  list(): readonly RowFaults[] {
    return [...this.#found].map(([kind, { count, examples }]) => ({
      kind,
      count,
      examples: examples.toSorted((left, right) => left.line - right.line),
    }));
  }
}
