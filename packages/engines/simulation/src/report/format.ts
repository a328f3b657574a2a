import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '@monsta/core';
import type { StatisticUnit } from '../statistics/statistics.ts';

export type Language = 'en' | 'ko';

/** What stands for a figure that can't be known. */
const UNKNOWN = '—';

function grouped(value: number, digits: number): string {
  const [whole = '', part] = Math.abs(value).toFixed(digits).split('.');
  const separated = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const text = part === undefined ? separated : `${separated}.${part}`;
  return value < 0 && Number(text.replaceAll(',', '')) !== 0 ? `−${text}` : text;
}

export function percent(share: number | null, digits = 2): string {
  return share === null ? UNKNOWN : `${grouped(share * 100, digits)} %`;
}

/** Three significant digits of small numbers, two decimals of ordinary ones. */
export function plain(value: number | null): string {
  if (value === null) return UNKNOWN;
  const size = Math.abs(value);
  return grouped(value, size === 0 || size >= 1 ? 2 : Math.min(8, 2 - Math.floor(Math.log10(size))));
}

export const money = (value: number | null): string => (value === null ? UNKNOWN : grouped(value, 2));
export const whole = (value: number | null): string => (value === null ? UNKNOWN : grouped(value, 0));

/** A value on an axis: as few digits as tell its lines apart. */
export const axis = (value: number): string => (Math.abs(value) >= 100 ? grouped(value, 0) : plain(value));

/** A price as it is, without zeros at its end. */
export const decimal = (text: string | null): string =>
  text === null ? UNKNOWN : grouped(Number(text), Math.min(8, text.split('.')[1]?.length ?? 0));

const SPANS = {
  en: { day: 'd', hour: 'h', minute: 'min', second: 's' },
  ko: { day: '일', hour: '시간', minute: '분', second: '초' },
};

/** The two largest units. */
export function span(ms: number | null, language: Language): string {
  if (ms === null) return UNKNOWN;
  const { day, hour, minute, second } = SPANS[language];
  const days = Math.floor(ms / MS_PER_DAY);
  const hours = Math.floor((ms % MS_PER_DAY) / MS_PER_HOUR);
  const minutes = Math.floor((ms % MS_PER_HOUR) / MS_PER_MINUTE);
  const joined = (...parts: readonly [number, string][]): string =>
    parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${grouped(count, 0)} ${unit}`])).join(' ');
  if (days > 0) return joined([days, day], [days < 100 ? hours : 0, hour]);
  if (hours > 0) return joined([hours, hour], [minutes, minute]);
  return joined([minutes, minute], [Math.floor((ms % MS_PER_MINUTE) / 1_000), second]) || `0 ${second}`;
}

/** In UTC. */
export const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** A statistic in its unit. */
export function figure(value: number | null, unit: StatisticUnit, language: Language): string {
  switch (unit) {
    case 'share':
      return percent(value);
    case 'ratio':
      return plain(value);
    case 'money':
      return money(value);
    case 'count':
      return whole(value);
    case 'ms':
      return span(value, language);
  }
}
