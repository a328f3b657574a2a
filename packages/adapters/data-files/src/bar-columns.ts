const BLOCK_BITS = 13;
const BLOCK_ROWS = 1 << BLOCK_BITS;

/** A growing column of numbers, in blocks, so that growing copies nothing. */
export class BlockColumn {
  readonly #blocks: Float64Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length & (BLOCK_ROWS - 1);
    let block = this.#blocks[this.#length >>> BLOCK_BITS];
    if (block === undefined) {
      block = new Float64Array(BLOCK_ROWS);
      this.#blocks.push(block);
    }
    block[at] = value;
    this.#length += 1;
  }

  /** Multiplies all values so far. */
  scale(factor: number): void {
    for (const block of this.#blocks)
      for (let at = 0; at < block.length; at += 1) block[at] = (block[at] ?? 0) * factor;
  }

  /** Copies all values into `target`, and lets go of them. */
  moveInto(target: Float64Array): void {
    this.#blocks.forEach((block, index) => {
      const from = index * BLOCK_ROWS;
      target.set(from + BLOCK_ROWS <= this.#length ? block : block.subarray(0, this.#length - from), from);
    });
    this.#blocks.length = 0;
    this.#length = 0;
  }
}
