import { barOpenMs, timestampUs, US_PER_MS, type TimestampUs } from '@monsta/core';

/*
 * Time alone is looked at on the multiples of a tick, where bars as long begin, in the time of the market, whoever drives the kernel: then what a timer does on a tape and what it did live are the same.
 */

/** The last tick at or before a time. */
export const tickBeforeUs = (us: TimestampUs, tickUs: number): TimestampUs =>
  timestampUs(us - ((us - barOpenMs(0, tickUs / US_PER_MS) * US_PER_MS) % tickUs));

/** The tick that comes after one. */
export const nextTickUs = (tickedUs: TimestampUs, tickUs: number): TimestampUs => timestampUs(tickedUs + tickUs);
