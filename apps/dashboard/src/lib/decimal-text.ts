import { divide, formatUnits, parseDecimal, pow10, type Decimal } from '@monsta/core';

/**
 * Exact numbers arrive as decimal text and are shown without passing through binary floating point:
 * `Intl.NumberFormat` formats decimal text exactly.
 */
export type Trend = 'up' | 'down' | 'flat';

const DECIMAL = /^-?\d+(\.\d+)?$/;
const isDecimal = (text: string): text is `${number}` => DECIMAL.test(text);
const fractionDigits = (text: string): number => {
  const dot = text.indexOf('.');
  return dot < 0 ? 0 : text.length - dot - 1;
};

const formats = new Map<string, Intl.NumberFormat>();

function numberFormat(locale: string, min: number, max: number, sign: 'auto' | 'exceptZero'): Intl.NumberFormat {
  const key = `${locale} ${min} ${max} ${sign}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(locale, {
    minimumFractionDigits: min,
    maximumFractionDigits: max,
    signDisplay: sign,
  });
  // Few digits and two locales: the number of formats is small by nature.
  formats.set(key, made);
  return made;
}

/** Every digit as written, grouped as the locale does: `61737.60` → `61,737.60`. Text that is no decimal is shown as it is. */
export function formatExact(text: string, locale: string): string {
  if (!isDecimal(text)) return text;
  const digits = fractionDigits(text);
  return numberFormat(locale, digits, digits, 'auto').format(text);
}

/** Rounded half away from zero to `digits` fractional digits. */
export function formatRounded(text: string, locale: string, digits: number): string {
  return isDecimal(text) ? numberFormat(locale, digits, digits, 'auto').format(text) : text;
}

/** As `formatRounded`, with a sign before everything but zero: never colour alone. */
export function formatSigned(text: string, locale: string, digits: number): string {
  return isDecimal(text) ? numberFormat(locale, digits, digits, 'exceptZero').format(text) : text;
}

/** Without trailing fractional zeros, at most `digitsMax` of them: for balances of many assets. */
export function formatShort(text: string, locale: string, digitsMax: number): string {
  return isDecimal(text) ? numberFormat(locale, 0, digitsMax, 'auto').format(text) : text;
}

/** A share between 0 and 1 (or −1 and 1) as percent with `digits` fractional digits. */
export function formatShare(share: number, locale: string, digits: number): string {
  return new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(share);
}

/** A share as signed percentage points, without a unit: 0.0123 → `+1.2`. */
export function formatPoints(share: number, locale: string): string {
  return numberFormat(locale, 1, 1, 'exceptZero').format(share * 100);
}

/** A volume in few characters (`1.2K`), rounded: for overviews. */
export function formatCompact(text: string, locale: string): string {
  if (!isDecimal(text)) return text;
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 4 }).format(text);
}

function decimalOf(text: string): Decimal | null {
  const parsed = parseDecimal(text);
  return parsed.ok ? parsed.value : null;
}

const atScale = (value: Decimal, scale: number): bigint => value.units * pow10(scale - value.scale);

function aligned(left: string, right: string): readonly [bigint, bigint, number] | null {
  const a = decimalOf(left);
  const b = decimalOf(right);
  if (a === null || b === null) return null;
  const scale = Math.max(a.scale, b.scale);
  return [atScale(a, scale), atScale(b, scale), scale];
}

/** `minuend − subtrahend`, exactly; null when either is no decimal. */
export function subtract(minuend: string, subtrahend: string): string | null {
  const both = aligned(minuend, subtrahend);
  return both === null ? null : formatUnits(both[0] - both[1], both[2]);
}

/** The running sums of decimal texts, exactly; what is no decimal ends the list. */
export function runningSums(texts: readonly string[]): readonly string[] {
  const sums: string[] = [];
  let units = 0n;
  let scale = 0;
  for (const text of texts) {
    const value = decimalOf(text);
    if (value === null) break;
    const wider = Math.max(scale, value.scale);
    units = units * pow10(wider - scale) + atScale(value, wider);
    scale = wider;
    sums.push(formatUnits(units, scale));
  }
  return sums;
}

/** How much `to` differs from `from`, as decimal text in percent with `digits` digits; null when that can't be said. */
export function percentChange(from: string, to: string, digits = 2): string | null {
  const both = aligned(from, to);
  if (both === null || both[0] <= 0n) return null;
  return formatUnits(divide((both[1] - both[0]) * 100n * pow10(digits), both[0], 'half-even'), digits);
}

/** Which way a signed decimal text points. */
export function trendOf(text: string): Trend {
  const value = decimalOf(text);
  if (value === null || value.units === 0n) return 'flat';
  return value.units > 0n ? 'up' : 'down';
}

/** A binary approximation for drawing only; null when it is no decimal. */
export function forDrawing(text: string): number | null {
  return isDecimal(text) ? Number(text) : null;
}
