import { parseDecimal, pow10, type Decimal } from '@monsta/core';

const ZERO = 48;
const NINE = 57;
const POINT = 46;
const MINUS = 45;
const SHIFTABLE = (Number.MAX_SAFE_INTEGER - 9) / 10;
const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const EXPONENT = /^([+-]?\d+(?:\.\d+)?)[eE]([+-]?\d{1,2})$/;

/** 10^exponent, exactly, for 0 ≤ exponent ≤ 15. */
export const powerOfTen = (exponent: number): number => POWERS[exponent] ?? Number.POSITIVE_INFINITY;

/**
 * Reads decimal numbers out of bytes, exactly and without making text of them: a million rows have millions of them. After `read` the number is
 * `units × 10^-scale`, without trailing zeros behind the point.
 */
export class DecimalCell {
  /** A safe integer. */
  units = 0;
  scale = 0;
  /** The number where it is no safe integer of units, e.g. one with a binary tail; null where `units` holds it. */
  long: Decimal | null = null;

  /** False where the bytes are no decimal number (`12`, `-0.50`, `1e-05`, `1.5E+3`). */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    const negative = bytes[at] === MINUS;
    if (negative) at += 1;
    let units = 0;
    let scale = 0;
    let zeros = 0;
    let digits = 0;
    let fraction = false;
    this.long = null;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte >= ZERO && byte <= NINE) {
        digits += 1;
        if (!fraction) {
          if (units > SHIFTABLE) return this.#readLong(bytes, start, end);
          units = units * 10 + (byte - ZERO);
        } else if (byte === ZERO) zeros += 1;
        else {
          for (; zeros >= 0; zeros -= 1) {
            if (units > SHIFTABLE) return this.#readLong(bytes, start, end);
            units *= 10;
            scale += 1;
          }
          units += byte - ZERO;
          zeros = 0;
        }
      } else if (byte === POINT && !fraction && digits > 0) {
        fraction = true;
        digits = 0;
      } else return this.#readLong(bytes, start, end);
    }
    if (digits === 0) return false;
    this.units = negative && units !== 0 ? -units : units;
    this.scale = scale;
    return true;
  }

  /** Numbers of many digits and such with an exponent, which are rare. */
  #readLong(bytes: Uint8Array, start: number, end: number): boolean {
    const text = new TextDecoder().decode(bytes.subarray(start, end));
    const exponent = EXPONENT.exec(text);
    const plain = parseDecimal((exponent?.[1] ?? text).replace(/^\+/, ''));
    if (!plain.ok) return false;
    let { units, scale } = plain.value;
    scale -= Number(exponent?.[2] ?? 0);
    if (scale < 0) {
      units *= pow10(-scale);
      scale = 0;
    }
    while (scale > 0 && units % 10n === 0n) {
      units /= 10n;
      scale -= 1;
    }
    const safe = units <= BigInt(Number.MAX_SAFE_INTEGER) && units >= -BigInt(Number.MAX_SAFE_INTEGER);
    this.units = safe ? Number(units) : 0;
    this.scale = scale;
    this.long = safe ? null : { units, scale };
    return true;
  }

  /** The number, whatever its length. */
  decimal(): Decimal {
    return this.long ?? { units: BigInt(this.units), scale: this.scale };
  }
}
