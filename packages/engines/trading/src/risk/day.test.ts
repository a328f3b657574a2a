import { MS_PER_HOUR, msFromUs, usFromMs } from '@monsta/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Days } from './day.ts';

const at = (text: string) => usFromMs(Date.parse(text));
const iso = (us: number): string => new Date(us / 1_000).toISOString();
const dayOf = (timeZone: string, hour: number, now: string) => {
  const { startUs, endUs } = new Days({ timeZone, hour }).of(at(now));
  return { start: iso(startUs), end: iso(endUs), hours: (endUs - startUs) / 1_000 / MS_PER_HOUR };
};

test.each([
  ['UTC at midnight', 'UTC', 0, '2024-08-08T00:00:00.000Z', '2024-08-08T00:00:00.000Z', 24],
  ['UTC, a millisecond before', 'UTC', 0, '2024-08-07T23:59:59.999Z', '2024-08-07T00:00:00.000Z', 24],
  ['New York at five in the evening', 'America/New_York', 17, '2024-08-08T12:00:00Z', '2024-08-07T21:00:00.000Z', 24],
  ['Kathmandu, 5 h 45 min ahead', 'Asia/Kathmandu', 0, '2024-08-08T12:00:00Z', '2024-08-07T18:15:00.000Z', 24],
  ['the day clocks go forward', 'Europe/Berlin', 0, '2024-03-31T12:00:00Z', '2024-03-30T23:00:00.000Z', 23],
  ['the day clocks go back', 'Europe/Berlin', 0, '2024-10-27T12:00:00Z', '2024-10-26T22:00:00.000Z', 25],
  [
    'an hour that clocks skip: 2 h becomes 3 h',
    'Europe/Berlin',
    2,
    '2024-03-31T12:00:00Z',
    '2024-03-31T01:00:00.000Z',
    23,
  ],
  [
    'an hour shown twice begins the first time',
    'Europe/Berlin',
    2,
    '2024-10-27T12:00:00Z',
    '2024-10-27T00:00:00.000Z',
    25,
  ],
  ['within the hour shown twice', 'Europe/Berlin', 2, '2024-10-27T01:30:00Z', '2024-10-27T00:00:00.000Z', 25],
  ['a midnight that clocks skip (Beirut)', 'Asia/Beirut', 0, '2024-03-31T12:00:00Z', '2024-03-30T22:00:00.000Z', 23],
])('the day of %s', (_what, timeZone, hour, now, start, hours) => {
  expect(dayOf(timeZone, hour, now)).toMatchObject({ start, hours });
});

test('days follow each other without a gap or an overlap, and the time is within its day', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Beirut'];
  const fromMs = Date.parse('2015-01-01T00:00:00Z');
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 0, max: 23 }),
      fc.integer({ min: 0, max: 12 * 365 * 24 * 60 }),
      (timeZone, hour, minute) => {
        const now = usFromMs(fromMs + minute * 60_000);
        const { startUs, endUs } = new Days({ timeZone, hour }).of(now);
        expect(startUs <= now && now < endUs).toBe(true);
        const hours = (endUs - startUs) / 1_000 / MS_PER_HOUR;
        expect(hours).toBeGreaterThanOrEqual(22.5);
        expect(hours).toBeLessThanOrEqual(25.5);
        expect(new Days({ timeZone, hour }).of(endUs).startUs).toBe(endUs);
        const before = new Days({ timeZone, hour }).of(usFromMs(msFromUs(startUs) - 1));
        expect(before.endUs).toBe(startUs);
      },
    ),
    { numRuns: 200 },
  );
});
