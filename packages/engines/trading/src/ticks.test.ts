import { timestampUs } from '@monsta/core';
import { expect, it } from 'vitest';
import { nextTickUs, tickBeforeUs } from './ticks.ts';

const us = (text: string) => timestampUs(Date.parse(text) * 1_000);
const WEEK_US = 7 * 86_400_000_000;

it('lie on whole ticks of UTC, those of weeks on Mondays, where bars as long begin', () => {
  expect(tickBeforeUs(us('2024-01-03T10:20:30.500Z'), 1_000_000)).toBe(us('2024-01-03T10:20:30Z'));
  expect(tickBeforeUs(us('2024-01-03T10:20:30Z'), 3_600_000_000)).toBe(us('2024-01-03T10:00:00Z'));
  const monday = tickBeforeUs(us('2024-01-03T10:20:30Z'), WEEK_US);
  expect(monday).toBe(us('2024-01-01T00:00:00Z'));
  expect(nextTickUs(monday, WEEK_US)).toBe(us('2024-01-08T00:00:00Z'));
  expect(tickBeforeUs(monday, WEEK_US)).toBe(monday);
});
