import { divide, formatUnits, formatUnitsShort, parseDecimal, pow10, type Decimal } from '@monsta/core';

/** Arithmetic on decimal text without binary floating point; null where a text is no decimal. */
function read(text: string): Decimal | null {
  const parsed = parseDecimal(text);
  return parsed.ok ? parsed.value : null;
}

const atScale = ({ units, scale }: Decimal, wider: number): bigint => units * pow10(wider - scale);

function both(left: string, right: string): readonly [bigint, bigint, number] | null {
  const [a, b] = [read(left), read(right)];
  if (a === null || b === null) return null;
  const scale = Math.max(a.scale, b.scale);
  return [atScale(a, scale), atScale(b, scale), scale];
}

/** −1, 0 or 1. */
export function compare(left: string, right: string): -1 | 0 | 1 | null {
  const pair = both(left, right);
  if (pair === null) return null;
  return pair[0] === pair[1] ? 0 : pair[0] < pair[1] ? -1 : 1;
}

export const isPositive = (text: string): boolean => compare(text, '0') === 1;

/** The exact product, without trailing zeros. */
export function multiply(left: string, right: string): string | null {
  const [a, b] = [read(left), read(right)];
  return a === null || b === null ? null : formatUnitsShort(a.units * b.units, a.scale + b.scale);
}

/** The exact sum; null where one of them is unknown. */
export function sumOf(texts: readonly (string | null)[]): string | null {
  let [units, scale] = [0n, 0];
  for (const text of texts) {
    const value = text === null ? null : read(text);
    if (value === null) return null;
    const wider = Math.max(scale, value.scale);
    units = units * pow10(wider - scale) + atScale(value, wider);
    scale = wider;
  }
  return formatUnits(units, scale);
}

/** True where `text` is a whole number of steps. */
export function isMultiple(text: string, step: string): boolean {
  const pair = both(text, step);
  return pair !== null && pair[1] > 0n && pair[0] % pair[1] === 0n;
}

/** The most whole steps of something at `price` that `amount` pays for, in the digits of the step. */
export function affordable(amount: string, price: string, step: string): string | null {
  const [money, each, size] = [read(amount), read(price), read(step)];
  if (money === null || each === null || size === null || each.units <= 0n || size.units <= 0n) return null;
  const scale = Math.max(money.scale, each.scale + size.scale);
  const steps = divide(
    atScale(money, scale),
    each.units * size.units * pow10(scale - each.scale - size.scale),
    'floor',
  );
  return formatUnits(steps * size.units, size.scale);
}
