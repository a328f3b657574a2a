import type { Interval } from '@monsta/core';
import { describe, expect, it } from 'vitest';
import { witnessGaps, type Witness } from './gap-witnesses.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAYS = 24 * HOUR;
const DAY = Date.UTC(2024, 0, 8);

/** Kept from the day's begin to its end, but for bars between these minutes of the day. */
const witness = (
  name: string,
  interval: Interval,
  gaps: readonly (readonly [number, number])[],
  lastHour = 23,
): Witness => ({
  name,
  interval,
  firstMs: DAY,
  lastMs: DAY + lastHour * HOUR,
  gaps: gaps.map(([before, after]) => ({ beforeMs: DAY + before * MINUTE, afterMs: DAY + after * MINUTE })),
});

/** Hours 10 and 11 are missing. */
const GAP = { beforeMs: DAY + 9 * HOUR, afterMs: DAY + 12 * HOUR, missing: 2 };

describe('a gap', () => {
  it.each([
    ['missing where others have the same gap', witness('E', '1h', [[9 * 60, 12 * 60]]), 'missing'],
    ['missing where minutes are missing for all of it', witness('E', '1m', [[9 * 60 + 30, 12 * 60 + 10]]), 'missing'],
    ['there where one minute of it is there', witness('E', '1m', [[9 * 60 + 30, 12 * 60 - 1]]), 'there'],
    ['there where another has no gap', witness('E', '1h', []), 'there'],
    ['there where another has one at another time', witness('E', '1h', [[60, 300]]), 'there'],
    ['there where one of its hours is', witness('E', '1h', [[9 * 60, 11 * 60]]), 'there'],
    ['not told of by bars that are longer than it', witness('E', '4h', []), 'unknown'],
    [
      'not told of by weeks',
      { ...witness('E', '1w', []), firstMs: DAY - 28 * DAYS, lastMs: DAY + 28 * DAYS },
      'unknown',
    ],
    ['not told of by what was not kept then', witness('E', '1h', [], 10), 'unknown'],
    ['not told of by nothing', { ...witness('E', '1h', []), firstMs: null, lastMs: null }, 'unknown'],
  ])('is %s', (_, other, said) => {
    expect(witnessGaps([GAP], '1h', [other])).toEqual([
      { ...GAP, missingToo: said === 'missing' ? ['E'] : [], presentIn: said === 'there' ? ['E'] : [] },
    ]);
  });

  it('of days is told of by the weeks within it', () => {
    // From Thursday, 11 January to Thursday, 1 February: the weeks of the 15th and the 22nd.
    const gap = { beforeMs: DAY + 2 * DAYS, afterMs: DAY + 24 * DAYS, missing: 21 };
    const weeks = (gaps: readonly (readonly [number, number])[]): Witness => ({
      ...witness('E', '1w', []),
      ...{ firstMs: DAY - 28 * DAYS, lastMs: DAY + 28 * DAYS },
      gaps: gaps.map(([before, after]) => ({ beforeMs: DAY + before * DAYS, afterMs: DAY + after * DAYS })),
    });
    expect(witnessGaps([gap], '1d', [weeks([[0, 21]])])).toMatchObject([{ missingToo: ['E'], presentIn: [] }]);
    expect(witnessGaps([gap], '1d', [weeks([[0, 14]])])).toMatchObject([{ missingToo: [], presentIn: ['E'] }]);
  });
});
