import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectOk } from './result.ts';
import {
  barNumber,
  ceilMsToInterval,
  commonBase,
  floorMsToInterval,
  floorToInterval,
  INTERVALS,
  intervalMs,
  isMadeOf,
  isTimeZone,
  msFromUs,
  opensInterval,
  parseInterval,
  timestampUs,
  usFromMs,
  type Interval,
} from './time.ts';

describe('time', () => {
  it('aligns intervals to UTC', () => {
    const us = usFromMs(Date.UTC(2024, 7, 8, 23, 57, 13, 456));
    const start = (interval: (typeof INTERVALS)[number]): string =>
      new Date(msFromUs(floorToInterval(us, interval))).toISOString();
    expect(INTERVALS.map(start)).toEqual([
      '2024-08-08T23:57:00.000Z',
      '2024-08-08T23:57:00.000Z',
      '2024-08-08T23:55:00.000Z',
      '2024-08-08T23:45:00.000Z',
      '2024-08-08T23:30:00.000Z',
      '2024-08-08T23:00:00.000Z',
      '2024-08-08T22:00:00.000Z',
      '2024-08-08T20:00:00.000Z',
      '2024-08-08T18:00:00.000Z',
      '2024-08-08T16:00:00.000Z',
      '2024-08-08T12:00:00.000Z',
      '2024-08-08T00:00:00.000Z',
      '2024-08-07T00:00:00.000Z',
      '2024-08-05T00:00:00.000Z',
    ]);
    expect(floorToInterval(floorToInterval(us, '1h'), '1h')).toBe(floorToInterval(us, '1h'));
    expect(floorToInterval(timestampUs(us + 1), '1m')).toBe(floorToInterval(us, '1m'));
  });

  it.each([
    // 2024-12-30 was a Monday; the year began on the Wednesday of that week.
    ['1w', '2024-12-29T23:59:59.999Z', '2024-12-23'],
    ['1w', '2024-12-30T00:00:00.000Z', '2024-12-30'],
    ['1w', '2025-01-01T00:00:00.000Z', '2024-12-30'],
    ['1w', '2025-01-05T23:59:59.999Z', '2024-12-30'],
    ['1w', '2025-01-06T00:00:00.000Z', '2025-01-06'],
    // The week that the first bars of Binance lie in, the first whole one since the epoch, and those before it.
    ['1w', '2017-08-17T04:00:00.000Z', '2017-08-14'],
    ['1w', '1970-01-05T00:00:00.000Z', '1970-01-05'],
    ['1w', '1970-01-01T00:00:00.000Z', '1969-12-29'],
    ['1w', '1969-12-28T23:59:59.999Z', '1969-12-22'],
    // As the exchange's own archive has them, from its first market's first bar on.
    ['3d', '2017-08-17T04:00:00.000Z', '2017-08-17'],
    ['3d', '2017-08-20T00:00:00.000Z', '2017-08-20'],
    ['3d', '2024-12-31T23:59:59.999Z', '2024-12-29'],
    ['3d', '2025-01-01T00:00:00.000Z', '2025-01-01'],
    ['3d', '1970-01-01T00:00:00.000Z', '1969-12-30'],
  ] as const)('has the %s of %s begin on %s', (interval, time, day) => {
    const start = floorMsToInterval(Date.parse(time), interval);
    expect(new Date(start).toISOString()).toBe(`${day}T00:00:00.000Z`);
  });

  it('has weeks begin on Mondays', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5e12, max: 5e12 }), (ms) => {
        const start = new Date(floorMsToInterval(ms, '1w'));
        expect([start.getUTCDay(), opensInterval(start.getTime(), '1d')]).toEqual([1, true]);
      }),
    );
  });

  it('covers time without gap or overlap in every interval', () => {
    fc.assert(
      fc.property(fc.constantFrom(...INTERVALS), fc.integer({ min: -5e12, max: 5e12 }), (interval, ms) => {
        const start = floorMsToInterval(ms, interval);
        const next = start + intervalMs(interval);
        expect(start <= ms && ms < next).toBe(true);
        expect([opensInterval(start, interval), opensInterval(next, interval)]).toEqual([true, true]);
        expect([floorMsToInterval(next - 1, interval), ceilMsToInterval(start, interval)]).toEqual([start, start]);
        expect(ceilMsToInterval(start + 1, interval)).toBe(next);
        expect(opensInterval(start + 1, interval)).toBe(false);
        expect(barNumber(next, intervalMs(interval))).toBe(barNumber(ms, intervalMs(interval)) + 1);
        expect(floorToInterval(usFromMs(ms), interval)).toBe(usFromMs(start));
        expect(floorToInterval(timestampUs(usFromMs(next) - 1), interval)).toBe(usFromMs(start));
      }),
    );
  });

  it('knows which intervals whole bars of another make', () => {
    const not: string[] = [];
    for (const longer of INTERVALS) {
      for (const shorter of INTERVALS) {
        if (intervalMs(shorter) >= intervalMs(longer)) expect(isMadeOf(longer, shorter)).toBe(false);
        else if (!isMadeOf(longer, shorter)) not.push(`${longer} of ${shorter}`);
      }
    }
    expect(not).toEqual(['5m of 3m', '6h of 4h', '8h of 6h', '12h of 8h', '1w of 3d']);
  });

  it('finds the longest interval that makes others', () => {
    expect(
      [[], ['1h'], ['1d', '1h'], ['4h', '6h'], ['12h', '8h'], ['3d', '1w'], ['3m', '5m', '1w']].map((each) =>
        commonBase(each as Interval[]),
      ),
    ).toEqual([null, '1h', '1h', '2h', '4h', '1d', '1m']);
  });

  it('knows its intervals and names them when asked for another', () => {
    expect(intervalMs(expectOk(parseInterval('4h')))).toBe(14_400_000);
    const unknown = parseInterval('7m');
    expect(unknown).toMatchObject({ ok: false, fault: { code: 'interval_unknown' } });
    expect(unknown.ok ? '' : unknown.fault.message).toContain(
      '1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w',
    );
  });

  it('says of months why they are none', () => {
    for (const month of ['1M', '1mo']) {
      const refused = parseInterval(month);
      expect(refused.ok ? '' : refused.fault.message).toContain('months differ in length');
    }
  });

  it('knows a zone by its IANA name', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('UTC'), isTimeZone('Mars/Base')]).toEqual([true, true, false]);
  });
});
