import { invariant } from '@monsta/core';
import type { RowLoop } from './row-loops.ts';

const NONE = new Float64Array(0);

/** A column that is reckoned bar by bar: row `i` belongs to bar `i` of the run. NaN where it is not known. */
export interface Column {
  readonly values: Float64Array;
}

/**
 * A step of the reckoning. Streaming and batch are the same code: a stream gives it one row at a time, a batch many. What it gives for a row depends on that row's time and on the
 * rows of its inputs up to it, of one contiguous piece of history, and on nothing else.
 */
export abstract class Node implements Column {
  /** How many rows of its inputs before the newest it may look back at. */
  readonly looksBack: number = 0;
  #values = NONE;

  get values(): Float64Array {
    return this.#values;
  }

  /** Room for so many rows. Called once, before anything else. */
  allocate(rows: number): void {
    this.#values = new Float64Array(rows);
  }

  /** What else is to be moved when the rows are moved to the front. */
  moveRows(from: number, to: number): void {
    this.#values.copyWithin(0, from, to);
  }

  /** Forgets all rows: the next one is the first of a piece of history. */
  reset(): void {}

  /** Writes the rows `from … to − 1`. `barNumber`: of row `from`, as core counts them. */
  abstract run(from: number, to: number, barNumber: number): void;
}

/** Written from outside. */
export class InputNode extends Node {
  override run(): void {}
}

/** The value of some rows before. */
export class LagNode extends Node {
  override readonly looksBack: number;
  readonly #input: Column;

  constructor(input: Column, bars: number) {
    super();
    this.#input = input;
    this.looksBack = bars;
  }

  override run(from: number, to: number): void {
    const { values, looksBack } = this;
    const input = this.#input.values;
    for (let row = from; row < to; row += 1)
      values[row] = row < looksBack ? Number.NaN : (input[row - looksBack] as number);
  }
}

/** A function of the same row of one, two or three columns. */
export class MapNode extends Node {
  readonly #first: Column;
  readonly #second: Column;
  readonly #third: Column;
  readonly #loop: RowLoop;

  constructor(inputs: readonly Column[], loop: RowLoop) {
    super();
    const [first, second = first, third = first] = inputs;
    invariant(
      first !== undefined && second !== undefined && third !== undefined && inputs.length <= 3,
      'a function takes one, two or three columns',
    );
    this.#first = first;
    this.#second = second;
    this.#third = third;
    this.#loop = loop;
  }

  override run(from: number, to: number): void {
    const loop = this.#loop;
    loop(this.values, from, to, this.#first.values, this.#second.values, this.#third.values);
  }
}

/** A column that another node writes beside its own. */
export class SideNode extends Node {
  override run(): void {}
}
