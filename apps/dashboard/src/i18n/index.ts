import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en, type MessageKey } from './en.ts';
import { ko } from './ko.ts';

export const LOCALES = ['en', 'ko'] as const;
export type Locale = (typeof LOCALES)[number];
export type { MessageKey } from './en.ts';

/** A translation function that knows the page's keys. */
export type Translate = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;

/** The page's translations, starting in `locale`. Keys are flat: a dot in a key is part of its name. */
export function createTranslations(locale: Locale): i18n {
  const instance = createInstance();
  void instance.use(initReactI18next).init({
    lng: locale,
    fallbackLng: 'en',
    supportedLngs: LOCALES,
    keySeparator: false,
    nsSeparator: false,
    initAsync: false,
    // React escapes what it shows.
    interpolation: { escapeValue: false },
    resources: { en: { translation: en }, ko: { translation: ko } },
  });
  return instance;
}
