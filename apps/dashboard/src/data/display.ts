'use client';
import { createContext, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Translate } from '../i18n/index.ts';
import {
  formatCompact,
  formatExact,
  formatPoints,
  formatRounded,
  formatShare,
  formatShort,
  formatSigned,
} from '../lib/decimal-text.ts';
import type { Settings } from '../lib/settings.ts';
import {
  formatAbout,
  formatAxisMark,
  formatClock,
  formatDateTime,
  formatLength,
  formatShortDateTime,
  type AxisMark,
} from '../lib/times.ts';

export interface Display extends Settings {
  /** What the zone is called at the market's time: `UTC`, `GMT+9`. */
  readonly zoneName: string;
  readonly change: <K extends keyof Settings>(name: K, value: Settings[K]) => void;
}

export const DisplayContext = createContext<Display | null>(null);

/** How the reader wants to see the page, and the way to change it. */
export function useDisplay(): Display {
  const display = useContext(DisplayContext);
  if (display === null) throw new Error('useDisplay outside of its provider');
  return display;
}

export function useTranslate(): Translate {
  const { t } = useTranslation();
  return useMemo<Translate>(() => (key, values) => t(key, { ...values }), [t]);
}

/** The formatters of `lib`, bound to the reader's locale and time zone. */
export function useFormat() {
  const { locale, zone, zoneName } = useDisplay();
  return useMemo(
    () => ({
      exact: (text: string) => formatExact(text, locale),
      rounded: (text: string, digits: number) => formatRounded(text, locale, digits),
      signed: (text: string, digits: number) => formatSigned(text, locale, digits),
      short: (text: string, digitsMax: number) => formatShort(text, locale, digitsMax),
      compact: (text: string) => formatCompact(text, locale),
      share: (share: number, digits = 1) => formatShare(share, locale, digits),
      points: (share: number) => formatPoints(share, locale),
      clock: (timeMs: number) => formatClock(timeMs, locale, zone),
      dateTime: (timeMs: number) => formatDateTime(timeMs, locale, zone),
      shortDateTime: (timeMs: number) => formatShortDateTime(timeMs, locale, zone),
      length: (lengthMs: number) => formatLength(lengthMs, locale),
      about: (lengthMs: number) => formatAbout(lengthMs, locale),
      axis: (timeMs: number, mark: AxisMark) => formatAxisMark(timeMs, mark, locale, zone),
      number: (value: number, digits: number) =>
        new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value),
      zone: zoneName,
    }),
    [locale, zone, zoneName],
  );
}
