import { err, ok, type Result } from './result.ts';

/** An exact decimal number: `units × 10^-scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** The most fractional digits a decimal may carry; more is a malformed number, not a precise one. */
export const DECIMAL_SCALE_MAX = 30;
const DIGITS_MAX = 60;
const DECIMAL_PATTERN = /^(-?)(\d+)(?:\.(\d+))?$/;

const POWERS: readonly bigint[] = Array.from(
  { length: 2 * DECIMAL_SCALE_MAX + DIGITS_MAX },
  (_, n) => 10n ** BigInt(n),
);

/** `10^exponent` as bigint, for 0 ≤ exponent < 120. */
export function pow10(exponent: number): bigint {
  const power = POWERS[exponent];
  if (power === undefined) throw new RangeError(`pow10: exponent ${exponent} is outside 0…${POWERS.length - 1}`);
  return power;
}

/**
 * Reads plain decimal notation (`-12.3400`), keeping every digit written.
 * Fault `decimal_malformed` for anything else: exponents, signs other than `-`, spaces, over 30 fractional or 60 digits.
 */
export function parseDecimal(text: string): Result<Decimal> {
  const match = DECIMAL_PATTERN.exec(text);
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || fraction.length > DECIMAL_SCALE_MAX || whole.length + fraction.length > DIGITS_MAX) {
    return err('decimal_malformed', `'${text.slice(0, 80)}' is not a plain decimal number such as 12.34`);
  }
  const magnitude = BigInt(whole + fraction);
  return ok({ units: match[1] === '-' ? -magnitude : magnitude, scale: fraction.length });
}

/** Prints with exactly `scale` fractional digits. */
export function formatUnits(units: bigint, scale: number): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, '0');
  const cut = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return negative ? `-${text}` : text;
}

/** Prints with exactly the decimal's own fractional digits: the inverse of `parseDecimal`. */
export function formatDecimal(value: Decimal): string {
  return formatUnits(value.units, value.scale);
}

/** Prints without trailing fractional zeros: `12.3400` → `12.34`, `5.000` → `5`. */
export function formatUnitsShort(units: bigint, scale: number): string {
  const text = formatUnits(units, scale);
  if (scale === 0) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  if (text.charCodeAt(end - 1) === 46) end -= 1;
  const short = text.slice(0, end);
  return short === '-0' ? '0' : short;
}

/**
 * The number's units at another scale, exactly.
 * Fault `decimal_inexact` when digits other than zero would be cut.
 */
export function rescale(value: Decimal, scale: number): Result<bigint> {
  if (scale >= value.scale) return ok(value.units * pow10(scale - value.scale));
  const divisor = pow10(value.scale - scale);
  if (value.units % divisor !== 0n) {
    return err('decimal_inexact', `${formatDecimal(value)} has more than ${scale} fractional digits`);
  }
  return ok(value.units / divisor);
}

export type RoundingMode = 'floor' | 'ceil' | 'half-even';

/** Integer division with stated rounding; `divisor` > 0. `floor` and `ceil` are towards −∞ and +∞. */
export function divide(dividend: bigint, divisor: bigint, mode: RoundingMode): bigint {
  if (divisor <= 0n) throw new RangeError('divide: the divisor must be positive');
  let quotient = dividend / divisor;
  // A product is cheaper than a second division.
  let remainder = dividend - quotient * divisor;
  if (remainder < 0n) {
    quotient -= 1n;
    remainder += divisor;
  }
  if (remainder === 0n || mode === 'floor') return quotient;
  if (mode === 'ceil') return quotient + 1n;
  const twice = remainder * 2n;
  const up = twice > divisor || (twice === divisor && quotient % 2n !== 0n);
  return up ? quotient + 1n : quotient;
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);
/** Those of ten's powers that are exact in binary. */
const EXACT_POWERS: readonly number[] = Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));
/** What money and coins are counted in has no more digits, whatever it is kept with. */
const USUAL_SCALE = 8;

/** A binary approximation, for display, features and charts; never for orders, fills or balances. The number that is nearest, as of its decimal text. */
export function approximate(units: bigint, scale: number): number {
  // Where both parts of a quotient are exact it is rounded once, as the number of a text is.
  const power = EXACT_POWERS[scale];
  if (power !== undefined && units <= SAFE_MAX && units >= -SAFE_MAX) return Number(units) / power;
  if (scale > USUAL_SCALE) {
    const cut = pow10(scale - USUAL_SCALE);
    const short = units / cut;
    if (short <= SAFE_MAX && short >= -SAFE_MAX && short * cut === units) return approximate(short, USUAL_SCALE);
  }
  return Number(formatUnits(units, scale));
}
