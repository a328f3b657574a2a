import type { Interval } from '@monsta/core';

/** The interval that the chart shows: the one that was chosen, where its bars are collected; else the first of those that are. */
export const shownInterval = (chosen: Interval, collected: readonly Interval[]): Interval =>
  collected.includes(chosen) ? chosen : (collected[0] ?? chosen);
