const LOW_BITS = 64n;
const BEYOND = 1n << 127n;

/**
 * Rows of exact amounts side by side, where the garbage collector has nothing to look through: of each amount the lower and the upper 64 bits. One that needs more (beyond 1.7 × 10²⁰ of
 * its asset at 18 digits) is kept apart.
 */
export class ExactColumns {
  readonly #width: number;
  #lows = new BigUint64Array(0);
  #highs = new BigInt64Array(0);
  readonly #wide = new Map<number, bigint>();

  constructor(width: number) {
    this.#width = width;
  }

  /** Makes room for so many rows. */
  reserve(rows: number): void {
    const needed = rows * this.#width;
    if (needed <= this.#lows.length) return;
    const lows = new BigUint64Array(needed);
    const highs = new BigInt64Array(needed);
    lows.set(this.#lows);
    highs.set(this.#highs);
    this.#lows = lows;
    this.#highs = highs;
  }

  /** Writes an amount once, into a row that there is room for. */
  set(row: number, column: number, value: bigint): void {
    const at = row * this.#width + column;
    this.#lows[at] = value;
    this.#highs[at] = value >> LOW_BITS;
    if (value >= BEYOND || value < -BEYOND) this.#wide.set(at, value);
  }

  get(row: number, column: number): bigint {
    const at = row * this.#width + column;
    const wide = this.#wide.get(at);
    if (wide !== undefined) return wide;
    return ((this.#highs[at] as bigint) << LOW_BITS) | (this.#lows[at] as bigint);
  }
}
