import { Node, type Column } from './node.ts';

/*
 * Figures of the last n rows that slide in O(1) a bar and yet are, to the last bit, the same wherever a run began. Time is cut into blocks of n bars since 1970. A window ends in one block and
 * begins in the one before (or is one): what it holds of the block before is combined from the newest to the oldest, once, when that block ends; what it holds of its own from the oldest to
 * the newest, as the bars come; and the two are put together (van Herk 1992, for extremes). So the order of the operations depends on the bars' times alone.
 *
 * A window that reaches before the first row, or holds a NaN, gives NaN; one that has left it behind does not.
 */

/** What the figures have in common: the parts of the block before, and of the newest row's block. */
abstract class BlockNode extends Node {
  override readonly looksBack: number;
  readonly count: number;
  protected readonly input: Column;
  /** Of the block before, from each place to its end. */
  protected readonly toEnd: Float64Array;
  /** Of the newest row's block, from its begin. */
  protected part = Number.NaN;

  constructor(input: Column, count: number) {
    super();
    this.input = input;
    this.count = count;
    this.looksBack = count - 1;
    this.toEnd = new Float64Array(count).fill(Number.NaN);
  }

  override reset(): void {
    this.toEnd.fill(Number.NaN);
    this.part = Number.NaN;
  }
}

/** `Σ` of the last `count` rows. */
export class WindowSum extends BlockNode {
  override run(from: number, to: number, barNumber: number): void {
    const { values, count, toEnd } = this;
    const input = this.input.values;
    let { part } = this;
    let place = barNumber % count;
    for (let row = from; row < to; row += 1) {
      if (place === count - 1) {
        endSums(input, row, toEnd, count);
        values[row] = toEnd[0] as number;
        place = 0;
        continue;
      }
      part = place === 0 ? (input[row] as number) : part + (input[row] as number);
      values[row] = (toEnd[place + 1] as number) + part;
      place += 1;
    }
    this.part = part;
  }
}

function endSums(input: Float64Array, row: number, toEnd: Float64Array, count: number): void {
  let sum = 0;
  for (let age = 0; age < count; age += 1) {
    sum = age > row ? Number.NaN : sum + (input[row - age] as number);
    toEnd[count - 1 - age] = sum;
  }
}

/** The largest of the last `count` rows; of `sign` −1 the smallest. */
export class WindowExtreme extends BlockNode {
  readonly #sign: 1 | -1;

  constructor(input: Column, count: number, sign: 1 | -1) {
    super(input, count);
    this.#sign = sign;
  }

  override run(from: number, to: number, barNumber: number): void {
    const { values, count, toEnd } = this;
    const sign = this.#sign;
    const input = this.input.values;
    // The largest of the values times the sign.
    let { part } = this;
    let place = barNumber % count;
    for (let row = from; row < to; row += 1) {
      if (place === count - 1) {
        endExtremes(input, row, toEnd, count, sign);
        values[row] = sign * (toEnd[0] as number);
        place = 0;
        continue;
      }
      const value = sign * (input[row] as number);
      if (place === 0 || value > part || Number.isNaN(value)) part = value;
      const before = toEnd[place + 1] as number;
      values[row] = sign * (part > before || Number.isNaN(part) ? part : before);
      place += 1;
    }
    this.part = part;
  }
}

function endExtremes(input: Float64Array, row: number, toEnd: Float64Array, count: number, sign: 1 | -1): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let age = 0; age < count; age += 1) {
    const value = age > row ? Number.NaN : sign * (input[row - age] as number);
    if (value > largest || Number.isNaN(value)) largest = value;
    toEnd[count - 1 - age] = largest;
  }
}

/** `Σ decayᵃ · value` of the last `count` rows, `a` the age of a row in bars: what an exponential average is made of. */
export class WindowDecayedSum extends BlockNode {
  readonly #decay: number;
  /** `decay` to the power of each age. */
  readonly #powers: Float64Array;

  constructor(input: Column, count: number, decay: number) {
    super(input, count);
    this.#decay = decay;
    this.#powers = new Float64Array(count + 1);
    let power = 1;
    for (let age = 0; age <= count; age += 1) {
      this.#powers[age] = power;
      power *= decay;
    }
  }

  override run(from: number, to: number, barNumber: number): void {
    const { values, count, toEnd } = this;
    const decay = this.#decay;
    const powers = this.#powers;
    const input = this.input.values;
    let { part } = this;
    let place = barNumber % count;
    for (let row = from; row < to; row += 1) {
      if (place === count - 1) {
        endDecayedSums(input, row, toEnd, count, powers);
        values[row] = toEnd[0] as number;
        place = 0;
        continue;
      }
      part = place === 0 ? (input[row] as number) : part * decay + (input[row] as number);
      values[row] = (toEnd[place + 1] as number) * (powers[place + 1] as number) + part;
      place += 1;
    }
    this.part = part;
  }
}

function endDecayedSums(
  input: Float64Array,
  row: number,
  toEnd: Float64Array,
  count: number,
  powers: Float64Array,
): void {
  let sum = 0;
  for (let age = 0; age < count; age += 1) {
    sum = age > row ? Number.NaN : sum + (powers[age] as number) * (input[row - age] as number);
    toEnd[count - 1 - age] = sum;
  }
}
