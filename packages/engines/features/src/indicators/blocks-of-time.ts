import { barNumber, barOpenMs } from '@monsta/core';

/** Time is cut into blocks of `count` bars, as core counts bars of a length: when the block after the one of a bar begins, ms. */
export const nextBlockMs = (openTimeMs: number, stepMs: number, count: number): number =>
  barOpenMs((Math.floor(barNumber(openTimeMs, stepMs) / count) + 1) * count, stepMs);
