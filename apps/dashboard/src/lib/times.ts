/** In which zone times are shown: the reader chooses, and the page always says which. */
export type Zone = 'utc' | 'local';

const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(
  name: string,
  locale: string,
  zone: Zone,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${name} ${locale} ${zone}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(locale, {
    hourCycle: 'h23',
    ...options,
    ...(zone === 'utc' ? { timeZone: 'UTC' } : {}),
  });
  formats.set(key, made);
  return made;
}

/** `14:03:07` */
export function formatClock(timeMs: number, locale: string, zone: Zone): string {
  return dateFormat('clock', locale, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(timeMs);
}

/** Date and time to the second, in the locale's order. */
export function formatDateTime(timeMs: number, locale: string, zone: Zone): string {
  return dateFormat('date-time', locale, zone, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(timeMs);
}

/** Month, day and time to the second: for tables, where the year goes without saying. */
export function formatShortDateTime(timeMs: number, locale: string, zone: Zone): string {
  return dateFormat('short', locale, zone, {
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(timeMs);
}

/** What an axis label of a chart stands for. */
export type AxisMark = 'year' | 'date' | 'month' | 'day' | 'time';

const AXIS: Readonly<Record<AxisMark, Intl.DateTimeFormatOptions>> = {
  year: { year: 'numeric' },
  date: { year: 'numeric', month: 'short' },
  month: { month: 'short' },
  day: { month: 'short', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit' },
};

export function formatAxisMark(timeMs: number, mark: AxisMark, locale: string, zone: Zone): string {
  return dateFormat(mark, locale, zone, AXIS[mark]).format(timeMs);
}

/** `UTC`, or the reader's own zone by its distance from UTC at `atMs`: `GMT+9`. Where clocks change, the distance depends on the date. */
export function zoneLabel(zone: Zone, locale: string, atMs: number): string {
  if (zone === 'utc') return 'UTC';
  const parts = dateFormat('zone', locale, zone, { timeZoneName: 'shortOffset' }).formatToParts(atMs);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'local';
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** A length of time in the largest unit that divides it: `1 hour`, `90 minutes`. */
export function formatLength(lengthMs: number, locale: string): string {
  const [unit, size] = UNITS.find(([, each]) => lengthMs >= each && lengthMs % each === 0) ?? UNITS[3];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(lengthMs / size);
}

/** About how long: in the largest unit that it fills, with one digit: `1.5 hours`. */
export function formatAbout(lengthMs: number, locale: string): string {
  const [unit, size] = UNITS.find(([, each]) => lengthMs >= each) ?? UNITS[3];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 }).format(
    lengthMs / size,
  );
}

/** Of what is told in UTC whatever the reader's zone: the day, and the minute, as they sort. */
export const utcDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
export const utcMinute = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');
