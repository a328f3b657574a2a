/** A growing column of numbers; half the memory of an array of objects' fields, and none of their upkeep. */
export class Column {
  #values = new Float64Array(1_024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  at(index: number): number {
    if (index < 0 || index >= this.#length) throw new RangeError(`Column: ${index} is outside 0…${this.#length - 1}`);
    return this.#values[index] ?? Number.NaN;
  }

  set(index: number, value: number): void {
    if (index < 0 || index >= this.#length) throw new RangeError(`Column: ${index} is outside 0…${this.#length - 1}`);
    this.#values[index] = value;
  }

  /** Gives back what was reserved for growth. */
  trim(): void {
    this.#values = this.#values.slice(0, this.#length);
  }

  /** In an ascending column, how many values are ≤ `limit`. */
  countUpTo(limit: number): number {
    return firstIndex(this.#length, (index) => (this.#values[index] ?? 0) > limit);
  }

  /** In an ascending column, how many values are < `limit`. */
  countBelow(limit: number): number {
    return firstIndex(this.#length, (index) => (this.#values[index] ?? 0) >= limit);
  }
}

/** The first index of 0…length for which `holds` (false, …, false, true, …, true); `length` where it never does. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
