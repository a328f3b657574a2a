import { BinanceError } from './parameters.ts';
import type { TimeUnit } from './wire.ts';

/** `MILLISECOND` or `MICROSECOND`, large or small letters; null for anything else. */
export function parseTimeUnit(text: string): TimeUnit | null {
  const word = text.toUpperCase();
  if (word === 'MILLISECOND') return 'ms';
  return word === 'MICROSECOND' ? 'us' : null;
}

export const timeUnitError = (): BinanceError =>
  new BinanceError(-1194, "Invalid value for time unit; expected either 'MICROSECOND' or 'MILLISECOND'.");
