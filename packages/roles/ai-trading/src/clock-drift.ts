import type { ClockReading } from '@monsta/ports';

const rounded = (ms: number): string => `${Math.round(ms)} ms`;

/**
 * Why trading halts for the clocks' sake: ours is further from the venue's than `msMax`, or nobody knows it that well. Null while both are within it, before the first measurement, and for a venue without a
 * clock of its own.
 */
export function clockDrift(reading: ClockReading | null, msMax: number): string | null {
  if (reading === null) return null;
  const { offsetMs, errorMs } = reading;
  if (Math.abs(offsetMs) > msMax)
    return `the venue’s clock is ${rounded(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead of' : 'behind'} ours, more than ${msMax} ms; nothing is sent until they agree again: set this machine’s clock (NTP)`;
  if (errorMs > msMax)
    return `how far the venue’s clock is from ours is known to ${rounded(errorMs)} only, worse than ${msMax} ms; nothing is sent until it is measured better`;
  return null;
}
