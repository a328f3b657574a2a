import { describe, expect, it } from 'vitest';
import { formatAxisMark, formatClock, formatDateTime, formatLength, zoneLabel } from './times.ts';

const TIME = Date.UTC(2024, 7, 8, 14, 3, 7);

describe('times on the screen', () => {
  it('stand in UTC when the reader wants it, in the form of the language', () => {
    expect(formatClock(TIME, 'en', 'utc')).toBe('14:03:07');
    expect(formatDateTime(TIME, 'en', 'utc')).toBe('08/08/2024, 14:03:07');
    expect(formatDateTime(TIME, 'ko', 'utc')).toBe('2024. 08. 08. 14:03:07');
  });

  it('begin the day at 00, never at 24', () => {
    expect(formatClock(Date.UTC(2024, 0, 1), 'en', 'utc')).toBe('00:00:00');
    expect(formatClock(Date.UTC(2024, 0, 1), 'ko', 'utc')).toBe('00:00:00');
  });

  it('stand in the zone of this machine when the reader wants local ones', () => {
    const here = new Date(TIME);
    const hours = String(here.getHours()).padStart(2, '0');
    expect(formatClock(TIME, 'en', 'local').startsWith(hours)).toBe(true);
  });

  it('always have a named zone: how far it was from UTC on that day', () => {
    expect(zoneLabel('utc', 'ko', TIME)).toBe('UTC');
    for (const atMs of [Date.UTC(2024, 0, 15), Date.UTC(2024, 6, 15)]) {
      const label = zoneLabel('local', 'en', atMs);
      const [, sign = '+', hours = '0', minutes = '0'] = /^(?:UTC|GMT)(?:([+-])(\d+)(?::(\d+))?)?$/.exec(label) ?? [
        '',
        '',
        '99',
      ];
      const distance = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
      expect(distance).toBe(0 - new Date(atMs).getTimezoneOffset());
    }
  });

  it('are short on an axis', () => {
    expect(formatAxisMark(TIME, 'time', 'en', 'utc')).toBe('14:03');
    expect(formatAxisMark(TIME, 'day', 'en', 'utc')).toBe('Aug 8');
    expect(formatAxisMark(TIME, 'day', 'ko', 'utc')).toBe('8월 8일');
    expect(formatAxisMark(TIME, 'year', 'en', 'utc')).toBe('2024');
  });

  it('have lengths in the largest whole unit', () => {
    expect(formatLength(3_600_000, 'en')).toBe('1 hour');
    expect(formatLength(5_400_000, 'en')).toBe('90 minutes');
    expect(formatLength(3_600_000, 'ko')).toBe('1시간');
    expect(formatLength(86_400_000, 'en')).toBe('1 day');
  });
});
