import { AMOUNT_SCALE, pow10, VOLUME_SCALE, type Step } from '@monsta/core';

/** Below this a sum of two such numbers is still a safe integer. */
const HALF_SAFE = 2 ** 52;

/** An exact sum of whole numbers: in a plain number as long as it is safe, the rest in a bigint. */
export class ExactTotal {
  #low = 0;
  #high = 0n;

  add(value: number): void {
    if (value > HALF_SAFE) {
      this.#high += BigInt(value);
      return;
    }
    this.#low += value;
    if (this.#low > HALF_SAFE) this.#carry();
  }

  /** Adds `left × right`, exactly. */
  addProduct(left: number, right: number): void {
    const product = left * right;
    if (product <= HALF_SAFE) this.add(product);
    else this.#high += BigInt(left) * BigInt(right);
  }

  addBig(value: bigint): void {
    this.#high += value;
  }

  value(): bigint {
    return this.#high + BigInt(this.#low);
  }

  #carry(): void {
    this.#high += BigInt(this.#low);
    this.#low = 0;
  }
}

/** What turns sums of lots, and of ticks × lots, into volumes at `VOLUME_SCALE` digits. */
export interface VolumeScales {
  base(lots: bigint): bigint;
  /** Rounded down where tick and lot together are finer than 8 digits: what the exchange prints has no more. */
  quote(ticksTimesLots: bigint): bigint;
}

export function volumeScales(tick: Step, lot: Step): VolumeScales {
  const baseFactor = BigInt(lot.units) * pow10(AMOUNT_SCALE - lot.scale);
  const quoteFactor = BigInt(tick.units) * BigInt(lot.units) * pow10(AMOUNT_SCALE - tick.scale - lot.scale);
  const divisor = pow10(AMOUNT_SCALE - VOLUME_SCALE);
  return {
    base: (lots) => (lots * baseFactor) / divisor,
    quote: (ticksTimesLots) => (ticksTimesLots * quoteFactor) / divisor,
  };
}
