import { LOCALES, type Locale } from '../i18n/index.ts';
import type { Zone } from './times.ts';

/** `green-red`: green rises, red falls. `red-blue`: red rises, blue falls, as Korean screens have it. */
export const PALETTES = ['green-red', 'red-blue'] as const;
export type Palette = (typeof PALETTES)[number];
export const ZONES = ['utc', 'local'] as const satisfies readonly Zone[];

export interface Settings {
  readonly locale: Locale;
  readonly palette: Palette;
  readonly zone: Zone;
}

/** Where settings last: the browser's `localStorage`, which may be forbidden. */
export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const KEYS = { locale: 'monsta.locale', palette: 'monsta.palette', zone: 'monsta.zone' } as const;

const oneOf = <T extends string>(known: readonly T[], value: string | null | undefined): T | null =>
  known.find((each) => each === value) ?? null;

/** The first of the browser's languages that the page speaks; English when none is. */
export function localeOf(languages: readonly string[]): Locale {
  for (const language of languages) {
    const found = oneOf(LOCALES, language.toLowerCase().split('-')[0]);
    if (found !== null) return found;
  }
  return 'en';
}

/** What was chosen, and for what was not: the browser's language, and the palette usual in it. */
export function readSettings(store: KeyValueStore | null, languages: readonly string[]): Settings {
  const locale = oneOf(LOCALES, store?.getItem(KEYS.locale)) ?? localeOf(languages);
  return {
    locale,
    palette: oneOf(PALETTES, store?.getItem(KEYS.palette)) ?? (locale === 'ko' ? 'red-blue' : 'green-red'),
    zone: oneOf(ZONES, store?.getItem(KEYS.zone)) ?? 'local',
  };
}

/** Keeps one choice. False when the browser refuses to: then it lasts until the page is closed. */
export function keepSetting(store: KeyValueStore | null, name: keyof Settings, value: string): boolean {
  if (store === null) return false;
  try {
    store.setItem(KEYS[name], value);
    return true;
  } catch {
    return false;
  }
}
