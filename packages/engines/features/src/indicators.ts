/**
 * Exponential moving average, value by value: the first `period` values are averaged plainly as its seed, then
 * `ema += (value − ema) · 2 / (period + 1)`. The seed's weight fades; until `warmUp` values are in, nothing is said.
 */
export class Ema {
  readonly period: number;
  /** How many values are needed before the first answer. */
  readonly warmUp: number;
  readonly #alpha: number;
  #count = 0;
  #value = 0;

  /** `warmUp` defaults to `period`; with 3 · period the seed weighs less than 2 %. Both are whole numbers, 1 ≤ period ≤ warmUp. */
  constructor(period: number, warmUp: number = period) {
    if (!Number.isInteger(period) || period < 1) throw new RangeError('Ema: period must be a whole number above 0');
    if (!Number.isInteger(warmUp) || warmUp < period)
      throw new RangeError('Ema: warmUp must be a whole number ≥ period');
    this.period = period;
    this.warmUp = warmUp;
    this.#alpha = 2 / (period + 1);
  }

  /** Values taken so far. */
  get count(): number {
    return this.#count;
  }

  /** The average as of the newest value; null while it warms up. */
  get value(): number | null {
    return this.#count < this.warmUp ? null : this.#value;
  }

  /** Takes the next value and returns the average, or null while it warms up. Throws on a value that is not finite. */
  update(value: number): number | null {
    if (!Number.isFinite(value)) throw new RangeError(`Ema: ${value} is not finite`);
    this.#count += 1;
    this.#value += (value - this.#value) * (this.#count <= this.period ? 1 / this.#count : this.#alpha);
    return this.value;
  }

  /** Forgets everything, as after a gap in the bars. */
  reset(): void {
    this.#count = 0;
    this.#value = 0;
  }
}

/**
 * Weights of an exponential moving average cut off after `length` values, newest first, summing to one. Unlike the endless
 * form its value depends on the last `length` values only, and so not on where a history begins.
 */
export function finiteEmaWeights(period: number, length: number): Float64Array {
  const decay = 1 - 2 / (period + 1);
  const weights = new Float64Array(length);
  let weight = 1;
  let sum = 0;
  for (let index = 0; index < length; index += 1) {
    weights[index] = weight;
    sum += weight;
    weight *= decay;
  }
  return weights.map((value) => value / sum);
}
