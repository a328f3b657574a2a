/** The slot of nothing. */
export const NONE = -1;

const SLOTS_MIN = 8;

/**
 * Records of numbers, all of one size, side by side in one typed array, named by their slots. What belongs together lies together, whatever its age; nothing of it is an
 * object that the runtime would have to follow or move. The array doubles when it is full and never shrinks; a slot that was given back is the first to be used again.
 */
export class Records {
  /** Words of 8 bytes in a record. */
  readonly #words: number;
  values: Float64Array;
  /** The same memory in halves of words. */
  ints: Int32Array;
  /** Slots that were ever in use, and those that are. */
  #used = 0;
  #size = 0;
  /** The head of the slots that were given back; each names the next in its last half word. */
  #free = NONE;

  constructor(words: number) {
    this.#words = words;
    this.values = new Float64Array(SLOTS_MIN * words);
    this.ints = new Int32Array(this.values.buffer);
  }

  /** Records in use. */
  get size(): number {
    return this.#size;
  }

  /** A slot for a new record, whose numbers are what was left there. */
  enter(): number {
    this.#size += 1;
    const slot = this.#free;
    if (slot !== NONE) {
      this.#free = this.ints[(slot + 1) * this.#words * 2 - 1] as number;
      return slot;
    }
    if (this.#used * this.#words === this.values.length) this.#grow();
    this.#used += 1;
    return this.#used - 1;
  }

  leave(slot: number): void {
    this.#size -= 1;
    this.ints[(slot + 1) * this.#words * 2 - 1] = this.#free;
    this.#free = slot;
  }

  #grow(): void {
    const values = new Float64Array(this.values.length * 2);
    values.set(this.values);
    this.values = values;
    this.ints = new Int32Array(values.buffer);
  }
}
