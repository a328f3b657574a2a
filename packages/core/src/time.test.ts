import { describe, expect, it } from 'vitest';
import { expectOk } from './result.ts';
import { floorToInterval, INTERVALS, intervalMs, isTimeZone, msFromUs, parseInterval, usFromMs } from './time.ts';

describe('time', () => {
  it('aligns intervals to UTC', () => {
    const us = usFromMs(Date.UTC(2024, 7, 8, 23, 57, 13, 456));
    const start = (interval: (typeof INTERVALS)[number]): string =>
      new Date(msFromUs(floorToInterval(us, interval))).toISOString();
    expect(INTERVALS.map(start)).toEqual([
      '2024-08-08T23:57:00.000Z',
      '2024-08-08T23:55:00.000Z',
      '2024-08-08T23:45:00.000Z',
      '2024-08-08T23:00:00.000Z',
      '2024-08-08T20:00:00.000Z',
      '2024-08-08T00:00:00.000Z',
    ]);
    expect(floorToInterval(floorToInterval(us, '1h'), '1h')).toBe(floorToInterval(us, '1h'));
  });

  it('knows its intervals and names them when asked for another', () => {
    expect(intervalMs(expectOk(parseInterval('4h')))).toBe(14_400_000);
    const unknown = parseInterval('3m');
    expect(unknown).toMatchObject({ ok: false, fault: { code: 'interval_unknown' } });
    expect(unknown.ok ? '' : unknown.fault.message).toContain('1m, 5m, 15m, 1h, 4h, 1d');
  });

  it('knows a zone by its IANA name', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('UTC'), isTimeZone('Mars/Base')]).toEqual([true, true, false]);
  });
});
