import type { Brand } from './brand.ts';
import { approximate, divide, formatUnitsShort, parseDecimal, pow10, rescale, type RoundingMode } from './decimal.ts';
import { ok, type Result } from './result.ts';

/**
 * Fractional digits of every amount of an asset held in memory. Price and quantity of Binance have at most 8 each,
 * so that their product (16) is exact with two digits to spare.
 */
export const AMOUNT_SCALE = 18;

/** An exact amount of some asset in units of 10^-18. */
export type Amount = Brand<bigint, 'Amount'>;

export const ZERO_AMOUNT = 0n as Amount;

export const amount = (units: bigint): Amount => units as Amount;
export const addAmounts = (left: Amount, right: Amount): Amount => (left + right) as Amount;
export const subtractAmounts = (left: Amount, right: Amount): Amount => (left - right) as Amount;
export const negateAmount = (value: Amount): Amount => -value as Amount;
export const absAmount = (value: Amount): Amount => (value < 0n ? -value : value) as Amount;

/** Reads a plain decimal. Faults: `decimal_malformed`, `decimal_inexact` (over 18 fractional digits). */
export function parseAmount(text: string): Result<Amount> {
  const parsed = parseDecimal(text);
  if (!parsed.ok) return parsed;
  const units = rescale(parsed.value, AMOUNT_SCALE);
  return units.ok ? ok(units.value as Amount) : units;
}

/** Prints without trailing zeros. */
export function formatAmount(value: Amount): string {
  return usualText(value) ?? formatUnitsShort(value, AMOUNT_SCALE);
}

/** What money and coins are counted in mostly has no more digits. */
const USUAL_DIGITS = 8;
const USUAL_UNIT = pow10(AMOUNT_SCALE - USUAL_DIGITS);
const USUAL_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** The same of an amount with at most eight digits behind the point that a binary number holds whole; null of others. */
function usualText(value: Amount): string | null {
  const units = value / USUAL_UNIT;
  if (units > USUAL_MAX || units < -USUAL_MAX || units * USUAL_UNIT !== value) return null;
  const size = Math.abs(Number(units));
  const whole = Math.floor(size / 1e8);
  // Below 10⁸: a machine's own integer, which divides fast.
  let digits = (size - whole * 1e8) | 0;
  const sign = value < 0n ? '-' : '';
  if (digits === 0) return `${sign}${whole}`;
  let length = USUAL_DIGITS;
  while (digits % 10 === 0) {
    digits = (digits / 10) | 0;
    length -= 1;
  }
  return `${sign}${whole}.${String(digits).padStart(length, '0')}`;
}

/** A binary approximation, for display and statistics only. */
export function approximateAmount(value: Amount): number {
  return approximate(value, AMOUNT_SCALE);
}

/** Rates (fees, fractions of equity) are integers in parts per million: 0.1 % = 1000. */
const RATE_SCALE = 6;
export const RATE_UNIT = pow10(RATE_SCALE);

/**
 * `value × ratePpm / 10^6`, rounded to `digits` fractional digits of the asset (Binance books commissions with 8).
 * A fee is rounded `ceil`, so that a simulation never flatters; a limit derived from equity `floor`.
 */
export function applyRate(value: Amount, ratePpm: number, mode: RoundingMode, digits = 8): Amount {
  if (ratePpm === 0) return ZERO_AMOUNT;
  const unit = pow10(AMOUNT_SCALE - digits);
  return (divide(value * BigInt(ratePpm), pow10(RATE_SCALE + AMOUNT_SCALE - digits), mode) * unit) as Amount;
}
