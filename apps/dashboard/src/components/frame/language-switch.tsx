'use client';
import type { ReactNode } from 'react';
import { useDisplay, useTranslate } from '../../data/display.ts';
import type { Locale } from '../../i18n/index.ts';
import { Segments } from '../parts/segments.tsx';

/** Each language is named in itself. */
const LANGUAGES = [
  { value: 'en', label: 'EN', lang: 'en' },
  { value: 'ko', label: '한국어', lang: 'ko' },
] as const satisfies readonly { readonly value: Locale; readonly label: string; readonly lang: string }[];

export function LanguageSwitch(): ReactNode {
  const t = useTranslate();
  const { locale, change } = useDisplay();
  return (
    <Segments
      label={t('settings.language')}
      segments={LANGUAGES}
      value={locale}
      onChange={(next) => change('locale', next)}
    />
  );
}
