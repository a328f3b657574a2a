/**
 * Packs columns that come in chunks of any length into chunks of `size` rows, of which the last alone may be shorter. How a file's rows are grouped follows the chunks that they are appended in: so that follows from
 * the rows alone.
 */
export class Repacker {
  readonly #widths: readonly number[];
  readonly #size: number;
  readonly #give: (columns: readonly Uint8Array<ArrayBuffer>[], count: number) => void;
  readonly #columns: readonly Uint8Array<ArrayBuffer>[];
  #filled = 0;
  #given = 0;

  /** `widths`: bytes a value, of each column. What `give` gets is overwritten afterwards. */
  constructor(
    widths: readonly number[],
    size: number,
    give: (columns: readonly Uint8Array<ArrayBuffer>[], count: number) => void,
  ) {
    this.#widths = widths;
    this.#size = size;
    this.#give = give;
    this.#columns = widths.map((width) => new Uint8Array(width * size));
  }

  take(columns: readonly Uint8Array[], count: number): void {
    for (let from = 0; from < count;) {
      const rows = Math.min(count - from, this.#size - this.#filled);
      for (const [index, width] of this.#widths.entries()) {
        const part = columns[index]?.subarray(from * width, (from + rows) * width);
        if (part !== undefined) this.#columns[index]?.set(part, this.#filled * width);
      }
      this.#filled += rows;
      from += rows;
      if (this.#filled === this.#size) this.#flush();
    }
  }

  /** Gives what is left; how many rows there were. */
  end(): number {
    if (this.#filled > 0) this.#flush();
    return this.#given;
  }

  #flush(): void {
    const count = this.#filled;
    this.#give(
      this.#columns.map((column, index) => column.subarray(0, count * (this.#widths[index] ?? 0))),
      count,
    );
    this.#given += count;
    this.#filled = 0;
  }
}
