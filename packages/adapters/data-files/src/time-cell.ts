import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '@monsta/core';

/** How a column of times is to be read: `auto`: by its form and size; `ms`, `us`: its name or type says that it is milliseconds, or microseconds; `day`: of a date with a time of day the date alone counts. */
export type TimeForm = 'auto' | 'ms' | 'us' | 'day';

/** From here on a number is milliseconds, or microseconds: as seconds, or milliseconds, it would be the year 5138. Of more than 16 digits it is nanoseconds. */
const SECONDS_MAX = 1e11;
const MS_MAX = 1e14;
/** A number such as 20240131 is a date: as seconds it would be in 1970. */
const DATE_MIN = 19_000_101;
const DATE_MAX = 21_991_231;
const ZERO = 48;
const DASH = 45;
const SLASH = 47;
const COLON = 58;
const POINT = 46;
const SPACE = 32;
const LETTER_T = 84;
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Days from the epoch to a day of the proleptic Gregorian calendar; NaN where there is no such day. */
function dayOf(year: number, month: number, day: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
  if (day < 1 || day > days) return Number.NaN;
  // Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The whole number of `count` digits at `at`; NaN where they are no digits. */
function digitsAt(bytes: Uint8Array, at: number, count: number, end: number): number {
  if (at + count > end) return Number.NaN;
  let value = 0;
  for (let index = at; index < at + count; index += 1) {
    const digit = (bytes[index] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** `Z`, `UTC`, `+01:00`, `-0500`, `+01` or nothing, as minutes east of UTC; NaN for anything else. */
function offsetMinutes(text: string): number {
  if (text === '' || text === 'Z' || text === 'UTC') return 0;
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(text);
  if (match === null) return Number.NaN;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

function clockMs(bytes: Uint8Array, start: number, end: number): number {
  const hour = digitsAt(bytes, start, 2, end);
  const minute = bytes[start + 2] === COLON ? digitsAt(bytes, start + 3, 2, end) : Number.NaN;
  let at = start + 5;
  let second = 0;
  let fraction = 0;
  if (bytes[at] === COLON && at < end) {
    second = digitsAt(bytes, at + 1, 2, end);
    at += 3;
    if (bytes[at] === POINT && at < end) {
      let weight = 100;
      for (at += 1; at < end && !Number.isNaN(digitsAt(bytes, at, 1, end)); at += 1) {
        fraction += digitsAt(bytes, at, 1, end) * weight;
        weight /= 10;
      }
    }
  }
  if (!(hour < 24 && minute < 60 && second < 60)) return Number.NaN;
  const rest = at < end ? new TextDecoder().decode(bytes.subarray(at, end)).trim() : '';
  const fractionMs = Math.round(fraction * 1e6) / 1e6;
  return hour * MS_PER_HOUR + (minute - offsetMinutes(rest)) * MS_PER_MINUTE + second * 1_000 + fractionMs;
}

function isoMs(bytes: Uint8Array, start: number, end: number): number {
  const separator = bytes[start + 4];
  if ((separator !== DASH && separator !== SLASH) || bytes[start + 7] !== separator) return Number.NaN;
  const year = digitsAt(bytes, start, 4, end);
  const day = dayOf(year, digitsAt(bytes, start + 5, 2, end), digitsAt(bytes, start + 8, 2, end));
  if (end === start + 10) return day * MS_PER_DAY;
  const between = bytes[start + 10];
  if (between !== SPACE && between !== LETTER_T) return Number.NaN;
  return day * MS_PER_DAY + clockMs(bytes, start + 11, end);
}

function numberMs(bytes: Uint8Array, start: number, end: number, form: TimeForm): number {
  let value = 0;
  let at = start;
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    // Nanoseconds: beyond a microsecond nothing is kept, so that their last digits may be left out.
    if (at - start < 16) value = value * 10 + digit;
    else if (digit !== 0) return Number.NaN;
  }
  const count = at - start;
  // Seconds written as a binary number: 1502942400.0.
  if (at < end && bytes[at] === POINT) {
    for (at += 1; at < end; at += 1) if (bytes[at] !== ZERO) return Number.NaN;
  }
  if (at < end || count === 0 || count > 19) return Number.NaN;
  if (form === 'ms') return count > 16 ? Number.NaN : value;
  if (form === 'us') return count > 16 ? Number.NaN : value / 1_000;
  if (count > 16) return value / 10 ** (22 - count);
  if (count === 8 && value >= DATE_MIN && value <= DATE_MAX) {
    return dayOf(Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100) * MS_PER_DAY;
  }
  if (value < SECONDS_MAX) return value * 1_000;
  return value < MS_MAX ? value : value / 1_000;
}

/**
 * A time as milliseconds since the epoch, UTC: a whole number of seconds, ms, µs or ns (told by its size), a date (`20240131`, `2024-01-31`, `2024/01/31`), or a date
 * with a time of day (`2024-01-31T12:00:00.000Z`, `2024-01-31 12:00+01:00`; without an offset it is UTC). NaN for anything else. What is finer than a millisecond
 * stays behind the point.
 */
export function readTimeMs(bytes: Uint8Array, start: number, end: number, form: TimeForm): number {
  const fifth = bytes[start + 4];
  if (end - start >= 10 && (fifth === DASH || fifth === SLASH))
    return isoMs(bytes, start, form === 'day' ? start + 10 : end);
  return numberMs(bytes, start, end, form);
}

/** True for midnight by a clock that is not UTC's, such as `2024-01-31 00:00:00-05:00`: a day's bar as exchanges of shares date it. */
export function isLocalMidnight(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start + 4] !== DASH && bytes[start + 4] !== SLASH) return false;
  return /^.{10}[ T]00:00(?::00(?:\.0+)?)? ?[+-](?!00:?(?:00)?$)/.test(
    new TextDecoder().decode(bytes.subarray(start, end)),
  );
}

/** What a time is written in: units since 1970, a day, or a day with a time of day. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'date' | 'datetime';

/** The unit that `readTimeMs` takes a time for. */
export function timeUnitOf(bytes: Uint8Array, start: number, end: number, form: TimeForm): TimeUnit {
  const fifth = bytes[start + 4];
  if (end - start >= 10 && (fifth === DASH || fifth === SLASH)) return end === start + 10 ? 'date' : 'datetime';
  if (form === 'ms' || form === 'us') return form;
  const point = bytes.subarray(start, end).indexOf(POINT);
  const count = point === -1 ? end - start : point;
  if (count === 8) {
    const value = digitsAt(bytes, start, 8, end);
    if (value >= DATE_MIN && value <= DATE_MAX) return 'date';
  }
  // The sizes above, as digits.
  if (count <= 11) return 's';
  return count <= 14 ? 'ms' : count <= 16 ? 'us' : 'ns';
}

/** The offset that stands behind a day's time: `+01:00`, `Z`; empty where none does. */
export const zoneTextOf = (text: string): string => /(Z|UTC|[+-]\d{2}:?(?:\d{2})?)$/.exec(text.slice(11))?.[1] ?? '';

/** As `readTimeMs`, in µs, rounded to the nearest; whole microseconds are exact, which as fractions of a millisecond they would not be from the year 2109 on. */
export function readTimeUs(bytes: Uint8Array, start: number, end: number, form: TimeForm): number {
  const ms = readTimeMs(bytes, start, end, form);
  if (Number.isNaN(ms) || timeUnitOf(bytes, start, end, form) !== 'us') return Math.round(ms * 1_000);
  let us = 0;
  for (let at = start; at < end && bytes[at] !== POINT; at += 1) us = us * 10 + ((bytes[at] ?? ZERO) - ZERO);
  return us;
}
