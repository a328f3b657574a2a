/** The size of the lower limb: 2^50, so that sums of two limbs stay exact in a double. */
const LIMB = 2 ** 50;
const LIMB_BITS = 50n;
const LOW_MASK = (1n << LIMB_BITS) - 1n;

/**
 * A mutable exact integer from 0 to 2^103 as two doubles: `high × 2^50 + low`. It does what `bigint` does for the amounts of an exchange, without
 * an allocation for each step; products beyond 2^53 go through `bigint`, so that no digit is ever lost.
 */
export class Wide {
  high = 0;
  low = 0;

  clear(): this {
    this.high = 0;
    this.low = 0;
    return this;
  }

  copy(other: Wide): this {
    this.high = other.high;
    this.low = other.low;
    return this;
  }

  /** `left × right × factor`; each a safe integer, `factor` ≥ 1, the others ≥ 0. */
  setProduct(left: number, right: number, factor: number): this {
    const product = left * right * factor;
    // The rounded product is only below 2^53 where the true one is, and then nothing was rounded.
    if (product >= LIMB) return this.#setLargeProduct(left, right, factor, product);
    this.high = 0;
    this.low = product;
    return this;
  }

  #setLargeProduct(left: number, right: number, factor: number, product: number): this {
    if (product > Number.MAX_SAFE_INTEGER) return this.setBig(BigInt(left) * BigInt(right) * BigInt(factor));
    this.high = Math.floor(product / LIMB);
    this.low = product - this.high * LIMB;
    return this;
  }

  /** Throws `RangeError` for what is negative or beyond 2^103. */
  setBig(value: bigint): this {
    const high = value >> LIMB_BITS;
    if (value < 0n || high > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is outside 0…2^103`);
    this.high = Number(high);
    this.low = Number(value & LOW_MASK);
    return this;
  }

  toBig(): bigint {
    return this.high === 0 ? BigInt(this.low) : (BigInt(this.high) << LIMB_BITS) + BigInt(this.low);
  }

  add(other: Pick<Wide, 'high' | 'low'>): this {
    let low = this.low + other.low;
    let high = this.high + other.high;
    if (low >= LIMB) {
      low -= LIMB;
      high += 1;
    }
    this.high = high;
    this.low = low;
    return this;
  }

  /** Throws `RangeError` where the difference would be negative; nothing changes then. */
  subtract(other: Wide): this {
    let low = this.low - other.low;
    let high = this.high - other.high;
    if (low < 0) {
      low += LIMB;
      high -= 1;
    }
    if (high < 0) throw new RangeError(`${this.toBig()} − ${other.toBig()} is negative`);
    this.high = high;
    this.low = low;
    return this;
  }

  /** True when this is at least `other`. */
  covers(other: Wide): boolean {
    return this.high > other.high || (this.high === other.high && this.low >= other.low);
  }

  get isZero(): boolean {
    return this.low === 0 && this.high === 0;
  }

  /**
   * `value × rate / divisor` rounded up to a whole multiple of `unit`; `rate` ≤ `divisor`, safe integers. The fee of an amount, where `unit` is the least step in which
   * fees are booked.
   */
  setShare(value: Wide, rate: number, divisor: number, unit: number): this {
    const step = divisor * unit;
    if (value.high !== 0 || step > 1e9 || rate > 1e6) {
      const whole = BigInt(divisor) * BigInt(unit);
      const share = value.toBig() * BigInt(rate);
      return this.setBig(((share + whole - 1n) / whole) * BigInt(unit));
    }
    // value = quotient × step + rest, so that no product leaves the safe integers: the quotient's is below 2^50, the rest's below 10^15.
    let quotient = Math.floor(value.low / step);
    let rest = value.low - quotient * step;
    if (rest < 0) {
      quotient -= 1;
      rest += step;
    }
    const part = rest * rate;
    let partial = Math.floor(part / step);
    if (partial * step < part) partial += 1;
    return this.setProduct(quotient * rate + partial, 1, unit);
  }
}
